"""A bar on the terminal, with the rate and the time that is left."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

Advance = Callable[[int], None]


@contextmanager
def progress(label: str, total: int, *, done: int = 0, has_rate: bool = True) -> Iterator[Advance]:
    """Show a bar that grows up to *total*; where there is no terminal, nothing.

    Without *has_rate* what it counts is not users, and no rate is shown.
    """
    if not sys.stderr.isatty() or not total:
        yield lambda _: None
        return
    began = time.monotonic()
    counted = 0

    def rate(_: object) -> str:
        seconds = time.monotonic() - began
        return f"{counted / seconds:,.0f} users/s" if has_rate and seconds > 0 else ""

    with click.progressbar(
        length=total, label=f"{label:<9}", file=sys.stderr, item_show_func=rate, show_eta=True
    ) as bar:
        bar.update(done)

        def advance(more: int) -> None:
            nonlocal counted
            counted += more
            bar.update(more, counted)

        yield advance
