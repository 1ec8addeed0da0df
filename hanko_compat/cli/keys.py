"""``hanko-compat keys``: the keys that sign session tokens."""

from collections.abc import Iterator
from contextlib import contextmanager

import click

from hanko_compat import wiring
from hanko_compat.cli.output import Column, Row, json_option, print_rows
from hanko_compat.cli.settings import Settings
from hanko_compat.services.keys.keys import KeyInfo, Keys
from hanko_compat.storage.engine.database import Access

COLUMNS = (
    Column("number", is_number=True),
    Column("algorithm"),
    Column("created_at", "created"),
    Column("kid"),
    Column("use"),
)


@click.group(name="keys")
def keys_group() -> None:
    """List, rotate and revoke the keys that sign session tokens."""


@keys_group.command(name="list")
@json_option
@click.pass_obj
def list_keys(settings: Settings, *, as_json: bool) -> None:
    """List the signing keys, one a line.

    Columns: number, algorithm, time of creation (UTC), kid, as in the head of tokens, and its use: one key
    signs, all but those that were revoked verify tokens and are published (/.well-known/jwks.json). No
    private key is shown.
    """
    with _keys(settings, Access.READ) as keys:
        print_rows(COLUMNS, map(_row, keys.list()), as_json=as_json, nothing="there is no signing key yet")


@keys_group.command()
@click.pass_obj
def rotate(settings: Settings) -> None:
    """Add a key that signs from now on. Tokens of the older keys stay valid.

    Running servers use it within ten seconds; no restart is needed. The key's algorithm is
    hanko_compat.jwk.algorithm. On a database that Hanko owns no key is added: there, put a new secret in
    front of secrets.keys and restart Hanko.
    """
    with _keys(settings, Access.WRITE) as keys:
        kid = keys.rotate()
    click.echo(f"new tokens are signed with the key {kid} within ten seconds")


@keys_group.command()
@click.argument("kid")
@click.pass_obj
def revoke(settings: Settings, kid: str) -> None:
    """Refuse all tokens of a key that leaked, at once and at every running server.

    KID is the id that `keys list` shows. Users whose session it signed have to log in again. Where it is the
    key that signs, a new one is made first, which takes six seconds to reach all servers. The key vanishes
    from /.well-known/jwks.json within ten seconds; whoever verifies tokens elsewhere may have kept it for as
    long as that answer's Cache-Control allows.

    On a database that Hanko owns a key that signs can't be revoked: put a new secret in front of secrets.keys
    and restart Hanko first. What Hanko itself accepts does not change.
    """
    with _keys(settings, Access.WRITE) as keys:
        keys.revoke(kid)
        signs = next((info.kid for info in keys.list() if info.is_current), None)
    click.echo(f"tokens of the key {kid} are refused from now on; {signs} signs")


@contextmanager
def _keys(settings: Settings, access: Access) -> Iterator[Keys]:
    services = wiring.build(settings.load(), access=access)
    try:
        with services.database.explain_denials():
            yield services.keys
    finally:
        services.database.close_all()


def _row(info: KeyInfo) -> Row:
    return {
        "number": info.row_id,
        "algorithm": info.algorithm,
        "created_at": info.created_at,
        "kid": info.kid,
        "use": "signs" if info.is_current else "revoked" if info.is_revoked else "verifies",
    }
