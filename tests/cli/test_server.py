from collections.abc import Callable

from hanko_compat.cli.server import (
    MAX_DEFAULT_WORKERS,
    Reloadable,
    default_workers,
    gunicorn_options,
)
from hanko_compat.config import Config, Problem
from hanko_compat.errors.config import ConfigError
from hanko_compat.listening import binds


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
