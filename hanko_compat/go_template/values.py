"""The values that templates see: how they are printed, judged true, and taken apart."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from hanko_compat.errors.sessions import ClaimTemplateInvalid

UNPRINTABLE = "only a field of a single value can be printed"


@dataclass(frozen=True, slots=True)
class Struct:
    """A value with fixed fields; to name another one is an error, unlike a missing key of a JSON object.

    One that *is_nil* is there for its fields only: it is false, and prints nothing.
    """

    fields: Mapping[str, Any]
    is_nil: bool = False


@dataclass(frozen=True, slots=True)
class Lookup:
    """A method with one argument, ``.Public "path"``; also walked with dots, ``.Public.key``."""

    method: Callable[[str], Any]
    value: Any


def get_field(value: Any, name: str) -> Any:
    """The field *name* of *value*.

    Raises:
        ClaimTemplateInvalid: there can't be one.
    """
    if isinstance(value, Struct) and name in value.fields:
        return value.fields[name]
    if isinstance(value, Lookup):
        return get_field(value.value, name)
    if isinstance(value, Mapping):
        return value.get(name)
    raise ClaimTemplateInvalid(f"no field {name}")


def is_true(value: Any) -> bool:
    """Whether ``if`` takes *value*: not false, zero, nil or empty."""
    if isinstance(value, Struct):
        return not value.is_nil
    return isinstance(value, Lookup) or bool(value)


def to_text(value: Any) -> str:
    """*value* as an action prints it: JSON objects and lists as compact JSON, nil as nothing.

    A struct is printed as Go does it, ``{alice@example.com true true}``.

    Raises:
        ClaimTemplateInvalid: a method, and a struct that holds another one, have no text.
    """
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return number_to_text(value)
    if isinstance(value, Mapping | list):
        return _json(value)
    if isinstance(value, Struct) and not any(isinstance(item, Struct) for item in value.fields.values()):
        return "" if value.is_nil else f"{{{' '.join(map(to_text, value.fields.values()))}}}"
    raise ClaimTemplateInvalid(UNPRINTABLE)


def _json(value: Any) -> str:
    try:
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    except TypeError as error:
        raise ClaimTemplateInvalid(UNPRINTABLE) from error


def number_to_text(value: float) -> str:
    """A floating-point number without an exponent, and without a fraction where it has none."""
    text = format(Decimal(repr(value)), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
