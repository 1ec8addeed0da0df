import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from gunicorn.config import Config as GunicornConfig

from hanko_compat.cli.server import (
    MAX_DEFAULT_WORKERS,
    Reloadable,
    default_workers,
    gunicorn_options,
    require_free_addresses,
)
from hanko_compat.config import Config, Problem
from hanko_compat.errors.config import ConfigError
from hanko_compat.listening import binds, open_socket
from tests.cli.terminal import write_config
from tests.settings import settings_on


def test_options_of_the_command_line_come_first(make_config: Callable[..., Config]) -> None:
    config = make_config({"server.public.address": ":9000", "hanko_compat.backend_api.bind": "[::1]:9001"})

    assert gunicorn_options(config)["bind"] == [*binds(":9000"), "[::1]:9001"]
    options = gunicorn_options(config, bind="127.0.0.1:1", workers=3, threads=5)
    assert (options["bind"], options["workers"], options["threads"]) == (["127.0.0.1:1", "[::1]:9001"], 3, 5)


def test_workers_are_bounded() -> None:
    assert 1 <= default_workers() <= MAX_DEFAULT_WORKERS


def status_of_a_sign_up(reloadable: Reloadable, address: str) -> int:
    app = reloadable.application
    try:
        return app.test_client().post("/users", json={"email": address}).status_code
    finally:
        app.extensions["hanko_compat"].database.close_all()


def test_rebuilding_takes_the_new_configuration(make_config: Callable[..., Config]) -> None:
    configs = [make_config(), make_config({"account.allow_signup": False})]

    reloadable = Reloadable(lambda: configs.pop(0))
    assert status_of_a_sign_up(reloadable, "one@example.com") == 200
    reloadable.rebuild()
    assert status_of_a_sign_up(reloadable, "two@example.com") == 403


def test_rebuilding_keeps_the_old_configuration(make_config: Callable[..., Config]) -> None:
    configs: list[Config] = [make_config()]

    def read() -> Config:
        if not configs:
            raise ConfigError([Problem("session.limt", "Unknown field.")])
        return configs.pop()

    reloadable = Reloadable(read)
    reloadable.rebuild()
    assert status_of_a_sign_up(reloadable, "one@example.com") == 200


def gunicorn(folder: Path, *options: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """gunicorn as a deployment runs it, until it ends."""
    write_config(folder / "config.yaml", settings_on(f"sqlite:///{folder}/other.sqlite3"))
    command = [sys.executable, "-m", "gunicorn", "-c", "python:hanko_compat.gunicorn_conf", *options]
    return subprocess.run(
        [*command, "hanko_compat.wsgi:app"],
        cwd=folder,
        env=os.environ | variables,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.slow
def test_gunicorn_says_in_one_line_that_an_address_is_taken(tmp_path: Path) -> None:
    with open_socket("127.0.0.1:0", backlog=1) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        done = gunicorn(tmp_path, "--bind", address, "--pid", "pid")
    *before, line = done.stderr.splitlines()
    assert (done.returncode, done.stdout) == (1, "")
    assert line.startswith(f"can't listen on {address}: Address already in use; stop what listens there")
    assert not [each for each in before if address in each]
    assert not (tmp_path / "pid").exists()


@pytest.mark.parametrize(
    ("settings", "variables"),
    [
        ({"reuse_port": True}, {}),
        ({}, {"GUNICORN_FD": "5"}),
        ({}, {"LISTEN_FDS": "1"}),
        ({"bind": ["fd://5", "{}"]}, {}),
        ({"bind": ["unix:/nowhere/socket"]}, {}),
    ],
)
def test_sockets_that_are_shared_or_handed_over_are_none_that_is_taken(
    monkeypatch: pytest.MonkeyPatch, settings: dict[str, Any], variables: dict[str, str]
) -> None:
    with open_socket("127.0.0.1:0", backlog=1) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        config = GunicornConfig()
        config.set("bind", [address])
        with pytest.raises(SystemExit, match="Address already in use"):
            require_free_addresses(SimpleNamespace(cfg=config, pidfile=None))
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        for name, value in settings.items():
            config.set(name, [each.format(address) for each in value] if name == "bind" else value)
        require_free_addresses(SimpleNamespace(cfg=config, pidfile=None))
