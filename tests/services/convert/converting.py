"""Conversions in a test: a file of ``tests/data/convert`` or records, and what comes of them."""

import io
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hanko_compat.services.convert.conversion import Refusal, Summary, convert
from hanko_compat.services.convert.options import Options
from tests.services.convert.import_rules import check_entry

DATA = Path(__file__).parents[2] / "data" / "convert"
NOW = datetime(2024, 6, 1, tzinfo=UTC)
BCRYPT = "$2b$04$abcdefghijklmnopqrstuuqREtd3VJD2QVZbuFskFSLk6eRIrQoOS"
"""bcrypt of `PASSWORD`."""
PASSWORD = "correct horse battery"
"""Whose hashes are in the files."""


@dataclass(frozen=True, slots=True)
class Outcome:
    entries: list[dict[str, Any]]
    refusals: list[Refusal]
    summary: Summary

    @property
    def entry(self) -> dict[str, Any]:
        """The only user."""
        (entry,) = self.entries
        return entry

    @property
    def left(self) -> dict[str, int]:
        """What is not carried over."""
        return dict(self.summary.left)


def of_bytes(system: str, content: bytes, **options: Any) -> Outcome:
    """Convert a file with this content; each user is held to the rules of imports."""
    refusals: list[Refusal] = []
    summary = Summary()
    texts = convert(
        io.BytesIO(content),
        system=system,
        options=Options(**{"now": NOW, **options}),
        on_refusal=refusals.append,
        summary=summary,
    )
    entries = [json.loads(text) for text in texts]
    for entry in entries:
        check_entry(entry)
    assert (summary.converted, summary.refused) == (len(entries), len(refusals))
    return Outcome(entries, refusals, summary)


def of_file(system: str, name: str, **options: Any) -> Outcome:
    """Convert a file of ``tests/data/convert``."""
    return of_bytes(system, (DATA / name).read_bytes(), **options)


def of_records(system: str, *records: Any, **options: Any) -> Outcome:
    """Convert an array of these."""
    return of_bytes(system, json.dumps(records).encode(), **options)
