"""``hanko-compat worker``."""

import logging
import os
import signal

import click

from hanko_compat import __version__, logs, wiring
from hanko_compat.cli.settings import Settings
from hanko_compat.metrics import exporter
from hanko_compat.services.delivery import THREADS
from hanko_compat.storage import migrate
from hanko_compat.storage.urls import without_password

logger = logging.getLogger(__name__)

PATIENCE = 30.0  # seconds; longer than any delivery takes
STOPPING = {signal.SIGTERM, signal.SIGINT}


@click.command()
@click.option(
    "--threads",
    type=click.IntRange(min=1, max=100),
    default=THREADS,
    show_default=True,
    help="Mails under way at a time.",
)
@click.option("--metrics", metavar="HOST:PORT", help="Serve /metrics for Prometheus there.")
@click.pass_obj
def worker(settings: Settings, *, threads: int, metrics: str | None) -> None:
    """Deliver the mails that wait in the database.

    For servers that run with `serve --without-delivery`; by default `serve` delivers by itself. Any number of
    workers may run, on any hosts: each mail is taken by one of them. What a killed worker was about to
    deliver is taken by another after half a minute.

    TERM stops it after the mails that are under way.
    """
    os.umask(0o077)
    logs.configure()
    config = settings.load()
    if not config.email_delivery.enabled:
        raise click.ClickException("email_delivery.enabled is false, so there is nothing to deliver")
    services = wiring.build(config)
    try:
        services.delivery.check_templates()
        migrate.require_current(services.database)
        deliver(services, threads=threads, metrics=metrics)
    finally:
        services.database.close_all()


def deliver(services: wiring.Services, *, threads: int, metrics: str | None) -> None:
    """Deliver mails until a signal ends it; *metrics* is where they are served, as ``host:port``."""
    # Before there is a thread: all of them inherit the mask, so that sigwait below gets the signals.
    signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING)
    if metrics:
        exporter.expose(services.metrics, bind=metrics)
    services.delivery.start(threads=threads)
    smtp = services.config.email_delivery.smtp
    database = without_password(services.config.database.resolved_url)
    facts = {"version": __version__, "database": database, "server": f"{smtp.host}:{smtp.port}"}
    logger.info("delivering", extra={**facts, "threads": threads})
    signal.sigwait(STOPPING)
    has_ended = services.delivery.stop(patience=PATIENCE)
    logger.info("stopped", extra={"left_mails": not has_ended})
