"""The migrations: numbered, scoped, independent of the code that changes after them."""

import ast
import re
from pathlib import Path

import pytest

from hanko_compat.storage.engine.database import Database
from hanko_compat.storage.schema import history
from tests.storage import migrations

FILES = sorted(history.DIRECTORY.glob("[0-9]*.py"))


def test_migrations_are_numbered_without_a_gap() -> None:
    assert [path.name[:4] for path in FILES] == [f"{number:04}" for number in range(1, len(FILES) + 1)]
    assert all(re.fullmatch(r"\d{4}_[a-z_]+\.py", path.name) for path in FILES)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_migration_imports_nothing_of_ours(path: Path) -> None:
    imported = {
        name
        for node in ast.walk(ast.parse(path.read_text()))
        for name in (
            [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else []
        )
    }
    assert not [name for name in imported if name.startswith(("hanko_compat", "tests"))]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_migration_says_where_it_belongs(path: Path) -> None:
    names = [node.value for node in ast.parse(path.read_text()).body if isinstance(node, ast.Assign)]
    assert any(isinstance(value, ast.Constant) and value.value in history.ON_OURS for value in names)


def test_only_tables_of_our_own_belong_on_hankos_database(database: Database) -> None:
    with database.connection():
        own = [entry.name for entry in history.entries(database, history.ON_HANKOS)]
        assert own == list(migrations.ON_HANKOS)
        assert len(history.entries(database, history.ON_OURS)) == len(FILES)
        assert history.pending(database, history.ON_OURS) == ()
