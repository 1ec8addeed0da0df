"""``hanko-compat limits``: what rate limits have counted against a user."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby

import click

from hanko_compat import wiring
from hanko_compat.cli.settings import Settings
from hanko_compat.config import Config
from hanko_compat.services.user_limits import UsedLimit, UserLimits
from hanko_compat.storage.engine.database import Access
from hanko_compat.storage.schema import migrate
from hanko_compat.wiring.user_limits import build_user_limits

USER = click.option(
    "--user",
    required=True,
    metavar="USER",
    help="The user's id, as either door writes it, or an address, phone number or username of the user.",
)
SHOWN = 10  # lines of each limit
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
@click.pass_obj
def show(settings: Settings, *, user: str) -> None:
    """Show which limits are counted against a user, one a line.

    Columns: how much is used up of how much, a time (UTC), the key of the configuration that sets the limit,
    and for whom it is counted. The time is when a limit that is used up lets something pass again, and when
    another one is forgotten. Clients and browsers are not named, as only digests of them are stored; of many
    the ten that have used up most are shown.
    """
    with _limits(settings, Access.READ) as limits:
        if limits is not None:
            user_id = limits.find_user(user)
            used = limits.list(user_id)
            click.echo(f"user {user_id}" if used else f"user {user_id}: nothing is counted")
            for line in _lines(used):
                click.echo(line)


@limits_group.command()
@USER
@click.pass_obj
def reset(settings: Settings, *, user: str) -> None:
    """Forget what is counted against a user, who may log in again at once.

    It holds for every running server. Limits of clients over all users stay as they are: whoever has used up
    those waits until they end.
    """
    with _limits(settings, Access.WRITE) as limits:
        if limits is not None:
            user_id = limits.find_user(user)
            count = limits.reset(user_id)
            click.echo(f"user {user_id}: {count} counts forgotten")


@contextmanager
def _limits(settings: Settings, access: Access) -> Iterator[UserLimits | None]:
    """The limits; None where nothing is limited, which is said then."""
    config = settings.load()
    if not config.rate_limiter.enabled:
        click.echo(OFF)
        yield None
        return
    services = wiring.build(config, access=access)
    try:
        with services.database.explain_denials():
            migrate.require_current(services.database)
            yield services.get(build_user_limits)
    finally:
        services.database.close_all()
    _note(config)


def _note(config: Config) -> None:
    if config.rate_limiter.store == "in_memory":
        click.echo(IN_MEMORY, err=True)


def _lines(used: Sequence[UsedLimit]) -> Iterator[str]:
    for setting, group in groupby(used, key=lambda each: each.setting):
        lines = [_line(each) for each in group]
        yield from lines[:SHOWN]
        if len(lines) > SHOWN:
            yield f"{len(lines) - SHOWN} more of {setting}"


def _line(used: UsedLimit) -> str:
    share = f"{used.used} of {used.limit}"
    return f"{share:<12}  {used.ends_at:%Y-%m-%d %H:%M:%S}  {used.setting}  ({used.whose})"
