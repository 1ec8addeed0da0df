import json
from dataclasses import replace

from hanko_compat.base64url import decode
from hanko_compat.webauthn.options import (
    CredentialDescriptor,
    creation_options,
    creation_text,
    new_challenge,
    request_options,
    request_text,
)
from hanko_compat.webauthn.relying_party import RelyingParty
from tests.webauthn.ceremonies import RP

COMMON = {"challenge": b"\0\1\2", "timeout": 1500, "user_verification": "required"}

SITE = RelyingParty(id="example.test", name="Example", origins=frozenset())
KEY = CredentialDescriptor("AAAA", transports=("internal", "hybrid"))


def creation(resident_key):
    return creation_options(
        RP,
        user_handle=b"u" * 16,
        user_name="alice",
        attestation="direct",
        resident_key=resident_key,
        **COMMON,
    )


def test_challenges_are_random_and_long():
    challenges = {new_challenge() for _ in range(100)}
    assert len(challenges) == 100
    assert {len(challenge) for challenge in challenges} == {32}


def test_creation_options_say_what_they_were_given():
    options = creation("required")
    assert (options.rp, options.challenge, options.timeout) == (RP, "AAEC", 1500)
    assert decode(options.user.id) == b"u" * 16
    assert (options.user.name, options.user.display_name) == ("alice", "alice")
    assert (options.attestation, options.authenticator_selection.user_verification) == ("direct", "required")
    assert [(each.type, each.alg) for each in options.pub_key_cred_params][:2] == [
        ("public-key", -7),
        ("public-key", -35),
    ]


def test_browsers_of_level_1_learn_of_resident_keys_too():
    told = [creation(each).authenticator_selection for each in ("required", "preferred", "discouraged")]
    assert [each.require_resident_key for each in told] == [True, False, False]
    assert [each.resident_key for each in told] == ["required", "preferred", "discouraged"]


def test_request_options_name_credentials_or_any():
    options = request_options(RP, credential_ids=["AA", "BB"], **COMMON)
    assert [(each.type, each.id) for each in options.allow_credentials] == [
        ("public-key", "AA"),
        ("public-key", "BB"),
    ]
    assert (options.rp_id, options.challenge, options.user_verification) == ("localhost", "AAEC", "required")
    assert request_options(RP, credential_ids=[], **COMMON).allow_credentials is None


def told_creation(**changes):
    options = creation_options(
        SITE,
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


def test_creation_options_as_a_text():
    told = told_creation(authenticator_attachment="platform")
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
    assert "authenticatorAttachment" not in told_creation()["authenticatorSelection"]


def test_request_options_as_a_text():
    options = request_options(
        SITE, challenge=b"challenge", credential_ids=["AAAA"], timeout=60000, user_verification="required"
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


def test_texts_have_their_members_in_the_published_order():
    assert list(told_creation()) == [
        "challenge",
        "rp",
        "user",
        "pubKeyCredParams",
        "authenticatorSelection",
        "timeout",
        "attestation",
        "excludeCredentials",
    ]


def test_a_transport_that_nobody_knows_yet_is_passed_on():
    key = CredentialDescriptor("AAAA", transports=("smart-card", "to-come"))
    options = replace(request_options(SITE, credential_ids=["AAAA"], **COMMON), allow_credentials=(key,))
    (told,) = json.loads(request_text(options))["publicKey"]["allowCredentials"]
    assert told["transports"] == ["smart-card", "to-come"]
