"""The passkeys of an entry, with what the backend door knows of them."""

import json
from collections.abc import Iterator
from uuid import UUID

from hanko_compat import base64url
from hanko_compat.errors.base64url import Base64urlMalformed
from hanko_compat.services.transfer.accounts import Passkey, PasskeyDetails, Times
from hanko_compat.services.transfer.members import Members

CREDENTIAL = frozenset(
    {
        "id",
        "public_key",
        "attestation_type",
        "name",
        "aaguid",
        "sign_count",
        "transports",
        "backup_eligible",
        "backup_state",
        "mfa_only",
        "last_used_at",
        "user_handle",
        "created_at",
        "updated_at",
        "details",
    }
)
DETAILS = frozenset({"id", "tags", "username", "source_os", "source_browser", "created_at"})

UNKNOWN_AUTHENTICATOR = UUID(int=0)  # WebAuthn Level 3 s. 6.5.1: the authenticator does not say what it is


def read_passkeys(members: Members) -> Iterator[Passkey]:
    """The passkeys and security keys of an entry."""
    seen = set()
    for each in members.objects("webauthn_credentials", CREDENTIAL):
        credential_id = each.checked("id", each.text("id", is_required=True), _base64url)
        if credential_id in seen:
            each.fault("id", "is there twice")
        seen.add(credential_id)
        public_key = each.text("public_key", longest=None, is_required=True)
        mfa_only, user_handle = each.flag("mfa_only"), each.text("user_handle")
        if mfa_only and user_handle is not None:
            each.fault("user_handle", "has no meaning with mfa_only: true")
        yield Passkey(
            id=credential_id,
            public_key=each.checked("public_key", public_key, _base64url),
            attestation_type=each.text("attestation_type", is_required=True) or "",
            name=each.text("name", may_be_empty=True),
            aaguid=each.uuid("aaguid") or UNKNOWN_AUTHENTICATOR,
            sign_count=each.number("sign_count"),
            transports=each.texts("transports"),
            backup_eligible=each.flag("backup_eligible"),
            backup_state=each.flag("backup_state"),
            mfa_only=mfa_only,
            last_used_at=each.moment("last_used_at"),
            user_handle=user_handle,
            details=_details(each),
            times=Times(each.moment("created_at"), each.moment("updated_at")),
        )


def _base64url(text: str) -> str:
    try:
        base64url.decode(text)
    except Base64urlMalformed as error:
        raise ValueError("is not base64url") from error
    return text.rstrip("=")


def _details(passkey: Members) -> PasskeyDetails | None:
    details = passkey.member("details", DETAILS)
    if details is None:
        return None
    return PasskeyDetails(
        id=details.uuid("id"),
        tags=json.dumps(details.texts("tags"), separators=(",", ":")),
        username=details.text("username", may_be_empty=True) or "",
        source_os=details.text("source_os", may_be_empty=True) or "",
        source_browser=details.text("source_browser", may_be_empty=True) or "",
        created_at=details.moment("created_at"),
    )
