"""What ``serve`` says when it starts."""

import logging
from collections.abc import Iterable, Mapping
from typing import Any

import click

from hanko_compat import __version__
from hanko_compat.cli.checks import WITHOUT_PROXY
from hanko_compat.cli.development import local_url
from hanko_compat.config import Config
from hanko_compat.config.secret_kinds import server_of
from hanko_compat.listening import is_for_this_host
from hanko_compat.secret_file import SECRET_FILE
from hanko_compat.storage.engine.urls import without_password
from hanko_compat.web.client_address import describe_source

logger = logging.getLogger(__name__)

EXPOSED = (
    "other hosts can connect, read every mail and sign up: --dev is for this machine, or a network of yours"
)


def announce(config: Config, options: Mapping[str, Any]) -> None:
    """Say what is served: to a developer what to try, to operators one line of the log."""
    exposed = [] if config.hanko_compat.trusted_proxies else without_proxy(options["bind"])
    if config.dev:
        click.echo("\n".join(welcome(config, options)), err=True)
        if exposed:
            click.echo(f"warning: {', '.join(exposed)}: {EXPOSED}", err=True)
        for warning in config.warnings:
            click.echo(f"warning: {warning}", err=True)
    else:
        logger.info("serving", extra=facts(config, options))
        if exposed:
            logger.warning(
                "listens_without_proxy", extra={"address": ", ".join(exposed), "advice": WITHOUT_PROXY}
            )
        for warning in config.warnings:
            logger.warning("config_warning", extra={"key": warning.path, "advice": warning.message})


def without_proxy(addresses: Iterable[str]) -> list[str]:
    """The *addresses* that other hosts can connect to."""
    return [address for address in addresses if not is_for_this_host(address)]


def facts(config: Config, options: Mapping[str, Any]) -> dict[str, Any]:
    """What operators want to know; *options* are gunicorn's."""
    return {
        "version": __version__,
        "address": ", ".join(options["bind"]),
        "workers": options["workers"],
        "threads": options["threads"],
        "config": str(config.source or "built-in defaults"),
        "database": without_password(config.database.resolved_url),
        "client_address": describe_source(config),
        "mails": mails(config, options),
    }


def mails(config: Config, options: Mapping[str, Any]) -> str:
    """Where mails go from here."""
    delivery = config.email_delivery
    if not delivery.enabled:
        return "off (email_delivery.enabled)"
    if "worker_exit" not in options:  # the hook that waits for the threads which deliver
        return "left to hanko-compat worker"
    return f"through {server_of(delivery.smtp.host)}:{delivery.smtp.port}"


def through_server(config: Config) -> str:
    """The mail server that a developer has named, if any."""
    delivery = config.email_delivery
    return f" and through {server_of(delivery.smtp.host)}:{delivery.smtp.port}" if delivery.has_smtp else ""


def welcome(config: Config, options: Mapping[str, Any]) -> list[str]:
    """The lines that ``serve --dev`` starts with."""
    url = local_url(options["bind"][0])
    places = {
        "serving": url,
        "playground": f"{url}/playground",
        "signing keys": f"{url}/.well-known/jwks.json",
        "database": without_password(config.database.resolved_url),
        "secret": str(SECRET_FILE) if SECRET_FILE.is_file() else "as configured",
        "configuration": str(
            config.source or "built-in defaults; config.example.yaml shows what can be changed"
        ),
        "frontends": f"at {', '.join(config.server.public.cors.allow_origins)} may call",
        "mails": f"{url}/dev/mailbox{through_server(config)}",
    }
    return [
        f"hanko-compat {__version__}, for development; Ctrl-C stops it",
        "",
        *(f"  {name:<14} {place}" for name, place in places.items()),
        "",
        f"Try it in a browser at {url}/playground, or sign a user up:",
        "",
        f"  curl -i {url}/users -H 'Content-Type: application/json' -d '{{\"email\":\"you@example.com\"}}'",
        "",
    ]
