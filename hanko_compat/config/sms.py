"""Section ``hanko_compat.backend_api.sms``: the HTTP gateway that sends text messages."""

import re
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network
from string import Template
from typing import Any
from urllib.parse import urlsplit

from marshmallow import ValidationError

from hanko_compat.config.fields import Choice, Duration, ListOf, MapOf, Network, Text
from hanko_compat.config.secret_kinds import MASK, Hidden, ServerUrl
from hanko_compat.config.settings import setting

JSON, FORM = "application/json", "application/x-www-form-urlencoded"
PLACEHOLDERS = ("code", "id", "language", "minutes", "text", "to")
LONGEST_TIMEOUT = timedelta(seconds=20)
"""The lease of a message that is being sent ends soon after that."""
HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")  # RFC 9110 s. 5.6.2
OWN_HEADERS = {"connection", "content-length", "content-type", "host", "idempotency-key", "transfer-encoding"}


class GatewayUrl(ServerUrl):
    """Where messages are posted to: http or https, perhaps with a query; or ""."""

    def _read(self, value: Any) -> str:
        if value == "" or (isinstance(value, str) and _is_url(value)):
            return str(value)
        raise ValidationError("Must be an address such as https://sms.example.com/messages.")


class GatewayBody(Hidden):
    """What is posted, with places for values: ``$to``; ``$$`` is a dollar sign."""

    def mask(self, value: Any) -> Any:
        """The places alone: gateways that know no other way want a key beside them."""
        return " ".join([*(f"{MASK} ${name}" for name in Template(value).get_identifiers()), MASK])

    def _read(self, value: Any) -> str:
        text: str = Text().deserialize(value)
        template = Template(text)
        names = set(template.get_identifiers()) if template.is_valid() else {""}
        if not names <= {*PLACEHOLDERS}:
            raise ValidationError(
                f"Must hold no $ but {', '.join(f'${name}' for name in PLACEHOLDERS)} and $$."
            )
        if "to" not in names or not names & {"text", "code"}:
            raise ValidationError("Must hold $to, and $text or $code.")
        return text


class GatewayHeaders(MapOf):
    """Headers of every request, such as ``Authorization``."""

    def __init__(self) -> None:
        super().__init__(Hidden())

    def _read(self, value: Any) -> dict[str, Any]:
        headers = super()._read(value)
        for name, text in headers.items():
            if not HEADER_NAME.fullmatch(name) or name.lower() in OWN_HEADERS:
                raise ValidationError("Must be names of headers, none of them one that the server sets.")
            if not text.isascii():
                raise ValidationError("Must be ASCII.")
            if text != text.strip():
                raise ValidationError("Must have no blanks around its values.")  # RFC 9110 s. 5.5
        if len({name.lower() for name in headers}) < len(headers):
            raise ValidationError("Must name no header twice, in letters of any case.")
        return headers


class GatewayTimeout(Duration):
    """How long an answer may take."""

    def _read(self, value: Any) -> timedelta | None:
        length = super()._read(value)
        if length is not None and length > LONGEST_TIMEOUT:
            raise ValidationError(f"Must be {LONGEST_TIMEOUT.seconds}s at most.")
        return length


@dataclass(frozen=True)
class Sms:
    """``sms``: no URL, no text messages; none to loopback and private addresses that are not listed."""

    body: str = setting(GatewayBody(), '{"to": "$to", "text": "$text"}')
    content_type: str = setting(Choice(JSON, FORM), JSON)
    headers: dict[str, str] = setting(GatewayHeaders(), {})
    private_networks: tuple[IPv4Network | IPv6Network, ...] = setting(ListOf(Network()), ())
    timeout: timedelta = setting(GatewayTimeout(), timedelta(seconds=10))
    url: str = setting(GatewayUrl(), "")


def _is_url(text: str) -> bool:
    if not text.isascii() or not text.isprintable() or " " in text:
        return False
    try:
        parts = urlsplit(text)
        is_whole = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    # No credentials: those belong into a header, which is kept secret.
    return is_whole and parts.scheme in ("http", "https") and "@" not in parts.netloc and not parts.fragment
