"""Clerk: the table of all users that its dashboard exports (https://clerk.com/docs/deployments/exporting-users).

``password_hasher`` says of what kind ``password_digest`` is, in the words of Clerk's Backend API.
"""

import re
from collections.abc import Iterator
from typing import BinaryIO

from hanko_compat.errors.convert import HashNotVerified
from hanko_compat.services.convert import hashes
from hanko_compat.services.convert.csv_stream import csv_records
from hanko_compat.services.convert.draft import Draft
from hanko_compat.services.convert.fields import Fields
from hanko_compat.services.user_files.records import Record

AS_IT_IS = frozenset(
    {"bcrypt", "bcrypt_sha256_django", "pbkdf2_sha256_django", "argon2i", "argon2id", "phpass", "md5_phpass"}
)
PBKDF2 = re.compile(r"pbkdf2_(sha1|sha256|sha512)\$(\d{1,10})\$([^$]*)\$([^$]+)(?:\$\d{1,5})?")
BETWEEN = re.compile(r"[\s,;|]+")


def read(stream: BinaryIO) -> Iterator[Record]:
    """The users of the file."""
    return csv_records(stream, needs=("primary_email_address", "username"))


def fill(user: Fields, draft: Draft) -> None:
    """Take a user over."""
    draft.identify(user.text("id"))
    primary = user.text("primary_email_address")
    verified = _addresses(user.text("verified_email_addresses"))
    draft.add_address(
        primary, is_verified=primary.lower() in [each.lower() for each in verified], is_primary=True
    )
    for address in verified:
        draft.add_address(address, is_verified=True)
    for address in _addresses(user.text("unverified_email_addresses")):
        draft.add_address(address, is_verified=False)
    draft.name_user(user.text("username"))
    given, family = user.text("first_name"), user.text("last_name")
    draft.describe(
        given_name=given,
        family_name=family,
        name=" ".join(filter(None, (given, family))),
        picture=user.text("image_url", "profile_image_url"),
    )
    draft.note_times(user.moment("created_at"), user.moment("updated_at"))
    draft.is_disabled = bool(user.flag("banned"))
    draft.set_otp_secret(user.text("totp_secret"))
    for kind in ("public", "private", "unsafe"):
        draft.add_metadata(kind, user.mapping(f"{kind}_metadata"))
    with draft.taking_hash():
        draft.set_password(_rewritten(user.text("password_digest"), user.text("password_hasher")))


def _addresses(text: str) -> list[str]:
    return [each for each in BETWEEN.split(text) if each]


def _rewritten(digest: str, hasher: str) -> str:
    """A hash of one of Clerk's kinds.

    Raises:
        HashNotVerified: a kind without any cost, such as MD5; or broken.
    """
    if not digest:
        return ""
    if hasher in AS_IT_IS or not hasher:
        return hashes.verified(digest)
    if hasher == "bcrypt_peppered":  # the hash, a dollar sign and the pepper
        return hashes.verified(hashes.PEPPERED + "$".join(digest.split("$")[:4]))
    if hasher == "scrypt_firebase":
        return hashes.of_firebase_parts(digest)
    if hasher == "scrypt_werkzeug":
        return hashes.of_werkzeug(digest)
    found = PBKDF2.fullmatch(digest)
    if found is None or not hasher.startswith("pbkdf2_"):
        raise HashNotVerified(hasher[:40])
    algorithm, rounds, salt, key = found.groups()
    return hashes.pbkdf2(
        algorithm, int(rounds), salt=_salt(algorithm, salt), key=hashes.from_hex_or_base64(key)
    )


def _salt(algorithm: str, text: str) -> bytes:
    """The bytes of a salt: in base64 with SHA-256; with SHA-1 in hexadecimal digits, if they are any."""
    if algorithm == "sha256":
        return hashes.from_base64(text)
    if algorithm == "sha1" and hashes.HEX.fullmatch(text):
        return hashes.from_hex(text)
    return text.encode()
