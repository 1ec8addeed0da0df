"""Ceremonies that servers began: what nobody answered does not stay for ever."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from hanko_compat.clock import utc_now
from hanko_compat.storage.engine.database import Database
from hanko_compat.storage.engine.deletion import delete_some
from hanko_compat.storage.models import PasskeyChallenge
from hanko_compat.storage.models.passkey_challenges import PasskeyChallengeType
from hanko_compat.storage.passkeys import challenges
from tests.factories import make_user, write_to
from tests.queries import assert_nothing_is_sorted

NOW = utc_now().replace(microsecond=0)


def put(*, days_ago: int, user_id: UUID | None = None) -> UUID:
    """A challenge that was made some days ago."""
    challenge_id, made_at = uuid4(), NOW - timedelta(days=days_ago)
    challenges.create(
        challenge_id,
        user_id=user_id,
        type_=PasskeyChallengeType.AUTHENTICATE,
        value=str(challenge_id),
        process_id="",
        username="",
        expires_at=made_at,
        now=made_at,
    )
    return challenge_id


@pytest.fixture(autouse=True)
def connected(database: Database):
    with write_to(database).connection():
        yield


def test_the_oldest_that_nobody_answered_are_deleted_a_few_at_a_time(database: Database) -> None:
    old = [put(days_ago=days) for days in (9, 3, 8, 4, 7)]
    kept = {put(days_ago=1), put(days_ago=9, user_id=make_user().id)}
    before = NOW - timedelta(days=2)

    with assert_nothing_is_sorted(database):
        assert delete_some(challenges.unanswered(before=before), at_most=3) == 3
    assert {row.id for row in PasskeyChallenge.select()} == kept | {old[1], old[3]}
    left = challenges.unanswered(before=before)
    assert [delete_some(left, at_most=3) for _ in range(2)] == [2, 0]
    assert {row.id for row in PasskeyChallenge.select()} == kept
