"""Strict JSON (RFC 8259): what is ambiguous or can't be stored is refused, not guessed."""

import json
import math
from collections.abc import Iterator
from typing import Any

from hanko_compat.errors.json_text import JSONRefused

MAX_DEPTH = 64  # objects and lists within each other; the deepest documented body has four


def parse_object(data: bytes) -> dict[str, Any]:
    """Parse UTF-8 *data* as one JSON object.

    Raises:
        JSONRefused: not UTF-8, not JSON, no object, a name given twice, NaN or an infinite number, NUL or
            half a surrogate pair in a string, nested deeper than `MAX_DEPTH`.
    """
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise JSONRefused("the body is not valid UTF-8") from error
    value = _parse(text)
    if not isinstance(value, dict):
        raise JSONRefused("the body must be a JSON object")
    if text.count("{") + text.count("[") > MAX_DEPTH or "\\u" in text:
        _inspect(value)
    return value


def _parse(text: str) -> Any:
    try:
        return _decoder.decode(text)
    except JSONRefused:
        raise
    except RecursionError as error:
        raise JSONRefused("the body is nested too deeply") from error
    except ValueError as error:  # also for integers of thousands of digits
        raise JSONRefused("the body is not valid JSON") from error


def _inspect(value: dict[str, Any]) -> None:
    """Look at every string and at the depth; not needed for bodies without escapes and with few brackets."""
    level: list[Any] = [value]
    for _ in range(MAX_DEPTH):
        level = list(_members(level))
        for item in level:
            if isinstance(item, str):
                _check_characters(item)
    if any(isinstance(item, dict | list) for item in level):
        raise JSONRefused("the body is nested too deeply")


def _members(level: list[Any]) -> Iterator[Any]:
    for item in level:
        if isinstance(item, dict):
            yield from item
            yield from item.values()
        elif isinstance(item, list):
            yield from item


def _check_characters(text: str) -> None:
    # No database stores either; U+0000 also ends a string in C.
    if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise JSONRefused("a string holds a character that can't be stored")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        # Unlike Hanko 2.7.0: Go lets the last one win, a proxy in front may read the first.
        raise JSONRefused("a name is given twice in one object")
    return result


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise JSONRefused("a number is too large")
    return number


def _no_constant(name: str) -> Any:
    raise JSONRefused(f"{name} is not valid JSON")


_decoder = json.JSONDecoder(object_pairs_hook=_unique, parse_float=_finite, parse_constant=_no_constant)
