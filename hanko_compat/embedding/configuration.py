"""Where an embedded server finds its configuration."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hanko_compat.config import Config, find_file, from_mapping, load
from hanko_compat.errors import OperatorError
from hanko_compat.secret_file import SECRET_FILE, make_secret, read_secret

Source = Config | Mapping[str, Any] | str | Path | None
"""Settings, settings as they stand in the YAML file, the file's name; None: the file that ``serve`` takes."""


def read(source: Source, *, dev: bool, backend_door: bool) -> Config:
    """Read and check the configuration.

    The environment counts as it does for ``hanko-compat``, so that commands see the same database; but not
    over a mapping, as a ``DATABASE_URL`` may be that of the other application.

    Raises:
        ConfigError: with every problem at once.
        OperatorError: others can read the secret in ``./var``; or a setting makes no sense in here.
    """
    config = source if isinstance(source, Config) else _loaded(source, dev=dev)
    if backend_door and config.hanko_compat.backend_api.bind:
        raise OperatorError(
            "hanko_compat.backend_api.bind: leave it empty. In another application nothing listens there, and"
            " the backend door is served below the prefix"
        )
    return config


def _loaded(source: Mapping[str, Any] | str | Path | None, *, dev: bool) -> Config:
    if isinstance(source, Mapping):
        environ = _secret(bool(from_mapping(source, dev=True).secrets.keys), dev=dev)
        return from_mapping(source, environ=environ, dev=dev)
    path = find_file(os.environ) if source is None else Path(source)
    environ = _secret(bool(load(path, environ=os.environ, dev=True).secrets.keys), dev=dev)
    return load(path, environ={**os.environ, **environ}, dev=dev)


def _secret(is_configured: bool, *, dev: bool) -> dict[str, str]:
    """The secret of a first look, as ``serve`` takes it; during development it is made."""
    if is_configured:
        return {}
    if dev and not SECRET_FILE.exists():
        make_secret(SECRET_FILE)
    return {"SECRETS_KEYS": read_secret(SECRET_FILE)} if SECRET_FILE.is_file() else {}
