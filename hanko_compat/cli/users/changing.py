"""``users create``, ``set-password`` and ``add-email``."""

import click

from hanko_compat.cli.operator import opened, operator, read_password, user_argument
from hanko_compat.cli.output import json_option, print_json
from hanko_compat.cli.settings import Settings
from hanko_compat.services.identifiers import IdentifierStatus, IdentifierType
from hanko_compat.services.users.administration import NewUser
from hanko_compat.services.users.records import UserStatus
from hanko_compat.storage.engine.database import Access

STATUSES = [str(status) for status in UserStatus]


@click.command()
@click.option(
    "--email",
    "emails",
    metavar="ADDRESS",
    multiple=True,
    help="May be given several times; the first is primary.",
)
@click.option("--username", metavar="NAME", help="What the user may log in with as well.")
@click.option("--name", metavar="NAME", help="What the user is called.")
@click.option(
    "--password", "has_password", is_flag=True, help="Ask for a password, or read it from standard input."
)
@click.option(
    "--unverified", is_flag=True, help="The user has yet to show that the addresses are the user's own."
)
@click.option(
    "--status",
    type=click.Choice(STATUSES),
    default=str(UserStatus.ACTIVE),
    show_default=True,
    help="Only active users can log in.",
)
@json_option
@click.pass_obj
def create(
    settings: Settings,
    *,
    emails: tuple[str, ...],
    username: str | None,
    name: str | None,
    has_password: bool,
    unverified: bool,
    status: str,
    as_json: bool,
) -> None:
    """Make a user, and print its id.

    It works where sign-up is disabled, too. Addresses count as verified. A password is never taken from
    the command line, which other users of this host can see: it is asked for, or is the first line of
    standard input.
    """
    if not (emails or username or name):
        raise click.UsageError("give the user an address, a username or a name")
    password = read_password() if has_password else None
    new = NewUser(
        name=name,
        emails=emails,
        username=username,
        password=password,
        are_verified=not unverified,
        status=UserStatus(status),
    )
    with opened(settings.load(), Access.WRITE) as services:
        user_id = services.users.administration.create(new, client=operator())
    if as_json:
        print_json({"id": user_id})
    else:
        click.echo(user_id)


@click.command("set-password")
@user_argument
@click.pass_obj
def set_password(settings: Settings, *, user: str) -> None:
    """Give a user a password, instead of the old one if there is one.

    It is asked for, or is the first line of standard input. All sessions of the user end, and passcodes that
    were mailed before are worth nothing. Where mails tell users of new passwords, one does.
    """
    with opened(settings.load(), Access.WRITE) as services:
        user_id = services.users.names.find(user)
        is_first = services.users.administration.set_password(user_id, read_password(), client=operator())
    click.echo(
        f"user {user_id}: {'has a password' if is_first else 'has a new password'}, sessions have ended"
    )


@click.command("add-email")
@user_argument
@click.argument("address", metavar="ADDRESS")
@click.option("--primary", "is_primary", is_flag=True, help="Make it the primary address.")
@click.option(
    "--unverified", is_flag=True, help="The user has yet to show that the address is the user's own."
)
@click.pass_obj
def add_email(settings: Settings, *, user: str, address: str, is_primary: bool, unverified: bool) -> None:
    """Give a user another address.

    It counts as verified. A user without a primary address gets it as that. An address that somebody has
    signed up with, and that nobody has verified, is free.
    """
    if is_primary and unverified:
        raise click.UsageError("an address that is not verified can't be the primary one")
    with opened(settings.load(), Access.WRITE) as services:
        user_id = services.users.names.find(user)
        found = services.users.overviews.get(user_id).identifiers
        has_primary = any(
            each.type == IdentifierType.EMAIL and each.status == IdentifierStatus.PRIMARY for each in found
        )
        status = IdentifierStatus.VERIFIED
        if unverified:
            status = IdentifierStatus.PENDING
        elif is_primary or not has_primary:
            status = IdentifierStatus.PRIMARY
        added = services.identifiers.create(
            user_id, type_=IdentifierType.EMAIL, value=address, status=status, client=operator()
        )
    click.echo(f"user {user_id}: has the address {added.value} ({added.status})")
