"""``users passkeys`` and ``delete-passkey``."""

import click

from hanko_compat.cli.operator import confirm, opened, operator, user_argument, yes_option
from hanko_compat.cli.output import Column, Row, json_option, print_rows
from hanko_compat.cli.settings import Settings
from hanko_compat.services.passkeys.credential_records import AuthenticatorKind
from hanko_compat.services.profiles.profiles import ProfileCredential
from hanko_compat.storage.engine.database import Access

COLUMNS = (
    Column("id"),
    Column("use"),
    Column("name"),
    Column("authenticator"),
    Column("created_at", "created"),
    Column("last_used_at", "last used"),
    Column("is_backed_up", "backed up"),
    Column("transports"),
)


@click.command("passkeys")
@user_argument
@json_option
@click.pass_obj
def list_passkeys(settings: Settings, *, user: str, as_json: bool) -> None:
    """List the passkeys and security keys of a user, the oldest first.

    Columns: id, in base64url; passkey, or second factor; the name that the user has given it; what made it;
    times (UTC) of its creation and of its last use; whether it is backed up, as those of phones usually are;
    how browsers reach it.
    """
    with opened(settings.load(), Access.READ) as services:
        found = services.passkeys.credentials.list(services.users.names.find(user))
    print_rows(COLUMNS, map(_row, found), as_json=as_json, nothing="the user has no passkey")


@click.command("delete-passkey")
@user_argument
@click.argument("credential", metavar="ID")
@yes_option
@click.pass_obj
def delete_passkey(settings: Settings, *, user: str, credential: str, is_sure: bool) -> None:
    """Delete a passkey or security key of a user, by the id that `users passkeys` shows."""
    with opened(settings.load(), Access.WRITE) as services:
        user_id = services.users.names.find(user)
        confirm(f"Delete the passkey {credential} of user {user_id}?", is_sure=is_sure)
        services.passkeys.credentials.delete(user_id, credential, client=operator())
    click.echo(f"user {user_id}: the passkey {credential} is deleted")


def _row(found: ProfileCredential) -> Row:
    row = found.credential
    return {
        "id": row.id,
        "use": "second factor" if row.mfa_only else "passkey",
        "name": row.name,
        "authenticator": AuthenticatorKind.of(row.aaguid).name,
        "aaguid": row.aaguid,
        "created_at": row.created_at,
        "last_used_at": row.last_used_at,
        "is_backed_up": row.backup_state,
        "transports": list(found.transports),
    }
