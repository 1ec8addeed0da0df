"""Auth0: its exports of users, the files of hashes that its support sends, and the files that it imports.

- the export, a JSON object a line: https://auth0.com/docs/manage-users/user-migration/bulk-user-exports
- hashes: https://support.auth0.com/center/s/article/How-to-Use-the-Password-Hashes-Export-from-Auth0
- an import, an array: https://auth0.com/docs/manage-users/user-migration/bulk-user-import-schema
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import BinaryIO

from hanko_compat.errors.convert import HashNotVerified, Unconvertible
from hanko_compat.services.convert import hashes
from hanko_compat.services.convert.draft import Draft
from hanko_compat.services.convert.fields import Fields
from hanko_compat.services.user_files.json_stream import json_records
from hanko_compat.services.user_files.records import Record

OWN = "auth0"
"""The provider of users who have their password there."""
PROVIDERS: Mapping[str, str] = MappingProxyType(
    {
        "google-oauth2": "google",
        "facebook": "facebook",
        "apple": "apple",
        "github": "github",
        "discord": "discord",
    }
)
SCRYPT_DEFAULTS = {"keylen": 64, "cost": 16384, "blockSize": 8, "parallelization": 1}
OF_THE_SYSTEM = (
    *("tenant", "connection", "_tmp_is_unique", "last_ip", "logins_count", "last_password_reset"),
    *("clientID", "global_client_id", "password_set_date", "version", "_id"),
)


def read(stream: BinaryIO) -> Iterator[Record]:
    """The users of the file."""
    return json_records(stream, arrays={"users"})


def read_hashes(stream: BinaryIO) -> dict[str, str]:
    """The hashes of passwords in a file that support has sent, by the user's id; all are in memory."""
    found = {}
    for record in json_records(stream, arrays={"users"}):
        line = Fields(record.members)
        try:
            user_id, text = _id(line), line.text("passwordHash")
        except Unconvertible:
            continue  # whose hash it is can't be told; the user is counted as one without a password
        if user_id and text:
            found[user_id] = text
    return found


def fill(user: Fields, draft: Draft) -> None:
    """Take a user over."""
    user_id = _id(user)
    draft.identify(user_id)
    _take_addresses(user, draft)
    draft.name_user(user.text("username"))
    draft.describe(
        name=_name(user),
        given_name=user.text("given_name"),
        family_name=user.text("family_name"),
        picture=user.text("picture"),
    )
    draft.is_disabled = bool(user.flag("blocked"))
    draft.note_times(user.moment("created_at"), user.moment("updated_at"))
    # Users may change the first through the Management API's current_user scopes, and never see the second.
    draft.add_metadata("unsafe", user.mapping("user_metadata"))
    draft.add_metadata("private", user.mapping("app_metadata"))
    ids = [user_id, *_take_accounts(user, draft)]
    with draft.taking_hash():
        text = user.text("passwordHash", "password_hash") or _of_import(user.mapping("custom_password_hash"))
        separate = (draft.options.hashes[each] for each in ids if each in draft.options.hashes)
        draft.set_password(text or next(separate, ""))
    user.ignore(*OF_THE_SYSTEM)


def _id(user: Fields) -> str:
    """The user's id with the name of the connection's kind in front: files of hashes lack it."""
    own = user.text("alt_id") or Fields(user.mapping("_id")).text("$oid")
    user_id = user.text("user_id")
    if user_id:
        return user_id if "|" in user_id else f"{OWN}|{user_id}"
    return f"{OWN}|{own}" if own else ""


def _take_addresses(user: Fields, draft: Draft) -> None:
    address = user.text("email")
    draft.add_address(address, is_verified=bool(user.flag("email_verified")), is_primary=True)
    for identifier in user.each("identifiers"):
        kind, value = identifier.text("type"), identifier.text("value")
        if kind == "email":
            draft.add_address(value, is_verified=bool(identifier.flag("verified")))
        elif kind == "username":
            draft.name_user(value)
        elif value:
            draft.leave(f"identifiers: {kind[:40]}")


def _name(user: Fields) -> str:
    """The full name; Auth0 fills it with the address where there is none."""
    name = user.text("name")
    return "" if "@" in name else name


def _take_accounts(user: Fields, draft: Draft) -> list[str]:
    """Take the accounts elsewhere; return the ids under which the user has a password at Auth0."""
    ids = []
    for account in user.each("identities"):
        provider, subject = account.text("provider"), account.text("user_id")
        if provider == OWN:
            ids.append(f"{OWN}|{subject}")
            continue
        if provider == "oauth2":
            # Built-in ones of this kind have their own name before the id, and others that of the connection.
            provider = account.text("connection") or provider
            subject = subject.removeprefix(f"{provider}|")
        profile = Fields(account.mapping("profileData"))
        draft.add_identity(
            provider,
            subject,
            known=PROVIDERS,
            email=profile.text("email") or user.text("email"),
            claims={name: profile.text(name) for name in ("name", "given_name", "family_name", "picture")},
        )
    return ids


def _of_import(members: Mapping[str, object]) -> str:
    """A hash as imports of Auth0 take it, ``custom_password_hash``; "" where there is none.

    Raises:
        HashNotVerified: of another kind than bcrypt, Argon2, PBKDF2 and scrypt, or broken.
    """
    if not members:
        return ""
    custom = Fields(dict(members))
    try:
        return _rewritten(custom)
    except Unconvertible as error:
        raise HashNotVerified("broken") from error


def _rewritten(custom: Fields) -> str:
    algorithm, stored = custom.text("algorithm"), custom.inner("hash")
    value = stored.text("value")
    salt = custom.inner("salt")
    if custom.inner("password").text("encoding") not in ("", "utf8"):
        raise HashNotVerified(f"{algorithm[:20]} of a password that is not in UTF-8")
    match algorithm:
        case "bcrypt" | "argon2":
            return hashes.verified(value)
        case "pbkdf2":
            return hashes.of_pbkdf2_phc(value)
        case "scrypt":
            numbers = {
                name: int(text)
                if (text := custom.text(name)).isascii() and text.isdigit() and len(text) < 10
                else 0
                for name in SCRYPT_DEFAULTS
            }
            cost, block_size, parallel = (
                numbers[name] or SCRYPT_DEFAULTS[name] for name in ("cost", "blockSize", "parallelization")
            )
            return hashes.scrypt(
                cost,
                block_size=block_size,
                parallel=parallel,
                salt=hashes.encoded_bytes(salt.text("value"), salt.text("encoding") or "utf8"),
                key=hashes.encoded_bytes(value, stored.text("encoding")),
            )
        case _:
            raise HashNotVerified(algorithm[:20] or "of no algorithm")
