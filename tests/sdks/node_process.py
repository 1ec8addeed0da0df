"""The Node SDK in a process of its own, which does what it is told."""

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.sdks.refused import Refused
from tests.sdks.site import Site
from tests.servers.process import PATIENCE, find_program

DRIVER = Path(__file__).parent / "node" / "driver.cjs"
INSTALLED = Path(__file__).parents[2] / "var" / "sdks" / "node"


@dataclass
class NodeError(Exception):
    """What the SDK threw: *kind* is the class, as it exports them."""

    kind: str
    name: str
    message: str
    status: int
    validation: list[str]
    requestID: str  # noqa: N815 - as the SDK has it
    runtime: float
    type: str
    body: Any

    def __str__(self) -> str:
        return f"{self.kind} {self.name}: {self.message}"


class NodeSdk:
    """The SDK as an application makes it; *changes* are of its settings."""

    language = "node"

    def __init__(self, site: Site, **changes: str) -> None:
        if not (INSTALLED / "node_modules").is_dir():
            pytest.skip("the Node SDK is not there (`make sdks` installs it)")
        environment = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
        self.process = subprocess.Popen(
            [find_program("node"), str(DRIVER), str(INSTALLED)],
            env={
                **environment,
                "NODE_EXTRA_CA_CERTS": str(site.nginx.ca),
                "CORBADO_PROJECT_ID": site.secret.project_id,
                "CORBADO_API_SECRET": site.secret.secret,
                "CORBADO_FRONTEND_API": site.frontend_api,
                "CORBADO_BACKEND_API": site.backend_api,
                **changes,
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def serve(self, service: str, method: str, *args: Any) -> Any:
        """Call a method of one of the three services: ``serve("users", "get", user_id)``."""
        return self._result({"service": service, "method": method, "args": args})

    def call(self, api_name: str, method: str, *args: Any) -> Any:
        """Call the client of one operation: ``call("UsersApi", "userGet", user_id)``."""
        try:
            return self._result({"api": api_name, "method": method, "args": args})
        except NodeError as error:
            if error.body is None:
                raise
            raise Refused(error.kind, error.status, error.body) from error

    def inventory(self) -> Any:
        """What the SDK has: services, clients and errors, with their methods."""
        return self._result({"inventory": True})

    def close(self) -> None:
        """End the process."""
        self.process.communicate(timeout=PATIENCE)

    def _result(self, request: dict[str, Any]) -> Any:
        stdin, stdout = self.process.stdin, self.process.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(json.dumps(request) + "\n")
        stdin.flush()
        answer = json.loads(stdout.readline())
        if "error" in answer:
            raise NodeError(**answer["error"])
        return answer["result"]
