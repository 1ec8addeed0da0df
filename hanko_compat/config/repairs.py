"""Values that Hanko starts with although they can't be used as they are: replaced, each with a warning."""

from collections.abc import Callable
from email.utils import parseaddr
from typing import Any

from marshmallow import ValidationError

from hanko_compat.config.database import Database
from hanko_compat.config.delivery import EmailDelivery, Sender
from hanko_compat.config.draft import Draft
from hanko_compat.config.fields import Kind, is_address, shown
from hanko_compat.config.problems import Path
from hanko_compat.config.session import DEFAULT_COOKIE_NAME, CookieName
from hanko_compat.config.settings import leaves
from hanko_compat.errors.config import Problem

DATABASE_URL: Path = ("database", "url")
REDIS: Path = ("rate_limiter", "redis_config", "address")
REDIS_PORT = 6379

Repair = tuple[str, str]
"""What a value is read as, and what to change."""


def repair(draft: Draft) -> None:
    """Replace what can't be used as it was given."""
    if draft.get(DATABASE_URL):
        _leave_out_parts(draft)
    for path, make in _REPAIRS.items():
        if path == REDIS and draft.get(("rate_limiter", "store")) != "redis":
            continue
        value = draft.get(path)
        found = make(value) if isinstance(value, str) and value.isprintable() else None
        if found is not None:
            replacement, advice = found
            draft.put(path, replacement)
            draft.warnings.append(Problem(draft.written_as(path), advice))


def _leave_out_parts(draft: Draft) -> None:
    """Drop what is wrong of a database that ``database.url`` names anyway.

    Kubernetes, for one, sets DATABASE_PORT to a URL where a service is called "database".
    """
    for leaf in leaves(Database):
        path: Path = ("database", *leaf.path)
        value = draft.get(path)
        if path != DATABASE_URL and value is not None and not _is_good(leaf.kind, value):
            draft.drop(path)
            advice = "Can't be used, and is not needed beside database.url: remove it."
            draft.warnings.append(Problem(draft.written_as(path), advice))


def _sender(value: str) -> Repair | None:
    """A sender with its name or in quotes. As Hanko 2.7.0: anything is taken at the start."""
    if _is_good(Sender(), value):
        return None
    address = parseaddr(value)[1].strip("\"' ")
    if _is_good(Sender(), address):
        return (
            address,
            f"Is read as {address}: write the address alone, and a name in email_delivery.from_name.",
        )
    default = EmailDelivery().from_address
    return default, f"Is no address, so mails come from {default}: write one such as noreply@example.com."


def _cookie_name(value: str) -> Repair | None:
    """Unlike Hanko 2.7.0: a name that no cookie can have is replaced; there no cookie is sent."""
    if _is_good(CookieName(), value):
        return None
    return DEFAULT_COOKIE_NAME, f"{shown(value)} is no name of a cookie, so it is {DEFAULT_COOKIE_NAME}."


def _redis(value: str) -> Repair | None:
    """An address without the port, or with the number of the database that is used anyway."""
    if not value or is_address(value):
        return None
    server = value.removesuffix("/0")
    address = server if is_address(server) else f"{server}:{REDIS_PORT}"
    return (address, f"Is read as {address}: write it so.") if is_address(address) else None


def _is_good(kind: Kind[Any], value: object) -> bool:
    try:
        kind.deserialize(value)
    except ValidationError:
        return False
    return True


_REPAIRS: dict[Path, Callable[[str], Repair | None]] = {
    ("email_delivery", "from_address"): _sender,
    REDIS: _redis,
    ("session", "cookie", "name"): _cookie_name,
}
