"""The options of a PostgreSQL URL: which libpq takes, and which are parameters of the server.

Hanko's driver (pgx) hands every option that it does not know itself to the server as a run-time parameter, as
in ``?search_path=auth&statement_timeout=5s``. libpq refuses what it does not know, and passes such on in its
own option ``options``.
"""

import os
import re
import ssl
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from peewee import psycopg

from hanko_compat.config.database import PGX_OPTIONS
from hanko_compat.config.database_url import Parts
from hanko_compat.errors import OperatorError

# Where pgx looks for a Unix socket; a libpq that comes with psycopg may look elsewhere.
SOCKET_FOLDERS = ("/var/run/postgresql", "/private/tmp", "/tmp")  # noqa: S108
VERIFYING = {"verify-ca", "verify-full"}
SYSTEM = "system"
# Where systems keep the certificates of the authorities that they trust, as Go looks for them.
ROOT_FILES = (
    "/etc/ssl/certs/ca-certificates.crt",  # Debian, Alpine
    "/etc/pki/tls/certs/ca-bundle.crt",  # Fedora, RHEL
    "/etc/ssl/ca-bundle.pem",  # openSUSE
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",  # RHEL 7 and later
    "/etc/ssl/cert.pem",  # Alpine, macOS, FreeBSD
)
OF_PGX = {"database": "dbname"}
# What PgBouncer keeps per client. It takes them by SET in every version, and in `options` since 1.20 only.
SESSION_PARAMETERS = {"datestyle", "intervalstyle", "standard_conforming_strings", "timezone"}


def connection_options(parts: Parts) -> dict[str, Any]:
    """What ``psycopg.connect`` needs for this URL, ``dbname`` only where an option names it.

    Raises:
        OperatorError: a server's certificate has to be verified, and no authority is known.
    """
    given = {
        OF_PGX.get(name, name): value for name, value in parts.options.items() if name not in PGX_OPTIONS
    }
    known = {name: value for name, value in given.items() if name in libpq_keywords()}
    of_server = {
        name: value
        for name, value in given.items()
        if name not in known and name.lower() not in SESSION_PARAMETERS
    }
    if of_server:
        known["options"] = " ".join(filter(None, [known.get("options"), run_time_parameters(of_server)]))
    server = {"user": parts.user, "password": parts.password} | _where(parts)
    options: dict[str, Any] = {name: value for name, value in server.items() if value} | known
    return options | _roots(options)


def session_parameters(given: Mapping[str, str]) -> dict[str, str]:
    """Those of a URL's options that are set on each connection once it is there."""
    return {name: value for name, value in given.items() if name.lower() in SESSION_PARAMETERS}


@cache
def libpq_keywords() -> frozenset[str]:
    """The options that this libpq knows; without psycopg none is needed, as nothing can connect."""
    if psycopg is None:
        return frozenset()
    return frozenset(each.keyword.decode() for each in psycopg.pq.Conninfo.get_defaults())


def run_time_parameters(given: Mapping[str, str]) -> str:
    """Write parameters of the server for libpq's option ``options`` (PostgreSQL's manual, 34.1.2)."""
    return " ".join(f"-c {_escaped(name)}={_escaped(value)}" for name, value in given.items())


def _escaped(text: str) -> str:
    return re.sub(r"([\\\s])", r"\\\1", text)


def _where(parts: Parts) -> dict[str, Any]:
    if len(parts.hosts) == 1:
        return {"host": parts.hosts[0].name, "port": int(parts.hosts[0].port)}
    if parts.hosts:
        return {
            "host": ",".join(host.name for host in parts.hosts),
            "port": ",".join(host.port for host in parts.hosts),
        }
    is_named = parts.options.keys() & {"host", "hostaddr", "service"}
    if is_named or any(os.environ.get(name) for name in ("PGHOST", "PGHOSTADDR", "PGSERVICE")):
        return {}
    return {"host": next(filter(os.path.isdir, SOCKET_FOLDERS), "localhost")}


def _roots(options: Mapping[str, str]) -> dict[str, str]:
    """The system's certificates, where a server is to be verified and no others are named."""
    mode = options.get("sslmode") or os.environ.get("PGSSLMODE")
    named = options.get("sslrootcert") or os.environ.get("PGSSLROOTCERT")
    if mode not in VERIFYING or (named and named != SYSTEM):
        return {}
    if named is None and Path("~/.postgresql/root.crt").expanduser().exists():
        return {}
    return {"sslrootcert": system_roots()}


def system_roots() -> str:
    """The file with the certificates that this system trusts; ``$SSL_CERT_FILE`` comes first, as in Go.

    The libpq of psycopg's binary package would look for them in a folder that no system has, and others
    before version 16 look for none.

    Raises:
        OperatorError: there is no such file.
    """
    paths = ssl.get_default_verify_paths()
    found = next((path for path in (paths.cafile, *ROOT_FILES) if path and Path(path).is_file()), None)
    if found is None:
        raise OperatorError(
            "database.url: sslmode: this system trusts no authority; install its package ca-certificates, or"
            " name a file with the server's authority: sslrootcert=/path"
        )
    return found
