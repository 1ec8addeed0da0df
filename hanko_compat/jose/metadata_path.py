"""Paths into user metadata: a part of GJSON's syntax (https://github.com/tidwall/gjson/blob/master/SYNTAX.md).

``a.b`` names a key in an object, ``a.0`` an item of a list, ``a.#`` the length of a list, ``a.#.b`` the ``b``
of every item. ``a.#(b>1)`` is the first item that the query fits, ``a.#(b>1)#`` the list of all. ``*`` and
``?`` stand for any characters of a key. A backslash takes away the meaning of what follows. After ``|`` a
step is for the list as a whole, after ``.`` for each of its items. There are no modifiers, multipaths and
literals.
"""

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from hanko_compat.errors.sessions import ClaimTemplateInvalid

_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_UNSUPPORTED = frozenset("@![{")
"""What a modifier, a literal or a multipath begins with."""

_OPERATOR = re.compile(r"==|!=|<=|>=|!%|[=<>%]")
_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq, "==": operator.eq, "!=": operator.ne,
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
MAX_DEPTH = 10
"""Queries within each other."""


@dataclass(frozen=True, slots=True)
class _Query:
    """``#(path operator value)``: items whose *path* compares so, or has anything without an operator."""

    path: "tuple[_Segment, ...]"
    operator: str
    value: str
    finds_all: bool


_Segment = tuple["str | _Query", ...]
"""Steps with dots between them."""


def get(data: Any, path: str) -> Any:
    """The value at *path* in *data* (what ``json.loads`` made); None when there is none.

    Raises:
        ClaimTemplateInvalid: no path, or one that uses what is not supported.
    """
    return _follow(data, _parse(path, depth=0))


def _parse(path: str, *, depth: int) -> tuple[_Segment, ...]:
    """Cut a path at its bars and dots."""
    segments: list[_Segment] = []
    steps: list[str | _Query] = []
    text, position = "", 0
    if path.endswith("\\") and not path.endswith("\\\\"):
        raise ClaimTemplateInvalid("a metadata path that ends with a backslash")
    while position <= len(path):
        end = path[position : position + 1]
        if end in {"", ".", "|"}:
            steps.append(_step_of(text, depth=depth))
            text = ""
            if end != ".":
                segments.append(tuple(steps))
                steps = []
            position += 1
            continue
        length = _group(path, position + 1) + 1 if end == "#" else 2 if end == "\\" else 1
        text += path[position : position + length]
        position += length
    return tuple(segments)


def _group(text: str, start: int) -> int:
    """How long the parenthesis at *start* is with all that is in it; 0 where there is none."""
    depth, position, is_quoted = 0, start, False
    while position < len(text):
        character = text[position]
        if character == '"':
            is_quoted = not is_quoted
        elif character == "\\":
            position += 1
        elif not is_quoted:
            depth += {"(": 1, ")": -1}.get(character, 0)
        position += 1
        if depth <= 0:
            break
    if depth > 0:
        raise ClaimTemplateInvalid("a query in a metadata path does not end")
    return position - start if text[start : start + 1] == "(" else 0


def _step_of(text: str, *, depth: int) -> "str | _Query":
    if not text or text[0] in _UNSUPPORTED:
        raise ClaimTemplateInvalid("a metadata path that is not supported")
    if not text.startswith("#("):
        return text
    inner, _, after = text[2:].rpartition(")")
    if after not in {"", "#"} or depth == MAX_DEPTH:
        raise ClaimTemplateInvalid("a query in a metadata path that is not supported")
    path, sign, value = _comparison(inner)
    return _Query(
        path=_parse(path, depth=depth + 1) if path else (),
        operator=sign,
        value=_unquoted(value),
        finds_all=after == "#",
    )


def _comparison(text: str) -> tuple[str, str, str]:
    """Path, operator and value of a query; without an operator both it and the value are ""."""
    position = 0
    while position < len(text):
        if match := _OPERATOR.match(text, position):
            return text[:position].strip(), match[0], text[match.end() :].strip()
        if text[position] == "#":
            position += _group(text, position + 1)
        position += 2 if text[position : position + 1] == "\\" else 1
    return text.strip(), "", ""


def _unquoted(text: str) -> str:
    is_quoted = len(text) > 1 and text[0] == text[-1] == '"'
    return _ESCAPE.sub(r"\1", text[1:-1]) if is_quoted else text


def _follow(value: Any, segments: tuple[_Segment, ...]) -> Any:
    for segment in segments:
        value = _walk(value, segment)
    return value


def _walk(value: Any, steps: _Segment) -> Any:
    for position, step in enumerate(steps):
        rest = steps[position + 1 :]
        if step == "#" and isinstance(value, list):
            return _of_each(value, rest) if rest else len(value)
        if isinstance(step, _Query):
            found = [item for item in value if _fits_query(item, step)] if isinstance(value, list) else []
            if step.finds_all:
                return _of_each(found, rest) if rest else found
            value = found[0] if found else None
        else:
            value = _step(value, step)
        if value is None:
            return None
    return value


def _of_each(items: list[Any], steps: _Segment) -> list[Any]:
    found = (_walk(item, steps) for item in items)
    return [value for value in found if value is not None]


def _fits_query(item: Any, query: _Query) -> bool:
    """Whether an item is one that *query* looks for; lists, objects and null fit no comparison."""
    value = _follow(item, query.path)
    if not query.operator:
        return value is not None
    if isinstance(value, str) and query.operator in {"%", "!%"}:
        return _fits(value, query.value) is (query.operator == "%")
    compare = _ORDER.get(query.operator)
    if compare is None:
        return False
    if isinstance(value, bool):
        return compare(value, query.value == "true") if query.value in {"true", "false"} else False
    if isinstance(value, str):
        return compare(value, query.value)
    if isinstance(value, int | float):
        try:
            return compare(value, float(query.value))
        except ValueError:
            return False
    return False


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
