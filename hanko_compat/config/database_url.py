"""Database URLs in every form that Hanko's drivers take, and the one form that the storage reads.

=============================================  ==========================================================
``sqlite:///path``                             a file
``postgres://user:password@host:port/name``    a URL (RFC 3986), for all dialects; several hosts, sockets
``user:password@tcp(host:port)/name``          MySQL's data source names in Go, with ``mysql://`` or without
``host=... user=... dbname=...``               PostgreSQL's keywords and values (libpq)
=============================================  ==========================================================

No message made here quotes anything of a URL: it holds a password.
"""

import re
from collections.abc import Iterator
from ipaddress import ip_address
from typing import NamedTuple
from urllib.parse import parse_qsl, quote, unquote, urlencode

DIALECTS = {
    "postgres": "postgres",
    "postgresql": "postgres",
    "cockroach": "postgres",
    "mysql": "mysql",
    "mariadb": "mysql",
}
PORTS = {"postgres": "5432", "postgresql": "5432", "cockroach": "26257", "mysql": "3306", "mariadb": "3306"}
# Where Go's MySQL driver connects to when its data source name does not say.
MYSQL_ADDRESS, MYSQL_SOCKET = "127.0.0.1", "/tmp/mysql.sock"  # noqa: S108

_SQLITE = re.compile(r"sqlite:///(?!:memory:)[^?#]+")
_HOSTS = r"(?P<hosts>[^@/?#()]*)"
_NAME = r"/(?P<name>[^@/?#]+)"
_STRICT = re.compile(
    r"(?P<scheme>[a-z]+)://(?:(?P<user>[^:@/?#]*)(?::(?P<password>[^:@/?#]*))?@)?"
    rf"{_HOSTS}{_NAME}(?:\?(?P<query>(?:[\w.-]+=[^&#]*(?:&|$))*))?"
)
# The user information ends at the last @, so that a password with an unescaped / or @ is still read.
_LENIENT = re.compile(
    r"(?P<scheme>[a-z]+)://(?:(?P<user>[^:]*?)(?::(?P<password>.*))?@)?"
    rf"{_HOSTS}{_NAME}(?:\?(?P<query>[^@]*))?"
)
# PostgreSQL's drivers take the name of the user for a database without a name.
_UNNAMED = re.compile(
    r"(?P<scheme>postgres(?:ql)?|cockroach)://(?:(?P<user>[^:@/?#]*)(?::(?P<password>[^:@/?#]*))?@)?"
    rf"{_HOSTS}/?(?:\?(?P<query>(?:[\w.-]+=[^&#]*(?:&|$))*))?"
)
# As Go's driver reads it: nothing but the name is percent-encoded, and the password ends at the last @.
_GO = re.compile(
    r"(?:(?:mysql|mariadb)://|(?![a-z]+://))(?:(?P<user>[^:]*?)(?::(?P<password>.*))?@)?"
    r"(?:(?P<network>tcp[46]?|unix)?\((?P<address>[^()]*)\)|(?P<alone>tcp|unix))"
    rf"{_NAME}(?:\?(?P<query>.*))?"
)
# What else stands in Go's brackets: one address, which needs none in a URL.
_BRACKETS = re.compile(r"(?<=@)(?:tcp)?\(([^()]*)\)(?=/[^@/?#]+(?:\?[^@]*)?$)")
_HOST = re.compile(
    r"(?:\[(?P<address>[0-9a-fA-F:.]+(?:%[\w.-]+)?)\]|(?P<name>[^\s@/?#:\[\]()]*))(?::(?P<port>[0-9]*))?"
)
_KEYWORD = re.compile(r"\s*(?P<key>\w+)\s*=\s*(?:'(?P<quoted>(?:[^'\\]|\\.)*)'|(?P<plain>(?:[^\s'\\]|\\.)*))")


class Host(NamedTuple):
    """Where a server listens: a name, an IP address or the path of a Unix socket; ``port`` may be ""."""

    name: str
    port: str = ""

    def url(self) -> str:
        """Write it as the authority of a URL has it."""
        name = f"[{quote(self.name, safe=':')}]" if ":" in self.name else quote(self.name, safe="")
        return f"{name}:{self.port}" if self.port else name


class Parts(NamedTuple):
    """What a database server's URL is made of, nothing of it percent-encoded but the query."""

    dialect: str
    user: str
    password: str
    hosts: tuple[Host, ...]
    name: str
    query: str = ""

    @property
    def options(self) -> dict[str, str]:
        """The options by name; of two with one name the first counts, as in Go."""
        return dict(reversed(parse_qsl(self.query)))

    def url(self) -> str:
        """Write the URL; what is special in it is percent-encoded (RFC 3986)."""
        credentials = quote(self.user, safe="")
        if self.password:
            credentials += ":" + quote(self.password, safe="")
        where = f"{credentials}@" if credentials else ""
        where += ",".join(host.url() for host in self.hosts)
        query = f"?{self.query}" if self.query else ""
        return f"{DIALECTS[self.dialect]}://{where}/{quote(self.name, safe='')}{query}"


