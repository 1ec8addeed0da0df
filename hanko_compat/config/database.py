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
_URL = re.compile(
    r"(?P<scheme>[a-z]+)://(?:(?P<user>[^:]*?)(?::(?P<password>.*))?@)?"
    r"\(?(?P<host>[^@/?#:\[\]()]+|\[[0-9a-fA-F:.]+\])(?::(?P<port>[0-9]+))?\)?/(?P<name>[^@/?#]+)(?:\?(?P<query>[^@]*))?"
)


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
        where = f"{credentials}@" * bool(credentials) + f"{self.host}:{self.port}"
        query = f"?{self.query}" if self.query else ""
        return f"{DIALECTS[self.dialect]}://{where}/{quote(self.name, safe='')}{query}"


class DatabaseUrl(Kind[str]):
    """A URL that ``resolve`` can read; "" for none. Messages never quote it: it holds a password."""

    def _read(self, value: Any) -> str:
        try:
            return resolve(value) if value else ""
        except (TypeError, ValueError):
            raise ValidationError(
                "Must be such as sqlite:///path, postgres://user:password@host:5432/name, mysql://... or cockroach://..."
            ) from None


def resolve(url: str) -> str:
    """Bring a database URL to the form that the storage reads: known scheme, escaped, with a port.

    Raises:
        ValueError: no URL of a database that is served.
    """
    if url.startswith("sqlite:///") and len(url) > len("sqlite:///"):
        return url
    match = _URL.fullmatch(url)
    if not match or match["scheme"] not in DIALECTS or not is_port(match["port"] or "1"):
        raise ValueError("not a database URL")
    dialect = "postgres" if match["scheme"] == "postgresql" else match["scheme"]
    user, password, name = (unquote(match[part] or "") for part in ("user", "password", "name"))
    return Parts(
        dialect, user, password, match["host"], match["port"] or PORTS[dialect], name, match["query"] or ""
    ).url()


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

    def from_parts(self, *, port_given: bool) -> str:
        """The URL that the parts make; another dialect than postgres has its own usual port."""
        port = self.port if port_given else PORTS[self.dialect]
        return Parts(self.dialect, self.user, self.password, self.host, port, self.database).url()
