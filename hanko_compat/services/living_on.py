"""Threads that nothing would start again: whatever goes wrong in them, they live on."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from logging import Logger


@contextmanager
def living_on(logger: Logger, event: Callable[[], str]) -> Iterator[None]:
    """Log any fault of the block under the name that *event* gives; the thread goes on behind the block."""
    try:
        yield
    except Exception:
        logger.exception(event())
