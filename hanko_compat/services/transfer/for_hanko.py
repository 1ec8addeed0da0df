"""An export as Hanko 2.7's own import reads it, and a list of what it would not."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from hanko_compat.errors.hashing import HashUnusable
from hanko_compat.hashing import reading
from hanko_compat.services.transfer.exporting import Entry

EMAIL = ("address", "is_primary", "is_verified")
CREDENTIAL = (
    "id",
    "name",
    "public_key",
    "attestation_type",
    "aaguid",
    "sign_count",
    "transports",
    "created_at",
    "updated_at",
    "last_used_at",
    "user_handle",
    "backup_eligible",
    "backup_state",
    "mfa_only",
)
PROFILE = ("name", "given_name", "family_name", "picture")
TAKEN = ("$2a$", "$fbscrypt$")
"""Prefixes of the hashes that Hanko's import takes."""
SAME_AS_2A = ("$2b$", "$2y$")
"""Prefixes of the same algorithm as ``$2a$``, which it does not take."""
EXAMPLES = 3


@dataclass(slots=True)
class LeftOut:
    """How many users lose something, and some of them."""

    users: int = 0
    examples: list[str] = field(default_factory=list)
    _last: str = ""

    def add(self, user_id: str) -> None:
        """Count a user, once though it loses it several times."""
        if user_id == self._last:
            return
        self._last = user_id
        self.users += 1
        if len(self.examples) < EXAMPLES:
            self.examples.append(user_id)


class ForHanko:
    """Turns entries into Hanko's; ``left_out`` says what that takes from how many users."""

    def __init__(self) -> None:
        self.left_out: dict[str, LeftOut] = {}

    def entries(self, entries: Iterator[Entry]) -> Iterator[Entry]:
        """The users whom Hanko's import takes."""
        for entry in entries:
            changed = self._entry(entry)
            if changed is not None:
                yield changed

    def _note(self, entry: Entry, what: str) -> None:
        self.left_out.setdefault(what, LeftOut()).add(entry["user_id"])

    def _entry(self, entry: Entry) -> Entry | None:
        backend = entry.get("backend_api", {})
        status = backend.get("status", "active")
        if status != "active":
            # It would be able to log in there.
            self._note(entry, f"the user, who is {status}: Hanko would let everybody log in")
            return None
        if not entry["emails"] and "username" not in entry:
            self._note(entry, "the user, who has neither an address nor a username")
            return None
        hankos: Entry = {"user_id": entry["user_id"], "emails": self._emails(entry)}
        if "username" in entry:
            hankos["username"] = entry["username"]
        if password := self._password(entry):
            hankos["password"] = password
        if "otp_secret" in entry:
            hankos["otp_secret"] = entry["otp_secret"]
        credentials = [self._credential(entry, each) for each in entry.get("webauthn_credentials", ())]
        if credentials:
            hankos["webauthn_credentials"] = credentials
        self._note_rest(entry, backend)
        return hankos | {name: entry[name] for name in ("created_at", "updated_at")}

    def _emails(self, entry: Entry) -> list[Entry]:
        emails = [{name: email[name] for name in EMAIL} for email in entry["emails"]]
        if emails and not any(email["is_primary"] for email in emails):
            self._note(entry, "that no address is the primary one: the oldest has become it")
            emails[0]["is_primary"] = True
        return emails

    def _password(self, entry: Entry) -> Entry | None:
        password: Entry | None = entry.get("password")
        if password is None:
            return None
        hashed: str = password["password"]
        if hashed.startswith(SAME_AS_2A):
            return password | {"password": f"$2a${hashed[4:]}"}
        if hashed.startswith(TAKEN):
            return password
        self._note(entry, f"the password, whose hash is {_called(hashed)}")
        return None

    def _credential(self, entry: Entry, credential: Entry) -> Entry:
        hankos: Entry = {name: credential[name] for name in CREDENTIAL if name in credential}
        if "aaguid" in hankos and UUID(hankos["aaguid"]).version != 4:
            self._note(
                entry, "what kind of authenticator a passkey is of: its AAGUID is no UUID of version 4"
            )
            del hankos["aaguid"]
        if hankos.get("mfa_only") and "user_handle" in hankos:
            del hankos["user_handle"]
        return hankos

    def _note_rest(self, entry: Entry, backend: dict[str, Any]) -> None:
        if any(entry.get(name) for name in PROFILE):
            self._note(entry, "names and pictures")
        if "metadata" in entry:
            self._note(entry, "metadata")
        if "identities" in entry:
            self._note(entry, "accounts at providers: who logs in with one again is linked by the address")
        usernames = [each for each in backend.get("identifiers", ()) if each["type"] == "username"]
        if any(each["type"] == "phone" for each in backend.get("identifiers", ())):
            self._note(entry, "telephone numbers")
        if len(usernames) > 1:
            self._note(entry, "further usernames")
        if "webauthn_id" in backend:
            self._note(entry, "the user handle that a server chose")
        if any(each.get("details", {}).get("tags") for each in entry.get("webauthn_credentials", ())):
            self._note(entry, "tags of passkeys")


def _called(hashed: str) -> str:
    """What a hash is, without a letter of it: what can't be read may be a password."""
    try:
        description = reading.read(hashed).description
    except HashUnusable:
        return "none that a log-in here could check"
    return f"of the kind {description.algorithm}{' with a pepper' if description.is_peppered else ''}"
