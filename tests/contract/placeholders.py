"""What stands in a trace for a value that differs from run to run.

Numbered placeholders are variables: the first value they meet is theirs, and nobody else's.
"""

import base64
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

PLACEHOLDER = re.compile(
    r"<b64 <uuid:\d+>>|<uuid:\d+> without dashes|<(?:uuid|UUID|jwt|kid|cred-id|cred-pubkey|bytes|random):\d+>"
    r"|<time [^<>]*>|<any text>|<passcode>|<wrong passcode>|<seconds:0-60>|<state>|<code>|<token>"
    r"|<relay-state>|<saml-request>|<response>|\{run before\}|\{run\}|\{RUN\}|\{base\}|\{oidc\}|\{idp\}"
)
VARIABLE = re.compile(r"<(?:b64 <)?(uuid|UUID|jwt|kid|cred-id|cred-pubkey):(\d+)>")
TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d{1,9})?(Z|[+-]\d\d:\d\d)")
NEAR = timedelta(seconds=150)  # half of the steps in which distances are recorded
SHAPES = {
    "uuid": r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}",
    "UUID": r"[0-9A-F]{8}-(?:[0-9A-F]{4}-){3}[0-9A-F]{12}",
    "jwt": r"[\w-]+\.[\w-]+\.[\w-]+",
    "kid": r"[\w-]+",
    "cred-id": r"[\w-]+",
    "cred-pubkey": r"[\w-]+",
}


class Unbound(LookupError):
    """A variable of a request that has no value yet."""


@dataclass
class Bindings:
    """The values of the placeholders in one replay."""

    now: Callable[[], datetime]
    texts: dict[str, str]  # {run}, {base}, <passcode> ...
    has_fractions: bool = True
    values: dict[tuple[str, str], str] = field(default_factory=dict)

    def fill(self, text: str, missing: Callable[[str, str], str] | None = None) -> str:
        """*text* with values for its placeholders; *missing* names one for an unbound (kind, number)."""

        def value(found: re.Match[str]) -> str:
            if found[0] in self.texts:
                return self.texts[found[0]]
            if missing is not None and found[0].startswith("<bytes"):
                return missing("bytes", "")
            variable = VARIABLE.match(found[0])
            if variable is None:
                raise Unbound(found[0])
            kind, number = variable.groups()
            key = (kind.lower(), number)
            if key not in self.values:
                if missing is None:
                    raise Unbound(found[0])
                self.values[key] = missing(*key)
            return written(found[0], self.values[key])

        return PLACEHOLDER.sub(value, text)

    def bind(self, kind: str, number: str, value: str) -> bool:
        """Whether *value* is that of the variable, which gets it when neither has met the other yet."""
        key = (kind.lower(), number)
        if key in self.values:
            return self.values[key] == value
        if value in (other for (a_kind, _), other in self.values.items() if a_kind == key[0]):
            return False
        self.values[key] = value
        return True

    def matches(self, recorded: str, actual: str) -> bool:
        """Whether *actual* is a value that *recorded* stands for."""
        parts = list(PLACEHOLDER.finditer(recorded))
        found = re.fullmatch(self._pattern(recorded, parts), actual, re.DOTALL)
        return bool(found) and all(
            self._is_value(part[0], value) for part, value in zip(parts, found.groups(), strict=True)
        )

    def _pattern(self, recorded: str, parts: list[re.Match[str]]) -> str:
        pattern, end = "", 0
        for part in parts:
            pattern += re.escape(recorded[end : part.start()]) + f"({self._shape(part[0])})"
            end = part.end()
        return pattern + re.escape(recorded[end:])

    def _shape(self, placeholder: str) -> str:
        """A regular expression, without groups, of what the placeholder stands for."""
        if placeholder in self.texts:
            return re.escape(self.texts[placeholder])
        kind, _, number = placeholder.strip("<>").partition(":")
        fixed = {"random": rf"[0-9A-Za-z]{{{number}}}", "seconds": r"[0-5]?\d|60", "any text": r".+"}
        if placeholder.endswith("without dashes"):
            return "[0-9a-f]{32}"
        return fixed.get(kind) or SHAPES.get(kind) or r"\S+"

    def _is_value(self, placeholder: str, value: str) -> bool:
        if placeholder.startswith("<time"):
            return self._is_time(placeholder, value)
        if placeholder.startswith("<bytes"):
            raw = decoded(value)
            return raw is not None and len(raw) == int(placeholder.strip("<>").partition(":")[2])
        variable = VARIABLE.match(placeholder)
        if variable is None:
            return True
        plain = read_back(placeholder, value)
        return plain is not None and self.bind(*variable.groups(), plain)

    def _is_time(self, placeholder: str, value: str) -> bool:
        """Check zone, presence of a fraction and distance from now (``<time Z frac:6 +43200s>``)."""
        words = placeholder.strip("<>").split()[1:]
        found = TIME.fullmatch(value)
        if found is None:
            return False
        away = next((int(word.strip("s")) for word in words if word[0] in "+-"), 0)
        moment = datetime.fromisoformat(found[1] + (found[2] or "")[:7] + found[3])
        has_fraction = any(word.startswith("frac") for word in words)
        return (
            (found[3] == "Z") == ("Z" in words)
            and (not self.has_fractions or bool(found[2]) == has_fraction)
            and abs(moment - self.now() - timedelta(seconds=away)) <= NEAR
        )


def written(placeholder: str, value: str) -> str:
    """A bound *value* in the form the placeholder asks for."""
    if placeholder.startswith("<UUID"):
        return value.upper()
    if placeholder.endswith("without dashes"):
        return value.replace("-", "")
    if placeholder.startswith("<b64"):
        return base64.urlsafe_b64encode(UUID(value).bytes).rstrip(b"=").decode()
    return value


def read_back(placeholder: str, value: str) -> str | None:
    """The plain value behind one of those forms; None when it is not of that form."""
    if placeholder.startswith("<b64"):
        raw = decoded(value)
        return str(UUID(bytes=raw)) if raw is not None and len(raw) == 16 else None
    if placeholder.startswith("<UUID") or placeholder.endswith("without dashes"):
        return str(UUID(value))
    return value


def decoded(text: str) -> bytes | None:
    """The bytes of base64url without padding; None when it is not that."""
    if not re.fullmatch(r"[\w-]*", text, re.ASCII):
        return None
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        return None


def strings(value: object, key: str = "") -> Iterator[tuple[str, str]]:
    """Every text in a JSON *value*, with the key it stands under."""
    if isinstance(value, dict):
        for name, member in value.items():
            yield from strings(member, name)
    elif isinstance(value, list):
        for member in value:
            yield from strings(member, key)
    elif isinstance(value, str):
        yield key, value
