"""What an authenticator answers to a registration (WebAuthn s. 7.1)."""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from fido2 import cbor
from fido2.attestation.android import AndroidSafetynetAttestation
from fido2.attestation.apple import AppleAttestation
from fido2.attestation.base import Attestation, NoneAttestation
from fido2.attestation.packed import PackedAttestation
from fido2.attestation.tpm import TpmAttestation
from fido2.attestation.u2f import FidoU2FAttestation
from fido2.webauthn import AuthenticatorData

from hanko_compat.errors.passkeys import AttestationInvalid, CredentialMalformed, UserVerificationMissing
from hanko_compat.webauthn.authenticator_data import is_for, read_authenticator_data
from hanko_compat.webauthn.cbor import end_of_item
from hanko_compat.webauthn.client_data import CREATE, ClientData
from hanko_compat.webauthn.keys import ALG, ALGORITHMS, checked_key, is_signed
from hanko_compat.webauthn.library import FAILURES
from hanko_compat.webauthn.relying_party import RelyingParty

FORMAT = re.compile(r"[!-~]{1,32}")  # s. 8.1
# Formats whose statements are checked; that of any other is not. No chain of certificates is followed, as
# no setting names roots to trust.
VERIFIERS: Mapping[str, Callable[[], Attestation]] = {
    "none": NoneAttestation,
    "packed": PackedAttestation,
    "tpm": TpmAttestation,
    "fido-u2f": FidoU2FAttestation,
    "apple": AppleAttestation,
    "android-safetynet": AndroidSafetynetAttestation,
}


@dataclass(frozen=True, slots=True)
class VerifiedCredential:
    """A new credential; ``public_key`` is a COSE key, ``attestation_type`` the format of the attestation."""

    id: bytes
    public_key: bytes
    aaguid: UUID
    sign_count: int
    attestation_type: str
    is_user_verified: bool
    is_backup_eligible: bool
    is_backed_up: bool


@dataclass(frozen=True, slots=True)
class AttestationObject:
    """What an authenticator says of a new credential (s. 6.5), read and not yet verified."""

    format: str
    statement: Mapping[str, Any]
    authenticator_data: AuthenticatorData


def verify_registration(
    client_data: ClientData,
    attestation_object: bytes,
    *,
    rp: RelyingParty,
    requires_user_verification: bool,
    algorithms: Collection[int] = ALGORITHMS,
) -> VerifiedCredential:
    """Check everything but the challenge, which the caller has taken already.

    Raises:
        CredentialMalformed: no attestation object.
        AttestationInvalid: not of this ceremony, no credential of ours, or a statement that is not true.
        UserVerificationMissing: all is well, but the user was not verified.
    """
    attestation = read_attestation(attestation_object)
    data = attestation.authenticator_data
    credential = data.credential_data
    if not client_data.is_from(rp, type_=CREATE) or not is_for(data, rp) or credential is None:
        raise AttestationInvalid
    if checked_key(credential.public_key)[ALG] not in algorithms:
        raise AttestationInvalid
    _verify_statement(attestation, client_data.hash)
    if requires_user_verification and not data.is_user_verified():
        raise UserVerificationMissing
    return VerifiedCredential(
        id=credential.credential_id,
        public_key=cbor.encode(credential.public_key),
        aaguid=UUID(bytes=bytes(credential.aaguid)),
        sign_count=data.counter,
        attestation_type=attestation.format,
        is_user_verified=data.is_user_verified(),
        is_backup_eligible=data.is_backup_eligible(),
        is_backed_up=data.is_backed_up(),
    )


def read_attestation(attestation_object: bytes) -> AttestationObject:
    """Read an attestation object.

    Raises:
        CredentialMalformed: not CBOR, or not what it should be.
    """
    if end_of_item(attestation_object) != len(attestation_object):
        raise CredentialMalformed
    try:
        content = cast("Any", cbor.decode(attestation_object))
        format_, statement, data = content["fmt"], content["attStmt"], content["authData"]
    except FAILURES as error:
        raise CredentialMalformed from error
    if not (isinstance(format_, str) and isinstance(statement, dict) and isinstance(data, bytes)):
        raise CredentialMalformed
    if not FORMAT.fullmatch(format_):
        raise CredentialMalformed
    return AttestationObject(format_, statement, read_authenticator_data(data))


def _verify_statement(attestation: AttestationObject, client_data_hash: bytes) -> None:
    if attestation.format == "packed" and not attestation.statement.get("x5c"):
        _verify_self_attestation(attestation, client_data_hash)
        return
    verifier = VERIFIERS.get(attestation.format)
    if verifier is None:
        return
    try:
        verifier().verify(attestation.statement, attestation.authenticator_data, client_data_hash)
    except FAILURES as error:
        raise AttestationInvalid from error


def _verify_self_attestation(attestation: AttestationObject, client_data_hash: bytes) -> None:
    """Check what the credential's own key has signed (s. 8.2), with all of the offered algorithms."""
    data, statement = attestation.authenticator_data, attestation.statement
    key = checked_key(data.credential_data and data.credential_data.public_key)
    signature = statement.get("sig")
    is_right = (
        statement.get("alg") == key[ALG]
        and isinstance(signature, bytes)
        and is_signed(key, bytes(data) + client_data_hash, signature)
    )
    if not is_right:
        raise AttestationInvalid
