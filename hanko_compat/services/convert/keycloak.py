"""Keycloak: ``users`` of an exported realm (https://www.keycloak.org/server/importExport).

A credential is JSON within JSON: ``credentialData`` has the parameters, ``secretData`` key and salt; of a
passkey it has everything.
"""

import base64
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any, BinaryIO
from uuid import UUID

from hanko_compat.errors.convert import HashNotVerified, Unconvertible
from hanko_compat.services.convert import hashes, passkeys
from hanko_compat.services.convert.draft import Draft
from hanko_compat.services.convert.fields import Fields
from hanko_compat.services.convert.providers import SAME_EVERYWHERE
from hanko_compat.services.user_files.json_stream import json_records
from hanko_compat.services.user_files.records import Record
from hanko_compat.uuid_text import read_uuid

DIGESTS = {"pbkdf2": "sha1", "pbkdf2-sha1": "sha1", "pbkdf2-sha256": "sha256", "pbkdf2-sha512": "sha512"}
ARGON2_VERSIONS = {"1.3": 19, "1.0": 16, "": 19}
PROVIDERS: Mapping[str, str] = {**SAME_EVERYWHERE}
OF_THE_SYSTEM = (
    "totp",
    "disableableCredentialTypes",
    "notBefore",
    "access",
    "origin",
    "self",
    "userProfileMetadata",
)


def read(stream: BinaryIO) -> Iterator[Record]:
    """The users of the file."""
    return json_records(stream, arrays={"users"})


def fill(user: Fields, draft: Draft) -> None:
    """Take a user over.

    Raises:
        Unconvertible: the account of a service, which no person has.
    """
    if user.text("serviceAccountClientId"):
        raise Unconvertible("the account of a service (serviceAccountClientId), no user")
    draft.identify(user.text("id"))
    draft.add_address(user.text("email"), is_verified=bool(user.flag("emailVerified")))
    draft.name_user(user.text("username"))
    draft.is_disabled = user.flag("enabled") is False
    draft.note_times(user.moment("createdTimestamp"))
    attributes = user.mapping("attributes")
    draft.describe(
        given_name=user.text("firstName"),
        family_name=user.text("lastName"),
        name=" ".join(filter(None, (user.text("firstName"), user.text("lastName")))),
    )
    # Who may see or change one is said in the realm's profile, so only servers do here.
    draft.add_metadata("private", {name: _lone(value) for name, value in attributes.items()})
    for credential in user.each("credentials"):
        _take_credential(credential, draft, user_id=user.text("id"))
    for account in user.each("federatedIdentities"):
        draft.add_identity(
            account.text("identityProvider"),
            account.text("userId"),
            known=PROVIDERS,
            email=user.text("email"),
            claims={"preferred_username": account.text("userName")},
        )
    user.ignore(*OF_THE_SYSTEM)


def _lone(value: object) -> object:
    """Attributes are lists, of one value as a rule."""
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def _take_credential(credential: Fields, draft: Draft, *, user_id: str) -> None:
    kind = credential.text("type")
    made_at = credential.moment("createdDate")
    if kind == "password":
        with draft.taking_hash():
            draft.set_password(_rewritten(credential), changed_at=made_at)
    elif kind in ("otp", "totp"):
        secret = _otp_secret(credential)
        if secret:
            draft.set_otp_secret(secret, created_at=made_at)
        else:
            draft.leave("credentials: otp (other than six digits, 30 seconds, SHA-1)")
    elif kind == "webauthn-passwordless":
        with draft.taking_passkey(f"credentials: {kind}"):
            draft.add_passkey(_passkey(credential, user_id=user_id))
    elif kind == "webauthn":
        # Nobody could log in with it, and whoever has a second factor can't log in with one factor.
        draft.leave("credentials: webauthn (a second factor)")
    else:
        draft.leave(f"credentials: {kind[:40]}")


def _passkey(credential: Fields, *, user_id: str) -> dict[str, Any]:
    """A passkey; authenticators know its user by the text of the id.

    Raises:
        PasskeyNotUsable: it can't be read, or its user has no id.
    """
    data = Fields(credential.mapping("credentialData"))
    return passkeys.passkey(
        credential_id=passkeys.from_base64(data.text("credentialId")),
        public_key=passkeys.from_base64(data.text("credentialPublicKey")),
        user_handle=passkeys.handle_of(user_id.encode(), user_id=None),
        attestation_type=data.text("attestationStatementFormat"),
        aaguid=_uuid(data.text("aaguid")),
        sign_count=data.text("counter"),
        transports=data.values("transports"),
        name=credential.text("userLabel"),
        created_at=credential.moment("createdDate"),
    )


def _uuid(text: str) -> UUID | None:
    with suppress(ValueError):
        return read_uuid(text)
    return None


def _rewritten(credential: Fields) -> str:
    """The hash of a password; before Keycloak 8 its parts are members of the credential itself.

    Raises:
        HashNotVerified: of another kind than PBKDF2, Argon2 and bcrypt, or broken.
    """
    data = Fields(credential.mapping("credentialData"))
    secret = Fields(credential.mapping("secretData"))
    try:
        algorithm = data.text("algorithm") or credential.text("algorithm")
        value = secret.text("value") or credential.text("hashedSaltedValue")
        salt = secret.text("salt") or credential.text("salt")
        rounds = _number(data.text("hashIterations") or credential.text("hashIterations"))
        parameters = Fields({name: _lone(one) for name, one in data.mapping("additionalParameters").items()})
        if algorithm == "argon2":
            return hashes.argon2(
                parameters.text("type") or "id",
                version=ARGON2_VERSIONS.get(parameters.text("version"), 0),
                memory=_number(parameters.text("memory")),
                rounds=rounds,
                parallel=_number(parameters.text("parallelism")),
                salt=hashes.from_base64(salt),
                key=hashes.from_base64(value),
            )
    except Unconvertible as error:
        raise HashNotVerified("broken") from error
    if algorithm in DIGESTS:
        key = hashes.from_base64(value)
        return hashes.pbkdf2(DIGESTS[algorithm], rounds, salt=hashes.from_base64(salt), key=key)
    if algorithm == "bcrypt":  # of a widespread extension
        return hashes.verified(value)
    raise HashNotVerified(algorithm[:40] or "of no algorithm")


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 10 else 0


def _otp_secret(credential: Fields) -> str:
    """The secret of an app for codes, in base32; "" where its codes are of another kind."""
    data = Fields(credential.mapping("credentialData"))
    secret = Fields(credential.mapping("secretData")).text("value")
    kind = (data.text("subType"), data.text("digits"), data.text("period"), data.text("algorithm"))
    if kind != ("totp", "6", "30", "HmacSHA1") or not secret:
        return ""
    if data.text("secretEncoding").upper() == "BASE32":
        return secret
    # The bytes of the text are the key, and apps got them in base32.
    return base64.b32encode(secret.encode()).decode()
