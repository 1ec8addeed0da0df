"""Gives the server under measurement a core of its own, so that its rate is what it can do with that."""

import os
from collections.abc import Sequence
from pathlib import Path


def leave_one() -> int | None:
    """Leave a core to the server: this process, and all that it starts from now on, uses the others.

    Returns its number; None where there is only one, which all share.
    """
    first, *others = sorted(os.sched_getaffinity(0))
    if not others:
        return None
    os.sched_setaffinity(0, others)
    return first


def on(core: int | None, command: Sequence[str | Path]) -> list[str | Path]:
    """*command*, to be run on one core alone; as it is for None."""
    return [*command] if core is None else ["taskset", "--cpu-list", str(core), *command]
