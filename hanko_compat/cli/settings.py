"""Where a command finds its configuration, and what it says when that is wrong."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import click

from hanko_compat import config
from hanko_compat.config import Config
from hanko_compat.errors.config import ConfigError
from hanko_compat.secret_file import SECRET_FILE, read_secret


@dataclass
class Settings:
    """What all commands share: ``ctx.obj``, filled in by ``--config`` before or after the command's name."""

    chosen: Path | None = None
    additions: dict[str, str] = field(default_factory=dict)
    """Environment variables that count as if they were set."""

    @property
    def config_path(self) -> Path | None:
        """``--config``, else ``$HANKO_CONFIG``, else ``./config.yaml``; None: the built-in defaults."""
        if self.chosen is not None:
            return self.chosen
        return config.find_file(os.environ)

    def read(self, *, dev: bool = False) -> Config:
        """Read and check the configuration.

        Raises:
            ConfigError: with every problem at once.
        """
        return config.load(self.config_path, environ=self.environment(), dev=dev)

    def load(self, *, dev: bool = False) -> Config:
        """Like `read`, for a command: the problems go to stderr, a line each, and the exit code is 1."""
        try:
            return self.read(dev=dev)
        except ConfigError as error:
            click.echo(str(error), err=True)
            raise SystemExit(1) from error

    def environment(self) -> Mapping[str, str]:
        """The environment variables; with the secret in ``./var``, if there is one and none is configured."""
        environ = {**os.environ, **self.additions}
        if SECRET_FILE.is_file() and not self.configured().secrets.keys:
            environ["SECRETS_KEYS"] = read_secret(SECRET_FILE)
        return environ

    def configured(self) -> Config:
        """The configuration without what a command adds to it, safe to serve or not.

        Raises:
            ConfigError: with every problem at once.
        """
        return config.load(self.config_path, environ=os.environ, dev=True)
