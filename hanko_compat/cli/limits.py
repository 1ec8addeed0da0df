"""``hanko-compat limits``: what rate limits have counted against a user."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby

import click

from hanko_compat.cli.operator import opened
from hanko_compat.cli.output import Column, Row, Table, json_option
from hanko_compat.cli.settings import Settings
from hanko_compat.config import Config
from hanko_compat.services.user_limits import UsedLimit
from hanko_compat.storage.engine.database import Access
from hanko_compat.wiring import Services
from hanko_compat.wiring.user_limits import build_user_limits

USER = click.option(
    "--user",
    required=True,
    metavar="USER",
    help="The user's id, as either door writes it, or an address, phone number or username of the user.",
)
COLUMNS = (
    Column("share", "used"),
    Column("ends_at", "until"),
    Column("setting"),
    Column("whose", "counted for"),
)
SHOWN = 10  # rows of each limit
OFF = "rate_limiter.enabled is false: nothing is limited"
IN_MEMORY = """\
note: rate_limiter.store is in_memory, so this is what servers with several processes have counted.
A server with one process (serve --workers 1) counts in its own memory, which no command can see or change:
restart that server and it begins anew, or set rate_limiter.store to redis."""


@click.group(name="limits")
def limits_group() -> None:
    """Show which rate limits a user has used up, and let the user in again."""


@limits_group.command()
@USER
@json_option
@click.pass_obj
def show(settings: Settings, *, user: str, as_json: bool) -> None:
    """Show which limits are counted against a user, one a line.

    Columns: how much is used up of how much, a time (UTC), the key of the configuration that sets the limit,
    and for whom it is counted. The time is when a limit that is used up lets something pass again, and when
    another one is forgotten. Clients and browsers are not named, as only digests of them are stored; of many
    the ten that have used up most are shown, and with --json all.
    """
    with _services(settings, Access.READ) as services:
        if services is not None:
            limits, user_id = services.get(build_user_limits), services.users.names.find(user)
            used = limits.list(user_id)
            if as_json:
                Table(COLUMNS, as_json=True).print(map(_row, used))
            else:
                click.echo(f"user {user_id}" if used else f"user {user_id}: nothing is counted")
                _print(used)


@limits_group.command()
@USER
@click.pass_obj
def reset(settings: Settings, *, user: str) -> None:
    """Forget what is counted against a user, who may log in again at once.

    It holds for every running server. Limits of clients over all users stay as they are: whoever has used up
    those waits until they end.
    """
    with _services(settings, Access.WRITE) as services:
        if services is not None:
            user_id = services.users.names.find(user)
            count = services.get(build_user_limits).reset(user_id)
            click.echo(f"user {user_id}: {count} counts forgotten")


@contextmanager
def _services(settings: Settings, access: Access) -> Iterator[Services | None]:
    """The services; None where nothing is limited, which is said then."""
    config = settings.load()
    if not config.rate_limiter.enabled:
        click.echo(OFF, err=True)
        yield None
        return
    with opened(config, access) as services:
        yield services
    _note(config)


def _note(config: Config) -> None:
    if config.rate_limiter.store == "in_memory":
        click.echo(IN_MEMORY, err=True)


def _print(used: Sequence[UsedLimit]) -> None:
    groups = {setting: list(group) for setting, group in groupby(used, key=lambda each: each.setting)}
    Table(COLUMNS, as_json=False).print(_row(each) for group in groups.values() for each in group[:SHOWN])
    for setting, group in groups.items():
        if len(group) > SHOWN:
            click.echo(f"{len(group) - SHOWN} more of {setting}")


def _row(used: UsedLimit) -> Row:
    return {
        "setting": used.setting,
        "whose": used.whose,
        "used": used.used,
        "limit": used.limit,
        "share": f"{used.used} of {used.limit}",
        "ends_at": used.ends_at,
    }
