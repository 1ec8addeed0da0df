"""A terminal: runs ``hanko-compat`` in a folder of its own."""

from pathlib import Path
from typing import Any

import yaml
from click.testing import CliRunner, Result

from hanko_compat.cli import main


def run(*arguments: str, stdin: str | bytes | None = None, **environ: str | None) -> Result:
    """Run a command in this process; a bug raises instead of becoming exit code 1."""
    return CliRunner().invoke(main, arguments, input=stdin, env=environ, catch_exceptions=False)


def write_config(path: Path, settings: dict[str, Any]) -> Path:
    """Write a configuration file."""
    path.write_text(yaml.safe_dump(settings))
    path.chmod(0o640)
    return path
