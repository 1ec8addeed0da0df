"""Hanko's deprecated Public API, served again, on Hanko's own tables.

In another Flask application: ``from hanko_compat import HankoCompat, current_session, session_required``.
"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

EXTENSION = frozenset({"HankoCompat", "current_session", "session_required"})


def __getattr__(name: str) -> Any:
    """Load the extension when it is asked for: nobody else needs all that comes with it."""
    if name in EXTENSION:
        return getattr(import_module("hanko_compat.embedding"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
