"""Passkeys as servers see them: ``webauthn_credentials`` with ``hanko_compat_credential_details`` beside it.

Keys that are a second factor only are none of them.
"""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from peewee import JOIN, fn

from hanko_compat.storage.engine import paging as lists
from hanko_compat.storage.engine.paging import COMPARE, Branch, Condition, Matching, Query
from hanko_compat.storage.engine.statements import Statement, argument
from hanko_compat.storage.models import CredentialDetail, WebauthnCredential, WebauthnCredentialTransport


class CredentialStatus(StrEnum):
    """There is one only: a passkey is stored when it is finished."""

    ACTIVE = "active"


_FIND = Statement(
    lambda: (
        CredentialDetail.select(
            CredentialDetail.id,
            CredentialDetail.credential,
            CredentialDetail.username,
            CredentialDetail.source_os,
            CredentialDetail.source_browser,
        )
        .where(CredentialDetail.credential == argument("credential_id", CredentialDetail.credential))
        .tuples()
    ),
)


class CredentialDetails(NamedTuple):
    """What Hanko's table has no column for; ``username`` is what the server called its user, or ""."""

    id: UUID
    credential_id: str
    username: str
    source_os: str
    source_browser: str


class CredentialRow(NamedTuple):
    """A passkey. ``id`` to ``source_browser`` are its details, None while it has none."""

    credential_id: str
    attestation_type: str
    aaguid: UUID
    backup_eligible: bool
    backup_state: bool
    last_used_at: datetime | None
    created_at: datetime
    id: UUID | None
    tags: str | None  # JSON
    source_os: str | None
    source_browser: str | None
    transports: tuple[str, ...]


def create(
    detail_id: UUID,
    *,
    credential_id: str,
    username: str = "",
    source_os: str = "",
    source_browser: str = "",
    now: datetime,
) -> None:
    """Write the details of a passkey.

    Raises:
        IntegrityError: it has details, or there is no such passkey.
    """
    CredentialDetail.insert(
        id=detail_id,
        credential=credential_id,
        tags="[]",
        username=username,
        source_os=source_os,
        source_browser=source_browser,
        created_at=now,
    ).execute()


def find(credential_id: str) -> CredentialDetails | None:
    """The details of a passkey, by its ID in base64url; None while it has none."""
    row = _FIND.first(credential_id=credential_id)
    return None if row is None else CredentialDetails(*row)


def find_credential_id(detail_id: UUID, *, user_id: UUID) -> str | None:
    """The ID in base64url of one of the user's passkeys, or None."""
    rows = (
        CredentialDetail.select(CredentialDetail.credential)
        .join(WebauthnCredential, on=(CredentialDetail.credential == WebauthnCredential.id))
        .where((CredentialDetail.id == detail_id) & _is_passkey_of(user_id))
        .tuples()
    )
    return next((credential_id for (credential_id,) in rows), None)


def list_page(user_id: UUID, query: Query) -> list[CredentialRow]:
    """The passkeys of a page of the user's, in order."""
    return lists.list_page([_branch(user_id)], query, _by_id)


def matching(user_id: UUID, query: Query) -> Matching:
    """All passkeys of the user that the conditions of *query* leave."""
    return Matching([_branch(user_id)], query.conditions)


def list_some(credential_ids: Sequence[str]) -> list[CredentialRow]:
    """The passkeys with these IDs that exist, in the order of the IDs."""
    found = _by_id(credential_ids) if credential_ids else {}
    return [found[each] for each in credential_ids if each in found]


def _by_id(credential_ids: Sequence[str]) -> dict[str, CredentialRow]:
    transports: dict[str, list[str]] = {}
    named = WebauthnCredentialTransport.select(
        WebauthnCredentialTransport.webauthn_credential, WebauthnCredentialTransport.name
    ).where(WebauthnCredentialTransport.webauthn_credential.in_(credential_ids))
    for credential_id, name in named.order_by(WebauthnCredentialTransport.name).tuples():
        transports.setdefault(credential_id, []).append(name)
    rows = (
        WebauthnCredential.select(
            WebauthnCredential.id,
            WebauthnCredential.attestation_type,
            WebauthnCredential.aaguid,
            WebauthnCredential.backup_eligible,
            WebauthnCredential.backup_state,
            WebauthnCredential.last_used_at,
            WebauthnCredential.created_at,
            CredentialDetail.id,
            CredentialDetail.tags,
            CredentialDetail.source_os,
            CredentialDetail.source_browser,
        )
        .join(CredentialDetail, JOIN.LEFT_OUTER, on=(CredentialDetail.credential == WebauthnCredential.id))
        .where(WebauthnCredential.id.in_(credential_ids))
        .tuples()
    )
    return {row[0]: CredentialRow._make((*row, tuple(transports.get(row[0], ())))) for row in rows}


def _is_passkey_of(user_id: UUID) -> Any:
    return (WebauthnCredential.user == user_id) & (WebauthnCredential.mfa_only == False)  # noqa: E712


def _branch(user_id: UUID) -> Branch:
    def compare(condition: Condition) -> Any:
        column, value = _detail(condition.column), condition.value
        expression = COMPARE[condition.operator](column, value)
        if condition.operator != "eq":
            return expression
        name = f"{value} "  # without the version; LIKE would ignore the case of letters on some databases
        return expression | (fn.SUBSTR(column, 1, len(name)) == name)

    return Branch(
        WebauthnCredential,
        {
            "user_id": WebauthnCredential.user,
            "created": WebauthnCredential.created_at,
            "backup_state": WebauthnCredential.backup_state,
            "source_browser": _detail("source_browser"),
            "source_os": _detail("source_os"),
        },
        {"status": CredentialStatus.ACTIVE},
        (_is_passkey_of(user_id),),
        custom={"source_browser": compare, "source_os": compare},
    )


def _detail(name: str) -> Any:
    """A column of the details, for a query of ``webauthn_credentials``; "" without details."""
    details = CredentialDetail.select(getattr(CredentialDetail, name)).where(
        CredentialDetail.credential == WebauthnCredential.id
    )
    return fn.COALESCE(details, "")
