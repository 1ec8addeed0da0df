"""Ory Kratos: identities with their credentials, as its Admin API lists them, and as its imports take them.

https://www.ory.com/docs/kratos/manage-identities/import-user-accounts-identities has the kinds of hashes, and
``IdentityCredentialsWebAuthn`` in https://www.ory.com/docs/reference/api the members of passkeys.
"""

import re
from collections.abc import Iterator
from typing import Any, BinaryIO
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from hanko_compat.errors.convert import HashConfigInvalid, HashNotVerified
from hanko_compat.services.convert import hashes, passkeys
from hanko_compat.services.convert.draft import Draft
from hanko_compat.services.convert.fields import Fields
from hanko_compat.services.convert.firebase_hashes import make_hash_config
from hanko_compat.services.convert.providers import SAME_EVERYWHERE
from hanko_compat.services.user_files.json_stream import json_records
from hanko_compat.services.user_files.records import Record

SCRYPT = re.compile(r"\$scrypt\$ln=(\d{1,10}),r=(\d{1,5}),p=(\d{1,5})\$([^$]+)\$([^$]+)")
FIREBASE = re.compile(r"\$firescrypt\$ln=(\d{1,3}),r=(\d{1,3}),p=1\$([^$]+)\$([^$]+)\$([^$]*)\$([^$]+)")
OF_THE_SYSTEM = (
    *("schema_id", "schema_url", "state_changed_at", "recovery_addresses", "available_aal", "nid"),
    *("patch_id",),
)


def read(stream: BinaryIO) -> Iterator[Record]:
    """The identities of the file."""
    for record in json_records(stream, arrays={"identities"}):
        inner = record.members.get("create")
        # As batches of imports have them.
        yield Record(record.number, inner) if isinstance(inner, dict) and not record.fault else record


def fill(user: Fields, draft: Draft) -> None:
    """Take an identity over."""
    draft.identify(user.text("id"))
    draft.is_disabled = user.text("state") == "inactive"
    draft.note_times(user.moment("created_at"), user.moment("updated_at"))
    verified = set()
    for address in user.each("verifiable_addresses"):
        if address.text("via") == "email" and address.flag("verified"):
            verified.add(address.text("value").lower())
    credentials = user.inner("credentials")
    password = credentials.mapping("password")
    # The traits are whatever the operator's schema has: what is no address or name is kept.
    traits = Fields(user.mapping("traits"))
    for text in (*_texts(traits, "email"), *_texts(traits, "emails"), *_identifiers(password)):
        if "@" in text:
            draft.add_address(text, is_verified=text.lower() in verified)
    names = [traits.text("username"), *(each for each in _identifiers(password) if _is_name(each))]
    draft.name_user(next(filter(None, names), ""))
    _take_names(traits, draft)
    if traits.text("phone", "phone_number"):
        draft.leave("traits.phone")
    draft.add_metadata("unsafe", traits.rest())
    draft.add_metadata("public", user.mapping("metadata_public"))
    draft.add_metadata("private", user.mapping("metadata_admin"))
    with draft.taking_hash():
        config = Fields(password).inner("config")
        if config.text("password"):
            raise HashNotVerified("a password in clear text")
        draft.set_password(_rewritten(config.text("hashed_password")))
    _take_others(credentials, draft, email=next(iter(_texts(traits, "email")), ""))
    user.ignore(*OF_THE_SYSTEM)


def _texts(fields: Fields, name: str) -> list[str]:
    return [each.strip() for each in fields.values(name) if isinstance(each, str)]


def _identifiers(credential: dict[str, Any]) -> list[str]:
    return _texts(Fields(credential), "identifiers")


def _is_name(identifier: str) -> bool:
    return "@" not in identifier and not identifier.startswith("+")


def _take_names(traits: Fields, draft: Draft) -> None:
    name = traits.value("name")
    parts = Fields(
        {key: each for key, each in name.items() if isinstance(each, str)} if isinstance(name, dict) else {}
    )
    given = parts.text("first", "given", "given_name") or traits.text("first_name", "given_name")
    family = parts.text("last", "family", "family_name") or traits.text("last_name", "family_name")
    full = traits.text("name") if isinstance(name, str) else " ".join(filter(None, (given, family)))
    draft.describe(name=full, given_name=given, family_name=family, picture=traits.text("picture"))


