"""Export users: a JSON array, an entry a line, of which an import makes the same users again."""

import json
from collections.abc import Callable, Iterator
from typing import Any

from hanko_compat import rfc3339
from hanko_compat.services.transfer.passkeys import UNKNOWN_AUTHENTICATOR
from hanko_compat.storage.engine.database import Database
from hanko_compat.storage.models.user_states import UserStatus
from hanko_compat.storage.transfer import reading
from hanko_compat.storage.transfer.reading import Belongings, Stored
from hanko_compat.storage.transfer.snapshot import snapshot

Entry = dict[str, Any]
PROFILE = ("name", "given_name", "family_name", "picture")


EMPTY = frozenset({"user_id", "emails", "created_at", "updated_at"})
"""The members of an entry of somebody who has begun to sign up, and has nothing yet."""


class Exporter:
    """Exports all users as they are at one moment.

    Those who have begun to sign up and have nothing yet, not even an address, are left out; ``unfinished``
    says how many they were.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self.unfinished = 0

    def count(self) -> int:
        """How many users there are."""
        with self._database.connection():
            return reading.count()

    def entries(self) -> Iterator[Entry]:
        """Every user, in the order of their IDs.

        Raises:
            DatabaseUnavailable: it does not answer.
        """
        with snapshot(self._database):
            for users in reading.list_users():
                belongings = Belongings([user["id"] for user in users])
                for user in users:
                    entry = _entry(user, belongings)
                    if entry.keys() <= EMPTY and not entry["emails"]:
                        self.unfinished += 1
                    else:
                        yield entry


def write(entries: Iterator[Entry], line: Callable[[str], object]) -> int:
    """Write *entries* as a JSON array, by calls of *line*; return how many they are."""
    number = 0
    line("[")
    for number, entry in enumerate(entries, start=1):
        text = json.dumps(entry, ensure_ascii=False, separators=(",", ":"))
        line(f"{',' if number > 1 else ''}\n{text}")
    line("\n]\n" if number else "]\n")
    return number


def _entry(user: Stored, belongings: Belongings) -> Entry:
    user_id = user["id"]
    entry: Entry = {"user_id": str(user_id)}
    emails = [_email(row) for row in belongings.emails.get(user_id, ())]
    entry["emails"] = emails
    entry |= {name: user[name] for name in PROFILE if user[name] is not None}
    username = belongings.usernames.get(user_id)
    if username is not None:
        entry["username"] = username["value"] or username["username"]
    if password := belongings.passwords.get(user_id):
        entry["password"] = {"password": password["password"], **_times(password)}
    otp_secret = belongings.otp_secrets.get(user_id)
    if otp_secret and otp_secret["secret"]:
        entry["otp_secret"] = {"secret": otp_secret["secret"], **_times(otp_secret)}
    if credentials := belongings.credentials.get(user_id):
        entry["webauthn_credentials"] = [_credential(row, belongings) for row in credentials]
    if metadata := _metadata(belongings.metadata.get(user_id)):
        entry["metadata"] = metadata
    if identities := belongings.identities.get(user_id):
        own = {email["address"] for email in emails}
        entry["identities"] = [_identity(row, belongings, own) for row in identities]
    state = belongings.states.get(user_id)
    if state and state["status"] == UserStatus.DISABLED:
        entry["is_disabled"] = True
    has_primary = any(email["is_primary"] for email in emails)
    backend = _backend(user_id, state, username, belongings)
    if backend or (emails and not has_primary):
        entry["backend_api"] = backend
    return entry | _times(user)


def _times(row: Stored) -> Entry:
    return {name: rfc3339.written(row[name]) for name in ("created_at", "updated_at")}


def _email(row: Stored) -> Entry:
    email = {
        "id": str(row["id"]),
        "address": row["address"],
        "is_primary": row["primary_id"] is not None,
        "is_verified": bool(row["verified"]),
    }
    if row["value"] is not None:
        email["value"] = row["value"]
    if row["claim_id"] is not None:
        email["is_claimed"] = True
    if row["proved_at"] is not None:
        email["proved_at"] = rfc3339.written(row["proved_at"])
    return email | _times(row)


def _credential(row: Stored, belongings: Belongings) -> Entry:
    credential = {
        name: row[name]
        for name in (
            "id",
            "name",
            "public_key",
            "attestation_type",
            "sign_count",
            "backup_eligible",
            "backup_state",
            "mfa_only",
        )
        if row[name] is not None
    }
    if row["aaguid"] != UNKNOWN_AUTHENTICATOR:
        credential["aaguid"] = str(row["aaguid"])
    credential["transports"] = belongings.transports.get(row["id"], [])
    if row["last_used_at"] is not None:
        credential["last_used_at"] = rfc3339.written(row["last_used_at"])
    if row["handle"] is not None:
        credential["user_handle"] = row["handle"]
    if row["detail_id"] is not None:
        credential["details"] = {
            "id": str(row["detail_id"]),
            "tags": json.loads(row["tags"] or "[]"),
            "username": row["username"],
            "source_os": row["source_os"],
            "source_browser": row["source_browser"],
            "created_at": rfc3339.written(row["detail_created_at"]),
        }
    return credential | _times(row)


def _metadata(row: Stored | None) -> Entry:
    if row is None:
        return {}
    texts = {name: row[f"{name}_metadata"] for name in ("public", "private", "unsafe")}
    found = {name: _object(text) for name, text in texts.items()}
    return {name: value for name, value in found.items() if value is not None}


def _object(text: str | None) -> Any:
    """The object in a column; None where there is none, or somebody wrote something else."""
    try:
        value = json.loads(text or "null")
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _identity(row: Stored, belongings: Belongings, addresses: set[str]) -> Entry:
    identity: Entry = {
        "id": str(row["id"]),
        "provider_id": row["provider_id"],
        "provider_user_id": row["provider_user_id"],
    }
    if row["address"] in addresses:
        identity["email"] = row["address"]
    data = _object(row["data"])
    if data is not None:
        identity["data"] = data
    domains = belongings.saml_domains.get(row["id"], [])
    if domains:
        identity["saml_domain"] = domains[0] if len(domains) == 1 else domains
    if row["shown_id"] is not None:
        identity |= {name: row[name] for name in ("identifier_value", "avatar_url", "full_name")}
    return identity | _times(row)


def _backend(user_id: Any, state: Stored | None, username: Stored | None, belongings: Belongings) -> Entry:
    """What only the backend door knows."""
    backend: Entry = {}
    if state is not None:
        backend["status"] = str(state["status"])
        if state["webauthn_id"] is not None:
            backend["webauthn_id"] = state["webauthn_id"]
    identifiers = []
    if username is not None:
        identifiers.append(_identifier(username, "username", username["value"] or username["username"]))
    own = belongings.identifiers.get(user_id, ())
    identifiers += [_identifier(row, str(row["type"]), row["value"]) for row in own]
    if identifiers:
        backend["identifiers"] = identifiers
    return backend


def _identifier(row: Stored, type_: str, value: str) -> Entry:
    identifier = {"id": str(row["id"]), "type": type_, "value": value}
    if row["status"] is not None:
        identifier["status"] = str(row["status"])
    return identifier | _times(row)
