"""``hanko-compat users``: who there is, and what an operator does for or with one of them."""

import click

from hanko_compat.cli.users.changing import add_email, create, set_password
from hanko_compat.cli.users.credentials import delete_passkey, list_passkeys
from hanko_compat.cli.users.ending import delete, disable, enable
from hanko_compat.cli.users.listing import list_users, show
from hanko_compat.cli.users.sessions import end_sessions, list_sessions
from hanko_compat.cli.users_convert import convert
from hanko_compat.cli.users_export import export_users
from hanko_compat.cli.users_import import import_users

COMMANDS = (
    list_users,
    show,
    create,
    disable,
    enable,
    delete,
    set_password,
    add_email,
    list_sessions,
    end_sessions,
    list_passkeys,
    delete_passkey,
    import_users,
    export_users,
    convert,
)


@click.group(name="users")
def users_group() -> None:
    """List users, look one up, and change what belongs to one.

    USER is an id, as either door writes it, or an address, phone number or username. What is done here is
    done as by the doors: with the same webhooks, mails and rows in the audit log, which name the account
    that ran the command. The exit code is 3 when there is no such user.
    """


for _command in COMMANDS:
    users_group.add_command(_command)
