"""``hanko-compat keys``: the keys that sign session tokens."""

from collections.abc import Iterator
from contextlib import contextmanager

import click

from hanko_compat import wiring
from hanko_compat.cli.settings import Settings
from hanko_compat.services.keys.keys import KeyInfo, Keys
from hanko_compat.storage.engine.database import Access


@click.group(name="keys")
def keys_group() -> None:
    """List, rotate and revoke the keys that sign session tokens."""


@keys_group.command(name="list")
@click.pass_obj
def list_keys(settings: Settings) -> None:
    """List the signing keys, one a line.

    Columns: number, algorithm, time of creation (UTC), id (the kid of tokens), and which of them signs.
    All but those that were revoked verify tokens and are published (/.well-known/jwks.json). No private key
    is shown.
    """
    with _keys(settings, Access.READ) as keys:
        for info in keys.list():
            click.echo(_line(info))


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


def _line(info: KeyInfo) -> str:
    use = "signs" if info.is_current else "is revoked" if info.is_revoked else "verifies"
    return f"{info.row_id:>3}  {info.algorithm:<6} {info.created_at:%Y-%m-%d %H:%M:%S}  {info.kid}  {use}"
