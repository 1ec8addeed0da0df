"""What is stored of the claims of a provider: checked, so that every database takes it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from hanko_compat.errors.third_party import ProviderUserInvalid
from hanko_compat.provider_user import ProviderUser
from hanko_compat.storable_text import is_storable

LONGEST = 255  # characters of the columns
LARGEST = 65_535  # bytes of a text in MySQL and MariaDB
NAMES = ("name", "given_name", "family_name")


@dataclass(frozen=True, slots=True)
class StoredClaims:
    """What is written of a provider's user: to the row of the account, and to that of the user."""

    data: str
    """All claims, as JSON."""
    profile: Mapping[str, str]
    """Columns of ``users`` with what the provider tells; none that would be empty."""


def stored_claims(user: ProviderUser) -> StoredClaims:
    """The claims of *user*, as they are stored.

    Raises:
        ProviderUserInvalid: no provider or subject, or one that can't be stored; a name that can't be.
    """
    for kind, text in (("provider", user.provider_id), ("subject", user.subject)):
        if not text or not _fits(text):
            raise ProviderUserInvalid(f"a {kind} that can't be stored")
    names = {name: getattr(user, name) for name in NAMES}
    if not all(map(_fits, names.values())):
        raise ProviderUserInvalid("a name that can't be stored")
    if is_storable(user.picture) and len(user.picture.encode()) <= LARGEST:
        names["picture"] = user.picture
    return StoredClaims(_data(user), {name: text for name, text in names.items() if text})


def _data(user: ProviderUser) -> str:
    """As Hanko 2.7.0: names sorted, no blanks, letters as they are."""
    text = json.dumps(user.claims, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    if not is_storable(text):
        text = json.dumps(user.claims, separators=(",", ":"), sort_keys=True)
    if len(text.encode()) > LARGEST:
        raise ProviderUserInvalid("claims that are too long")
    return text


def _fits(text: str) -> bool:
    return len(text) <= LONGEST and is_storable(text)
