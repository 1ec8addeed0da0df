"""Scenarios that need endpoints of later work. The list only shrinks; each entry names what it waits for.

It is strict in both directions: a scenario that passes must leave it, and one that waits must be on it.
Steps of endpoints that are served are compared in every scenario, listed or not.
"""

from typing import Any

# First segments of paths that nobody serves yet, and what will bring them.
PATHS: dict[str, str] = {}

SCENARIOS: dict[str, str] = {}


def owner(request: dict[str, Any]) -> str:
    """What will serve the recorded *request*; "" when it is served."""
    return PATHS.get(request["path"].partition("?")[0].split("/")[1], "")


def is_later(request: dict[str, Any]) -> bool:
    """Whether nobody serves the recorded *request* yet. Preflights are answered for any path."""
    return bool(owner(request)) and request["method"] != "OPTIONS"


def only_reads(request: dict[str, Any]) -> bool:
    """Whether the recorded *request* of later work changes nothing that another step could show."""
    return request["method"] == "GET" and "/callback" not in request["path"]
