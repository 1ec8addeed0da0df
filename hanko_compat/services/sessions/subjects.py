"""Whom a token is about: a user who may log in, with what the token tells of it."""

import json
import logging
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from hanko_compat.errors.users import UserBlocked, UserNotFound
from hanko_compat.jose.session_token import TokenEmail, TokenSubject
from hanko_compat.storage.sessions import token_subjects as rows
from hanko_compat.storage.users.records import BLOCKED

logger = logging.getLogger(__name__)


def get(user_id: UUID) -> TokenSubject:
    """What a token tells of the user. Runs on the caller's connection.

    Raises:
        UserNotFound: no such user.
        UserBlocked: pending or disabled.
    """
    return _subject(rows.find(user_id))


def lock(user_id: UUID) -> TokenSubject:
    """The same, and `users.lock`. Runs inside the caller's transaction.

    After a wait for another transaction the primary address may still be that of before.

    Raises:
        UserNotFound: no such user.
        UserBlocked: pending or disabled.
    """
    return _subject(rows.lock(user_id))


def _subject(row: rows.TokenSubjectRow | None) -> TokenSubject:
    if row is None:
        raise UserNotFound
    if row.status in BLOCKED:
        raise UserBlocked
    is_verified = bool(row.is_verified)
    return TokenSubject(
        user_id=row.user_id,
        email=TokenEmail(row.address, is_primary=True, is_verified=is_verified) if row.address else None,
        username=row.username,
        name=row.name,
        given_name=row.given_name,
        family_name=row.family_name,
        picture=row.picture,
        public_metadata=_metadata(row.public_metadata),
        unsafe_metadata=_metadata(row.unsafe_metadata),
    )


def _metadata(text: str | None) -> Mapping[str, Any]:
    """The object in a metadata column; nothing where somebody wrote something else."""
    try:
        value = json.loads(text or "{}")
    except ValueError:
        logger.warning("user_metadata_unreadable")
        return {}
    return value if isinstance(value, dict) else {}
