"""Warnings: settings that Hanko starts with, and that hardly do what was meant."""

from collections.abc import Iterator

from hanko_compat.config.draft import Draft
from hanko_compat.config.fields import Choice, Duration, shown
from hanko_compat.config.model import Config
from hanko_compat.config.settings import Leaf, leaves
from hanko_compat.errors.config import Problem

LONGEST_PASSWORD = 72  # bytes, as bcrypt reads no more


def advice(config: Config, draft: Draft) -> Iterator[Problem]:
    """What to change in a configuration that is served all the same."""
    for leaf in leaves(Config):
        yield from _unusual(leaf, draft)
    yield from _shut_out(config)


def _unusual(leaf: Leaf, draft: Draft) -> Iterator[Problem]:
    """A text that is none of those that mean something."""
    kind, value = leaf.kind, draft.get(leaf.path)
    if value is None:
        return
    key = draft.written_as(leaf.path)
    if isinstance(kind, Choice) and kind.otherwise and value not in kind.allowed:
        yield Problem(key, f"{shown(value)} is none of {', '.join(kind.allowed)}, so {kind.otherwise}.")
    elif isinstance(kind, Duration) and kind.otherwise and value != "" and kind.deserialize(value) is None:
        yield Problem(key, f"{shown(value)} is not a duration, such as 12h or 5m, so {kind.otherwise}.")


def _shut_out(config: Config) -> Iterator[Problem]:
    """Limits that let nobody in."""
    email, password = config.email, config.password
    if not email.passcode_ttl:
        yield Problem("email.passcode_ttl", "With 0 every passcode is too old at once.")
    if not email.max_length:
        yield Problem("email.max_length", "With 0 no address is accepted: nobody can sign up.")
    if password.min_length > LONGEST_PASSWORD:
        yield Problem(
            "password.min_length", f"A password has at most {LONGEST_PASSWORD} bytes, so none can be set."
        )
    if not config.passkey.limit:
        yield Problem("passkey.limit", "With 0 nobody can register a passkey.")
