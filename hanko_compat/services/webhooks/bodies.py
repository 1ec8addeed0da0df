"""What webhooks tell: the body of each type of event, as it is at the moment that the event reports."""

import json
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from hanko_compat.public_ids import encode
from hanko_compat.services.events import Event, EventType, UserChange
from hanko_compat.services.user_agents import browser_of, system_of
from hanko_compat.storage import identifiers
from hanko_compat.storage.engine.database import Database, IntegrityError
from hanko_compat.storage.identifiers import IdentifierRecord
from hanko_compat.storage.passkeys import credential_details
from hanko_compat.storage.users import records as user_records


class WebhookEventType(StrEnum):
    """What endpoints subscribe to."""

    PASSKEY_LOGIN_COMPLETED = "passkey-login.completed"
    PASSKEY_CREATED = "passkey.created"
    PASSKEY_DELETED = "passkey.deleted"
    USER_CREATED = "user.created"
    USER_UPDATED = "user.updated"
    USER_DELETED = "user.deleted"


TYPES: Mapping[EventType, WebhookEventType] = {
    EventType.USER_CREATED: WebhookEventType.USER_CREATED,
    EventType.USER_UPDATED: WebhookEventType.USER_UPDATED,
    EventType.EMAIL_CREATED: WebhookEventType.USER_UPDATED,
    EventType.EMAIL_DELETED: WebhookEventType.USER_UPDATED,
    EventType.EMAIL_VERIFIED: WebhookEventType.USER_UPDATED,
    EventType.PRIMARY_EMAIL_CHANGED: WebhookEventType.USER_UPDATED,
    EventType.IDENTIFIER_CREATED: WebhookEventType.USER_UPDATED,
    EventType.IDENTIFIER_UPDATED: WebhookEventType.USER_UPDATED,
    EventType.IDENTIFIER_DELETED: WebhookEventType.USER_UPDATED,
    EventType.USER_DELETED: WebhookEventType.USER_DELETED,
    EventType.WEBAUTHN_REGISTRATION_FINAL_SUCCEEDED: WebhookEventType.PASSKEY_CREATED,
    EventType.WEBAUTHN_CREDENTIAL_DELETED: WebhookEventType.PASSKEY_DELETED,
    EventType.WEBAUTHN_AUTHENTICATION_FINAL_SUCCEEDED: WebhookEventType.PASSKEY_LOGIN_COMPLETED,
}
"""What webhooks call the events that they report."""
CHANGES = {
    UserChange.CREATED: WebhookEventType.USER_CREATED,
    UserChange.UPDATED: WebhookEventType.USER_UPDATED,
    UserChange.EMAIL_CREATED: WebhookEventType.USER_UPDATED,
}
"""The same for what else changes a user, as log-ins at other providers do."""

LONGEST = 60_000  # bytes; a column of MySQL holds 65,535


def type_of(event: Event) -> WebhookEventType | None:
    """What webhooks call *event*; None where they don't report it."""
    type_ = TYPES.get(event.type)
    return CHANGES.get(event.change) if type_ is None and event.change is not None else type_


def body(event: Event, database: Database, *, now: datetime) -> str | None:
    """Write the body; None where there is nothing to tell. Runs in the transaction that *event* reports."""
    type_, user_id = type_of(event), event.user_id
    if type_ is None or user_id is None:
        return None
    data = _data(type_, user_id, event, database, now=now)
    if data is None:
        return None
    user_agent = event.client.user_agent
    return _fitting(
        {
            "type": type_,
            "timestamp": f"{now:%Y-%m-%dT%H:%M:%S.%f}000Z",  # RFC 3339 with nanoseconds
            "metadata": {
                "ip": event.client.ip_address,
                "os": system_of(user_agent),
                "browser": browser_of(user_agent),
                "customHeaders": {},
            },
            "data": data,
        }
    )


def _data(
    type_: WebhookEventType, user_id: UUID, event: Event, database: Database, *, now: datetime
) -> dict[str, Any] | None:
    if type_ in (WebhookEventType.USER_CREATED, WebhookEventType.USER_UPDATED):
        return _of_user(user_id)
    data: dict[str, Any] = {"userID": encode("user_id", user_id)}
    if type_ == WebhookEventType.USER_DELETED:
        return data
    return data | {"credential": _of_credential(event, database, now=now)}


def _of_user(user_id: UUID) -> dict[str, Any] | None:
    user = user_records.find(user_id)
    if user is None:
        return None
    data = {"id": encode("user_id", user.id), "fullName": user.name, "status": user.status}
    return {
        "user": {name: value for name, value in data.items() if value is not None},
        "identifiers": [_of_identifier(each) for each in identifiers.list_of_users([user_id])],
    }


def _of_identifier(identifier: IdentifierRecord) -> dict[str, str]:
    return {
        "id": encode("identifier_id", identifier.id),
        "type": identifier.type,
        "value": identifier.value,
        "status": identifier.status,
    }


def _of_credential(event: Event, database: Database, *, now: datetime) -> dict[str, str]:
    """What is reported of the passkey that *event* names; missing details are made, unless it is gone."""
    passkey = event.passkey or {}
    credential_id = passkey.get("credential_id", "")
    if "id" in passkey:
        detail_id: UUID | None = UUID(passkey["id"])
        system, browser = passkey.get("os", ""), passkey.get("browser", "")
    elif event.type == EventType.WEBAUTHN_CREDENTIAL_DELETED:
        detail_id, system, browser = uuid4(), "", ""  # no server has ever seen its ID
    else:
        found = _details(credential_id, event, database, now=now)
        # None where somebody made them a moment ago, and this transaction can't see them yet.
        detail_id = found and found.id
        system, browser = (found.source_os, found.source_browser) if found else ("", "")
    return {
        "id": encode("credential_id", detail_id) if detail_id else "",
        "webAuthnID": credential_id,
        "os": system,
        "browser": browser,
    }


def _details(
    credential_id: str, event: Event, database: Database, *, now: datetime
) -> credential_details.CredentialDetails | None:
    found = credential_details.find(credential_id)
    if found is not None:
        return found
    is_new = event.type == EventType.WEBAUTHN_REGISTRATION_FINAL_SUCCEEDED
    user_agent = event.client.user_agent if is_new else ""  # where it was made, not where it is used
    # Somebody may ask for it at the same moment.
    with suppress(IntegrityError), database.savepoint():
        credential_details.create(
            uuid4(),
            credential_id=credential_id,
            source_os=system_of(user_agent),
            source_browser=browser_of(user_agent),
            now=now,
        )
    return credential_details.find(credential_id)


def _fitting(content: dict[str, Any]) -> str:
    """Write *content*; of more identifiers than there is room for the last are left out."""
    text = _json(content)
    while len(text.encode()) > LONGEST:
        reported: list[Any] = content["data"]["identifiers"]
        del reported[len(reported) * 3 // 4 :]
        text = _json(content)
    return text


def _json(content: dict[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))
