"""A server that may call."""

import pytest
from flask.testing import FlaskClient

from hanko_compat.wiring import Services
from tests.backend.ceremonies import Ceremonies
from tests.backend.server import Server, basic


@pytest.fixture
def backend(client: FlaskClient, services: Services) -> Server:
    """``backend.post("/users", {...})``: with credentials; each answer is checked against its schema."""
    new = services.api_secrets.create()
    return Server(client, basic(new.project_id, new.secret))


@pytest.fixture
def passkeys(backend: Server) -> Ceremonies:
    """``passkeys.append(user_id)``: ceremonies that the server begins and ends."""
    return Ceremonies(backend)
