"""The configuration as it may be shown: no secret in it."""

import re
from typing import Any

from hanko_compat.config.fields import Kind, ListOf, MapOf
from hanko_compat.config.settings import Entry, keys_of

MASK = "********"
_CREDENTIALS = re.compile(r"(?<=://)[^/?#@]*@")


def masked(section: object) -> dict[str, Any]:
    """Write a section as the YAML file has it, with secrets, and credentials in URLs, replaced."""
    shown: dict[str, Any] = {}
    for name, key in keys_of(type(section)).items():
        value = getattr(section, name)
        if "section" in key.metadata:
            shown[name] = masked(value)
        elif name == "url":
            shown[name] = _hide_credentials(value)
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
    return MASK if value else ""


def _hide_credentials(value: Any) -> Any:
    if isinstance(value, str):
        return _CREDENTIALS.sub(f"{MASK}@", value)
    return [_hide_credentials(item) for item in value] if isinstance(value, list) else value
