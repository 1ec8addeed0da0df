"""Rows for tests: each function stores one valid row and takes changes to it.

They write to the database of the unit of work around them; without one, to that of the test (`write_to`).
"""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, TypeVar
from uuid import uuid4

import bcrypt
from peewee import Model

from hanko_compat import random_secrets
from hanko_compat.base64url import encode_padded
from hanko_compat.storage.engine.current import CURRENT_DATABASE
from hanko_compat.storage.engine.database import Database
from hanko_compat.storage.models import (
    Email,
    Identity,
    Jwk,
    OtpSecret,
    Passcode,
    PasswordCredential,
    PrimaryEmail,
    Session,
    Token,
    User,
    UserMetadata,
    Username,
    WebauthnCredential,
    WebauthnCredentialTransport,
)

Row = TypeVar("Row", bound=Model)
_numbers = count(1)
_databases: list[Database] = []


def write_to(database: Database) -> Database:
    """Let *database* be that of the test from now on, and return it."""
    _databases[:] = [database]
    return database


def now() -> datetime:
    """The present moment in whole seconds, which every database keeps."""
    return datetime.now(UTC).replace(microsecond=0)


def store(model: type[Row], **columns: Any) -> Row:
    """Insert one row."""
    if CURRENT_DATABASE.obj is not None:
        return model.create(**columns)
    (database,) = _databases
    with database.connection():
        return model.create(**columns)


def _stamped(changes: dict[str, Any]) -> dict[str, Any]:
    moment = changes.get("created_at") or now()
    return {"created_at": moment, "updated_at": moment} | changes


def make_user(**changes: Any) -> User:
    """A user without an address."""
    return store(User, **_stamped(changes))


def make_email(**changes: Any) -> Email:
    """A verified address of a user of its own; ``user=None`` for one that nobody has."""
    if "user" not in changes:
        changes["user"] = make_user()
    defaults = {"address": f"user{next(_numbers)}@example.test", "verified": True}
    return store(Email, **_stamped(defaults | changes))


def make_primary_email(email: Email | None = None, **changes: Any) -> PrimaryEmail:
    """The row that makes *email* (by default: a new verified one) the primary address of its user."""
    email = email or make_email()
    return store(PrimaryEmail, **_stamped({"email": email, "user": email.user_id} | changes))


def make_account(**changes: Any) -> Email:
    """A user who signed up and confirmed: the row of the verified primary address, with its user."""
    email = make_email(**changes)
    make_primary_email(email)
    return email


def make_session(**changes: Any) -> Session:
    """A session of twelve hours."""
    if "user" not in changes:
        changes["user"] = make_user()
    stamped = _stamped(changes)
    moment = stamped["created_at"]
    times = {"last_used": moment, "expires_at": moment + timedelta(hours=12)}
    client = {"user_agent": "test", "ip_address": "127.0.0.1"}
    return store(Session, **(client | times | stamped))


def make_password(**changes: Any) -> PasswordCredential:
    """A password whose hash fits nothing, because hashing is slow."""
    if "user" not in changes:
        changes["user"] = make_user()
    return store(PasswordCredential, **_stamped({"password": "$2a$12$" + "." * 53} | changes))


def make_passcode(*, code: str = "123456", **changes: Any) -> Passcode:
    """A passcode of five minutes that was sent to the verified primary address of a user of its own."""
    if "email" not in changes:
        changes["email"] = make_account()
    if "user" not in changes:
        changes["user"] = changes["email"].user_id
    hashed = bcrypt.hashpw(code.encode(), bcrypt.gensalt(4)).decode()
    return store(Passcode, **_stamped({"code": hashed, "ttl": 300, "try_count": 0} | changes))


def make_username(**changes: Any) -> Username:
    """A username as Hanko's flow API writes it."""
    if "user" not in changes:
        changes["user"] = make_user()
    return store(Username, **_stamped({"username": f"user{next(_numbers)}"} | changes))


def make_metadata(**changes: Any) -> UserMetadata:
    """Empty metadata; the columns hold JSON as text."""
    if "user" not in changes:
        changes["user"] = make_user()
    return store(UserMetadata, **_stamped(changes))


def make_identity(**changes: Any) -> Identity:
    """A log-in at a provider, linked to an address and its user; ``email=None`` for one without."""
    if "email" not in changes:
        changes["email"] = make_email()
    email = changes["email"]
    defaults = {
        "provider_user_id": f"provider-user-{next(_numbers)}",
        "provider_id": "google",
        "data": "{}",
        "user": email and email.user_id,
    }
    return store(Identity, **_stamped(defaults | changes))


def make_token(**changes: Any) -> Token:
    """A one-time token of a log-in at a provider that was made now."""
    if "identity" not in changes:
        changes["identity"] = make_identity(email=make_account())
    stamped = _stamped(changes)
    defaults = {
        "user": changes["identity"].user_id,
        "value": encode_padded(random_secrets.octets(32)),
        "expires_at": stamped["created_at"] + timedelta(seconds=60),
    }
    return store(Token, **(defaults | stamped))


def make_credential(*, transports: tuple[str, ...] = ("internal",), **changes: Any) -> WebauthnCredential:
    """A passkey whose public key fits nothing."""
    if "user" not in changes:
        changes["user"] = make_user()
    defaults = {
        "id": f"credential-{next(_numbers)}",
        "public_key": "pQECAyYgASFYIA",
        "attestation_type": "none",
        "aaguid": uuid4(),
        "sign_count": 0,
    }
    credential = store(WebauthnCredential, **_stamped(defaults | changes))
    for name in transports:
        store(
            WebauthnCredentialTransport,
            id=f"{credential.id}-{name}",
            name=name,
            webauthn_credential=credential,
        )
    return credential


def make_otp_secret(**changes: Any) -> OtpSecret:
    """A second factor."""
    if "user" not in changes:
        changes["user"] = make_user()
    return store(OtpSecret, **_stamped({"secret": "JBSWY3DPEHPK3PXP"} | changes))


def make_jwk(**changes: Any) -> Jwk:
    """A row of the signing keys; ``key_data`` is what the test says it is."""
    return store(Jwk, **({"key_data": "", "created_at": now()} | changes))
