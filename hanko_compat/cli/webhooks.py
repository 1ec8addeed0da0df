"""``hanko-compat webhooks``: the hooks that get Hanko's events, and what is on its way to them."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit
from uuid import UUID

import click

from hanko_compat.cli.operator import opened
from hanko_compat.cli.output import Column, Row, json_option, print_rows
from hanko_compat.cli.settings import Settings
from hanko_compat.services.webhooks.hook_deliveries import HookDeliveries, HookDelivery, HookStatus
from hanko_compat.storage.engine.database import Access

LIMIT = 50
HOOK_COLUMNS = (
    Column("id"),
    Column("state"),
    Column("failures", is_number=True),
    Column("waiting", is_number=True),
    Column("dead", is_number=True),
    Column("place"),
    Column("events"),
)
DELIVERY_COLUMNS = (
    Column("id"),
    Column("state", is_coloured=True),
    Column("event"),
    Column("attempts", is_number=True),
    Column("created_at", "created"),
    Column("next_attempt_at", "next attempt"),
    Column("died_at", "given up"),
    Column("hook"),
    Column("reason"),
)


@click.group(name="webhooks")
def webhooks_group() -> None:
    """List the hooks that get events, see what waits for them, and deliver again what was given up."""


@webhooks_group.command(name="list")
@json_option
@click.pass_obj
def list_hooks(settings: Settings, *, as_json: bool) -> None:
    """List the hooks of the configuration and of the table webhooks, one a line.

    Columns: ID; on, off or gone; failures in a row, which the table counts; events that wait; events that
    were given up, which are kept for 30 days; where the hook is, without path and credentials; its events.
    """
    with _deliveries(settings, Access.READ) as deliveries:
        rows = [_hook_row(status) for status in deliveries.statuses()]
    print_rows(HOOK_COLUMNS, rows, as_json=as_json, nothing="there is no hook")


@webhooks_group.command(name="deliveries")
@click.option("--hook", metavar="ID", help="Those of one hook, as `webhooks list` names it.")
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=LIMIT,
    show_default=True,
    help="How many that wait, and how many that were given up.",
)
@json_option
@click.pass_obj
def list_deliveries(settings: Settings, *, hook: str | None, limit: int, as_json: bool) -> None:
    """List events that wait for hooks, the next attempts first, and those given up, the latest first.

    Columns: ID of the delivery, which receivers get as Webhook-Id; waiting or dead; event; number of
    attempts; time of the event, of the next attempt, and of the end (UTC); ID of the hook; and the reason
    of the end. Nothing of what the event tells is shown.
    """
    with _deliveries(settings, Access.READ) as deliveries:
        rows = [_delivery_row(delivery) for delivery in deliveries.list(hook_id=hook, limit=limit)]
    print_rows(DELIVERY_COLUMNS, rows, as_json=as_json, nothing="nothing waits, and nothing was given up")


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
    with opened(settings.load(), access) as services:
        yield services.webhooks.hook_deliveries


def _hook_row(status: HookStatus) -> Row:
    hook = status.hook
    counts = {"waiting": status.waiting, "dead": status.dead}
    if hook is None:
        return {"id": status.hook_id, "state": "gone", "failures": 0, **counts, "place": None, "events": []}
    url = urlsplit(hook.callback)
    return {
        "id": status.hook_id,
        "state": "on" if hook.enabled else "off",
        "failures": hook.failures,
        **counts,
        "place": f"{url.scheme}://{url.netloc.rpartition('@')[2]}",
        "events": list(hook.events),
    }


def _delivery_row(delivery: HookDelivery) -> Row:
    return {
        "id": delivery.id,
        "state": "waiting" if delivery.died_at is None else "dead",
        "event": delivery.event,
        "attempts": delivery.attempts,
        "created_at": delivery.created_at,
        "next_attempt_at": delivery.next_attempt_at,
        "died_at": delivery.died_at,
        "hook": delivery.hook_id,
        "reason": delivery.reason,
    }
