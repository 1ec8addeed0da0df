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
    """List and rotate the keys that sign session tokens."""


@keys_group.command(name="list")
@click.pass_obj
def list_keys(settings: Settings) -> None:
    """List the signing keys, one a line.

    Columns: number, algorithm, time of creation (UTC), id (the kid of tokens), and which of them signs.
    All of them verify tokens and are published at /.well-known/jwks.json. No private key is shown.
    """
    with _keys(settings, Access.READ) as keys:
        for info in keys.list():
            click.echo(_line(info))


@keys_group.command()
@click.pass_obj
def rotate(settings: Settings) -> None:
    """Add a key that signs from now on. Tokens of the older keys stay valid.

    Running servers use it within a minute; no restart is needed. The key's algorithm is
    hanko_compat.jwk.algorithm. On a database that Hanko owns no key is added: there, put a new secret in
    front of secrets.keys and restart Hanko.
    """
    with _keys(settings, Access.WRITE) as keys:
        kid = keys.rotate()
    click.echo(f"new tokens are signed with the key {kid} within a minute")


@contextmanager
def _keys(settings: Settings, access: Access) -> Iterator[Keys]:
    services = wiring.build(settings.load(), access=access)
    try:
        yield services.keys
    finally:
        services.database.close_all()


def _line(info: KeyInfo) -> str:
    use = "signs" if info.is_current else "verifies"
    return f"{info.row_id:>3}  {info.algorithm:<6} {info.created_at:%Y-%m-%d %H:%M:%S}  {info.kid}  {use}"
