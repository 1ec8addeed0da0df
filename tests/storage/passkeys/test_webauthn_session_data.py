from datetime import timedelta
from uuid import uuid4

import pytest

from hanko_compat.storage.engine.database import IntegrityError
from hanko_compat.storage.engine.deletion import delete_some
from hanko_compat.storage.models import WebauthnSessionData, WebauthnSessionDataAllowedCredential
from hanko_compat.storage.passkeys import webauthn_session_data as rows


@pytest.fixture(autouse=True)
def connection(services):
    with services.database.connection():
        yield


def create(clock, challenge="AbCd", **changes):
    facts = {"operation": "registration", "user_id": None, "user_verification": "preferred"}
    facts |= {"credential_ids": (), "expires_at": clock() + timedelta(minutes=10), "now": clock()}
    rows.create(challenge, **(facts | changes))


def test_a_challenge_is_consumed_with_what_was_offered(clock):
    user_id = uuid4()
    create(clock, user_id=user_id, credential_ids=["a", "b"])
    found = rows.consume("AbCd", operation="registration")
    assert (found.challenge, found.created_at, found.expires_at - found.created_at) == (
        "AbCd",
        clock().replace(microsecond=found.created_at.microsecond),
        timedelta(minutes=10),
    )
    assert (found.user_id, found.user_verification) == (user_id, "preferred")
    assert sorted(found.credential_ids) == ["a", "b"]


def test_nobody_is_the_zero_uuid_as_in_hanko(clock):
    create(clock)
    assert str(WebauthnSessionData.get().user_id) == "00000000-0000-0000-0000-000000000000"


@pytest.mark.parametrize(
    ("challenge", "operation"),
    [("other", "registration"), ("AbCd", "authentication"), ("aBcD", "registration")],
)
def test_another_challenge_is_neither_found_nor_deleted(clock, challenge, operation):
    create(clock)
    assert rows.consume(challenge, operation=operation) is None
    assert rows.consume("AbCd", operation="registration") is not None


def test_a_challenge_is_consumed_once_and_what_was_offered_goes_with_it(clock):
    create(clock, credential_ids=["a"])
    assert rows.consume("AbCd", operation="registration").credential_ids == ("a",)
    assert rows.consume("AbCd", operation="registration") is None
    assert WebauthnSessionDataAllowedCredential.select().count() == 0


def test_a_challenge_is_unique(services, clock):
    create(clock)
    with pytest.raises(IntegrityError), services.database.peewee.atomic():
        create(clock)


def test_old_challenges_are_deleted_a_few_at_a_time_with_their_credentials(clock):
    long_ago, later = clock() - timedelta(hours=3), clock() + timedelta(hours=3)
    create(clock, "old", now=long_ago, expires_at=long_ago, credential_ids=["a", "b"])
    create(clock, "never", now=long_ago, expires_at=None)
    create(clock, "new without end", now=clock() - timedelta(minutes=65), expires_at=None)
    create(clock, "new", credential_ids=["c"])
    create(clock, "old and alive", now=long_ago, expires_at=later)
    expired = rows.expired(before=clock() - timedelta(hours=1), lifetime=timedelta(minutes=10))
    assert [delete_some(expired, at_most=most) for most in (1, 9, 9)] == [1, 1, 0]
    assert {row.challenge for row in WebauthnSessionData.select()} == {
        *("new without end", "new", "old and alive")
    }
    assert [row.credential_id for row in WebauthnSessionDataAllowedCredential.select()] == ["c"]
