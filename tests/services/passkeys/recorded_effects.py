"""What was recorded of log-ins with passkeys: the rows (a) and (b) of ``config-effects.tsv``."""

from pathlib import Path
from typing import NamedTuple

FILE = Path(__file__).parents[2] / "data" / "config-effects.tsv"


class Effect(NamedTuple):
    """A row: what was stored, what was sent where, the status, what else was answered, and a note."""

    stored: str
    sent: str
    endpoint: str
    status: str
    told: str
    note: str


def effects(part: str) -> list[Effect]:
    """The rows of one part, such as ``(b)``."""
    lines = [line.split("\t") for line in FILE.read_text().splitlines() if line.startswith(f"{part} ")]
    return [Effect(*(cell.strip() for cell in cells)) for cells in lines]
