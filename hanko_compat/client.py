"""Who sends a request: what sessions, the audit log and mails have to know of a caller."""

from dataclasses import dataclass, field
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Client:
    """A caller, as far as the server can tell.

    ``ip_address`` is the address behind trusted proxies only; ``user_agent`` is already cleaned
    of what is no UTF-8 and cut to 255 characters, as the columns are that wide. ``x_language`` and
    ``accept_language`` are the headers that say in which language to write to the caller. ``device_cookie``
    tells in which accounts somebody has logged in from the caller's browser, for
    `hanko_compat.services.device_cookies` to verify; ``known_devices`` is what rate limits have found in it
    for which user, as one request takes from several.
    """

    ip_address: str
    user_agent: str
    request_id: str
    x_language: str | None = None
    accept_language: str | None = None
    device_cookie: str | None = None
    known_devices: dict[UUID, str | None] = field(init=False, compare=False, repr=False, default_factory=dict)
