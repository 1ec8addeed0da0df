"""A database with an empty, current schema for each test: made once per worker, emptied in between."""

import shutil
from importlib import import_module
from pathlib import Path
from typing import Protocol

from tests import signing_keys
from tests.settings import SECRET

NAMES = ("sqlite", "postgres", "mariadb")


class DatabaseMaker(Protocol):
    """One kind of database, ready for any number of tests."""

    def fresh_url(self, folder: Path) -> str:
        """Return the URL of a database with the current schema, the test key and nothing else."""


def prepare(url: str) -> None:
    """Migrate the empty database at *url* and put the signing key of the tests into it."""
    migrate = import_module("hanko_compat.storage.migrate")
    open_database = import_module("hanko_compat.storage.database").open_database
    Jwk = import_module("hanko_compat.storage.models").Jwk
    database = open_database(url)
    try:
        with database.connection():
            migrate.up(database)
            Jwk.create(id=1, key_data=signing_keys.key_data(SECRET), created_at=signing_keys.MADE_AT)
    finally:
        database.close_all()


class SqliteDatabase:
    """A file, copied from one that was migrated once."""

    def __init__(self, folder: Path) -> None:
        self.template = folder / "template.sqlite3"
        prepare(f"sqlite:///{self.template}")

    def fresh_url(self, folder: Path) -> str:
        """Copy the template into *folder*."""
        path = folder / "hanko_compat.sqlite3"
        shutil.copyfile(self.template, path)
        return f"sqlite:///{path}"
