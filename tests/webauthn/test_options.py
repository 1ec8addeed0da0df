from hanko_compat.base64url import decode
from hanko_compat.webauthn.options import creation_options, new_challenge, request_options
from tests.webauthn.ceremonies import RP

COMMON = {"challenge": b"\0\1\2", "timeout": 1500, "user_verification": "required"}


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