def _rewritten(text: str) -> str:
    """A hash in one of Kratos's kinds.

    Raises:
        HashNotVerified: MD5, SHA, SSHA, crypt(3) and HMAC, which anybody could try by the billion; or broken.
    """
    if not text:
        return ""
    if text.startswith("$pbkdf2-"):
        return hashes.of_pbkdf2_phc(text)
    scrypt = SCRYPT.fullmatch(text)
    if scrypt is not None:
        return hashes.scrypt(
            int(scrypt[1]),  # N itself, although it is called ln
            block_size=int(scrypt[2]),
            parallel=int(scrypt[3]),
            salt=hashes.from_base64(scrypt[4]),
            key=hashes.from_base64(scrypt[5]),
        )
    firebase = FIREBASE.fullmatch(text)
    if firebase is not None:
        mem_cost, rounds, salt, key, separator, signer_key = firebase.groups()
        try:
            config = make_hash_config(
                signer_key=signer_key, salt_separator=separator, rounds=rounds, mem_cost=mem_cost
            )
        except HashConfigInvalid as error:
            raise HashNotVerified("firescrypt, broken") from error
        return config.hash_of(key, salt=salt)
    return hashes.verified(text)


def _take_others(credentials: Fields, draft: Draft, *, email: str) -> None:
    oidc = Fields(credentials.mapping("oidc"))
    for account in Fields(oidc.mapping("config")).each("providers"):
        draft.add_identity(
            account.text("provider"), account.text("subject"), known=SAME_EVERYWHERE, email=email
        )
    totp = Fields(Fields(credentials.mapping("totp")).mapping("config")).text("totp_url")
    if totp:
        secret = _otp_secret(totp)
        draft.set_otp_secret(secret)
        if not secret:
            draft.leave("credentials.totp (other than six digits, 30 seconds, SHA-1)")
    for name in ("passkey", "webauthn"):
        _take_passkeys(Fields(Fields(credentials.mapping(name)).mapping("config")), name, draft)
    credentials.ignore("code", "link_recovery", "code_recovery")


def _take_passkeys(config: Fields, name: str, draft: Draft) -> None:
    """Take those that are a first factor; nobody could log in with the others."""
    handle = config.text("user_handle")
    for credential in config.each("credentials"):
        is_passkey = credential.flag("is_passwordless")
        if not (name == "passkey" if is_passkey is None else is_passkey):
            draft.leave(f"credentials.{name} (a second factor)")
            continue
        with draft.taking_passkey(f"credentials.{name}"):
            authenticator = Fields(credential.mapping("authenticator"))
            draft.add_passkey(
                passkeys.passkey(
                    credential_id=passkeys.from_base64(credential.text("id")),
                    public_key=passkeys.from_base64(credential.text("public_key")),
                    # The bytes of the id for security keys, something made up for passkeys.
                    user_handle=passkeys.handle_of(passkeys.from_base64(handle), user_id=draft.user_id),
                    attestation_type=credential.text("attestation_type"),
                    aaguid=_aaguid(passkeys.from_base64(authenticator.text("aaguid"))),
                    sign_count=authenticator.text("sign_count"),
                    name=credential.text("display_name"),
                    created_at=credential.moment("added_at"),
                )
            )


def _aaguid(data: bytes) -> UUID | None:
    return UUID(bytes=data) if len(data) == passkeys.UUID_BYTES else None


def _otp_secret(url: str) -> str:
    """The secret in an ``otpauth:`` URL; "" where its codes are of another kind."""
    try:
        query = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    except ValueError:
        return ""
    kind = (query.get("digits", "6"), query.get("period", "30"), query.get("algorithm", "SHA1").upper())
    return query.get("secret", "") if kind == ("6", "30", "SHA1") else ""
