"""Members of a record, read leniently. What nobody asked for is told: nothing of an export is lost unseen."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from hanko_compat.errors.convert import Unconvertible
from hanko_compat.services.convert.moments import read_moment
from hanko_compat.storable_text import is_storable

TRUE = frozenset({"true", "t", "1", "yes", "y"})
FALSE = frozenset({"false", "f", "0", "no", "n"})
SAYS_NOTHING: tuple[Any, ...] = (None, "", False, 0, [], {})
NO = frozenset({"", "false", "f"})


class Fields:
    """Members of an object by name, which is told with those of the objects around it: ``traits.email``."""

    def __init__(self, members: Mapping[str, Any], *, path: str = "") -> None:
        self._members = members
        self._path = path
        self._asked: set[str] = set()
        self._faults: list[str] = []
        self._below: list[Fields] = []

    def names(self) -> list[str]:
        """The names of all members."""
        return list(self._members)

    def value(self, *names: str) -> Any:
        """The first of these members that says something; None where none does."""
        self._asked.update(names)
        return next((value for name in names if (value := self._members.get(name)) not in (None, "")), None)

    def text(self, *names: str) -> str:
        """The same, as a text without blanks around it; "" where there is none. A number is a text as well.

        Raises:
            Unconvertible: no text, or one that no database stores.
        """
        value = self.value(*names)
        if value is None:
            return ""
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise Unconvertible(f"{self._named(names[0])} is no text")
        try:
            text = str(value).strip()
        except ValueError as error:  # a number of thousands of digits
            raise Unconvertible(f"{self._named(names[0])} is no text") from error
        if not is_storable(text):
            raise Unconvertible(f"{self._named(names[0])} has characters that can't be stored")
        return text

    def flag(self, name: str) -> bool | None:
        """A member that is true or false, as such or as a text; None where it says neither.

        Raises:
            Unconvertible: something else.
        """
        value = self.value(name)
        if value is None or isinstance(value, bool):
            return value
        written = str(value).strip().lower() if isinstance(value, str | int) else ""
        if written in TRUE:
            return True
        if written in FALSE:
            return False
        raise Unconvertible(f"{self._named(name)} is neither true nor false")

    def moment(self, *names: str) -> datetime | None:
        """A time; one that can't be read is told as such, and None."""
        value = self.value(*names)
        moment = read_moment(value)
        if value is not None and moment is None:
            self._faults.append(f"{self._named(names[0])} (no time)")
        return moment

    def mapping(self, *names: str) -> dict[str, Any]:
        """An object, or the text of one, as tables have it; one that can't be read is told, and {}."""
        value = self.value(*names)
        if isinstance(value, str):
            value = read_json(value)
            if value is None:
                self._faults.append(f"{self._named(names[0])} (no JSON)")
                return {}
        if value is not None and not isinstance(value, dict):
            self._faults.append(f"{self._named(names[0])} (no object)")
        return value if isinstance(value, dict) else {}

    def inner(self, *names: str) -> "Fields":
        """The members of an object, of which is told as well what nobody asks for."""
        inner = Fields(self.mapping(*names), path=f"{self._named(names[0])}.")
        self._below.append(inner)
        return inner

    def values(self, *names: str) -> list[Any]:
        """A list, or the text of one; a lone value is a list of one."""
        value = self.value(*names)
        if isinstance(value, str) and value.lstrip().startswith("["):
            value = read_json(value)
        if value is None:
            return []
        return value if isinstance(value, list) else [value]

    def each(self, *names: str) -> Iterator["Fields"]:
        """The members of each object in a list; what is no object is told."""
        for value in self.values(*names):
            if isinstance(value, dict):
                yield Fields(value)
            else:
                self._faults.append(f"{self._named(names[0])} (no object)")

    def ignore(self, *names: str) -> None:
        """Ask for what says nothing of the user: states and versions of the system itself."""
        self._asked.update(names)

    def left(self) -> Iterator[str]:
        """Names of the members that say something and that nobody asked for, or that can't be read."""
        yield from self._faults
        for inner in self._below:
            yield from inner.left()
        for name, value in self._members.items():
            if name not in self._asked and _says_something(value):
                yield self._named(name)

    def rest(self) -> dict[str, Any]:
        """The members that say something and that nobody asked for; they count as asked for now."""
        rest = {
            name: value
            for name, value in self._members.items()
            if name not in self._asked and value not in (None, "", [], {})
        }
        self._asked.update(rest)
        return rest

    def _named(self, name: str) -> str:
        shown = name if is_storable(name) and name.isprintable() else ascii(name)
        return f"{self._path}{shown[:80]}"


def _says_something(value: Any) -> bool:
    return value not in SAYS_NOTHING and not (isinstance(value, str) and value.strip().lower() in NO)


def read_json(text: str) -> Any:
    """The value that *text* is; None where it is none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
