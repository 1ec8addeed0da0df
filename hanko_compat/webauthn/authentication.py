"""What an authenticator answers to a log-in (WebAuthn s. 7.2)."""

from dataclasses import dataclass

from hanko_compat.base64url import decode
from hanko_compat.errors.base64url import Base64urlMalformed
from hanko_compat.errors.passkeys import AssertionInvalid, CredentialMalformed, UserVerificationMissing
from hanko_compat.webauthn.authenticator_data import is_for, read_authenticator_data
from hanko_compat.webauthn.client_data import GET, ClientData
from hanko_compat.webauthn.keys import is_signed, read_key
from hanko_compat.webauthn.relying_party import RelyingParty


@dataclass(frozen=True, slots=True)
class VerifiedAssertion:
    """What a log-in tells; whether the sign count has grown is for the caller to find out."""

    sign_count: int
    is_user_verified: bool
    is_backup_eligible: bool
    is_backed_up: bool


def verify_assertion(
    client_data: ClientData,
    authenticator_data: bytes,
    signature: bytes,
    *,
    rp: RelyingParty,
    public_key: str,
    requires_user_verification: bool,
) -> VerifiedAssertion:
    """Check everything that is the same at each log-in; *public_key* is a COSE key in base64url.

    Raises:
        CredentialMalformed: no authenticator data.
        AssertionInvalid: not of this ceremony, or not signed by this key, or by none that we know.
        UserVerificationMissing: all is well, but the user was not verified.
    """
    data = read_authenticator_data(authenticator_data)
    if not client_data.is_from(rp, type_=GET) or not is_for(data, rp):
        raise AssertionInvalid
    if not _is_signed(public_key, authenticator_data + client_data.hash, signature):
        raise AssertionInvalid
    if requires_user_verification and not data.is_user_verified():
        raise UserVerificationMissing
    return VerifiedAssertion(
        sign_count=data.counter,
        is_user_verified=data.is_user_verified(),
        is_backup_eligible=data.is_backup_eligible(),
        is_backed_up=data.is_backed_up(),
    )


def _is_signed(public_key: str, message: bytes, signature: bytes) -> bool:
    try:
        return is_signed(read_key(decode(public_key)), message, signature)
    except (Base64urlMalformed, CredentialMalformed):
        return False
