"""``hanko-compat worker``."""

import logging
import os
import signal

import click

from hanko_compat import __version__, logs, wiring
from hanko_compat.cli.settings import Settings
from hanko_compat.config.secret_kinds import server_of
from hanko_compat.metrics import exporter
from hanko_compat.services.delivery import letters
from hanko_compat.services.delivery.queue import Channel
from hanko_compat.storage.engine.database import Access
from hanko_compat.storage.engine.urls import without_password
from hanko_compat.storage.schema import migrate

logger = logging.getLogger(__name__)

PATIENCE = 30.0  # seconds; longer than any delivery takes
LONGEST_PAUSE = 1.0  # seconds between two looks at what servers wrote: no process wakes this one
WEBHOOKS = (Channel.WEBHOOK, Channel.HOOK)
STOPPING = {signal.SIGTERM, signal.SIGINT}


@click.command()
@click.option(
    "--threads",
    type=click.IntRange(min=1, max=100),
    default=letters.THREADS,
    show_default=True,
    help="Mails that are sent at a time, and as many text messages.",
)
@click.option("--metrics", metavar="HOST:PORT", help="Serve /metrics for Prometheus there.")
@click.pass_obj
def worker(settings: Settings, *, threads: int, metrics: str | None) -> None:
    """Deliver the mails, text messages and webhooks that wait in the database, and clean up.

    For servers that run with `serve --without-delivery`; by default `serve` delivers by itself. Any number of
    workers may run, on any hosts: each delivery is made by one of them, about a second after it was
    written. What a killed worker was about to deliver is delivered by another after half a minute, a webhook
    after two.

    TERM stops it after the deliveries that are under way.
    """
    os.umask(0o077)
    logs.configure()
    config = settings.load()
    services = wiring.build(config, access=Access.WRITE)
    try:
        services.delivery.renderer.check()
        migrate.require_current(services.database)
        migrate.take_over(services.database)
        deliver(services, threads=threads, metrics=metrics)
    finally:
        services.database.close_all()


def deliver(services: wiring.Services, *, threads: int, metrics: str | None) -> None:
    """Deliver mails and webhooks until a signal ends it; *metrics* is where these are served."""
    # Before there is a thread: all of them inherit the mask, so that sigwait below gets the signals.
    signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING)
    if metrics:
        exporter.expose(services.metrics, bind=metrics)
        services.measuring.start()
    delivery = services.delivery.threads
    delivery.start(threads=dict.fromkeys(letters.CHANNELS, threads), longest_pause=LONGEST_PAUSE)
    services.clean_up.schedule.start()
    smtp = services.config.email_delivery.smtp
    database = without_password(services.config.database.resolved_url)
    facts = {"version": __version__, "database": database, "server": f"{server_of(smtp.host)}:{smtp.port}"}
    logger.info("delivering", extra={**facts, "threads": threads})
    signal.sigwait(STOPPING)
    services.measuring.stop(patience=PATIENCE)
    services.clean_up.schedule.stop(patience=PATIENCE)
    delivery.stop(patience=PATIENCE)
    left = delivery.under_way
    logger.info(
        "stopped",
        extra={
            "left_mails": not left.isdisjoint(letters.CHANNELS),
            "left_webhooks": not left.isdisjoint(WEBHOOKS),
        },
    )
