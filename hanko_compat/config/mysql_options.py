"""The options of a MySQL URL, with the meaning that they have in the driver of Hanko (go-sql-driver/mysql).

What is no option of that driver is a system variable, which it sets on each connection.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from hanko_compat.config.durations import parse_duration
from hanko_compat.config.suggestions import nearest
from hanko_compat.errors.config import OptionInvalid

Tls = Literal["", "false", "true", "skip-verify", "preferred"]

TRUE = {"1", "true", "TRUE", "True"}
FALSE = {"0", "false", "FALSE", "False"}
LOCAL = "Local"
# Switches of what this server never does, or always does by itself.
UNUSED_SWITCHES = {
    "allowAllFiles",  # LOAD DATA LOCAL is never sent
    "checkConnLiveness",  # idle connections are always looked at
    "clientFoundRows",  # found rows are always what is counted
    "columnsWithAlias",
    "interpolateParams",
    "multiStatements",  # one statement at a time, even where several would be allowed
    "parseTime",
    "rejectReadOnly",  # a connection to a read-only server is always dropped
    "strict",
    "tinyInt1IsBool",
}
# What the server's own work depends on.
OWN_VARIABLES = {
    "autocommit",
    "character_set_client",
    "character_set_connection",
    "character_set_results",
    "collation_connection",
    "sql_mode",
    "time_zone",
    "transaction_isolation",
    "tx_isolation",
}
# A variable of the server that would be taken for a mistyped option.
RESEMBLING = {"wait_timeout"}
_VARIABLE = re.compile(r"(?:@@)?[A-Za-z_][A-Za-z0-9_.]*")
_OFF = {"0", "false", "disable", "disabled", "off"}
_TLS_OF_OTHERS = re.compile(r"(ssl|tls|use_?ssl|require_?ssl|verify)", re.IGNORECASE)


@dataclass
class MySQLOptions:
    """What the options come to. A timeout of None is the usual one; ``zone`` is where columns' times are."""

    tls: Tls = ""
    may_fall_back: bool = False
    allows_cleartext: bool = False
    allows_native: bool = True
    allows_old: bool = False
    unix_socket: str = ""
    collation: str = ""
    zone: str = "UTC"
    timeout: timedelta | None = None
    read_timeout: timedelta | None = None
    write_timeout: timedelta | None = None
    attributes: dict[str, str] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)


def read_options(given: Mapping[str, str]) -> MySQLOptions:
    """Read the options of a URL; ``variables`` hold what is to be set, as SQL.

    Raises:
        OptionInvalid: an option or a value that Hanko's driver would not take, or that can't be honoured.
    """
    options = MySQLOptions()
    for name, value in given.items():
        if name in READERS:
            READERS[name](options, name, value)
        elif name in UNUSED_SWITCHES:
            _switch(name, value)
        else:
            _read_variable(options, name, value)
    options.may_fall_back = options.may_fall_back or options.tls == "preferred"
    return options


def _switch(name: str, value: str) -> bool:
    if value not in TRUE | FALSE:
        raise OptionInvalid(f"{name}: must be true or false")
    return value in TRUE


def _length(name: str, value: str) -> timedelta | None:
    try:
        length = parse_duration(value)
    except ValueError:
        length = timedelta(-1)
    if length < timedelta(0):
        raise OptionInvalid(f"{name}: must be a duration such as 30s or 500ms")
    return length or None


def _sets(attribute: str, read: Callable[[str, str], Any]) -> Callable[[MySQLOptions, str, str], None]:
    """A reader of an option that is one attribute."""

    def reader(options: MySQLOptions, name: str, value: str) -> None:
        setattr(options, attribute, read(name, value))

    return reader


def _read_tls(options: MySQLOptions, name: str, value: str) -> None:
    if value in TRUE | FALSE:
        options.tls = "true" if value in TRUE else "false"
    elif value.lower() == "skip-verify":
        options.tls = "skip-verify"
    elif value.lower() == "preferred":
        options.tls = "preferred"
    else:
        raise OptionInvalid(
            f"{name}: must be true, skip-verify, preferred or false; an authority of your own is trusted with"
            " tls=true where the environment variable SSL_CERT_FILE names its certificate"
        )


