"""What each option of a MySQL URL comes to, and which are refused."""

from datetime import timedelta
from typing import Any

import pytest

from hanko_compat.config.mysql_options import MySQLOptions, read_options
from hanko_compat.errors.config import OptionInvalid


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("tls", "true", {"tls": "true"}),
        ("tls", "1", {"tls": "true"}),
        ("tls", "FALSE", {"tls": "false"}),
        ("tls", "skip-verify", {"tls": "skip-verify"}),
        ("tls", "Preferred", {"tls": "preferred", "may_fall_back": True}),
        ("allowFallbackToPlaintext", "true", {"may_fall_back": True}),
        ("allowCleartextPasswords", "True", {"allows_cleartext": True}),
        ("allowNativePasswords", "0", {"allows_native": False}),
        ("allowOldPasswords", "true", {"allows_old": True}),
        ("timeout", "500ms", {"timeout": timedelta(milliseconds=500)}),
        ("readTimeout", "1m30s", {"read_timeout": timedelta(seconds=90)}),
        ("writeTimeout", "0", {"write_timeout": None}),
        ("timeTruncate", "1ms", {}),
        ("collation", "utf8mb4_bin", {"collation": "utf8mb4_bin"}),
        ("collation", "utf8_general_ci", {}),
        ("charset", "utf8mb4,utf8", {}),
        (
            "connectionAttributes",
            "program_name:hanko,x:y",
            {"attributes": {"program_name": "hanko", "x": "y"}},
        ),
        ("loc", "Local", {"zone": "Local"}),
        ("loc", "Europe/Berlin", {"zone": "Europe/Berlin"}),
        ("maxAllowedPacket", "0", {}),
        ("unix_socket", "/run/m.sock", {"unix_socket": "/run/m.sock"}),
        ("tx_read_only", "1", {"variables": {"tx_read_only": "1"}}),
        ("wait_timeout", "28800", {"variables": {"wait_timeout": "28800"}}),
        ("@@session.wait_timeout", "60", {"variables": {"@@session.wait_timeout": "60"}}),
    ],
)
def test_meaning(name: str, value: str, expected: dict[str, Any]) -> None:
    assert read_options({name: value}) == MySQLOptions(**expected)


@pytest.mark.parametrize(
    "name",
    [
        "allowAllFiles",
        "checkConnLiveness",
        "clientFoundRows",
        "columnsWithAlias",
        "interpolateParams",
        "multiStatements",
        "parseTime",
        "rejectReadOnly",
    ],
)
def test_switches_of_what_is_never_or_always_done(name: str) -> None:
    assert read_options({name: "true"}) == read_options({name: "false"}) == MySQLOptions()
    with pytest.raises(OptionInvalid, match=rf"^{name}: must be true or false"):
        read_options({name: "yes"})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("charset", "latin1"),
        ("collation", "latin1_swedish_ci"),
        ("compress", "true"),
        ("time_zone", "'+02:00'"),
        ("sql_mode", "''"),
        ("@@session.autocommit", "0"),
        ("transaction_isolation", "'SERIALIZABLE'"),
    ],
)
def test_what_does_nothing_is_a_warning(name: str, value: str) -> None:
    options = read_options({name: value})
    assert [warning.split()[0] for warning in options.warnings] == [name]
    assert not options.variables


@pytest.mark.parametrize(
    ("name", "value", "advice"),
    [
        ("tls", "hunter2", "must be true, skip-verify, preferred or false"),
        ("TLS", "true", "did you mean tls?"),
        ("tsl", "true", "did you mean tls?"),
        ("parse_time", "true", "did you mean parseTime?"),
        ("sslmode", "require", "TLS is switched on by tls=true"),
        ("ssl-mode", "REQUIRED", "TLS is switched on by tls=true"),
        ("useSSL", "true", "TLS is switched on by tls=true"),
        ("sslmode", "disable", None),
        ("serverPubKey", "hunter2", "use tls=true"),
        ("timeout", "hunter2", "must be a duration"),
        ("readTimeout", "-1s", "must be a duration"),
        ("maxAllowedPacket", "4MB", "must be a number of bytes"),
        ("loc", "Europe/Hunter2", "must be a time zone"),
        ("loc", "../../etc/passwd", "must be a time zone"),
        ("collation", "x; DROP TABLE users", "must be a collation"),
        ("unix_socket", "m.sock", "must be the path of a socket"),
        ("a-b", "1", "neither an option nor a system variable"),
        ("a = 1, b", "1", "neither an option nor a system variable"),
    ],
)
def test_what_cannot_be_taken_is_named_and_never_quoted(name: str, value: str, advice: str | None) -> None:
    if advice is None:
        assert read_options({name: value}).variables == {name: value}
        return
    with pytest.raises(OptionInvalid) as caught:
        read_options({name: value})
    assert advice in str(caught.value)
    assert "hunter2" not in str(caught.value).lower()
