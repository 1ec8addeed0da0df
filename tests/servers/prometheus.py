"""A private Prometheus."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import yaml

from tests.servers.hanko_compat import ask
from tests.servers.process import Server, find_program
from tests.servers.run import Run


class Prometheus(Server):
    """Prometheus with a configuration, which asks its targets each second."""

    def __init__(self, run: Run, configuration: Mapping[str, Any], files: Mapping[str, str]) -> None:
        """*files* lie beside the configuration, by their names."""
        super().__init__(run, f"prometheus_{uuid4().hex[:12]}")
        self.configuration = configuration
        self.files = files

    @property
    def name(self) -> str:  # type: ignore[override]
        return self.folder.name

    def install(self) -> None:
        """Write the files."""
        every = {"global": {"scrape_interval": "1s", "evaluation_interval": "1s"}}
        (self.folder / "prometheus.yml").write_text(yaml.safe_dump({**self.configuration, **every}))
        for name, text in self.files.items():
            (self.folder / name).write_text(text)

    def command(self) -> Sequence[str]:
        """Return the command."""
        return [
            find_program("prometheus"),
            f"--config.file={self.folder}/prometheus.yml",
            f"--storage.tsdb.path={self.folder}/data",
            f"--web.listen-address=127.0.0.1:{self.port}",
        ]

    def is_ready(self) -> bool:
        """Whether it answers queries."""
        return ask(self.port, "GET", "/-/ready").status == 200

    def get(self, path: str, **query: str) -> Any:
        """The data of an answer of its HTTP API."""
        answer = ask(self.port, "GET", f"/api/v1/{path}?{urlencode(query)}")
        assert answer.status == 200, answer.body
        return answer.body["data"]

    def query(self, expression: str) -> list[Any]:
        """The series that an expression has now."""
        found: list[Any] = self.get("query", query=expression)["result"]
        return found
