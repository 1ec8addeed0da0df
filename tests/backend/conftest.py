"""A server that may call."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from hanko_compat.app import services_of
from hanko_compat.wiring import Services
from tests.backend.ceremonies import Ceremonies
from tests.backend.server import Server, basic


@pytest.fixture
def backend(client: FlaskClient, services: Services) -> Server:
    """``backend.post("/users", {...})``: with credentials; each answer is checked against its schema."""
    new = services.api_secrets.create()
    return Server(client, basic(new.project_id, new.secret))


@pytest.fixture
def hankos_collation(services: Services) -> Iterator[None]:
    """Columns of MySQL and MariaDB that take more for equal than is, as in a database that Hanko made."""
    columns = (("users", "name"), ("emails", "address"), ("usernames", "username"))
    is_needed = services.database.dialect == "mysql"

    def collate(name: str) -> None:
        with services.database.connection():
            for table, column in columns if is_needed else ():
                null = "NULL" if column == "name" else "NOT NULL"
                services.database.peewee.execute_sql(
                    f"ALTER TABLE {table} MODIFY {column} VARCHAR(255) COLLATE {name} {null}"
                )

    collate("utf8mb4_general_ci")
    yield
    collate("utf8mb4_bin")


@pytest.fixture
def passkeys(backend: Server) -> Ceremonies:
    """``passkeys.append(user_id)``: ceremonies that the server begins and ends."""
    return Ceremonies(backend)


@pytest.fixture
def make_backend(make_app: Callable[..., Flask]) -> Callable[..., Server]:
    """A server that may call an application with another configuration: ``make_backend({...})``."""

    def make(changes: dict[str, Any]) -> Server:
        app = make_app(changes)
        new = services_of(app).api_secrets.create()
        return Server(app.test_client(use_cookies=False), basic(new.project_id, new.secret))

    return make
