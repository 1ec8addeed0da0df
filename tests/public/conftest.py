"""A user with an address, and a browser with its session."""

from uuid import UUID

import pytest
from flask.testing import FlaskClient

from hanko_compat.wiring import Services
from tests.factories import make_account
from tests.passkeys import Browser, bearer


@pytest.fixture
def alice(services: Services) -> UUID:
    return make_account().user_id


@pytest.fixture
def browser(client: FlaskClient, services: Services, alice: UUID) -> Browser:
    return Browser(client, bearer(services, alice))
