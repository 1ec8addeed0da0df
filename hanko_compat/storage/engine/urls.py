"""Database URLs: ``sqlite:///path``, ``postgres://``, ``cockroach://``, ``mysql://``.

No text made here shows a password.
"""

import re
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from hanko_compat import errors
from hanko_compat.storage.engine.dialects import Access, Dialect, MySQL, Postgres, Sqlite

POSTGRES = {"postgres", "postgresql", "cockroach"}
MYSQL = {"mysql", "mariadb"}
# Hanko's URLs may hold Go's form of an address, user@tcp(host:port)/name or user@(host:port)/name.
GO_ADDRESS = re.compile(r"@(?:tcp)?\(([^)]*)\)")


def dialect_of(url: str, *, access: Access = Access.CREATE) -> Dialect:
    """The peewee database that *url* names.

    Raises:
        OperatorError: the URL can't be understood.
    """
    try:
        return _dialect_of(urlsplit(GO_ADDRESS.sub(r"@\1", url)), access)
    except ValueError:
        # The cause may quote a part of a password, so it is not named.
        raise errors.OperatorError(
            "database.url: not a URL; write special characters of a password as %XX"
        ) from None


def without_password(url: str) -> str:
    """*url* as it may be shown: no password, no options."""
    try:
        parts = urlsplit(GO_ADDRESS.sub(r"@\1", url))
        user = f"{parts.username}@" if parts.username else ""
        port = f":{parts.port}" if parts.port else ""
        host = f"{parts.hostname or ''}{port}"
    except ValueError:
        return "database.url"
    return f"{parts.scheme}://{user}{host}{parts.path}"


def _dialect_of(parts: SplitResult, access: Access) -> Dialect:
    if parts.scheme == "sqlite":
        return Sqlite(_sqlite_path(parts), access)
    name = unquote(parts.path.removeprefix("/"))
    server: dict[str, Any] = {
        "host": parts.hostname,
        "port": parts.port,
        "user": unquote(parts.username) if parts.username else None,
        "password": unquote(parts.password) if parts.password else None,
    }
    options = {key: value for key, value in server.items() if value is not None}
    if parts.scheme in POSTGRES:
        return Postgres(name, options | dict(parse_qsl(parts.query)))
    if parts.scheme in MYSQL:
        # The options in Hanko's URLs are those of Go's driver; the socket is the one that PyMySQL knows.
        socket = dict(parse_qsl(parts.query)).get("unix_socket")
        return MySQL(name, options | ({"unix_socket": socket} if socket else {}))
    raise errors.OperatorError(
        f"database.url: {parts.scheme or 'no scheme'}: use sqlite:///path, postgres://, mysql:// or cockroach://"
    )


def _sqlite_path(parts: SplitResult) -> str:
    # sqlite:///var/x is relative to the working directory, sqlite:////var/x is not.
    path = unquote(parts.path.removeprefix("/"))
    if parts.netloc or path in {"", ":memory:"}:
        raise errors.OperatorError("database.url: name a file, as in sqlite:///var/hanko_compat.sqlite3")
    return path
