"""Section ``database``: one URL, or its parts as Hanko writes them."""

import re
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import quote, unquote

from marshmallow import ValidationError

from hanko_compat.config.fields import Choice, Kind, Port, Text, is_port
from hanko_compat.config.settings import setting

EMBEDDED = "sqlite:///var/hanko_compat.sqlite3"
DIALECTS = {
    "postgres": "postgres",
    "postgresql": "postgres",
    "cockroach": "postgres",
    "mysql": "mysql",
    "mariadb": "mysql",
}
PORTS = {"postgres": "5432", "cockroach": "26257", "mysql": "3306", "mariadb": "3306"}
# The user information ends at the last @, so that a password with an unescaped / or @ is still read.
# The address may be in the form of Go's MySQL driver, tcp(host:port); it may be empty where the query
# names a socket.
_URL = re.compile(
    r"(?P<scheme>[a-z]+)://(?:(?P<user>[^:]*?)(?::(?P<password>.*))?@)?"
    r"(?:(?:tcp)?\()?(?P<host>[^@/?#:\[\]()]+|\[[0-9a-fA-F:.]+\])?(?::(?P<port>[0-9]+))?\)?"
    r"/(?P<name>[^@/?#]+)(?:\?(?P<query>[^@]*))?"
)
_SOCKET = re.compile(r"(^|&)(host|unix_socket)=.")


class Parts(NamedTuple):
    """What a database server's URL is made of, nothing of it percent-encoded."""

    dialect: str
    user: str
    password: str
    host: str
    port: str
    name: str
    query: str = ""

    def url(self) -> str:
        """Write the URL; what is special in it is percent-encoded (RFC 3986)."""
        credentials = quote(self.user, safe="")
        if self.password:
            credentials += ":" + quote(self.password, safe="")
        where = f"{credentials}@" if credentials else ""
        where += f"{self.host}:{self.port}" if self.host else ""
        query = f"?{self.query}" if self.query else ""
        return f"{DIALECTS[self.dialect]}://{where}/{quote(self.name, safe='')}{query}"


class DatabaseUrl(Kind[str]):
    """A URL that ``resolve`` can read; "" for none. Messages never quote it: it holds a password."""

    def _read(self, value: Any) -> str:
        if value == "":
            return ""
        try:
            return resolve(value if isinstance(value, str) else "")
        except ValueError:
            wanted = "Must be sqlite:///path, or postgres, mysql or cockroach://user:password@host:port/name."
            raise ValidationError(wanted) from None


def resolve(url: str) -> str:
    """Bring a database URL to the form that the storage reads: known scheme, escaped, with a port.

    Raises:
        ValueError: no URL of a database that is served.
    """
    if url.isprintable() and re.fullmatch(r"sqlite:///(?!:memory:)[^?#]+", url):
        return url
    match = _URL.fullmatch(url) if url.isprintable() else None
    if not match:
        raise ValueError("not a database URL")
    host, port, query = match["host"] or "", match["port"] or "", match["query"] or ""
    named = is_port(port or "1") and (host or (not port and _SOCKET.search(query)))
    if match["scheme"] not in DIALECTS or not named:
        raise ValueError("not a database URL")
    dialect = "postgres" if match["scheme"] == "postgresql" else match["scheme"]
    user, password, name = (unquote(match[part] or "") for part in ("user", "password", "name"))
    return Parts(dialect, user, password, host, port or PORTS[dialect], name, query).url()


@dataclass(frozen=True)
class Database:
    """``database``: ``resolved_url`` is what ``url`` or else the parts come to."""

    database: str = setting(Text(), "hanko")
    dialect: str = setting(Choice("postgres", "mysql", "mariadb", "cockroach"), "postgres")
    host: str = setting(Text(), "localhost")
    password: str = setting(Text(), "hanko", secret=True)
    port: str = setting(Port(), "5432")
    url: str = setting(DatabaseUrl(), "", secret=True)
    user: str = setting(Text(), "hanko")
    resolved_url: str = field(default=EMBEDDED)

    def parts(self) -> Parts:
        """The database server that the keys other than ``url`` describe."""
        return Parts(self.dialect, self.user, self.password, self.host, self.port, self.database)
