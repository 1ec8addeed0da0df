"""Database URLs: which database each form means.

No text made here shows a password.
"""

from typing import Any
from urllib.parse import unquote

from hanko_compat import errors
from hanko_compat.config.database_url import DIALECTS, Parts, parse
from hanko_compat.config.mysql_options import read_options
from hanko_compat.errors.config import OptionInvalid
from hanko_compat.storage.engine.dialects import Access, Dialect, MySQL, Postgres, Sqlite
from hanko_compat.storage.engine.postgres_options import connection_options

SQLITE = "sqlite:///"


def dialect_of(url: str, *, access: Access = Access.CREATE) -> Dialect:
    """The peewee database that *url* names.

    Raises:
        OperatorError: the URL can't be understood.
    """
    try:
        parts = parse(url)
        if parts is None:
            # sqlite:///var/x is relative to the working directory, sqlite:////var/x is not.
            return Sqlite(unquote(url.removeprefix(SQLITE)), access)
        return _mysql(parts) if DIALECTS[parts.dialect] == "mysql" else _postgres(parts)
    except OptionInvalid as error:
        raise errors.OperatorError(f"database.url: {error}") from None
    except ValueError:
        # The cause may quote a part of a password, so it is not named.
        raise errors.OperatorError(
            "database.url: must be sqlite:///path, or postgres, mysql or"
            " cockroach://user:password@host:port/name; write special characters of a password as %XX"
        ) from None


def without_password(url: str) -> str:
    """*url* as it may be shown: no password, no options but where a socket is."""
    try:
        parts = parse(url)
    except ValueError:
        return "database.url"
    if parts is None:
        return url
    options = parts.options
    user = options.get("user", parts.user)
    socket = next((f"?{name}={options[name]}" for name in ("host", "unix_socket") if name in options), "")
    return parts._replace(user=user, password="", query="").url() + socket


def _mysql(parts: Parts) -> MySQL:
    options = read_options(parts.options)
    server: dict[str, Any] = {"user": parts.user, "password": parts.password}
    if options.unix_socket:
        server["unix_socket"] = options.unix_socket
    else:
        (host,) = parts.hosts
        server |= {"host": host.name, "port": int(host.port)}
    return MySQL(parts.name, {key: value for key, value in server.items() if value}, options)


def _postgres(parts: Parts) -> Postgres:
    options = connection_options(parts)
    return Postgres(options.pop("dbname", parts.name), options, parts.options)
