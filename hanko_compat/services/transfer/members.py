"""The members of one JSON object, read one by one: what is wrong with them is collected, not raised."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from hanko_compat.services.user_files.columns import LONGEST, object_text
from hanko_compat.storable_text import is_storable

NUMBER_RANGE = range(2**31)  # of the columns
TIME = re.compile(
    r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:[Zz]|[+-]\d{2}:\d{2})", re.ASCII
)  # RFC 3339 s. 5.6
UUID_FORM = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", re.ASCII)

KINDS = {dict: "an object", list: "a list", str: "a string", bool: "true or false", int: "a whole number"}


class Faults:
    """What was found wrong with an entry: pairs of a field and a reason. And members that nobody knows."""

    def __init__(self, unknown: Counter[str]) -> None:
        """Members that nobody knows are counted in *unknown*."""
        self.found: list[tuple[str, str]] = []
        self.unknown = unknown

    def add(self, field: str, reason: str) -> None:
        """Note what is wrong with a field."""
        self.found.append((field, reason))


class Members:
    """A JSON object at a *path*, "" for the entry itself. A member that is null counts as absent."""

    __slots__ = ("_faults", "_path", "_values")

    def __init__(self, values: dict[str, Any], path: str, known: frozenset[str], faults: Faults) -> None:
        self._values = values
        self._path = path
        self._faults = faults
        if not values.keys() <= known:
            shape = re.sub(r"\d+", "", path)
            faults.unknown.update(f"{shape}{name}"[:LONGEST] for name in sorted(values.keys() - known))

    def fault(self, name: str, reason: str) -> None:
        """Note what is wrong with a member; "" names the object as a whole."""
        self._faults.add(f"{self._path}{name}" if name else self._path.rstrip("."), reason)

    def has(self, name: str) -> bool:
        """Whether the member is there, be it wrong."""
        return self._values.get(name) is not None

    def is_list(self, name: str) -> bool:
        """Whether the member is a list."""
        return isinstance(self._values.get(name), list)

    def text(
        self,
        name: str,
        *,
        longest: int | None = LONGEST,
        is_required: bool = False,
        may_be_empty: bool = False,
    ) -> str | None:
        """A string of so many characters at most, that a database can hold."""
        value = self._values.get(name)
        if value is None:
            if is_required:
                self.fault(name, "is missing")
            return None
        if not isinstance(value, str):
            self._is_no(name, str)
            return None
        if not value and not may_be_empty:
            self.fault(name, "is empty")
            return None
        if longest is not None and len(value) > longest:
            self.fault(name, f"has {len(value)} characters, {longest} at most can be stored")
            return None
        if not is_storable(value):
            self.fault(name, "holds a character that no database stores: NUL, or half of a surrogate pair")
            return None
        return value

    def flag(self, name: str) -> bool:
        """A boolean; False where there is none."""
        value = self._values.get(name)
        if value is None or isinstance(value, bool):
            return bool(value)
        self._is_no(name, bool)
        return False

    def number(self, name: str) -> int:
        """A whole number that a column can hold; 0 where there is none."""
        value = self._values.get(name)
        if value is None:
            return 0
        if isinstance(value, bool) or not isinstance(value, int):
            self._is_no(name, int)
            return 0
        if value not in NUMBER_RANGE:
            self.fault(name, f"is not between 0 and {NUMBER_RANGE[-1]}")
            return 0
        return value

    def moment(self, name: str) -> datetime | None:
        """A time (RFC 3339), with its offset."""
        value = self._values.get(name)
        if value is None:
            return None
        moment = _moment(value) if isinstance(value, str) else None
        if moment is None:
            self.fault(name, "is no time as in RFC 3339, such as 2024-05-01T12:00:00Z")
        return moment

    def uuid(self, name: str) -> UUID | None:
        """A UUID of any version, in letters of any case; an empty string counts as absent."""
        value = self._values.get(name)
        if value is None or value == "":
            return None
        if not isinstance(value, str) or not UUID_FORM.fullmatch(value):
            self.fault(name, "is no UUID")
            return None
        return UUID(value)

    def object_text(self, name: str, *, longest: int | None = None) -> str | None:
        """An object, as JSON text of so many characters at most."""
        value = self._values.get(name)
        if value is None:
            return None
        if not isinstance(value, dict):
            self._is_no(name, dict)
            return None
        try:
            text = object_text(value)
        except ValueError:
            self.fault(name, "is nested too deeply, or holds a number that is too large")
            return None
        if longest is not None and len(text) > longest:
            self.fault(name, f"has {len(text)} characters as JSON, {longest} at most can be stored")
            return None
        if not is_storable(text):
            text = json.dumps(value, separators=(",", ":"))
        return text

    def member(self, name: str, known: frozenset[str]) -> "Members | None":
        """An object."""
        value = self._values.get(name)
        if value is None:
            return None
        if not isinstance(value, dict):
            self._is_no(name, dict)
            return None
        return Members(value, f"{self._path}{name}.", known, self._faults)

    def objects(self, name: str, known: frozenset[str]) -> Iterator["Members"]:
        """The objects of a list."""
        for number, value in enumerate(self._list(name)):
            if isinstance(value, dict):
                yield Members(value, f"{self._path}{name}[{number}].", known, self._faults)
            else:
                self._is_no(f"{name}[{number}]", dict)

    def texts(self, name: str) -> tuple[str, ...]:
        """Strings of a list, each once."""
        values = self._list(name)
        if not all(isinstance(value, str) and value and len(value) <= LONGEST for value in values):
            self.fault(name, f"is no list of strings with up to {LONGEST} characters")
            return ()
        if len(set(values)) < len(values):
            self.fault(name, "has a value twice")
        return tuple(dict.fromkeys(values))

    def checked(self, name: str, text: str | None, check: Callable[[str], str]) -> str:
        """What *check* makes of a text; a ValueError of its says what is wrong."""
        if text is None:
            return ""
        try:
            return check(text)
        except ValueError as error:
            self.fault(name, str(error))
            return ""

    def _list(self, name: str) -> list[Any]:
        value = self._values.get(name)
        if value is None:
            return []
        if not isinstance(value, list):
            self._is_no(name, list)
            return []
        return value

    def _is_no(self, name: str, kind: type[Any]) -> None:
        self.fault(name, f"is not {KINDS[kind]}")


@lru_cache(maxsize=4096)
def _moment(text: str) -> datetime | None:
    if not TIME.fullmatch(text):
        return None
    try:
        moment = datetime.fromisoformat(text.upper())
        return moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
