"""Keys of other versions of Hanko and of its own deployment files."""

import pytest

from hanko_compat.config.former_keys import FORMER
from tests.config.example import accepted, refused

PREFIX = "A key of another version of Hanko, it does nothing: "


@pytest.mark.parametrize("key", sorted(key for key in FORMER if "*" not in key))
def test_a_former_key_is_a_warning_with_its_successor(key):
    (warning,) = accepted({key: "anything"}).warnings
    assert (warning.path, warning.message) == (key, PREFIX + FORMER[key])


def test_former_keys_in_lists_and_maps():
    config = accepted(
        {
            "saml.identity_providers": [{"attribute_map": {"update_at": "a", "custom": {}}}],
            "third_party.custom_providers": {"acme": {"custom_claim_mapping": {}}},
        }
    )
    assert [warning.path for warning in config.warnings] == [
        "saml.identity_providers[0].attribute_map.update_at",
        "saml.identity_providers[0].attribute_map.custom",
        "third_party.custom_providers.acme.custom_claim_mapping",
    ]


def test_a_mistyped_key_of_the_same_section_is_refused():
    assert refused({"webauthn.relying_party": {"origns": []}}) == [
        "webauthn.relying_party.origns: Unknown key, did you mean webauthn.relying_party.origins?"
    ]


def test_the_variables_of_former_keys_are_warnings():
    environ = {
        "WEBAUTHN_RELYING_PARTY_ORIGIN": "https://a.test",
        "PASSCODE_SMTP_HOST": "mail.test",
        "PASSCODE_EMAIL_FROM_ADDRESS": "",
        "PASSCODE_SMTPX": "1",
    }
    assert [warning.path for warning in accepted({}, environ).warnings] == [
        "PASSCODE_SMTP_HOST",
        "WEBAUTHN_RELYING_PARTY_ORIGIN",
    ]


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"Account": {"allow_signup": False}}, "Account"),
        ({"account": {"ALLOW_SIGNUP": False}}, "account.ALLOW_SIGNUP"),
    ],
)
def test_a_key_in_other_letter_case_is_read_with_a_warning(changes, key):
    config = accepted(changes)
    assert not config.account.allow_signup
    assert [str(warning) for warning in config.warnings] == [
        f"{key}: Is read as {key.split('.')[-1].lower()}: write it so."
    ]


def test_our_own_keys_are_exact():
    assert refused({"hanko_compat": {"OpenAPI": True}}) == [
        "hanko_compat.OpenAPI: Unknown key, did you mean hanko_compat.openapi?"
    ]
