"""What ``doctor`` says about the files that a configuration is read from."""

import stat
from collections.abc import Iterator
from pathlib import Path

from hanko_compat.cli.checks import Finding, Level


def of_file(path: Path | None) -> Iterator[Finding]:
    """A finding about a file that every user of the host may read: it has secrets, or will have."""
    if path is None:
        return
    try:
        mode = path.stat().st_mode
    except OSError:
        return  # whoever reads it says so
    if mode & stat.S_IROTH:
        text = f"{path} may be read by every user of this host: chmod 640 {path}, with the server's group"
        yield Finding(Level.WARNING, "config", text)
