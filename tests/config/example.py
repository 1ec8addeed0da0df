"""A configuration that is right, and what a broken one is told."""

from collections.abc import Mapping
from typing import Any

import pytest

from hanko_compat.config import Config, from_mapping
from hanko_compat.errors.config import ConfigError
from tests.settings import merged

SECRET = "a secret of 26 characters."
SAFE: dict[str, Any] = {"secrets": {"keys": [SECRET]}}


def accepted(
    changes: Mapping[str, Any] | None = None, environ: Mapping[str, str] | None = None, *, dev: bool = False
) -> Config:
    """The configuration that a safe one with *changes* comes to; their keys may be written with dots."""
    return from_mapping(merged(SAFE, changes or {}), environ=environ, dev=dev)


def refused(
    changes: Mapping[str, Any], environ: Mapping[str, str] | None = None, *, dev: bool = False
) -> list[str]:
    """The lines that a safe configuration with *changes* is refused with."""
    with pytest.raises(ConfigError) as caught:
        accepted(changes, environ, dev=dev)
    return str(caught.value).splitlines()
