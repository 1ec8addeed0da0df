"""What claims of the configuration are in JSON: values of YAML, and texts that templates printed."""

import json
import math
import re
from datetime import UTC, date, datetime, time
from typing import Any, NoReturn

from hanko_compat.errors.sessions import ClaimTemplateInvalid

DEEPEST = 32  # levels of lists and objects in a text
LARGEST_WHOLE = 1e21
"""From here on Go writes a number with an exponent (encoding/json)."""

_BOOLEANS = {"true": True, "false": False}
_NUMBER = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,9})?")


def of_yaml(value: Any) -> Any:
    """A single value of the YAML file. As Hanko 2.7.0: a date becomes a moment (RFC 3339).

    Raises:
        ClaimTemplateInvalid: JSON has no such value.
    """
    if isinstance(value, datetime):
        return _moment_to_text(value)
    if isinstance(value, date):
        return _moment_to_text(datetime.combine(value, time(), UTC))
    if isinstance(value, float):
        return _number(value)
    if value is None or isinstance(value, str | bool | int):
        return value
    raise ClaimTemplateInvalid("a value that JSON does not have")


def of_text(text: str) -> Any:
    """A text, typed. As Hanko 2.7.0: true, false, and an object or a list in JSON; all else stays text."""
    stripped = text.strip()
    if stripped in _BOOLEANS:
        return _BOOLEANS[stripped]
    if stripped[:1] not in {"{", "["}:
        return text
    try:
        value = json.loads(stripped, parse_float=_parse_float, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return text
    return value if _is_shallow(value, DEEPEST) else text


def numeric_date(value: Any) -> int | float:
    """What a claim such as ``nbf`` has to be (RFC 7519 s. 2): seconds, also where a date or text was given.

    Raises:
        ClaimTemplateInvalid: it is none.
    """
    if isinstance(value, date):
        moment = value if isinstance(value, datetime) else datetime.combine(value, time(), UTC)
        return int(moment.timestamp())
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return float(value) if "." in value else int(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    raise ClaimTemplateInvalid("not a number of seconds")


def single_text(value: Any) -> str:
    """What a claim such as ``iss`` has to be (RFC 7519 s. 4.1.1).

    Raises:
        ClaimTemplateInvalid: it is none.
    """
    if not isinstance(value, str):
        raise ClaimTemplateInvalid("not a text")
    return value


def _moment_to_text(moment: datetime) -> str:
    text = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).isoformat()
    whole, dot, rest = text.partition(".")
    if dot:
        whole += f".{rest[:6].rstrip('0')}{rest[6:]}"
    return whole.replace("+00:00", "Z")


def _number(value: float) -> int | float:
    """A number as Go writes it: without a fraction where it has none."""
    if not math.isfinite(value):
        raise ClaimTemplateInvalid("a number that JSON does not have")
    return int(value) if value.is_integer() and abs(value) < LARGEST_WHOLE else value


def _parse_float(text: str) -> int | float:
    try:
        return _number(float(text))
    except ClaimTemplateInvalid as error:
        raise ValueError(text) from error


def _refuse(name: str) -> NoReturn:
    raise ValueError(name)


def _is_shallow(value: Any, levels: int) -> bool:
    """Whether lists and objects are nested at most *levels* deep."""
    if not isinstance(value, dict | list):
        return True
    inner = value.values() if isinstance(value, dict) else value
    return levels > 0 and all(_is_shallow(item, levels - 1) for item in inner)
