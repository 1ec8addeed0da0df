"""Section ``session``: lifetime, cookie and claims of a session."""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from marshmallow import ValidationError

from hanko_compat.config.fields import NOT_USED, Choice, Duration, Json, Kind, ListOf, Switch, Text, Whole
from hanko_compat.config.settings import section, setting

DEFAULT_COOKIE_NAME = "hanko"
HOST = re.compile(r"\.?[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*")
SAME_SITE = ("strict", "lax", "none")


class CookieName(Kind[str]):
    """A token as RFC 6265 wants it; "" stands for ``hanko``."""

    def _read(self, value: Any) -> str:
        if value == "":
            return DEFAULT_COOKIE_NAME
        if not isinstance(value, str) or not re.fullmatch(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", value):
            raise ValidationError("Must be a cookie's name: letters, digits, - and _.")
        return value


class Domain(Kind[str]):
    """A host name for the cookie's Domain attribute; "" for none, and, as in Hanko, for what is no host name.

    Go leaves the attribute out then (net/http, ``Cookie.Domain``), and with it a dot at the beginning.
    """

    def objection(self, value: Any) -> str:
        """What is unusual about the text, if anything is."""
        if not value or self._read(value):
            return ""
        return "is no host name such as example.com, so the cookie has no Domain and stays on one host"

    def _read(self, value: Any) -> str:
        if not isinstance(value, str) or not value.isprintable():
            raise ValidationError("Must be a host name such as example.com.")
        return value if HOST.fullmatch(value) else ""


@dataclass(frozen=True)
class Cookie:
    """``session.cookie``: the attributes of the session cookie."""

    domain: str = setting(Domain(), "")
    http_only: bool = setting(Switch(), True)
    name: str = setting(CookieName(), DEFAULT_COOKIE_NAME)
    retention: str = setting(Choice("session", "persistent", "prompt", otherwise=NOT_USED), "persistent")
    same_site: str = setting(Choice(*SAME_SITE, otherwise="the cookie has no SameSite"), "strict")
    secure: bool = setting(Switch(), True)


@dataclass(frozen=True)
class JwtTemplate:
    """``session.jwt_template``: claims that are added to each session token."""

    claims: dict[str, Any] = setting(Json(), {})


@dataclass(frozen=True)
class ServerSide:
    """``session.server_side``: deprecated, see ``legacy``. Sessions are always stored."""

    enabled: bool = setting(Switch(), False)
    limit: int = setting(Whole(), 0)


@dataclass(frozen=True)
class Session:
    """``session``: ``idle_timeout`` is None where it is off."""

    acquire_ip_address: bool = setting(Switch(), True, env="ACQUIREIPADDRESS")
    acquire_user_agent: bool = setting(Switch(), True, env="ACQUIREUSERAGENT")
    allow_revocation: bool = setting(Switch(), True, env="ALLOWREVOCATION")
    audience: tuple[str, ...] = setting(ListOf(Text()), ())
    cookie: Cookie = section(Cookie)
    enable_auth_token_header: bool = setting(Switch(), False)
    idle_timeout: timedelta | None = setting(
        Duration(optional=True, otherwise="sessions may be idle for their whole lifespan"), None
    )
    issuer: str = setting(Text(), "")
    jwt_template: JwtTemplate = section(JwtTemplate, env="JWTTEMPLATE")
    lifespan: timedelta = setting(Duration(), timedelta(hours=12))
    limit: int = setting(Whole(), 5)
    server_side: ServerSide = section(ServerSide, env="SERVERSIDE")
    show_on_profile: bool = setting(Switch(), True, env="SHOWONPROFILE")
