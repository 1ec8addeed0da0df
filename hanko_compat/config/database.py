"""Section ``database``: one URL, or its parts as Hanko writes them."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, quote

from marshmallow import ValidationError

from hanko_compat.config.database_url import DIALECTS, Parts, hosts_of, of_parts, parse, resolve
from hanko_compat.config.fields import Choice, Port, Text
from hanko_compat.config.mysql_options import read_options
from hanko_compat.config.secret_kinds import MASK, Hidden
from hanko_compat.config.settings import setting
from hanko_compat.errors.config import OptionInvalid

EMBEDDED = "sqlite:///var/hanko_compat.sqlite3"
SOCKET = "socket"
# Options of pgx, Hanko's driver for PostgreSQL, that are about its own pool and its prepared statements.
PGX_OPTIONS = {
    "default_query_exec_mode",
    "description_cache_capacity",
    "krbspn",
    "min_read_buffer_size",
    "pool_health_check_period",
    "pool_max_conn_idle_time",
    "pool_max_conn_lifetime",
    "pool_max_conn_lifetime_jitter",
    "pool_max_conns",
    "pool_min_conns",
    "pool_min_idle_conns",
    "prefer_simple_protocol",
    "statement_cache_capacity",
    "statement_cache_mode",
}


# Whose values are no secrets, whatever they are; in lower case.
HARMLESS_OPTIONS = {
    "application_name",
    "charset",
    "collation",
    "connect_timeout",
    "host",
    "hostaddr",
    "loc",
    "parsetime",
    "port",
    "readtimeout",
    "sslmode",
    "target_session_attrs",
    "timeout",
    "tls",
    "unix_socket",
    "writetimeout",
}


class DatabaseUrl(Text):
    """A URL that ``resolve`` can read; "" for none. Messages never quote it: it holds a password."""

    may_hold_secret = True

    def mask(self, value: Any) -> Any:
        """Dialect, hosts and database, and the values of options that are known to be no secrets."""
        parts = parse(value) if value else None
        if parts is None:
            return value
        user = f"{MASK}@" if parts.user or parts.password else ""
        server = parts._replace(user="", password="", query="").url()
        options = "&".join(_masked_option(*pair) for pair in parse_qsl(parts.query, keep_blank_values=True))
        scheme, _, rest = server.partition("://")
        return f"{scheme}://{user}{rest}" + (f"?{options}" if options else "")

    def _read(self, value: Any) -> str:
        if value == "":
            return ""
        try:
            url = resolve(value if isinstance(value, str) else "")
            warnings_of(url)
        except OptionInvalid as error:
            raise ValidationError(f"{error}.") from None
        except ValueError:
            wanted = "Must be sqlite:///path, or postgres, mysql or cockroach://user:password@host:port/name."
            raise ValidationError(wanted) from None
        return url


class DatabasePort(Port):
    """A port; or ``socket``, by which the original says that the host of MySQL is the path of one."""

    def _read(self, value: Any) -> str:
        return SOCKET if value == SOCKET else super()._read(value)


def _masked_option(name: str, value: str) -> str:
    is_harmless = name.lower() in HARMLESS_OPTIONS
    return f"{name}={quote(value, safe='/,') if is_harmless else MASK}"


def warnings_of(url: str) -> list[str]:
    """What an operator should know of the options of *url*, in the form that ``resolve`` gives.

    Raises:
        OptionInvalid: an option of MySQL that can't be taken.
    """
    parts = parse(url)
    if parts is None:
        return []
    if DIALECTS[parts.dialect] == "mysql":
        return read_options(parts.options).warnings
    ignored = sorted(PGX_OPTIONS & parts.options.keys())
    return [f"{name} does nothing: it is about the connections of Hanko's own driver" for name in ignored]


@dataclass(frozen=True)
class Database:
    """``database``: ``resolved_url`` is what ``url`` or else the parts come to."""

    database: str = setting(Text(), "hanko")
    dialect: str = setting(Choice("postgres", "mysql", "mariadb", "cockroach"), "postgres")
    host: str = setting(Text(), "localhost")
    password: str = setting(Hidden(), "hanko")
    port: str = setting(DatabasePort(), "5432")
    url: str = setting(DatabaseUrl(), "")
    user: str = setting(Text(), "hanko")
    resolved_url: str = field(default=EMBEDDED)

    def parts(self) -> Parts:
        """The database server that the keys other than ``url`` describe.

        Raises:
            ValueError: the host is neither a name, an address, the path of a socket nor a list of these.
        """
        if self.port == SOCKET and not self.host.startswith("/"):
            raise ValueError("not the path of a socket")
        hosts = hosts_of(self.host, dialect=self.dialect, port="" if self.port == SOCKET else self.port)
        return of_parts(self.dialect, self.user, self.password, hosts, self.database)
