"""Paths into user metadata: a part of GJSON's syntax (https://github.com/tidwall/gjson/blob/master/SYNTAX.md).

``a.b`` names a key in an object, ``a.0`` an item of a list, ``a.#`` the length of a list, ``a.#.b`` the ``b``
of every item. ``*`` and ``?`` stand for any characters of a key. A backslash takes away the meaning of what
follows. Not there: queries, modifiers, multipaths and literals.
"""

import re
from collections.abc import Mapping
from typing import Any

from hanko_compat.errors.sessions import ClaimTemplateInvalid

_STEP = re.compile(r"(?:[^.\\]|\\.)+", re.DOTALL)
_PATH = re.compile(r"(?:[^.\\]|\\.)+(?:\.(?:[^.\\]|\\.)+)*", re.DOTALL)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
# What starts a query, a modifier, a multipath, a literal; and the other separator.
_UNSUPPORTED = re.compile(r"(?:\A|(?<=\.))[@!\[{]|#\(|(?<!\\)\|")


def get(data: Any, path: str) -> Any:
    """The value at *path* in *data* (what ``json.loads`` made); None when there is none.

    Raises:
        ClaimTemplateInvalid: no path, or one that uses what is not supported.
    """
    if _PATH.fullmatch(path) is None or _UNSUPPORTED.search(path):
        raise ClaimTemplateInvalid("a metadata path that is not supported")
    return _walk(data, _STEP.findall(path))


def _walk(value: Any, steps: list[str]) -> Any:
    for position, step in enumerate(steps):
        if step == "#" and isinstance(value, list):
            rest = steps[position + 1 :]
            return _of_each(value, rest) if rest else len(value)
        value = _step(value, step)
        if value is None:
            return None
    return value


def _of_each(items: list[Any], steps: list[str]) -> list[Any]:
    found = (_walk(item, steps) for item in items)
    return [value for value in found if value is not None]


def _step(value: Any, step: str) -> Any:
    if isinstance(value, Mapping):
        return _member(value, step)
    # Python's isdigit() knows more digits than int() does.
    if isinstance(value, list) and step.isascii() and step.isdigit() and len(step) < 10:
        return value[int(step)] if int(step) < len(value) else None
    return None


def _member(value: Mapping[str, Any], step: str) -> Any:
    """The value of the first key that *step* fits."""
    if not re.search(r"(?<!\\)[*?]", step):
        return value.get(_ESCAPE.sub(r"\1", step))
    return next((value[key] for key in value if _fits(key, step)), None)


def _fits(key: str, pattern: str) -> bool:
    """Whether *key* fits a pattern with ``*`` and ``?``; in bounded time, unlike a regular expression."""
    pieces = re.findall(r"\\.|.", pattern, re.DOTALL)
    states = {0}
    for character in [*key, None]:
        states = _beyond_stars(states, pieces)
        if character is None:
            break
        states = {
            state if pieces[state] == "*" else state + 1
            for state in states
            if state < len(pieces) and _takes(pieces[state], character)
        }
    return len(pieces) in states


def _beyond_stars(states: set[int], pieces: list[str]) -> set[int]:
    reached = set(states)
    for state in range(len(pieces)):
        if state in reached and pieces[state] == "*":
            reached.add(state + 1)
    return reached


def _takes(piece: str, character: str) -> bool:
    return piece in {"*", "?"} or piece[-1] == character
