"""A conversion from the first record to the last: one user at a time, whatever the file is like."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from hanko_compat.errors.convert import Unconvertible
from hanko_compat.services.convert.draft import Draft
from hanko_compat.services.convert.fields import Fields
from hanko_compat.services.convert.options import Options
from hanko_compat.services.convert.redaction import redacted
from hanko_compat.services.convert.systems import SYSTEMS
from hanko_compat.services.user_files.records import Record

MOST_KINDS = 1000
"""So many kinds of what is left behind are told apart; a hostile file may have one in each record."""
OTHERS = "others"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A record that no user can be made of. ``record`` has no secrets in it."""

    number: int
    reason: str
    record: Any

    def as_json(self) -> str:
        """The line of the file of such records."""
        return json.dumps({"number": self.number, "reason": self.reason, "record": self.record})


@dataclass(slots=True)
class Summary:
    """What came of a conversion."""

    converted: int = 0
    refused: int = 0
    without_password: int = 0
    left: Counter[str] = field(default_factory=Counter)
    """What can't be carried over, and how many users have it."""


def convert(
    stream: BinaryIO,
    *,
    system: str,
    options: Options,
    on_refusal: Callable[[Refusal], None],
    summary: Summary,
) -> Iterator[str]:
    """Each user that the file has, as JSON, as imports take it. *summary* is complete at the end.

    Raises:
        UserFileUnreadable: the file is no export of this system, or breaks off.
    """
    source = SYSTEMS[system]
    for record in source.read(stream):
        draft = Draft(system, options)
        try:
            entry = _entry(record, draft, source.fill)
        except Unconvertible as error:
            summary.refused += 1
            on_refusal(Refusal(record.number, str(error), redacted(record.members)))
            continue
        summary.converted += 1
        summary.without_password += "password" not in entry
        for what in draft.left:
            summary.left[what if len(summary.left) < MOST_KINDS or what in summary.left else OTHERS] += 1
        yield json.dumps(entry, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _entry(record: Record, draft: Draft, fill: Callable[[Fields, Draft], None]) -> dict[str, Any]:
    if record.fault:
        raise Unconvertible(record.fault)
    fields = Fields(record.members)
    fill(fields, draft)
    draft.leave_rest(fields)
    return draft.entry()
