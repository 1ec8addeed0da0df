"""What ``serve`` says when it starts."""

from collections.abc import Mapping
from typing import Any

from hanko_compat import __version__
from hanko_compat.cli.development import local_url
from hanko_compat.cli.settings import SECRET_FILE
from hanko_compat.config import Config
from hanko_compat.storage.urls import without_password
from hanko_compat.web.client_address import describe_source


def lines(config: Config, options: Mapping[str, Any]) -> list[str]:
    """For operators: what is served from where, a fact a line; *options* are gunicorn's."""
    return [
        f"hanko-compat {__version__}: http://{options['bind']}",
        f"workers: {options['workers']}, threads in each: {options['threads']}",
        f"configuration: {config.source or 'built-in defaults'}, and environment variables",
        f"database: {without_password(config.database.resolved_url)}",
        describe_source(config),
    ]


def welcome(config: Config, options: Mapping[str, Any]) -> list[str]:
    """For ``--dev``: the same, and what to try next."""
    url = local_url(options["bind"])
    facts = {
        "serving": url,
        "signing keys": f"{url}/.well-known/jwks.json",
        "database": without_password(config.database.resolved_url),
        "secret": str(SECRET_FILE) if SECRET_FILE.is_file() else "as configured",
        "configuration": str(
            config.source or "built-in defaults; config.example.yaml shows what can be changed"
        ),
        "frontends": f"at {', '.join(config.server.public.cors.allow_origins)} may call",
        "mails": "none are sent yet",
    }
    return [
        f"hanko-compat {__version__}, for development; Ctrl-C stops it",
        "",
        *(f"  {name:<14} {fact}" for name, fact in facts.items()),
        "",
        "Sign a user up:",
        "",
        f"  curl -i {url}/users -H 'Content-Type: application/json' -d '{{\"email\":\"you@example.com\"}}'",
        "",
    ]
