"""The configuration of tests: that of the recorded original, on the database of the test."""

from collections.abc import Mapping
from typing import Any

SECRET = "conformance-secret-one"

BASE: dict[str, Any] = {
    "service": {"name": "Conformance"},
    "secrets": {"keys": [SECRET]},
    "server": {"public": {"cors": {"allow_origins": ["http://localhost:8888"]}}},
    "mfa": {"enabled": False},
    "email_delivery": {"from_address": "noreply@example.test", "from_name": "Conformance Mailer"},
    "rate_limiter": {"enabled": False},
    "session": {"cookie": {"secure": False}},
}


def merged(settings: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """*settings* with *changes* merged in; a key may be a path: ``session.cookie.name``."""
    result = copied(settings)
    for path, value in changes.items():
        *parents, name = path.split(".")
        place = result
        for parent in parents:
            place = place.setdefault(parent, {})
        is_section = isinstance(value, Mapping) and isinstance(place.get(name), Mapping)
        place[name] = merged(place[name], value) if is_section else copied(value)
    return result


def copied(value: Any) -> Any:
    """*value*, with maps and lists of its own."""
    if isinstance(value, Mapping):
        return {name: copied(member) for name, member in value.items()}
    return [copied(each) for each in value] if isinstance(value, list) else value


def settings_on(database_url: str, changes: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The settings of a test whose data lies in *database_url*."""
    return merged(BASE, {"database.url": database_url, **(changes or {})})
