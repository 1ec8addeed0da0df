"""Every key of Hanko 2.7's configuration: accepted, with its type, default, allowed values and variable."""

import csv
import json
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from hanko_compat.config import Config, from_mapping
from hanko_compat.config.durations import format_duration
from hanko_compat.config.problems import dotted
from tests.config.example import accepted, refused
from tests.settings import merged

FILE = Path(__file__).parents[1] / "data" / "config-keys.tsv"
STRUCTURES = {"[]IdentityProvider", "Webhooks", "CustomThirdPartyProviders"}

# Where the default differs from Hanko's: no secret is built in, and "" stands for this name.
OTHER_DEFAULTS = {"secrets.keys": [], "session.cookie.name": "hanko"}

# By type: another value than any default, the same as an environment variable, and a value of a wrong type.
VALUES: dict[str, tuple[object, str, object]] = {
    "int": (7, "7", "seven"),
    "string": ("something", "something", ["something"]),
    "[]string": (["https://one.test", "https://two.test"], "https://one.test, https://two.test", {"one": 1}),
    "array of string": (["one", "two"], "", {"one": 1}),
    "duration (Go syntax: 1m, 12h)": ("1m30s", "90s", "90 seconds"),
    "map[string]interface {}": ({"role": "user"}, '{"role": "user"}', ["role"]),
    "[]IdentityProvider": ([{"name": "One"}], '{"name": "One"}', "One"),
    "Webhooks": ([{"callback": "a"}, {"callback": "b"}], '{"callback": "a"};{"callback": "b"}', "callback"),
    "CustomThirdPartyProviders": ({"acme": {"prompt": "login"}}, "acme: {prompt: login}", ["acme"]),
}  # fmt: skip
# Keys with a list of allowed values that Hanko compares with it at its start.
CHECKED = {
    "database.dialect",
    "email.passcode_charset",
    "secrets.key_management.type",
    "webauthn.user_verification",
}
UNCHECKED_DURATIONS = {"audit_log.retention", "session.idle_timeout"}

FORMATTED = {
    "audit_log.retention": ("30m", "30m", ["a month"]),
    "database.port": ("5433", "5433", "none"),
    "database.url": ("mysql://root@db.test:3306/other", "mysql://root@db.test:3306/other", "db.test"),
    "email_delivery.from_address": ("auth@example.test", "auth@example.test", ["auth@example.test"]),
    "email_delivery.smtp.port": ("587", "587", "none"),
    "server.public.address": ("127.0.0.1:9001", "127.0.0.1:9001", "127.0.0.1"),
    "session.cookie.domain": ("example.test", "example.test", ["example.test"]),
    "session.idle_timeout": ("30m", "30m", ["half an hour"]),
    "session.lifespan": ("30m", "30m", "half an hour"),
    "smtp.port": ("587", "587", "none"),
}


class Row(NamedTuple):
    """A line of the reference."""

    key: str
    environment: str
    type: str
    default: str
    allowed: str

    @property
    def path(self) -> list[str | int]:
        """The way to the key, through the first element of a list and an element "acme" of a map."""
        return [{"[]": 0, "<name>": "acme"}.get(part, part) for part in self.key.split(".")]

    @property
    def choices(self) -> list[str]:
        return self.allowed.split("|") if self.allowed else []

    @property
    def takes_any_text(self) -> bool:
        """Whether Hanko starts with other texts, too, so that they are a warning here."""
        return (bool(self.choices) and self.key not in CHECKED) or self.key in UNCHECKED_DURATIONS

    def default_value(self) -> object:
        if self.key in OTHER_DEFAULTS:
            return OTHER_DEFAULTS[self.key]
        if self.default in {"", "null"}:
            is_map = self.type in {"CustomThirdPartyProviders", "map[string]interface {}"}
            return {} if is_map else {"boolean": False, "string": ""}.get(self.type, [])
        return self.default if self.default.startswith("http:") else json.loads(self.default)

    def values(self) -> tuple[object, str, object]:
        """Another value than the default, the same as an environment variable, and one of a wrong type."""
        if self.choices:
            other = next(word for word in self.choices if word != self.default_value())
            return other, other, ["something"] if self.takes_any_text else "something"
        if self.type in {"bool", "boolean"}:
            other = not self.default_value()
            return other, str(other), "yes"
        return FORMATTED.get(self.key) or VALUES[self.type]


