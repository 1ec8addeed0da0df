"""The configuration as it may be shown: no secret in it."""

import re
from collections.abc import Collection
from typing import Any

from hanko_compat.config.database import Database
from hanko_compat.config.fields import Kind, ListOf, MapOf
from hanko_compat.config.settings import Entry, keys_of

MASK = "********"
_CREDENTIALS = re.compile(r"(?<=://)[^/?#]*@")  # up to the last @: a password may hold others
_PASSWORD = re.compile(r"(?<=password=)[^&]*", re.IGNORECASE)


def masked(section: object, *, without: Collection[str] = (), above: str = "") -> dict[str, Any]:
    """Write a section as the YAML file has it, with secrets, and credentials in URLs, replaced.

    *without* names the keys to leave out, with dots; *above* is the section's own path, with a dot.
    """
    shown: dict[str, Any] = {}
    for name, key in keys_of(type(section)).items():
        value, path = getattr(section, name), above + name
        if path in without:
            continue
        if "section" in key.metadata:
            inner = masked(value, without=without, above=f"{path}.")
            shown |= {name: inner} if inner else {}
        elif isinstance(section, Database) and name == "url":
            # The one in force, given or not: other keys, or none at all, may name the database.
            shown[name] = _hide_credentials(section.resolved_url)
        elif key.metadata["secret"]:
            shown[name] = _hide(value)
        else:
            shown[name] = _hide_credentials(_plain(key.metadata["kind"], value))
    return shown


def _plain(kind: Kind[Any], value: Any) -> Any:
    if isinstance(kind, ListOf):
        return [_plain(kind.kind, item) for item in value]
    if isinstance(kind, MapOf):
        return {name: _plain(kind.kind, item) for name, item in value.items()}
    return masked(value) if isinstance(kind, Entry) else kind.write(value)


def _hide(value: Any) -> Any:
    if isinstance(value, tuple):
        return [MASK for _ in value]
    if isinstance(value, dict):
        return dict.fromkeys(value, MASK)
    return MASK if value else ""


def _hide_credentials(value: Any) -> Any:
    if isinstance(value, str):
        return _PASSWORD.sub(MASK, _CREDENTIALS.sub(f"{MASK}@", value))
    return [_hide_credentials(item) for item in value] if isinstance(value, list) else value