def parse(url: str) -> Parts | None:
    """Read the URL of a database server, in any of the forms; None for that of an SQLite file.

    Raises:
        ValueError: no URL of a database that is served.
    """
    if not url.isprintable():
        raise ValueError("not a database URL")
    if _SQLITE.fullmatch(url):
        return None
    if match := _GO.fullmatch(url):
        return _of_go(match)
    # A URL that is one by the standard is never read as a password with special characters.
    for pattern in (_STRICT, _LENIENT):
        match = pattern.fullmatch(_BRACKETS.sub(r"\1", url))
        if match and match["scheme"] in DIALECTS:
            try:
                return _of_url(match)
            except ValueError:
                continue
    if match := _UNNAMED.fullmatch(url):
        return _of_url(match)
    return _of_keywords(url)


def resolve(url: str) -> str:
    """Bring a database URL to the form that the storage reads: known scheme, escaped, with a port.

    Raises:
        ValueError: no URL of a database that is served.
    """
    parts = parse(url)
    return parts.url() if parts else url


def hosts_of(text: str, *, dialect: str, port: str = "") -> tuple[Host, ...]:
    """The hosts that *text* lists, as in ``db1:5432,[::1],%2Ftmp``; nothing for "".

    A port that stands at one host only counts for all, as in Go's driver; without any it is *port*, else the
    usual one. An empty one is none (RFC 3986 s. 3.2.3). IPv6 addresses need brackets where there is a port.

    Raises:
        ValueError: not a list of hosts, or several for a dialect that takes one.
    """
    if not text:
        return ()
    found = [_host(each) for each in text.split(",")]
    if len(found) > 1 and DIALECTS[dialect] != "postgres":
        raise ValueError("several hosts")
    ports = {host.port for host in found if host.port}
    common = ports.pop() if len(ports) == 1 else port or PORTS[dialect]
    return tuple(Host(host.name, host.port or common) for host in found)


def _host(text: str) -> Host:
    if text.startswith("/"):
        return Host(text)
    if text.count(":") > 1 and not text.startswith("["):
        text = f"[{text}]"
    match = _HOST.fullmatch(text)
    name = unquote(match["address"] or match["name"]) if match else ""
    if match is None or not name or not _is_port(match["port"] or "1"):
        raise ValueError("not a host")
    if match["address"]:
        ip_address(name)
    return Host(name, match["port"] or "")


def _is_port(text: str) -> bool:
    return len(text) <= 5 and 1 <= int(text) <= 65535


def of_parts(
    dialect: str, user: str, password: str, hosts: tuple[Host, ...], name: str, query: str = ""
) -> Parts:
    """Put parts together. MySQL's driver takes a socket as an option only, and has a host it connects to."""
    parts = Parts("postgres" if dialect == "postgresql" else dialect, user, password, hosts, name, query)
    if DIALECTS[dialect] != "mysql":
        return parts
    if hosts and hosts[0].name.startswith("/"):
        socket = "unix_socket=" + quote(hosts[0].name, safe="/")
        return parts._replace(hosts=(), query=f"{socket}&{query}" if query else socket)
    if not hosts and "unix_socket" not in parts.options:
        return parts._replace(hosts=(Host(MYSQL_ADDRESS, PORTS[dialect]),))
    return parts


def _of_url(match: re.Match[str]) -> Parts:
    dialect = match["scheme"]
    hosts = hosts_of(match["hosts"] or "", dialect=dialect)
    given = match.groupdict(default="")
    user, password, name = (unquote(given.get(part, "")) for part in ("user", "password", "name"))
    parts = of_parts(dialect, user, password, hosts, name, given["query"])
    if not name:
        options = parts.options
        name = options.get("dbname") or options.get("database") or options.get("user") or user
        if not name:
            raise ValueError("no name of a database, nor of a user")
    return parts._replace(name=name)


def _of_go(match: re.Match[str]) -> Parts:
    address = match["address"] or ""
    if (match["network"] or match["alone"]) == "unix":
        address = address or MYSQL_SOCKET
        if not address.startswith("/"):
            raise ValueError("not the path of a socket")
    hosts = hosts_of(address, dialect="mysql")
    user, password, name = match["user"] or "", match["password"] or "", unquote(match["name"])
    return of_parts("mysql", user, password, hosts, name, match["query"] or "")


def _of_keywords(text: str) -> Parts:
    given = dict(_keywords(text))
    user, password = given.pop("user", ""), given.pop("password", "")
    name = given.pop("dbname", given.pop("database", user))
    if not name or not given.keys() & {"host", "hostaddr", "service"}:
        raise ValueError("not a database URL")
    return Parts("postgres", user, password, (), name, urlencode(given, safe="/,"))


def _keywords(text: str) -> Iterator[tuple[str, str]]:
    """The words of a connection string (PostgreSQL's manual, section 34.1.1.1)."""
    end = 0
    while end < len(text.rstrip()):
        match = _KEYWORD.match(text, end)
        if match is None:
            raise ValueError("not a database URL")
        value = match["plain"] if match["quoted"] is None else match["quoted"]
        yield match["key"], re.sub(r"\\(.)", r"\1", value)
        end = match.end()
