"""A user on the way into an import: what systems have in common, and what imports want."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import NAMESPACE_URL, UUID, uuid5

from hanko_compat import rfc3339
from hanko_compat.errors.convert import HashNotVerified, PasskeyNotUsable, Unconvertible
from hanko_compat.errors.emails import AddressInvalid, AddressTooLong
from hanko_compat.errors.identifiers import UsernameInvalid
from hanko_compat.services.convert import hashes
from hanko_compat.services.convert.fields import Fields
from hanko_compat.services.convert.options import Options
from hanko_compat.services.emails.addresses import normalise
from hanko_compat.services.identifiers import IdentifierType, fold
from hanko_compat.services.user_files.columns import LONGEST, LONGEST_METADATA, object_text
from hanko_compat.storable_text import is_storable
from hanko_compat.uuid_text import read_uuid

LONGEST_PICTURE = 2000  # characters
ORDER = (
    *(
        "user_id",
        "emails",
        "username",
        "password",
        "otp_secret",
        "webauthn_credentials",
        "name",
        "given_name",
        "family_name",
        "picture",
    ),
    *("metadata", "identities", "is_disabled", "created_at", "updated_at"),
)
METADATA = ("public", "private", "unsafe")


@dataclass(slots=True)
class _Address:
    address: str
    is_verified: bool
    is_primary: bool


@dataclass(slots=True)
class Draft:
    """What is known of a user. ``system`` is the word of the system, such as ``firebase``."""

    system: str
    options: Options
    left: list[str] = field(default_factory=list)
    """What can't be carried over, by the system's own names; each counts once for this user."""
    is_disabled: bool = False
    _entry: dict[str, Any] = field(default_factory=dict)
    _addresses: dict[str, _Address] = field(default_factory=dict)
    _identities: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    _metadata: dict[str, dict[str, Any]] = field(default_factory=dict)
    _former_id: dict[str, Any] = field(default_factory=dict)
    _passkeys: dict[str, dict[str, Any]] = field(default_factory=dict)

    def identify(self, user_id: str) -> None:
        """Take the system's id: as it is where it is a UUID, else one that is made of it, always the same.

        Other databases know users by it, so it is kept among the private metadata then.
        """
        if not user_id:
            return
        own = str(_uuid(user_id) or uuid5(NAMESPACE_URL, f"urn:{self.system}:user:{user_id}"))
        if own != user_id.lower() and len(user_id) <= LONGEST:
            self._former_id = {f"{self.system}_id": user_id}
        self._entry["user_id"] = own

    def add_address(self, text: str, *, is_verified: bool | None, is_primary: bool = False) -> None:
        """Add an address; ``is_verified`` is None where the system does not say. "" is none.

        Raises:
            Unconvertible: no address.
        """
        if not text:
            return
        address = _address(text)
        is_verified = self.options.assumes_verified if is_verified is None else is_verified
        known = self._addresses.setdefault(address, _Address(address, is_verified=False, is_primary=False))
        known.is_verified |= is_verified
        known.is_primary |= is_primary

    def name_user(self, username: str) -> None:
        """Take a username. One that is an address of the user, or looks like one, is none.

        Raises:
            Unconvertible: one that can't be a username.
        """
        if not username or username.lower() in self._addresses:
            return
        if "@" in username:
            self.leave("a username that looks like an address")
            return
        try:
            fold(IdentifierType.USERNAME, username)
        except UsernameInvalid as error:
            raise Unconvertible("the username is too long, or has characters that no username has") from error
        self._entry["username"] = username

    def set_password(self, hashed: str, *, changed_at: datetime | None = None) -> None:
        """Take the hash of the password, in a form that imports take; "" is none.

        Raises:
            HashNotVerified: in no form that log-ins verify. See `taking_hash`.
        """
        if hashed and self.options.takes_passwords:
            self._entry["password"] = {"password": hashes.verified(hashed), **_times(changed_at, changed_at)}

    @contextmanager
    def taking_hash(self) -> Iterator[None]:
        """Let a hash that can't be verified here be one thing that is left behind, by its kind."""
        try:
            yield
        except HashNotVerified as error:
            if self.options.takes_passwords:
                self.leave(f"a password's hash ({error})")

    def set_otp_secret(self, secret: str, *, created_at: datetime | None = None) -> None:
        """Take the secret of an app that makes codes, in base32 (six digits, 30 s, SHA-1); "" is none."""
        secret = secret.replace(" ", "").rstrip("=").upper()
        if not secret:
            return
        if not self.options.takes_otp_secrets:
            self.leave("the secret of an app for codes")
            return
        if len(secret) > LONGEST or set(secret) - set("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"):
            self.leave("the secret of an app for codes (no base32)")
            return
        self._entry["otp_secret"] = {"secret": secret, **_times(created_at, created_at)}

    @property
    def user_id(self) -> UUID | None:
        """The id that the user gets here; None where the system has told none."""
        known = self._entry.get("user_id")
        return None if known is None else UUID(known)

    def add_passkey(self, passkey: dict[str, Any]) -> None:
        """Take a passkey; see `passkeys.passkey`."""
        self._passkeys.setdefault(passkey["id"], passkey)

    @contextmanager
    def taking_passkey(self, name: str) -> Iterator[None]:
        """Let a passkey that can't be used here be left behind, under the system's *name* and with why."""
        try:
            yield
        except PasskeyNotUsable as error:
            self.leave(f"{name} ({error})")

    def describe(
        self, *, name: str = "", given_name: str = "", family_name: str = "", picture: str = ""
    ) -> None:
        """Take names and the address of a picture; what is there already stays."""
        for member, text in (("name", name), ("given_name", given_name), ("family_name", family_name)):
            if len(text) > LONGEST:
                self.leave(f"{member} (longer than {LONGEST} characters)")
            elif text:
                self._entry.setdefault(member, text)
        if picture and _is_web_address(picture):
            self._entry.setdefault("picture", picture)
        elif picture:
            self.leave("picture (no address with http or https, or a long one)")

    def add_metadata(self, kind: str, members: Mapping[str, Any]) -> None:
        """Add to the ``public``, ``private`` or ``unsafe`` metadata.

        Users read the first and write the last; only servers see the second.
        """
        if members:
            self._metadata.setdefault(kind, {}).update(members)

    def add_identity(
        self,
        provider: str,
        subject: str,
        *,
        known: Mapping[str, str],
        email: str = "",
        claims: Mapping[str, str] | None = None,
        created_at: datetime | None = None,
        updated_at: datetime | None = None,
    ) -> None:
        """Take an account at an identity provider, if it is called something here.

        *known* are the names of the system that need no option.
        """
        if not provider or not subject:
            return
        ours = self.options.providers.get(provider, known.get(provider))
        if ours is None or len(subject) > LONGEST:
            self.leave(f"an account at {provider[:80]}")
            return
        data = {name: text for name, text in (claims or {}).items() if text and len(text) <= LONGEST_PICTURE}
        self._identities.setdefault(
            (ours, subject),
            {
                "provider_id": ours,
                "provider_user_id": subject,
                "email": email.lower(),
                "data": {**data, "sub": subject},
                **_times(created_at, updated_at or created_at),
            },
        )

    def note_times(self, created_at: datetime | None, updated_at: datetime | None = None) -> None:
        """Take when the user was made, and last changed."""
        self._entry.update(_times(created_at, updated_at))

    def leave(self, what: str) -> None:
        """Note what can't be carried over."""
        if what not in self.left:
            self.left.append(what)

    def leave_rest(self, fields: Fields) -> None:
        """Note the members of the record that nobody has asked for."""
        for name in fields.left():
            self.leave(name)

    def entry(self) -> dict[str, Any]:
        """The user as imports take it.

        Raises:
            Unconvertible: neither an address nor a username.
        """
        addresses = list(self._addresses.values())
        if not addresses and "username" not in self._entry:
            raise Unconvertible("neither an e-mail address nor a username")
        entry = self._entry
        primary = _primary(addresses)
        entry["emails"] = [
            {
                "address": each.address,
                "is_primary": each is primary,
                "is_verified": each.is_verified,
            }
            for each in addresses
        ]
        if self._passkeys:
            entry["webauthn_credentials"] = list(self._passkeys.values())
        if self._identities:
            entry["identities"] = [self._linked(each, primary) for each in self._identities.values()]
        metadata = {kind: fit for kind in METADATA if (fit := self._fitting(kind))}
        if metadata:
            entry["metadata"] = metadata
        if self.is_disabled:
            entry["is_disabled"] = True
        return {name: entry[name] for name in ORDER if name in entry}

    def _linked(self, identity: dict[str, Any], primary: _Address | None) -> dict[str, Any]:
        """The identity with an address of the user: the provider's, if it is one."""
        if identity["email"]:
            identity["data"] = dict(sorted({"email": identity["email"], **identity["data"]}.items()))
        if identity["email"] not in self._addresses:
            identity["email"] = primary.address if primary else None
        return {name: value for name, value in identity.items() if value is not None}

    def _fitting(self, kind: str) -> dict[str, Any]:
        """Metadata that can be stored; of others only the id that other databases know the user by."""
        former_id = self._former_id if kind == "private" else {}
        members = {**self._metadata.get(kind, {}), **former_id}
        if _is_storable(members):
            return members
        self.leave(f"{kind} metadata (longer than {LONGEST_METADATA} characters, or not to be stored)")
        return former_id


def _primary(addresses: list[_Address]) -> _Address | None:
    """The one that the system calls so, else the first that is verified, else the first."""
    ranked = sorted(addresses, key=lambda each: (not each.is_primary, not each.is_verified))
    return ranked[0] if ranked else None


def _address(text: str) -> str:
    try:
        return normalise(text)
    except AddressTooLong as error:
        raise Unconvertible("an e-mail address that is too long") from error
    except AddressInvalid as error:
        raise Unconvertible("an e-mail address that is none") from error


def _uuid(text: str) -> UUID | None:
    try:
        read = read_uuid(text)
    except ValueError:
        return None
    return read if read.int else None


def _times(created_at: datetime | None, updated_at: datetime | None) -> dict[str, str]:
    times = {"created_at": created_at, "updated_at": updated_at}
    return {name: rfc3339.written(moment) for name, moment in times.items() if moment is not None}


def _is_web_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc) and len(text) <= LONGEST_PICTURE


def _is_storable(members: Mapping[str, Any]) -> bool:
    try:
        text = object_text(members)
    except ValueError:
        return False
    return len(text) <= LONGEST_METADATA and is_storable(text) and "\\u0000" not in text
