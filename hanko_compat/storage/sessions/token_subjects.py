"""What a session token says of a user, from six tables in one query."""

from typing import Any, NamedTuple
from uuid import UUID

from peewee import JOIN

from hanko_compat.storage.engine.dialects import is_postgres
from hanko_compat.storage.engine.statements import Statement, argument
from hanko_compat.storage.models import Email, PrimaryEmail, User, UserMetadata, Username, UserState
from hanko_compat.storage.models.user_states import UserStatus
from hanko_compat.storage.users import users

_FIND = Statement(lambda: _query())
_LOCK = Statement(lambda: _query().select_extend(_was_changed()).for_update(of=User))


class TokenSubjectRow(NamedTuple):
    """A user's primary address, names, picture, metadata (JSON texts), status and WebAuthn user handle.

    Each may be None; a user without a ``webauthn_id`` has its ID as user handle.
    """

    user_id: UUID
    address: str | None
    is_verified: bool | None
    username: str | None
    name: str | None
    given_name: str | None
    family_name: str | None
    picture: str | None
    public_metadata: str | None
    unsafe_metadata: str | None
    status: UserStatus | None
    webauthn_id: str | None


def find(user_id: UUID) -> TokenSubjectRow | None:
    """Read what a token says of the user; None when there is no such user."""
    row = _FIND.first(user_id=user_id)
    return TokenSubjectRow(*row) if row else None


def lock(user_id: UUID) -> TokenSubjectRow | None:
    """Lock the user as `users.lock` does, and read as `find` does."""
    # MariaDB can't lock the row of one table of several.
    if not is_postgres(User):
        return find(user_id) if users.lock(user_id) else None
    row = _LOCK.first(user_id=user_id)
    if row is None:
        return None
    *found, was_changed = row
    # To disable a user changes its row, too: then the status that was read is out of date.
    return find(user_id) if was_changed else TokenSubjectRow(*found)


def _query() -> Any:
    return (
        User.select(
            User.id,
            Email.address,
            Email.verified,
            Username.username,
            User.name,
            User.given_name,
            User.family_name,
            User.picture,
            UserMetadata.public_metadata,
            UserMetadata.unsafe_metadata,
            UserState.status,
            UserState.webauthn_id,
        )
        .join(PrimaryEmail, JOIN.LEFT_OUTER, on=(PrimaryEmail.user == User.id))
        .join(Email, JOIN.LEFT_OUTER, on=(Email.id == PrimaryEmail.email))
        .join(Username, JOIN.LEFT_OUTER, on=(Username.user == User.id))
        .join(UserMetadata, JOIN.LEFT_OUTER, on=(UserMetadata.user == User.id))
        .join(UserState, JOIN.LEFT_OUTER, on=(UserState.user == User.id))
        .where(User.id == argument("user_id", User.id))
        .tuples()
    )


def _was_changed() -> Any:
    """Whether the user was changed while the statement waited for the lock.

    PostgreSQL then reads the locked row again, but other tables, and so this subquery, as they were before.
    """
    before = User.alias()
    return User.updated_at != before.select(before.updated_at).where(before.id == User.id)
