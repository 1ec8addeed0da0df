"""``hanko-compat serve`` with Hanko's configuration file, and what an operator changes by the environment."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence

from tests.dropin.dump import Dump
from tests.servers.hanko_compat import HankoCompat
from tests.servers.run import Run


class DropIn(HankoCompat):
    """The server on a dump. The file is Hanko's, to the byte."""

    def __init__(self, run: Run, dump: Dump, *, smtp_port: int) -> None:
        super().__init__(run, {}, workers=2)
        self.dump = dump
        self.environment = {
            "DATABASE_URL": dump.url,
            "EMAIL_DELIVERY_SMTP_PORT": str(smtp_port),
        }

    def install(self) -> None:
        """Put the configuration where the server starts."""
        shutil.copyfile(self.dump.config, self.config)

    def command(self) -> Sequence[str]:
        """Return the command."""
        changed = [f"{name}={value}" for name, value in self.environment.items()]
        return ["env", *changed, *super().command(), "--config", str(self.config)]

    def run_command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run another command of ``hanko-compat`` with the same configuration and environment."""
        return subprocess.run(
            [sys.executable, "-m", "hanko_compat", *arguments, "--config", str(self.dump.config)],
            env=os.environ | self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
