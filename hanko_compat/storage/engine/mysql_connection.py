"""Connections of PyMySQL, in which the options of a URL mean what they mean in Hanko's driver.

That is go-sql-driver/mysql. Text is utf8mb4 whatever the URL says. Where TLS is asked for, nothing is sent
before it is up but the wish for it; and a server gets the password in clear text only where the URL allows.
"""

import ssl
from datetime import MAXYEAR, MINYEAR, UTC, datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import peewee

from hanko_compat.config.mysql_options import LOCAL, MySQLOptions

FOUND_ROWS = 2  # of MySQL's protocol: CLIENT_FOUND_ROWS
TLS = 2048  # of MySQL's protocol: CLIENT_SSL
PLUGIN_REFUSED = 2059  # of MySQL's clients: CR_AUTH_PLUGIN_CANNOT_LOAD
TIMES = (7, 12)  # of MySQL's protocol: the types TIMESTAMP and DATETIME
CHARSET = "utf8mb4"
CONNECT_TIMEOUT, IO_TIMEOUT = 5.0, 30.0  # seconds

FOR_EVER = {MINYEAR, MAXYEAR}
"""Years whose times mean never: another zone has no date for the last of them."""

CLEAR = {"mysql_clear_password", "dialog"}


class ColumnZone:
    """The zone that the times in columns are in: UTC, but where the option ``loc`` names another."""

    def __init__(self, name: str) -> None:
        self._zone = None if name == LOCAL else UTC if name == "UTC" else ZoneInfo(name)

    @property
    def is_utc(self) -> bool:
        """Whether columns hold UTC."""
        return self._zone is UTC

    def write(self, moment: datetime) -> datetime:
        """An aware *moment* as a column has it, without a zone."""
        if moment.year in FOR_EVER:
            return moment.astimezone(UTC).replace(tzinfo=None)
        return moment.astimezone(self._zone).replace(tzinfo=None)

    def read(self, moment: datetime) -> datetime:
        """What a column has, in UTC and still without a zone."""
        if moment.year in FOR_EVER:
            return moment
        aware = moment if self._zone is None else moment.replace(tzinfo=self._zone)
        return aware.astimezone(UTC).replace(tzinfo=None)


def connect(options: MySQLOptions, **arguments: Any) -> Any:
    """A new connection; the *arguments* are PyMySQL's: who, where, and how texts become values.

    Raises:
        pymysql.Error: no connection.
    """
    connection = _connection_class()(options, **arguments)
    connection.connect()
    return connection


def converters(zone: ColumnZone) -> dict[Any, Any]:
    """How PyMySQL reads and writes values, where columns have times of another *zone* than UTC."""
    known: dict[Any, Any] = peewee.mysql.converters.conversions

    def read(text: str) -> Any:
        moment = peewee.mysql.converters.convert_datetime(text)
        return zone.read(moment) if isinstance(moment, datetime) else moment

    return known | dict.fromkeys(TIMES, read)


@cache
def verified_tls() -> ssl.SSLContext:
    """TLS with a server whose certificate is for its host, and of an authority that the system trusts."""
    context = ssl.create_default_context()
    # As Hanko 2.7.0: Go does not insist on extensions that MySQL's own certificates lack.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    return context


@cache
def unverified_tls() -> ssl.SSLContext:
    """TLS with whoever answers: it keeps out those who only listen."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _tls(options: MySQLOptions) -> ssl.SSLContext | None:
    match options.tls:
        case "true":
            return verified_tls()
        case "skip-verify":
            return unverified_tls()
        case _:
            # Unlike Hanko 2.7.0: without the option there is TLS, too, where the server offers it.
            return None


@cache
def _connection_class() -> type[Any]:
    base: Any = peewee.mysql.connections.Connection

    class Connection(base):
        """PyMySQL's, bound to the options of a URL."""

        def __init__(self, options: MySQLOptions, **arguments: Any) -> None:
            self._options = options
            super().__init__(
                charset=CHARSET,
                collation=options.collation or None,
                connect_timeout=_seconds(options.timeout, CONNECT_TIMEOUT),
                read_timeout=_seconds(options.read_timeout, IO_TIMEOUT),
                write_timeout=_seconds(options.write_timeout, IO_TIMEOUT),
                client_flag=FOUND_ROWS,
                ssl=_tls(options),
                ssl_disabled=options.tls == "false",
                defer_connect=True,
                **arguments,
            )
            self._connect_attrs |= options.attributes
            if options.may_fall_back:
                self._ssl_required = False
                self.client_flag &= ~TLS

        def _create_ssl_ctx(self, options: Any) -> Any:
            """To make a context takes 35 ms, as it reads every certificate of the system."""
            return options or unverified_tls()

        def _get_server_information(self) -> None:
            super()._get_server_information()
            self._require_allowed(self._auth_plugin_name)

        def _process_auth(self, plugin_name: bytes, *others: Any) -> Any:
            self._require_allowed(plugin_name.decode("ascii", "replace"))
            return super()._process_auth(plugin_name, *others)

        def _require_allowed(self, plugin: str) -> None:
            """As Hanko 2.7.0: the server does not choose how the password is sent."""
            switch = ""
            if plugin in CLEAR and not self._options.allows_cleartext:
                switch = "allowCleartextPasswords=true, which needs tls=true to be safe"
            elif plugin == "mysql_old_password" and not self._options.allows_old:
                switch = "allowOldPasswords=true"
            elif plugin == "mysql_native_password" and not self._options.allows_native:
                switch = "allowNativePasswords=true"
            if switch:
                raise peewee.mysql.err.OperationalError(
                    PLUGIN_REFUSED, f"the server wants the password by {plugin}: that takes {switch}"
                )

    return Connection


def _seconds(given: Any, usual: float) -> float:
    return given.total_seconds() if given else usual
