"""What lies behind an error: peewee wraps those of a driver, and a driver those of the network."""

from collections.abc import Iterator
from typing import Any


def causes(error: BaseException) -> Iterator[Any]:
    """The error, what it wraps, and what it was raised during the handling of."""
    current: BaseException | None = error
    while current is not None:
        yield current
        current = current.__cause__ or current.__context__
