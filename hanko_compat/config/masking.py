"""The configuration as it may be shown: no secret in it."""

import re
from collections.abc import Collection
from typing import Any

from hanko_compat.config.database import Database, DatabaseUrl
from hanko_compat.config.fields import Kind, ListOf, MapOf
from hanko_compat.config.secret_kinds import MASK
from hanko_compat.config.settings import Entry, keys_of

_CREDENTIALS = re.compile(r"(?<=://)[^/?#]*@")  # up to the last @: a password may hold others


def masked(section: object, *, without: Collection[str] = (), above: str = "") -> dict[str, Any]:
    """Write a section as the YAML file has it, with what may be a secret replaced, as the kinds of keys say.

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
            shown[name] = DatabaseUrl().mask(section.resolved_url)
        else:
            shown[name] = _shown(key.metadata["kind"], value)
    return shown


def _shown(kind: Kind[Any], value: Any) -> Any:
    if isinstance(kind, ListOf):
        return [_shown(kind.kind, item) for item in value]
    if isinstance(kind, MapOf):
        return {name: _shown(kind.kind, item) for name, item in value.items()}
    return masked(value) if isinstance(kind, Entry) else _without_credentials(kind.mask(value))


def _without_credentials(value: Any) -> Any:
    """Text without a user and a password where no URL is meant to have them."""
    return _CREDENTIALS.sub(f"{MASK}@", value) if isinstance(value, str) else value
