"""One-time tokens and identities in the databases that Hanko wrote, which it may go on writing to."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from hanko_compat.errors.tokens import TokenExpired, TokenNotFound
from hanko_compat.provider_user import ProviderUser
from hanko_compat.storage import identities
from hanko_compat.storage.models import Email, Identity, Token
from hanko_compat.wiring import Services
from tests.calls import CALLER, outcome
from tests.clock import FakeClock
from tests.factories import make_token
from tests.services.identities.visitors import RULES, alice, entered
from tests.storage import restored
from tests.storage.restored import fixture_of

pytestmark = pytest.mark.servers

GRACE = ProviderUser(
    provider_id="custom_fixtureidp",
    subject="idp-sub-grace",
    email="grace@example.test",
    is_email_verified=True,
    claims={"sub": "idp-sub-grace"},
)


@pytest.mark.parametrize("folder", restored.FOLDERS[:2])
def test_a_token_that_hanko_made_is_exchanged(
    restore: Callable[[str], Services], clock: FakeClock, folder: str
) -> None:
    services, fixture = restore(folder), fixture_of(folder)
    value = fixture["extra"]["unconsumed_third_party_token"]["value"]
    assert outcome(lambda: services.tokens.exchange(value, client=CALLER)) is TokenExpired
    with services.database.connection():
        made_at: datetime = Token.get(Token.value == value).created_at
    clock.time = made_at + timedelta(seconds=59)
    session = services.tokens.exchange(value, client=CALLER).session
    assert str(session.user_id) == fixture["users"]["carol"]["id"]
    assert outcome(lambda: services.tokens.exchange(value, client=CALLER)) is TokenNotFound


def test_so_is_one_of_hanko_3_beside_us(restore: Callable[[str], Services]) -> None:
    services = restore("postgres-3.0")
    grace = UUID(fixture_of("postgres-3.0")["users"]["grace"]["id"])
    with services.database.connection():
        identity = Identity.get(Identity.user == grace)
    token, of_a_flow = make_token(identity=identity), make_token(identity=identity, is_flow=True)
    assert services.tokens.exchange(token.value, client=CALLER).session.user_id == grace
    assert outcome(lambda: services.tokens.exchange(of_a_flow.value, client=CALLER)) is TokenNotFound


@pytest.mark.parametrize("folder", restored.FOLDERS)
def test_a_user_of_a_provider_logs_in_signs_up_and_is_linked(
    restore: Callable[[str], Services], folder: str
) -> None:
    services, users = restore(folder), fixture_of(folder)["users"]
    assert str(entered(services, GRACE)) == users["grace"]["id"]
    dave = replace(GRACE, subject="dave", email=users["dave"]["emails"][0]["address"])
    assert str(entered(services, dave)) == users["dave"]["id"]
    new = entered(services, alice(email="somebody.new@example.test"))
    assert entered(services, alice(email="somebody.new@example.test")) == new
    with services.database.connection():
        found = identities.find("custom_fixtureidp", "dave")
        assert found is not None
        assert str(found.user_id) == users["dave"]["id"]


def test_an_address_that_hanko_keeps_for_bob_becomes_his(restore: Callable[[str], Services]) -> None:
    """Half a sign-up of version 2.7: a user without an address, and an address without a user."""
    services = restore("postgres-2.7")
    (waiting,) = (each for each in fixture_of("postgres-2.7")["users"]["bob"]["emails"])
    bob = replace(GRACE, subject="bob", email=waiting["address"])
    services.identities.enter(bob, RULES, client=CALLER)
    with services.database.connection():
        email = Email.get(Email.address == waiting["address"])
        assert email.verified
        assert email.user_id == Identity.get(Identity.provider_user_id == "bob").user_id
