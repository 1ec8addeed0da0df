"""Strict JSON (RFC 8259): what is ambiguous or can't be stored is refused, not guessed."""

import json
import math
import re
from collections.abc import Iterator
from typing import Any

from hanko_compat.errors.json_text import JSONCutShort, JSONRefused
from hanko_compat.storable_text import is_storable

MAX_DEPTH = 64  # objects and lists within each other; the deepest documented body has four
BLANKS = " \t\n\r"
HALF_ESCAPE = re.compile("u[0-9A-Fa-f]{0,4}")  # of a character in hexadecimal digits, behind the backslash
HALF_NUMBER = re.compile(r"\.|[eE][+-]?")


def parse_object(data: bytes) -> dict[str, Any]:
    """Parse UTF-8 *data* as one JSON object whose strings can be stored.

    Raises:
        JSONRefused: see `parse_value` and `check_strings`; or no object.
    """
    value = parse_value(data)
    if not isinstance(value, dict):
        raise JSONRefused("the body must be a JSON object")
    if b"\\u" in data:  # else there is no way to write what is refused
        check_strings(value)
    return value


def parse_value(data: bytes) -> Any:
    """Parse UTF-8 *data* as one JSON value.

    Raises:
        JSONCutShort: it ends too early; also when it is blank.
        JSONRefused: not UTF-8, not JSON, a name given twice, NaN or an infinite number, nested deeper than
            `MAX_DEPTH`.
    """
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise JSONRefused("the body is not valid UTF-8") from error
    value = _parse(text)
    if text.count("{") + text.count("[") > MAX_DEPTH:
        _check_depth(value)
    return value


def check_strings(value: Any) -> None:
    """Look at every string in a *value*, names included.

    Raises:
        JSONRefused: NUL or half a surrogate pair in a string.
    """
    level: list[Any] = [value]
    while level:
        for item in level:
            if isinstance(item, str) and not is_storable(item):
                raise JSONRefused("a string holds a character that can't be stored")
        level = list(_members(level))


def _parse(text: str) -> Any:
    try:
        return _decoder.decode(text)
    except JSONRefused:
        raise
    except RecursionError as error:
        raise JSONRefused("the body is nested too deeply") from error
    except json.JSONDecodeError as error:
        kind = JSONCutShort if _is_cut_short(error) else JSONRefused
        raise kind("the body is not valid JSON") from error
    except ValueError as error:  # integers of thousands of digits
        raise JSONRefused("the body is not valid JSON") from error


def _is_cut_short(error: json.JSONDecodeError) -> bool:
    """Whether more text could have made JSON of what was parsed."""
    rest = error.doc[error.pos :].rstrip(BLANKS)
    if not rest or error.msg.startswith("Unterminated string"):
        return True
    if "\\u" in error.msg:
        return HALF_ESCAPE.fullmatch(rest) is not None
    if error.msg.startswith("Expecting value"):
        return rest == "-" or any(name.startswith(rest) for name in ("true", "false", "null"))
    return error.pos > 0 and error.doc[error.pos - 1].isdigit() and HALF_NUMBER.fullmatch(rest) is not None


def _check_depth(value: Any) -> None:
    level: list[Any] = [value]
    for _ in range(MAX_DEPTH):
        level = list(_members(level))
    if any(isinstance(item, dict | list) for item in level):
        raise JSONRefused("the body is nested too deeply")


def _members(level: list[Any]) -> Iterator[Any]:
    for item in level:
        if isinstance(item, dict):
            yield from item
            yield from item.values()
        elif isinstance(item, list):
            yield from item


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
