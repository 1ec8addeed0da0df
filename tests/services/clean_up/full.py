"""A database with rows of every kind, some past their time and some not."""

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from uuid import uuid4

from hanko_compat.services.rate_limits.storages import since_1970
from hanko_compat.storage.models import (
    AuditLog,
    Challenge,
    ConnectToken,
    DeadLetter,
    Delivery,
    PasskeyChallenge,
    RateLimit,
    SamlIdpInitiatedRequest,
    SamlRequest,
    SamlState,
    SpentToken,
    WebauthnSessionData,
    WebauthnSessionDataAllowedCredential,
)
from tests.factories import (
    make_email,
    make_identity,
    make_passcode,
    make_session,
    make_token,
    make_user,
    store,
)

LONGEST_CEREMONY = timedelta(minutes=10)
"""Of the configuration; it is over for a row that does not say when it expires."""

_numbers = count(1)


def challenge(moment: datetime) -> Any:
    return store(
        Challenge,
        user=make_user(created_at=moment),
        type="email_otp",
        identifier_value="jane@example.test",
        secret_hash="",
        status="pending",
        tries=0,
        expires_at=moment,
        created_at=moment,
    )


def ceremony(moment: datetime) -> Any:
    row = store(
        WebauthnSessionData,
        challenge=f"challenge {next(_numbers)}",
        user_id=uuid4(),
        user_verification="preferred",
        operation="authentication",
        created_at=moment - LONGEST_CEREMONY,
        updated_at=moment,
        expires_at=moment,
    )
    columns = {"credential_id": "c", "webauthn_session_data": row, "created_at": moment, "updated_at": moment}
    store(WebauthnSessionDataAllowedCredential, **columns)
    return row


def server_ceremony(moment: datetime, **changes: Any) -> Any:
    defaults = {
        "user": make_user(),
        "type": "authenticate",
        "value": f"value {next(_numbers)}",
        "status": "pending",
        "process_id": "",
        "username": "",
        "expires_at": moment,
        "created_at": moment,
    }
    return store(PasskeyChallenge, **(defaults | changes))


def connect_token(moment: datetime) -> Any:
    return store(
        ConnectToken,
        secret_hash=f"{next(_numbers)}",
        type="passkey-list",
        identifier="jane",
        is_consumed=True,
        expires_at=moment,
        created_at=moment,
    )


def delivery(moment: datetime) -> Any:
    return store(
        Delivery,
        channel="mail",
        kind="passcode",
        recipient="",
        payload="",
        attempts=0,
        failures=0,
        next_attempt_at=moment,
        expires_at=moment,
        created_at=moment,
    )


def dead_letter(moment: datetime) -> Any:
    return store(
        DeadLetter,
        id=uuid4(),
        channel="hook",
        kind="user",
        recipient="a",
        lane="",
        payload="",
        attempts=1,
        reason="",
        created_at=moment,
        died_at=moment,
    )


def audit_row(moment: datetime) -> Any:
    return store(
        AuditLog,
        type="user_created",
        meta_http_request_id="",
        meta_source_ip="",
        meta_user_agent="",
        created_at=moment,
        updated_at=moment,
    )


def saml_request(moment: datetime) -> Any:
    texts = dict.fromkeys(("browser_hash", "request_id", "domain", "redirect_to"), "text")
    return store(SamlRequest, id=f"{next(_numbers)}", expires_at=moment, **texts)


def saml_state(moment: datetime) -> Any:
    times = {"created_at": moment, "updated_at": moment, "expires_at": moment}
    return store(SamlState, nonce=f"{next(_numbers)}", state="state", **times)


def saml_response(moment: datetime) -> Any:
    ids = {"response_id": f"{next(_numbers)}", "issuer": "issuer"}
    return store(SamlIdpInitiatedRequest, expires_at=moment, created_at=moment, **ids)


def rate_limit(moment: datetime) -> Any:
    return store(RateLimit, name=f"{next(_numbers)}", hits=1, expires_at=since_1970(moment))


def passcode(moment: datetime) -> Any:
    email = make_email(created_at=moment, user=make_user(given_name=""))
    return make_passcode(email=email, created_at=moment - timedelta(minutes=5))


def one_time_token(moment: datetime) -> Any:
    identity = make_identity(email=make_email(user=make_user(given_name="")))
    return make_token(identity=identity, created_at=moment - timedelta(minutes=1))


DAY = timedelta(days=1)
KINDS: dict[str, tuple[Callable[[datetime], Any], timedelta]] = {
    "challenges": (challenge, DAY),
    "passcodes": (passcode, DAY),
    "one_time_tokens": (one_time_token, DAY),
    "ceremonies": (ceremony, timedelta(hours=1)),
    "ceremonies_of_nobody": (
        lambda moment: server_ceremony(moment, user=None, created_at=moment - LONGEST_CEREMONY),
        timedelta(hours=1),
    ),
    "ceremonies_of_servers": (server_ceremony, 30 * DAY),
    "spent_tokens": (
        lambda moment: store(SpentToken, id=f"{next(_numbers)}", expires_at=moment),
        timedelta(hours=1),
    ),
    "connect_tokens": (connect_token, 30 * DAY),
    "saml_requests": (saml_request, timedelta(minutes=5)),
    "saml_states": (saml_state, DAY),
    "saml_responses": (saml_response, DAY),
    "sessions": (
        lambda moment: make_session(user=make_user(given_name=""), expires_at=moment),
        30 * DAY,
    ),
    "rate_limits": (rate_limit, timedelta(minutes=1)),
    "dead_letters": (dead_letter, 30 * DAY),
    "lost_deliveries": (delivery, DAY),
    "audit_log": (audit_row, 30 * DAY),
    "unclaimed_addresses": (
        lambda moment: make_email(user=None, verified=False, created_at=moment),
        DAY,
    ),
    "empty_users": (lambda moment: make_user(created_at=moment), 30 * DAY),
}
"""What makes a row of each kind whose time is over at a moment, and how long it is kept after that."""


def exists(row: Any) -> bool:
    """Whether a row is still there."""
    return bool(type(row).get_or_none(type(row)._meta.primary_key == row.get_id()))
