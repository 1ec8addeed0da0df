"""Which option of a URL a database refuses a connection for: its own words name it, or its cause does."""

import ssl
from collections.abc import Iterable, Mapping
from typing import Any

from hanko_compat.config.mysql_options import MySQLOptions
from hanko_compat.errors.database import DatabaseUnavailable
from hanko_compat.storage.engine.causes import causes

Clues = dict[str, tuple[str, ...]]
"""Names of options, and for each the words that an error which it causes has in it."""

KEY = "database.url"
NOT_OPTIONS = {"host", "hostaddr", "port", "user", "password", "dbname", "sslpassword"}
TLS_REMEDY = (
    "let the server offer TLS with a certificate for its host from an authority that this system trusts; name"
    " one of your own by the environment variable SSL_CERT_FILE"
)
PGBOUNCER = "unsupported startup parameter: options"
REMEDIES = {
    "tls": TLS_REMEDY,
    "options": "PgBouncer passes no parameter of a URL on: set it for the account (ALTER ROLE ... SET ...)",
}


def postgres_clues(options: Mapping[str, Any], run_time: Iterable[str] = ()) -> Clues:
    """The names that libpq and PostgreSQL use for what a URL can set."""
    clues: Clues = {name: (f"{name} ", f'"{name}"') for name in {*options, *run_time} - NOT_OPTIONS}
    if str(options.get("sslmode", "")).startswith(("verify", "require")):
        clues["sslmode"] = (*clues["sslmode"], "SSL", "certificate")
    if "options" in options:
        clues["options"] = (*clues.get("options", ()), PGBOUNCER)
    return clues


def mysql_clues(options: MySQLOptions) -> Clues:
    """The names of the system variables that a URL sets, and what PyMySQL says of TLS."""
    clues: Clues = {name: (f"'{name.removeprefix('@@')}'", f"variable {name}") for name in options.variables}
    if options.tls in ("true", "skip-verify"):
        clues["tls"] = ("SSL",)
    if options.collation:
        clues["collation"] = (options.collation,)
    return clues


def check_refused_option(error: BaseException, clues: Clues) -> None:
    """Name the option at fault, where the *error* of a new connection tells one.

    Raises:
        DatabaseUnavailable: it does.
    """
    text = " ".join(str(error).split())
    is_about_tls = any(isinstance(cause, ssl.SSLError) for cause in causes(error))
    for name, words in clues.items():
        if any(word.lower() in text.lower() for word in words) or (is_about_tls and "SSL" in words):
            has_remedy = name == "tls" or (name == "options" and PGBOUNCER in text)
            remedy = f"; {REMEDIES[name]}" if has_remedy else ""
            raise DatabaseUnavailable(fault=f"{KEY}: {name}: {text}{remedy}") from error
