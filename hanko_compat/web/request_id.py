"""``X-Request-Id``: one name for a request in answers, log lines and the audit log."""

import re

from hanko_compat import random_secrets

HEADER = "X-Request-Id"
ACCEPTABLE = re.compile(r"[A-Za-z0-9._:=+/@~-]{1,64}")


def choose(sent: str | None) -> str:
    """Accept the id that the caller *sent*, where it is short and harmless in a log; else make one."""
    if sent is not None and ACCEPTABLE.fullmatch(sent):
        return sent
    return random_secrets.octets(16).hex()


def number() -> str:
    """Make an id in the form of the backend door, which accepts none from callers."""
    return f"req-{random_secrets.number(bits=64)}"
