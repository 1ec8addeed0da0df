"""What ``serve --dev`` adds: a secret and a database without any configuration, and code that reloads."""

import os
import secrets

from hanko_compat.cli.settings import SECRET_FILE, Settings


def prepare(settings: Settings) -> None:
    """Make a secret in ``./var``, for its owner only, unless one is there or is configured."""
    if SECRET_FILE.exists() or settings.has_secret():
        return
    SECRET_FILE.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(SECRET_FILE, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(32) + "\n")