def _read_zone(options: MySQLOptions, name: str, value: str) -> None:
    options.zone = value or "UTC"
    if options.zone == LOCAL:
        return
    try:
        ZoneInfo(options.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise OptionInvalid(f"{name}: must be a time zone such as UTC or Europe/Berlin, or Local") from None


def _read_charset(options: MySQLOptions, name: str, value: str) -> None:
    names = {each.strip().lower() for each in value.split(",")}
    if not names & {"utf8mb4", "utf8", "utf8mb3"}:
        options.warnings.append(f"{name} does nothing: text is always sent as utf8mb4")


def _read_collation(options: MySQLOptions, name: str, value: str) -> None:
    if not re.fullmatch(r"\w+", value):
        raise OptionInvalid(f"{name}: must be a collation such as utf8mb4_unicode_ci")
    if value.lower().startswith("utf8mb4_"):
        options.collation = value
    elif not value.lower().startswith("utf8"):
        options.warnings.append(f"{name} does nothing: text is always sent as utf8mb4")


def _read_attributes(options: MySQLOptions, _name: str, value: str) -> None:
    for each in value.split(","):
        key, colon, text = each.partition(":")
        if colon and key:
            options.attributes[key.strip()] = text.strip()


def _read_compress(options: MySQLOptions, name: str, value: str) -> None:
    if _switch(name, value):
        options.warnings.append(f"{name} does nothing: the driver for Python can't compress")


def _read_packet(_options: MySQLOptions, name: str, value: str) -> None:
    if not value.isascii() or not value.isdecimal():
        raise OptionInvalid(f"{name}: must be a number of bytes")


def _read_length(_options: MySQLOptions, name: str, value: str) -> None:
    """Times are cut to whole seconds anyway, as columns have them."""
    _length(name, value)


def _read_key(_options: MySQLOptions, name: str, _value: str) -> None:
    raise OptionInvalid(f"{name}: no key has a name here; use tls=true, so that a password needs none")


def _read_socket(options: MySQLOptions, name: str, value: str) -> None:
    if not value.startswith("/"):
        raise OptionInvalid(f"{name}: must be the path of a socket, from the root")
    options.unix_socket = value


def _read_variable(options: MySQLOptions, name: str, value: str) -> None:
    lower = {each.lower(): each for each in (*READERS, *UNUSED_SWITCHES)}
    meant = nearest(name, lower)
    if meant and name.lower() not in RESEMBLING:
        raise OptionInvalid(f"{_shown(name)}: unknown option, did you mean {lower[meant]}?")
    # The password would be sent in clear text before the server refuses such a name.
    if _TLS_OF_OTHERS.match(name) and value.lower() not in _OFF:
        raise OptionInvalid(f"{_shown(name)}: unknown option; TLS is switched on by tls=true")
    if not _VARIABLE.fullmatch(name):
        raise OptionInvalid(f"{_shown(name)}: neither an option nor a system variable")
    if name.lower().removeprefix("@@").rpartition(".")[2] in OWN_VARIABLES:
        options.warnings.append(f"{name} does nothing: the server sets this variable as it needs it")
    else:
        options.variables[name] = value


def _shown(name: str) -> str:
    return name if re.fullmatch(r"[\w.@-]{1,40}", name) else "an option"


READERS: Mapping[str, Callable[[MySQLOptions, str, str], None]] = {
    "allowCleartextPasswords": _sets("allows_cleartext", _switch),
    "allowFallbackToPlaintext": _sets("may_fall_back", _switch),
    "allowNativePasswords": _sets("allows_native", _switch),
    "allowOldPasswords": _sets("allows_old", _switch),
    "charset": _read_charset,
    "collation": _read_collation,
    "compress": _read_compress,
    "connectionAttributes": _read_attributes,
    "loc": _read_zone,
    "maxAllowedPacket": _read_packet,
    "readTimeout": _sets("read_timeout", _length),
    "serverPubKey": _read_key,
    "timeTruncate": _read_length,
    "timeout": _sets("timeout", _length),
    "tls": _read_tls,
    "unix_socket": _read_socket,
    "writeTimeout": _sets("write_timeout", _length),
}
