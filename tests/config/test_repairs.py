"""Values that can't be used as they are: the server starts all the same, and says what it reads."""

import pytest

from tests.config.example import accepted, refused
from tests.config.test_legacy import at

SENDER = "email_delivery.from_address"
NAME = "session.cookie.name"
REDIS = "rate_limiter.redis_config.address"
NO_SENDER = "Is no address, so mails come from noreply@hanko.io: write one such as noreply@example.com."
IN_NAME = "write the address alone, and a name in email_delivery.from_name."


@pytest.mark.parametrize(
    ("key", "value", "read_as", "advice"),
    [
        (SENDER, "Shop <shop@example.test>", "shop@example.test", f"Is read as shop@example.test: {IN_NAME}"),
        (SENDER, '<shop@example.test>', "shop@example.test", f"Is read as shop@example.test: {IN_NAME}"),
        (SENDER, "shop", "noreply@hanko.io",
         NO_SENDER),
        (SENDER, "", "noreply@hanko.io",
         NO_SENDER),
        (NAME, "my session", "hanko", "'my session' is no name of a cookie, so it is hanko."),
        (REDIS, "redis", "redis:6379", "Is read as redis:6379: write it so."),
        (REDIS, "redis:6380/0", "redis:6380", "Is read as redis:6380: write it so."),
    ],
)  # fmt: skip
def test_a_value_is_replaced_with_a_warning(key, value, read_as, advice):
    config = accepted(
        {key: value, "rate_limiter.store": "redis"} | ({} if key == REDIS else {REDIS: "redis:6379"})
    )
    assert at(config, key) == read_as
    assert [str(warning) for warning in config.warnings] == [f"{key}: {advice}"]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        (SENDER, "noreply@localhost"),
        (NAME, ""),
        (NAME, "__Host-sid"),
        (REDIS, "redis:6379"),
        (REDIS, ""),
    ],
)
def test_a_value_that_can_be_used_is_left_alone(key, value):
    assert accepted({key: value}).warnings == ()


@pytest.mark.parametrize("value", ["", "redis:6379/3", "redis://redis:6379"])
def test_redis_needs_an_address(value):
    (problem,) = refused({REDIS: value, "rate_limiter.store": "redis"})
    assert problem == f"{REDIS}: Must be host:port, as rate_limiter.store is redis."


def test_no_line_break_gets_into_a_header():
    assert refused({SENDER: "a@example.test\nBcc: b@example.test"}) == [
        f"{SENDER}: Must be an address such as noreply@example.com."
    ]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("port", "tcp://10.0.0.1:5432"),
        ("port", ""),
        ("port", 0),
        ("dialect", ""),
        ("dialect", "postgresql"),
        ("user", ["hanko"]),
        ("password", {"from": "a vault"}),
    ],
)
def test_parts_of_the_database_stop_no_start_beside_its_url(key, value):
    config = accepted({f"database.{key}": value, "database.url": "postgres://u@db.test/hanko"})
    assert config.database.resolved_url == "postgres://u@db.test:5432/hanko"
    assert [str(warning) for warning in config.warnings] == [
        f"database.{key}: Can't be used, and is not needed beside database.url: remove it."
    ]


def test_a_port_that_kubernetes_sets_stops_no_start_beside_the_url():
    environ = {"DATABASE_URL": "postgres://u@db.test/hanko", "DATABASE_PORT": "tcp://10.0.0.1:5432"}
    assert accepted({}, environ).database.resolved_url == "postgres://u@db.test:5432/hanko"


@pytest.mark.parametrize("url", ["", None])
def test_parts_of_the_database_have_to_be_right_without_its_url(url):
    assert refused({"database.port": "tcp://10.0.0.1:5432", "database.url": url}) == [
        "database.port: Must be a port from 1 to 65535."
    ]
