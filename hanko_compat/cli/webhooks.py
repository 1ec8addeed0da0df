"""``hanko-compat webhooks``: the hooks that get Hanko's events, and what is on its way to them."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit
from uuid import UUID

import click

from hanko_compat import wiring
from hanko_compat.cli.settings import Settings
from hanko_compat.services.webhooks.hook_deliveries import HookDeliveries, HookDelivery, HookStatus
from hanko_compat.storage.engine.database import Access
from hanko_compat.storage.schema import migrate

LIMIT = 50


@click.group(name="webhooks")
def webhooks_group() -> None:
    """List the hooks that get events, see what waits for them, and deliver again what was given up."""


@webhooks_group.command(name="list")
@click.pass_obj
def list_hooks(settings: Settings) -> None:
    """List the hooks of the configuration and of the table webhooks, one a line.

    Columns: ID; on, off or gone; failures in a row, which the table counts; events that wait; events that
    were given up, which are kept for 30 days; where the hook is, without path and credentials; its events.
    """
    with _deliveries(settings, Access.READ) as deliveries:
        for status in deliveries.statuses():
            click.echo(_hook_line(status))


@webhooks_group.command(name="deliveries")
@click.option("--hook", metavar="ID", help="Those of one hook, as `webhooks list` names it.")
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=LIMIT,
    show_default=True,
    help="How many that wait, and how many that were given up.",
)
@click.pass_obj
def list_deliveries(settings: Settings, *, hook: str | None, limit: int) -> None:
    """List events that wait for hooks, the next attempts first, and those given up, the latest first.

    Columns: ID of the delivery, which receivers get as Webhook-Id; waiting or dead; event; number of
    attempts; time of the event, and of the next attempt or of the end (UTC); ID of the hook; and the reason
    of the end. Nothing of what the event tells is shown.
    """
    with _deliveries(settings, Access.READ) as deliveries:
        for delivery in deliveries.list(hook_id=hook, limit=limit):
            click.echo(_delivery_line(delivery))


@webhooks_group.command()
@click.argument("ids", metavar="[ID]...", nargs=-1, type=click.UUID)
@click.option("--hook", metavar="ID", help="All that was given up for a hook.")
@click.pass_obj
def redeliver(settings: Settings, *, ids: tuple[UUID, ...], hook: str | None) -> None:
    """Deliver again what was given up: by the IDs that `webhooks deliveries` shows, or all of a hook.

    Servers that run, or `hanko-compat worker`, do it within seconds: all that waits for a user goes in the
    order in which it happened. It is tried for a day again. Mails whose code has expired are not sent.
    """
    if bool(ids) == (hook is not None):
        raise click.UsageError("name either deliveries or, with --hook, a hook")
    with _deliveries(settings, Access.WRITE) as deliveries:
        number = deliveries.redeliver(ids) if hook is None else deliveries.redeliver_all(hook)
    click.echo(f"{number} {'event is' if number == 1 else 'events are'} on the way again")


@contextmanager
def _deliveries(settings: Settings, access: Access) -> Iterator[HookDeliveries]:
    services = wiring.build(settings.load(), access=access)
    try:
        with services.database.explain_denials():
            migrate.require_current(services.database)
            yield services.webhooks.hook_deliveries
    finally:
        services.database.close_all()


def _hook_line(status: HookStatus) -> str:
    hook = status.hook
    if hook is None:
        return f"{status.hook_id:<39}  gone  {0:>3}  {status.waiting:>6}  {status.dead:>6}"
    state = "on" if hook.enabled else "off"
    url = urlsplit(hook.callback)
    place = f"{url.scheme}://{url.netloc.rpartition('@')[2]}"
    facts = f"{hook.failures:>3}  {status.waiting:>6}  {status.dead:>6}  {place}  {', '.join(hook.events)}"
    return f"{status.hook_id:<39}  {state:<4}  {facts}"


def _delivery_line(delivery: HookDelivery) -> str:
    state, moment = ("waiting", delivery.next_attempt_at)
    if delivery.died_at is not None:
        state, moment = ("dead", delivery.died_at)
    times = f"{delivery.created_at:%Y-%m-%d %H:%M:%S}  {moment:%Y-%m-%d %H:%M:%S}"
    event = f"{delivery.id}  {state:<7}  {delivery.event:<26}  {delivery.attempts:>3}"
    return f"{event}  {times}  {delivery.hook_id}  {delivery.reason}".rstrip()
