"""A database that Hanko wrote, restored, with everything that its fixture knows of it."""

import base64
import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from functools import cached_property
from typing import Any

import jwt
import psycopg
import pymysql
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from psycopg.rows import dict_row

from hanko_compat.base64url import decode
from hanko_compat.storage.models import HANKO_TABLES
from tests.authenticator import BE, BS, Authenticator
from tests.servers.mariadb import MariaDB
from tests.servers.postgres import Postgres
from tests.servers.run import Run
from tests.storage import restored
from tests.storage.layouts import MARIADB, POSTGRES

OWN_PREFIX = "hanko_compat_"
TENANT = "00000000-0000-0000-0000-000000000001"

Rows = dict[str, list[dict[str, Any]]]


class Dump:
    """One of `restored.FOLDERS` on a server of the tests; `restore` puts it back to how Hanko left it."""

    def __init__(self, folder: str, run: Run) -> None:
        self.folder = folder
        self.is_v3 = folder.endswith("3.0")
        self.is_mariadb = folder.startswith("mariadb")
        self.server: Postgres | MariaDB = MariaDB(run) if self.is_mariadb else Postgres(run)
        self.server.shared()
        self.config = restored.DATABASES / folder / "config.yaml"
        self.fixture = json.loads((self.config.parent / "fixture.json").read_text())
        self.users: dict[str, dict[str, Any]] = self.fixture["users"]
        self.url = ""

    def restore(self, name: str) -> str:
        """Make the database anew; return its URL."""
        make = restored.on_mariadb if self.is_mariadb else restored.on_postgres
        self.url = make(self.server, self.folder, name=f"dropin_{name}")  # type: ignore[arg-type]
        return self.url

    @property
    def name(self) -> str:
        """Of the database on its server."""
        return self.url.rpartition("/")[2]

    @contextmanager
    def _cursor(self) -> Iterator[Any]:
        """As the owner of the tables, whoever serves; rows are mappings."""
        if not self.is_mariadb:
            with psycopg.connect(self.url, autocommit=True, row_factory=dict_row) as connection:
                yield connection.cursor()
            return
        with closing(
            pymysql.connect(
                host="127.0.0.1",
                port=self.server.port,
                user="root",
                database=self.name,
                autocommit=True,
                cursorclass=pymysql.cursors.DictCursor,
            )
        ) as connection:
            yield connection.cursor()

    def execute(self, statement: str, values: Sequence[Any] = ()) -> list[dict[str, Any]]:
        """Run one statement; return its rows."""
        with self._cursor() as cursor:
            cursor.execute(statement, tuple(values) or None)
            return list(cursor.fetchall()) if cursor.description else []

    def tables(self) -> set[str]:
        """The names of all tables."""
        place = "database()" if self.is_mariadb else "'public'"
        rows = self.execute(
            f"SELECT table_name AS n FROM information_schema.tables WHERE table_schema = {place}"
        )
        return {row["n"] for row in rows}

    def rows(self, *tables: str) -> Rows:
        """All rows of Hanko's tables, or of some of them, in a fixed order."""
        names = tables or (*(model._meta.table_name for model in HANKO_TABLES), "schema_migration")
        with self._cursor() as cursor:
            found = {}
            for name in names:
                cursor.execute(f"SELECT * FROM {name}")
                found[name] = sorted(cursor.fetchall(), key=str)
        return found

    @cached_property
    def signing_keys(self) -> list[dict[str, Any]]:
        """The private keys of the table, decrypted as the reference shows."""
        return [self._decrypted(row["key_data"]) for row in self.rows("jwks")["jwks"]]

    def _decrypted(self, key_data: str) -> dict[str, Any]:
        raw = base64.urlsafe_b64decode(key_data)
        for secret in self.fixture["secrets_current"]:
            cipher = AESGCM(hashlib.sha256(secret.encode()).digest())
            with suppress(InvalidTag):
                found: dict[str, Any] = json.loads(cipher.decrypt(raw[:12], raw[12:], None))
                return found
        raise AssertionError("no secret of the fixture decrypts this key")

    def token_signed_by(self, key: dict[str, Any], session: dict[str, Any]) -> str:
        """The token of *session*, signed by another of the keys."""
        private = jwt.PyJWK(key, algorithm="RS256").key
        return jwt.encode(session["claims"], private, algorithm="RS256", headers={"kid": key["kid"]})

    def devices(self, name: str) -> list[Authenticator]:
        """The authenticators of a user, with the keys and sign counts that they had."""
        return [_device(passkey) for passkey in self.users[name]["passkeys"]]

    def session_of(self, name: str) -> dict[str, Any]:
        """A live session of a user, as the fixture has it."""
        found: dict[str, Any] = next(
            each for each in self.fixture["sessions"] if each["user"] == name and each["valid"]
        )
        return found


def _device(passkey: dict[str, Any]) -> Authenticator:
    flags = (BE if passkey["backup_eligible"] else 0) | (BS if passkey["backup_state"] else 0)
    return Authenticator(
        passkey["alg"],
        private=load_pem_private_key(passkey["private_key_pem"].encode(), password=None),
        credential_id=decode(passkey["credential_id"]),
        user_handle=decode(passkey["user_handle"]),
        aaguid=bytes.fromhex(passkey["aaguid"]),
        sign_count=passkey["sign_count"],
        counts=passkey["uses_counter"],
        flags=flags,
    )


def schema_of(dump: Dump) -> dict[str, set[tuple[object, ...]]]:
    """Columns, keys and indexes of Hanko's tables as the server's catalogue has them."""
    queries = MARIADB if dump.is_mariadb else POSTGRES
    return {
        kind: {
            tuple(row.values())
            for row in dump.execute(query)
            if not str(next(iter(row.values()))).startswith(OWN_PREFIX)
        }
        for kind, query in queries.items()
    }