def rows() -> list[Row]:
    with FILE.open(encoding="utf-8", newline="") as file:
        lines = (line for line in file if not line.startswith("#"))
        table = csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        next(table)
        return [Row(*line[:5]) for line in table]


ROWS = rows()
# The one whose other values are refused; its own test is below.
SERVED = [row for row in ROWS if row.key != "secrets.key_management.type"]
WITH_VARIABLE = [row for row in SERVED if row.environment != "-"]
OF_ELEMENT = [row for row in SERVED if row.environment == "-"]


def by_key(some: list[Row]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("row", some, ids=lambda row: row.key)


def document(path: list[str | int], value: object) -> Any:
    """A document that holds *value* at *path* and nothing else."""
    for part in reversed(path):
        value = [value] if part == 0 else {part: value}
    return value


def in_force(config: Config, row: Row) -> object:
    """What the row's key holds, as YAML has it."""
    value: Any = config
    for part in row.path:
        value = value[part] if isinstance(value, dict | tuple) else getattr(value, str(part))
    return as_yaml(value)


def as_yaml(value: Any) -> object:
    if isinstance(value, timedelta):
        return format_duration(value)
    if isinstance(value, tuple | list):
        return [as_yaml(item) for item in value]
    return "" if value is None else value


def unconverted(changes: dict[str, Any], environ: dict[str, str] | None = None) -> Config:
    """A configuration whose deprecated keys stay where they are."""
    return accepted(changes | {"convert_legacy_server_side_session_config": False}, environ, dev=True)


def assert_holds(config: Config, row: Row, value: object) -> None:
    """Check the value of a key; of structures, whose elements have further keys, only how many there are."""
    if row.type in STRUCTURES:
        assert len(in_force(config, row)) == len(value)
    else:
        assert in_force(config, row) == value


def test_the_whole_reference_is_read():
    assert len(ROWS) == 235
    assert len(OF_ELEMENT) == 39


@by_key([row for row in WITH_VARIABLE if row.key != "secrets.keys"])
def test_default_is_in_force(row):
    assert in_force(accepted(), row) in (row.default_value(), f"{row.default_value()}s")


def test_no_secret_is_built_in():
    assert from_mapping({}, dev=True).secrets.keys == ()


@by_key([row for row in OF_ELEMENT if row.path[-1] != "acme"])
def test_default_of_an_element_is_in_force(row):
    config = accepted(document(row.path[:-1], {}))
    assert in_force(config, row) == row.default_value()


@by_key(SERVED)
def test_file_overrides_default(row):
    value = row.values()[0]
    assert_holds(unconverted(document(row.path, value)), row, value)


@by_key(WITH_VARIABLE)
def test_environment_overrides_file(row):
    value, text, _ = row.values()
    default = [] if row.key == "database.url" else document(row.path, row.default_value())
    config = unconverted(default if row.default_value() else {}, {row.environment: text})
    assert_holds(config, row, value)


@by_key(SERVED)
def test_wrong_type_is_refused(row):
    problems = refused(document(row.path, row.values()[2]))
    assert [line.split(": ")[0] for line in problems] == [dotted(tuple(row.path))]


@pytest.mark.parametrize(("row", "word"), [(row, word) for row in SERVED for word in row.choices])
def test_every_allowed_value_is_accepted(row, word):
    assert in_force(unconverted(document(row.path, word)), row) == word


@by_key([row for row in SERVED if row.choices and not row.takes_any_text])
def test_other_values_are_refused(row):
    (problem,) = refused(document(row.path, "something"))
    assert problem == f"{row.key}: Must be one of {', '.join(row.choices)}."


# As long as nothing is limited, nobody counts.
UNUSED_STORE = {"rate_limiter.enabled": False}


@by_key([row for row in SERVED if row.takes_any_text])
def test_other_values_are_a_warning_where_hanko_starts_with_them(row):
    config = unconverted(merged(UNUSED_STORE, document(row.path, "something")))
    assert in_force(config, row) in ("something", "")
    (warning,) = [str(warning) for warning in config.warnings]
    fault = f"none of {', '.join(row.choices)}" if row.choices else "not a duration"
    assert warning.startswith(f"{row.key}: 'something' is {fault}")
    assert ", so " in warning


@pytest.mark.parametrize("dev", [False, True])
def test_keys_are_managed_locally_only(dev):
    (problem,) = refused({"secrets.key_management.type": "aws_kms"}, dev=dev)
    assert problem == "secrets.key_management.type: Only local is served: set it to local."
