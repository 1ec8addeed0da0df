"""``hanko-compat serve``."""

import os
import sys

import click

from hanko_compat import logs
from hanko_compat.cli import development
from hanko_compat.cli.server import BIND, SOCKETS, Reloadable, Server, gunicorn_options
from hanko_compat.cli.settings import Settings
from hanko_compat.listening import require_free


@click.command()
@click.option("--bind", metavar="HOST:PORT", help="Address to listen on. [default: server.public.address]")
@click.option(
    "--workers", type=click.IntRange(min=1), metavar="N", help="Processes. [default: one per CPU, at most 8]"
)
@click.option(
    "--threads", type=click.IntRange(min=1), metavar="N", help="Threads in each process. [default: 8]"
)
@click.option(
    "--dev", is_flag=True, help="For development: needs no configuration, reloads code, logs as text."
)
@click.option(
    "--without-delivery",
    is_flag=True,
    help="Leave mails, text messages and webhooks to `hanko-compat worker`.",
)
@click.option("--supervised", is_flag=True, hidden=True)
@click.pass_obj
def serve(
    settings: Settings,
    *,
    bind: str | None,
    workers: int | None,
    threads: int | None,
    dev: bool,
    without_delivery: bool,
    supervised: bool,
) -> None:
    """Serve the API.

    TERM stops it after the requests that are under way. HUP reads the configuration again without losing a
    request; one that is wrong is logged, and the old one stays in force.

    The tables of an SQLite database are made or migrated at the start. A database server needs
    `hanko-compat migrate up` before.

    With --dev, the secret and the database lie in ./var, made when they are missing; the server listens on
    localhost only and starts again when the code changes; cookies work without TLS; mails show at
    /dev/mailbox, and are sent only where email_delivery.smtp is configured. It answers to localhost, to
    addresses and to the host of hanko_compat.public_url; any other name is 421.
    """
    if dev and not supervised:
        sys.exit(development.supervise(settings, [*sys.argv[1:], "--supervised"]))
    os.umask(0o077)  # the SQLite database, for one, is for its owner only
    logs.configure(as_text=True if dev else None)
    if dev:
        bind = development.prepare(settings, bind=bind)
        workers = workers or 1
    config = settings.load(dev=dev)
    options = gunicorn_options(
        config, bind=bind, workers=workers, threads=threads, delivery=not without_delivery
    )
    if not SOCKETS & os.environ.keys():
        require_free(options["bind"], setting=BIND)
    reloadable = Reloadable(lambda: settings.read(dev=dev), workers=options["workers"])
    Server(reloadable, options).run()
