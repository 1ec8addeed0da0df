"""Some at a time, so that neither a statement nor a transaction grows with what there is."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")


def batches(items: Iterable[T], *, size: int) -> Iterator[list[T]]:
    """The *items* in lists of *size*, the last of which may be shorter (Python 3.12: itertools.batched)."""
    left = iter(items)
    while batch := list(islice(left, size)):
        yield batch
