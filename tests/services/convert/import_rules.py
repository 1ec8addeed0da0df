"""What imports take: Hanko's rules for an entry, and those for the members that it lacks."""

import json
import re
from typing import Any
from uuid import UUID

from hanko_compat.services.emails.addresses import normalise

MEMBERS = {
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
}
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?Z")
PREFIXES = re.compile(
    r"\$2[abxy]\$|\$argon2(?:id|i|d)\$|\$scrypt\$ln=|\$pbkdf2(?:-sha256|-sha512)?\$\d|\$fbscrypt\$v=1,|"
    r"pbkdf2_sha(?:1|256)\$|argon2\$argon2|bcrypt(?:_sha256)?\$\$2|scrypt\$|\$P\$|\$H\$|\$wp\$2|U?\$S\$|\$peppered\$"
)


def check_entry(entry: dict[str, Any]) -> None:
    """Fail where an import would refuse the entry, or not understand a member."""
    assert entry.keys() <= MEMBERS
    if "user_id" in entry:
        assert str(UUID(entry["user_id"])) == entry["user_id"]
        assert UUID(entry["user_id"]).int
    addresses = [email["address"] for email in entry["emails"]]
    assert [normalise(address) for address in addresses] == addresses
    assert len(set(addresses)) == len(addresses)
    assert sum(email["is_primary"] for email in entry["emails"]) == bool(addresses)
    assert all(isinstance(email["is_verified"], bool) for email in entry["emails"])
    assert addresses or entry["username"]
    for name in ("username", "name", "given_name", "family_name"):
        assert name not in entry or 1 <= len(entry[name]) <= 255
    if "password" in entry:
        assert PREFIXES.match(entry["password"]["password"])
    if "otp_secret" in entry:
        assert re.fullmatch(r"[A-Z2-7]+", entry["otp_secret"]["secret"])
    for identity in entry.get("identities", []):
        assert identity["provider_id"]
        assert 1 <= len(identity["provider_user_id"]) <= 255
        assert identity.get("email") in [*addresses, None]
        assert isinstance(identity["data"], dict)
    for kind, members in entry.get("metadata", {}).items():
        assert kind in ("public", "private", "unsafe")
        assert len(json.dumps(members, ensure_ascii=False, separators=(",", ":"))) <= 3000
    assert entry.get("is_disabled", True) is True
    for part in (entry, entry.get("password", {}), entry.get("otp_secret", {}), *entry.get("identities", [])):
        for name in ("created_at", "updated_at"):
            assert name not in part or TIME.fullmatch(part[name])
    json.dumps(entry, ensure_ascii=False).encode()  # no half of a pair of UTF-16
    assert "\\u0000" not in json.dumps(entry)
