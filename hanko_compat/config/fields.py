"""The kinds of values in a configuration: strict; messages say what is expected, not what was given."""

import math
import re
from collections.abc import Mapping
from datetime import date, timedelta
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any, TypeVar

from marshmallow import ValidationError
from marshmallow.fields import Field

from hanko_compat.config.durations import format_duration, parse_duration
from hanko_compat.config.scalars import PlainScalar

T = TypeVar("T")

LARGEST = 2**31 - 1
MAPPED = IPv6Network("::ffff:0:0/96")
NOT_USED = "it changes nothing here, whatever it is"
DEEPEST = 32  # levels of a free mapping


class Kind(Field[T]):
    """A kind of value: ``_read`` makes the Python value of the YAML one, ``_write`` goes back."""

    may_hold_secret = False

    def mask(self, value: Any) -> Any:
        """Make the YAML value again, without anything secret in it."""
        return self.write(value)

    def write(self, value: Any) -> Any:
        """Make the YAML value again."""
        return self._write(value)

    def objection(self, value: Any) -> str:  # noqa: ARG002 - of other kinds
        """What is unusual about a YAML value that is accepted, and what comes of it; "" for nothing."""
        return ""

    def _read(self, value: Any) -> T:
        raise NotImplementedError

    def _write(self, value: Any) -> Any:
        return value

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> T:
        return self._read(value)


class Switch(Kind[bool]):
    """true or false, nothing that merely looks like it."""

    def _read(self, value: Any) -> bool:
        if not isinstance(value, bool):
            raise ValidationError("Must be true or false.")
        return value


