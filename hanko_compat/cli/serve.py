"""``hanko-compat serve``."""

import click

from hanko_compat.cli import development
from hanko_compat.cli.server import Reloadable, Server, gunicorn_options
from hanko_compat.cli.settings import Settings


@click.command()
@click.option("--bind", metavar="HOST:PORT", help="Address to listen on. [default: server.public.address]")
@click.option("--workers", type=click.IntRange(min=1), metavar="N", help="Processes. [default: one per CPU, at most 8]")
@click.option("--threads", type=click.IntRange(min=1), metavar="N", help="Threads per process. [default: 8]")
@click.option("--dev", is_flag=True, help="For development: makes a secret and a database in ./var, reloads code.")
@click.pass_obj
def serve(settings: Settings, bind: str | None, workers: int | None, threads: int | None, dev: bool) -> None:
    """Serve the API.

    TERM stops it after the requests that are under way. HUP reads the configuration again without losing a
    request; a broken one is logged and the old one stays in force.
    """
    if dev:
        development.prepare(settings)
    config = settings.load(dev=dev)
    options = gunicorn_options(config, bind=bind, workers=workers, threads=threads)
    Server(Reloadable(lambda: settings.read(dev=dev)), options).run()
