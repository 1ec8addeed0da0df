"""What the authenticator says about a ceremony (WebAuthn s. 6.1)."""

import hmac

from fido2.webauthn import AuthenticatorData

from hanko_compat.errors.passkeys import CredentialMalformed
from hanko_compat.webauthn.cbor import end_of_item
from hanko_compat.webauthn.library import FAILURES
from hanko_compat.webauthn.relying_party import RelyingParty

HEAD = 37  # bytes: RP ID hash, flags, sign count
CREDENTIAL_HEAD = 18  # bytes: AAGUID, length of the credential ID
AT, ED = 0x40, 0x80


def read_authenticator_data(data: bytes) -> AuthenticatorData:
    """Read authenticator data.

    Raises:
        CredentialMalformed: cut short, followed by something else, or not CBOR where it should be.
    """
    if len(data) < HEAD or _end(data) != len(data):
        raise CredentialMalformed
    try:
        return AuthenticatorData(data)
    except FAILURES as error:
        raise CredentialMalformed from error


def is_for(data: AuthenticatorData, rp: RelyingParty) -> bool:
    """Whether the user was present, at *rp*, and what is said of backups makes sense (s. 6.1.3)."""
    # Unlike Hanko 2.7.0: nothing is backed up that may not be.
    is_possible = data.is_backup_eligible() or not data.is_backed_up()
    return hmac.compare_digest(data.rp_id_hash, rp.id_hash) and data.is_user_present() and is_possible


def _end(data: bytes) -> int:
    """Where the parts end that the flags announce."""
    flags, position = data[32], HEAD
    if flags & AT:
        length = int.from_bytes(data[HEAD + 16 : HEAD + CREDENTIAL_HEAD])
        position = end_of_item(data, HEAD + CREDENTIAL_HEAD + length)
    if flags & ED:
        position = end_of_item(data, position)
    return position
