"""The table of claims begins with what servers and challenges have said before it was there."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from hanko_compat.clock import utc_now
from hanko_compat.storage.engine.database import Database
from hanko_compat.storage.models import Challenge, Email, EmailClaim, User
from hanko_compat.storage.models.challenges import ChallengeStatus, ChallengeType
from hanko_compat.storage.schema import history, migrate

BEFORE, NEW = "0009_revoked_keys", "0010_email_claims"
NOW = utc_now().replace(microsecond=0)
STAMPS = {"created_at": NOW, "updated_at": NOW}
TABLES = [User, Email, Challenge, EmailClaim]


@pytest.fixture
def old_database(empty_database: Database) -> Database:
    """A database as the release before left it."""
    with empty_database.connection():
        history.ScopedRunner(empty_database, history.ON_OURS).up(BEFORE)
    return empty_database


def put(database: Database, *, given_name: str | None, is_verified: bool, status: str | None) -> UUID:
    """An address of a user of its own, with a challenge to it of this *status*."""
    user_id, email_id = uuid4(), uuid4()
    address = f"jane.{email_id}@example.test"
    challenge: dict[str, Any] = {"secret_hash": "", "tries": 1, "expires_at": NOW, "created_at": NOW}
    with database.connection(), database.peewee.bind_ctx(TABLES):
        User.create(id=user_id, given_name=given_name, **STAMPS)
        Email.create(id=email_id, user=user_id, address=address, verified=is_verified, **STAMPS)
        if status is not None:
            Challenge.create(
                user=user_id,
                type=ChallengeType.EMAIL_CODE,
                identifier_value=address.replace("jane", "Jane"),
                status=ChallengeStatus(status),
                **challenge,
            )
    return email_id


def claimed(database: Database) -> dict[UUID, bool]:
    """The addresses that have a claim, and whether they are proved."""
    with database.connection(), database.peewee.bind_ctx(TABLES):
        return {row.email_id: row.proved_at is not None for row in EmailClaim.select()}


def test_what_servers_and_challenges_have_said_is_kept(old_database: Database) -> None:
    given = put(old_database, given_name="", is_verified=False, status="pending")
    proved = put(old_database, given_name="", is_verified=False, status="completed")
    hankos = put(old_database, given_name=None, is_verified=False, status="completed")
    put(old_database, given_name="", is_verified=True, status="completed")
    put(old_database, given_name=None, is_verified=False, status="expired")
    put(old_database, given_name="Jane", is_verified=False, status=None)
    assert NEW in migrate.up(old_database)
    assert claimed(old_database) == {given: False, proved: True, hankos: True}
