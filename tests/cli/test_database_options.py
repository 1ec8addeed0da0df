"""What an operator reads when an option of ``database.url`` stops a command."""

from pathlib import Path

import pytest

from tests.cli.terminal import run, write_config
from tests.servers.mariadb import MariaDB
from tests.servers.postgres import Postgres
from tests.servers.run import Run
from tests.settings import settings_on

pytestmark = [pytest.mark.servers, pytest.mark.one_database]

PASSWORD = "pass-w0rd"
CASES = [
    (MariaDB, "tls=true", "tls"),
    (MariaDB, "tls=skip-verify", "tls"),
    (MariaDB, "no_such_variable=1", "no_such_variable"),
    (Postgres, "sslmode=require", "sslmode"),
    (Postgres, "no_such_parameter=1", "no_such_parameter"),
]


@pytest.mark.parametrize(("server", "option", "name"), CASES, ids=[option for _, option, _ in CASES])
@pytest.mark.parametrize("command", [("serve",), ("migrate", "up"), ("doctor",)], ids=" ".join)
def test_the_option_is_named_and_the_password_is_not(
    test_run: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    server: type[MariaDB] | type[Postgres],
    option: str,
    name: str,
    command: tuple[str, ...],
) -> None:
    monkeypatch.chdir(tmp_path)
    there = server(test_run)
    there.shared()
    if isinstance(there, MariaDB):
        there.execute_as_root(f"CREATE OR REPLACE USER odd@localhost IDENTIFIED BY '{PASSWORD}'")
        there.execute_as_root("GRANT ALL ON *.* TO odd@localhost")
    else:
        there.execute(f"DROP ROLE IF EXISTS odd; CREATE ROLE odd LOGIN PASSWORD '{PASSWORD}'")
    url = there.url("mysql" if isinstance(there, MariaDB) else "postgres")
    url = url.replace("hanko:hanko", f"odd:{PASSWORD}") + f"?{option}"
    config = write_config(tmp_path / "config.yaml", settings_on(url))
    said = run(*command, "--config", str(config))
    assert said.exit_code == 1
    assert f"database.url: {name}: " in said.output
    assert PASSWORD not in said.output


def test_migrate_copy_names_it_as_well() -> None:
    said = run(
        "migrate", "copy", "--from", f"mysql://u:{PASSWORD}@h/x?sslmode=require", "--to", "sqlite:///y"
    )
    assert said.exit_code == 1
    assert "database.url: sslmode: unknown option; TLS is switched on by tls=true" in said.output
    assert PASSWORD not in said.output