class Whole(Kind[int]):
    """A whole number within bounds."""

    def __init__(self, *, minimum: int = 0, maximum: int = LARGEST) -> None:
        super().__init__()
        self.minimum, self.maximum = minimum, maximum

    def _read(self, value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise ValidationError("Must be a whole number.")
        if not self.minimum <= value <= self.maximum:
            raise ValidationError(f"Must be a whole number from {self.minimum} to {self.maximum}.")
        return value


class Text(Kind[str]):
    """Text, of one line; *required*: not "". A number is not text: ``012`` would silently become 10."""

    def __init__(self, *, required: bool = False) -> None:
        super().__init__()
        self.is_required = required

    def _read(self, value: Any) -> str:
        if not isinstance(value, str):
            raise ValidationError("Must be text: put it in quotes.")
        if self.is_required and not value:
            raise ValidationError("Must not be empty.")
        if not value.isprintable():
            raise ValidationError("Must be one line of printable text.")
        return value


class Choice(Kind[str]):
    """One of a few words.

    *otherwise* says what happens with any other text, where Hanko starts with that, too.
    """

    def __init__(self, *allowed: str, otherwise: str = "") -> None:
        super().__init__()
        self.allowed, self._otherwise = allowed, otherwise

    def objection(self, value: Any) -> str:
        """What is unusual about the text, if anything is."""
        return "" if value in self.allowed else f"is none of {', '.join(self.allowed)}, so {self._otherwise}"

    def _read(self, value: Any) -> str:
        if isinstance(value, str) and (value in self.allowed or (self._otherwise and value.isprintable())):
            return value
        raise ValidationError(f"Must be one of {', '.join(self.allowed)}.")


class Port(Kind[str]):
    """A port as text, which Hanko takes, or as a number."""

    def _read(self, value: Any) -> str:
        text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
        if not isinstance(text, str) or not is_port(text):
            raise ValidationError("Must be a port from 1 to 65535.")
        return text


class Duration(Kind["timedelta | None"]):
    """A length of time in Go's syntax; *optional* ones may be "", which switches them off (None).

    *otherwise* says what happens with text that is none, where Hanko starts with that, too.
    """

    def __init__(self, *, optional: bool = False, zero: bool = False, otherwise: str = "") -> None:
        super().__init__()
        self.optional, self.zero, self._otherwise = optional, zero, otherwise

    def objection(self, value: Any) -> str:
        """What is unusual about the text, if anything is."""
        is_unusual = self._otherwise and value != "" and self._read(value) is None
        return f"is not a duration such as 12h or 5m, so {self._otherwise}" if is_unusual else ""

    def _read(self, value: Any) -> timedelta | None:
        if value == "" and self.optional:
            return None
        try:
            return self._length(value)
        except ValidationError:
            if self._otherwise and isinstance(value, str | int):
                return None
            raise

    def _length(self, value: Any) -> timedelta:
        text = "0" if value == 0 and isinstance(value, int) else value
        try:
            length = parse_duration(text) if isinstance(text, str) else None
        except ValueError:
            length = None
        if length is None:
            raise ValidationError(f"{shown(value)} is not a duration, try 12h or 5m.")
        if length < timedelta(0) or (not length and not self.zero):
            raise ValidationError("Must be longer than zero.")
        return length

    def _write(self, value: timedelta | None) -> str:
        return "" if value is None else format_duration(value)


class ListOf(Kind["tuple[Any, ...]"]):
    """A list of values of one kind, at least *minimum* of them."""

    def __init__(self, kind: Kind[Any], *, minimum: int = 0) -> None:
        super().__init__()
        self.kind, self.minimum = kind, minimum
        self.may_hold_secret = kind.may_hold_secret

    def mask(self, value: Any) -> list[object]:
        """The list with each of its values masked."""
        return [self.kind.mask(item) for item in value]

    def _read(self, value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list | tuple):
            raise ValidationError("Must be a list.")
        if len(value) < self.minimum:
            raise ValidationError("Must not be empty.")
        return tuple(each(self.kind, enumerate(value)).values())

    def _write(self, value: Any) -> list[object]:
        return [self.kind.write(item) for item in value]


class MapOf(Kind["dict[str, Any]"]):
    """A mapping from names of the operator's choice to values of one kind."""

    def __init__(self, kind: Kind[Any]) -> None:
        super().__init__()
        self.kind = kind
        self.may_hold_secret = kind.may_hold_secret

    def mask(self, value: Any) -> dict[str, object]:
        """The mapping with each of its values masked; the names are shown."""
        return {name: self.kind.mask(item) for name, item in value.items()}

    def _read(self, value: Any) -> dict[str, Any]:
        if not isinstance(value, Mapping) or not all(isinstance(name, str) for name in value):
            raise ValidationError("Must be a mapping of names.")
        return each(self.kind, value.items())

    def _write(self, value: Any) -> dict[str, object]:
        return {name: self.kind.write(item) for name, item in value.items()}


class Json(Kind["dict[str, Any]"]):
    """A mapping of anything that JSON can say, and of moments; names that are no text become text."""

    def _read(self, value: Any) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            raise ValidationError("Must be a mapping of names.")
        if not is_json(value):
            raise ValidationError("Must hold text, numbers, true, false, null, lists and mappings only.")
        return {_name(name): _meant(item) for name, item in value.items()}


class Address(Kind[str]):
    """Where to listen: ``host:port`` or ``:port``; *optional* ones may be ""."""

    def __init__(self, *, optional: bool = False) -> None:
        super().__init__()
        self.optional = optional

    def _read(self, value: Any) -> str:
        if value == "" and self.optional:
            return ""
        if not isinstance(value, str) or not is_address(value):
            raise ValidationError("Must be an address such as 127.0.0.1:8000 or :8000.")
        return str(value)


class Network(Kind["IPv4Network | IPv6Network"]):
    """A network in CIDR notation, or one address; IPv4 that is mapped into IPv6 counts as IPv4."""

    def _read(self, value: Any) -> IPv4Network | IPv6Network:
        try:
            network = ip_network(value if isinstance(value, str) else "")
        except ValueError:
            raise ValidationError("Must be a network such as 10.0.0.0/8 or 2001:db8::/32.") from None
        if isinstance(network, IPv6Network) and network.subnet_of(MAPPED):
            return IPv4Network((int(network.network_address) & 0xFFFF_FFFF, network.prefixlen - 96))
        return network

    def _write(self, value: Any) -> str:
        return str(value)


def each(kind: Kind[Any], items: Any) -> dict[Any, Any]:
    """Read the *items* (name or index, value), and report what is wrong with all of them together."""
    good, bad = {}, {}
    for name, item in items:
        try:
            good[name] = kind.deserialize(item)
        except ValidationError as error:
            bad[name] = error.messages
    if bad:
        raise ValidationError(bad)
    return good


def shown(value: object) -> str:
    """Quote a value for a message, cut to a readable length."""
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:37]}..."


def is_port(text: str) -> bool:
    """Whether *text* is a number from 1 to 65535."""
    return re.fullmatch(r"[0-9]{1,5}", text) is not None and 1 <= int(text) <= 65535


def is_address(text: str) -> bool:
    """Whether *text* is ``host:port`` or ``:port``; IPv6 addresses stand in brackets."""
    host, colon, port = text.rpartition(":")
    return bool(colon) and is_port(port) and re.fullmatch(r"[\w.-]*|\[[0-9a-fA-F:.]+\]", host) is not None


def is_json(value: object, *, depth: int = DEEPEST) -> bool:
    """Whether *value* can be written as JSON, as it is or with moments and names as text."""
    if depth == 0:
        return False
    if isinstance(value, Mapping):
        return all(
            isinstance(key, str | int) and is_json(item, depth=depth - 1) for key, item in value.items()
        )
    if isinstance(value, list | tuple):
        return all(is_json(item, depth=depth - 1) for item in value)
    if isinstance(value, float):
        return math.isfinite(value)
    return value is None or isinstance(value, str | int | date)


def _name(name: str | int) -> str:
    """The name of a member, as Go writes a key of YAML that is no text."""
    return str(name).lower() if isinstance(name, bool) else str(name)


def _meant(value: Any) -> Any:
    """A value of YAML, with numbers and moments where they stand as text that means some."""
    if isinstance(value, PlainScalar):
        return value.meaning
    if isinstance(value, Mapping):
        return {_name(name): _meant(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_meant(item) for item in value]
    return value
