"""Ceremonies with a software authenticator, without a server."""

from typing import Any

from hanko_compat.base64url import decode
from hanko_compat.webauthn.authentication import VerifiedAssertion, verify_assertion
from hanko_compat.webauthn.client_data import read_client_data
from hanko_compat.webauthn.options import creation_options, request_options
from hanko_compat.webauthn.registration import VerifiedCredential, verify_registration
from hanko_compat.webauthn.relying_party import RelyingParty
from tests.authenticator import ORIGIN

RP = RelyingParty("localhost", "Test", frozenset({ORIGIN}))
CHALLENGE = b"c" * 32


def creation() -> dict[str, Any]:
    """Creation options as an authenticator gets them."""
    options = creation_options(
        RP, challenge=CHALLENGE, user_handle=b"u" * 16, user_name="alice", timeout=1000,
        user_verification="preferred", resident_key="required", attestation="none",
    )  # fmt: skip
    return {
        "publicKey": {
            "rp": {"id": options.rp.id},
            "user": {"id": options.user.id},
            "challenge": options.challenge,
        }
    }


def request() -> dict[str, Any]:
    """Request options as an authenticator gets them."""
    options = request_options(
        RP, challenge=CHALLENGE, credential_ids=[], timeout=1000, user_verification="preferred"
    )
    return {"publicKey": {"rpId": options.rp_id, "challenge": options.challenge}}


def register(
    answer: dict[str, Any], *, uv: bool = False, rp: RelyingParty = RP, **more: Any
) -> VerifiedCredential:
    """Verify the answer to `creation`."""
    response = answer["response"]
    return verify_registration(
        read_client_data(decode(response["clientDataJSON"])),
        decode(response["attestationObject"]),
        rp=rp,
        requires_user_verification=uv,
        **more,
    )


def log_in(
    answer: dict[str, Any], public_key: str, *, uv: bool = False, rp: RelyingParty = RP
) -> VerifiedAssertion:
    """Verify the answer to `request`."""
    response = answer["response"]
    return verify_assertion(
        read_client_data(decode(response["clientDataJSON"])),
        decode(response["authenticatorData"]),
        decode(response["signature"]),
        rp=rp,
        public_key=public_key,
        requires_user_verification=uv,
    )
