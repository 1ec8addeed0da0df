"""Values of another type than their key's, taken as Hanko takes them.

Hanko decodes its file with weak types (mapstructure's ``WeaklyTypedInput``): a number is text where text is
wanted, quoted digits are a number, one value is a list of one. What is hardly ever meant is a warning. Keys
of our own are strict.
"""

import re
from collections.abc import Mapping
from typing import Any

from hanko_compat.config.draft import OWN, Draft
from hanko_compat.config.environment import SWITCHES
from hanko_compat.config.fields import Duration, Json, Kind, ListOf, MapOf, Switch, Whole, shown
from hanko_compat.config.problems import Path, dotted
from hanko_compat.config.scalars import PlainScalar
from hanko_compat.config.secret_kinds import Secret
from hanko_compat.config.settings import Entry, leaves
from hanko_compat.errors.config import Problem

# Durations that Hanko keeps as such; the others are text to it, and a number is none.
NANOSECONDS = (("rate_limiter",), ("flow_locker", "ttl"), ("mfa", "device_trust_duration"))
SECOND = 10**9  # nanoseconds
_DIGITS = re.compile(r"[0-9][0-9A-Za-z_]{0,18}")


def convert(draft: Draft, cls: type) -> None:
    """Replace each value given for a key of *cls* by the one that Hanko makes of it."""
    converter = _Converter(draft)
    for leaf in leaves(cls):
        value = draft.get(leaf.path)
        if value is not None:
            draft.put(leaf.path, converter.value(leaf.kind, value, leaf.path))


class _Converter:
    """Converts values, and notes on a draft what an operator should know of it."""

    def __init__(self, draft: Draft) -> None:
        self._warnings = draft.warnings

    def value(self, kind: Any, value: Any, path: Path) -> Any:
        """What *value* is for a key of this kind; itself where Hanko would make nothing of it either."""
        if path[0] == OWN:
            return _plain(value)
        if isinstance(kind, Json | MapOf) and value == []:
            return {}
        if isinstance(kind, MapOf) and isinstance(value, Mapping):
            return {
                _text(name): self.value(kind.kind, item, (*path, str(name))) for name, item in value.items()
            }
        if isinstance(kind, Entry) and (value is None or isinstance(value, Mapping)):
            return self._entry(kind.section, value or {}, path)
        if isinstance(kind, Json | MapOf | Entry):
            return value
        if isinstance(kind, ListOf):
            return self._list(kind, value, path)
        if isinstance(kind, Switch):
            return _switch(value)
        return _whole(value) if isinstance(kind, Whole) else self._single(kind, value, path)

    def _entry(self, cls: type, value: Mapping[Any, Any], path: Path) -> Any:
        """A section in a list or a map."""
        inner = Draft(tree=dict(value))
        for leaf in leaves(cls):
            if (item := inner.get(leaf.path)) is not None:
                inner.put(leaf.path, self.value(leaf.kind, item, (*path, *leaf.path)))
        return inner.tree

    def _list(self, kind: ListOf, value: Any, path: Path) -> Any:
        if value in ({}, ""):
            return []
        if isinstance(value, str) and not isinstance(kind.kind, Entry):
            blanks = " " if isinstance(kind.kind, Secret) else None
            value = [part.strip(blanks) for part in value.split(",") if part.strip()]
        elif not isinstance(value, list | tuple):
            if isinstance(value, Mapping) is not isinstance(kind.kind, Entry):
                return value
            value = [value]
        for index, item in enumerate(value):
            if item is None:
                self._warn((*path, index), "Is empty, and left out.")
        given = ((index, item) for index, item in enumerate(value) if item is not None)
        return [self.value(kind.kind, item, (*path, index)) for index, item in given]

    def _single(self, kind: Kind[Any], value: Any, path: Path) -> Any:
        if isinstance(kind, Duration):
            return self._duration(value, path)
        text = str(value) if isinstance(kind, Secret) and isinstance(value, str) else _text(value)
        if isinstance(value, bool):
            self._warn(
                path, f"Is text, so {str(value).lower()} is read as {shown(text)}: put the text in quotes."
            )
        return text

    def _duration(self, value: Any, path: Path) -> Any:
        """A duration; a number of nanoseconds for some keys."""
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not is_number or not any(path[: len(start)] == start for start in NANOSECONDS):
            return str(value) if isinstance(value, PlainScalar) else value
        if value >= SECOND or value <= 0:
            return f"{value}ns" if value > 0 else value
        self._warn(path, f"{value} are nanoseconds for Hanko; here they are seconds: write {value}s.")
        return f"{value}s"

    def _warn(self, path: Path, text: str) -> None:
        self._warnings.append(Problem(dotted(path), text))


def _text(value: Any) -> Any:
    """Text of one value, without line ends after it; anything else as it is."""
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, int):
        return str(value)
    return str(value).rstrip("\r\n") if isinstance(value, str) else value


def _switch(value: Any) -> Any:
    if isinstance(value, PlainScalar):
        value = value.meaning
    if isinstance(value, str):
        return SWITCHES.get(value, value) if value else False
    return bool(value) if isinstance(value, int | float) else value


def _whole(value: Any) -> Any:
    if isinstance(value, PlainScalar):
        value = value.meaning
    if isinstance(value, str):
        return _digits(value)
    return int(value) if isinstance(value, int | float) else value


def _digits(text: str) -> int | str:
    """A whole number written as text, with the prefix of its base; an empty text is 0."""
    if not text:
        return 0
    unsigned = text[1:] if text[0] in "-+" else text
    is_octal = re.fullmatch("0[0-7]+", unsigned) is not None
    try:
        return int(text, 8 if is_octal else 0) if _DIGITS.fullmatch(unsigned) else text
    except ValueError:
        return text


def _plain(value: Any) -> Any:
    """A value of ours, in which what was written as text is nothing but that."""
    if isinstance(value, PlainScalar):
        return str(value)
    if isinstance(value, Mapping):
        return {_plain(name): _plain(item) for name, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value
