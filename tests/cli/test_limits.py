"""``hanko-compat limits``: what an operator reads, and that a server notices what he does."""

import json
from pathlib import Path

import pytest

from hanko_compat.client import Client
from hanko_compat.errors.rate_limits import RateLimited
from hanko_compat.wiring import Services, build
from tests.cli.terminal import run, write_config
from tests.factories import make_email
from tests.settings import settings_on

ON = {"rate_limiter.enabled": True}
CLIENT = Client(ip_address="203.0.113.7", user_agent="test", request_id="request-1")


@pytest.fixture
def services(make_services):
    return make_services(ON)


@pytest.fixture
def user_id(services):
    return make_email(address="alice@example.test").user_id


@pytest.fixture
def config(database_url):
    return ("--config", str(write_config(Path("limits.yaml"), settings_on(database_url, ON))))


def guess(services: Services, user_id, times, *, client=CLIENT):
    """Whether the last of so many attempts passes."""
    for _ in range(times):
        try:
            services.rate_limits.password(user_id, client)
            has_passed = True
        except RateLimited:
            has_passed = False
    return has_passed


def test_show_and_reset(services, user_id, config, clock):
    assert not guess(services, user_id, 8)
    shown = run("limits", "show", "--user", "alice@example.test", *config)
    assert shown.exit_code == 0
    told, headings, line = shown.stdout.splitlines()
    assert told == f"user {user_id}"
    assert headings.split() == ["USED", "UNTIL", "SETTING", "COUNTED", "FOR"]
    assert line.split("  ")[0] == "5 of 5"
    assert line.endswith("rate_limiter.password_limits  one client or browser")
    assert "serve --workers 1" in shown.stderr
    assert "203.0.113" not in shown.output
    reset = run("limits", "reset", "--user", str(user_id), *config)
    assert (reset.exit_code, reset.output.splitlines()[0]) == (0, f"user {user_id}: 1 counts forgotten")
    assert guess(services, user_id, 1)


def test_of_a_flood_from_many_addresses_ten_are_shown(services, user_id, config):
    for number in range(13):
        client = Client(ip_address=f"203.0.113.{number}", user_agent="test", request_id="request-1")
        guess(services, user_id, 1 + number % 5, client=client)
    lines = run("limits", "show", "--user", str(user_id), *config).stdout.splitlines()[2:]
    assert lines[0].startswith("5 of 5 ")
    assert lines[-1] == "3 more of rate_limiter.password_limits"
    assert len(lines) == 11
    all_of_them = run("limits", "show", "--user", str(user_id), "--json", *config).stdout.splitlines()
    assert len(all_of_them) == 13
    first = json.loads(all_of_them[0])
    assert (first["setting"], first["used"]) == ("rate_limiter.password_limits", first["limit"])


def test_nothing_is_counted(user_id, config):
    shown = run("limits", "show", "--user", str(user_id), *config)
    assert (shown.exit_code, shown.output.splitlines()[0]) == (0, f"user {user_id}: nothing is counted")


def test_a_server_that_counts_in_its_memory_is_told_of(make_config, user_id, config, clock):
    alone = build(make_config(ON), now=clock, workers=1)
    assert not guess(alone, user_id, 8)
    shown = run("limits", "show", "--user", str(user_id), *config)
    assert "nothing is counted" in shown.stdout
    assert "counts in its own memory, which no command can see or change" in shown.stderr
    assert "restart that server" in shown.stderr
    assert "rate_limiter.store to redis" in shown.stderr


@pytest.mark.parametrize("command", ["show", "reset"])
def test_a_user_that_is_not_there(user_id, config, command):
    result = run("limits", command, "--user", "bob@example.test", *config)
    assert (result.exit_code, "there is no user 'bob@example.test'" in result.output) == (3, True)


@pytest.mark.parametrize("command", ["show", "reset"])
def test_nothing_is_limited(database_url, command):
    path = write_config(Path("off.yaml"), settings_on(database_url, {"rate_limiter.enabled": False}))
    result = run("limits", command, "--user", "alice@example.test", "--config", str(path))
    assert (result.exit_code, result.output) == (0, "rate_limiter.enabled is false: nothing is limited\n")


@pytest.mark.parametrize("command", ["show", "reset"])
def test_a_redis_that_does_not_answer(database_url, user_id, command):
    changes = {**ON, "rate_limiter.store": "redis", "rate_limiter.redis_config.address": "127.0.0.1:1"}
    path = write_config(Path("redis.yaml"), settings_on(database_url, changes))
    result = run("limits", command, "--user", str(user_id), "--config", str(path))
    assert result.exit_code == 1
    assert "Redis does not answer (rate_limiter.redis_config)" in result.output


def test_a_database_without_tables(empty_database_url):
    path = write_config(Path("empty.yaml"), settings_on(empty_database_url, ON))
    result = run("limits", "show", "--user", "alice@example.test", "--config", str(path))
    assert result.exit_code == 1
    assert "hanko-compat migrate up" in result.output


@pytest.mark.parametrize("command", [["limits"], ["limits", "show"], ["limits", "reset"]], ids=len)
def test_help(command):
    result = run(*command, "--help")
    assert result.exit_code == 0
    assert "limits" in result.output
