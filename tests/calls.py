"""Calls of services: who makes them, and what comes of them."""

from collections.abc import Callable
from typing import TypeVar

from hanko_compat.client import Client
from hanko_compat.errors import HankoCompatError

T = TypeVar("T")

CALLER = Client(ip_address="203.0.113.7", user_agent="test", request_id="request-1")


def outcome(call: Callable[[], T]) -> T | type[HankoCompatError]:
    """What *call* returns, or the class of the error that it raises."""
    try:
        return call()
    except HankoCompatError as error:
        return type(error)


def kind(call: Callable[[], object]) -> type[object]:
    """The class of what *call* returns or raises."""
    result = outcome(call)
    return result if isinstance(result, type) else type(result)


def refusal(call: Callable[[], object]) -> type[HankoCompatError] | None:
    """The class of the error that *call* raises, or None."""
    try:
        call()
    except HankoCompatError as error:
        return type(error)
    return None
