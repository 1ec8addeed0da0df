import json
from dataclasses import replace

from hanko_compat.webauthn.option_texts import creation_text, request_text
from hanko_compat.webauthn.options import CredentialDescriptor, creation_options, request_options
from hanko_compat.webauthn.relying_party import RelyingParty

RP = RelyingParty(id="example.test", name="Example", origins=frozenset())
KEY = CredentialDescriptor("AAAA", transports=("internal", "hybrid"))


def creation(**changes):
    options = creation_options(
        RP,
        challenge=b"challenge",
        user_handle=b"jane",
        user_name="Jäne",
        timeout=60000,
        user_verification="required",
        resident_key="preferred",
        attestation="none",
    )
    selection = replace(options.authenticator_selection, **changes)
    options = replace(options, authenticator_selection=selection, exclude_credentials=(KEY,))
    return json.loads(creation_text(options))["publicKey"]


def test_creation_options():
    told = creation(authenticator_attachment="platform")
    assert told.pop("pubKeyCredParams")[0] == {"type": "public-key", "alg": -7}
    assert told == {
        "challenge": "Y2hhbGxlbmdl",
        "rp": {"name": "Example", "id": "example.test"},
        "user": {"id": "amFuZQ", "name": "Jäne", "displayName": "Jäne"},
        "authenticatorSelection": {
            "authenticatorAttachment": "platform",
            "residentKey": "preferred",
            "requireResidentKey": False,
            "userVerification": "required",
        },
        "timeout": 60000,
        "attestation": "none",
        "excludeCredentials": [{"type": "public-key", "id": "AAAA", "transports": ["internal", "hybrid"]}],
    }


def test_any_device():
    assert "authenticatorAttachment" not in creation()["authenticatorSelection"]


def test_request_options():
    options = request_options(
        RP, challenge=b"challenge", credential_ids=["AAAA"], timeout=60000, user_verification="required"
    )
    told = json.loads(request_text(options))
    assert told == {
        "publicKey": {
            "challenge": "Y2hhbGxlbmdl",
            "timeout": 60000,
            "rpId": "example.test",
            "userVerification": "required",
            "allowCredentials": [{"type": "public-key", "id": "AAAA", "transports": []}],
        }
    }
    anybody = json.loads(request_text(replace(options, allow_credentials=None)))
    assert "allowCredentials" not in anybody["publicKey"]
