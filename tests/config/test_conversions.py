"""Values of another type than their key's: taken as Hanko takes them, or refused as it refuses them."""

from typing import Any

import pytest

from hanko_compat.config import from_mapping
from hanko_compat.config.documents import parse
from tests.config.example import SAFE, accepted, refused
from tests.config.test_legacy import at
from tests.settings import merged


def from_yaml(text: str, *, key: str) -> tuple[Any, list[str]]:
    """What *key* holds where the file has *text* for it, and the warnings."""
    config = from_mapping(merged(SAFE, {key: parse(text)}), environ={})
    return at(config, key), [str(warning) for warning in config.warnings]


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("account.allow_signup", '"false"', False),
        ("account.allow_signup", "'F'", False),
        ("account.allow_signup", "0", False),
        ("account.allow_signup", '""', False),
        ("account.allow_deletion", "1", True),
        ("account.allow_deletion", '"1"', True),
        ("account.allow_deletion", "1.5", True),
        ("password.min_length", '"12"', 12),
        ("password.min_length", "0x0C", 12),
        ("password.min_length", "014", 12),
        ("password.min_length", '"014"', 12),
        ("password.min_length", "12.9", 12),
        ("password.min_length", "1.2e1", 12),
        ("password.min_length", "true", 1),
        ("database.port", "5433", "5433"),
        ("database.password", "0123", "0123"),
        ("database.password", "2024-01-31", "2024-01-31"),
        ("database.password", "1e5", "1e5"),
        ("database.password", "12345", "12345"),
        ("database.password", "1.50", "1.5"),
        ("database.password", "-7.0", "-7"),
        ("database.password", "|\n  a password\n", "a password"),
        ("service.name", "2024", "2024"),
        ("session.lifespan", '"90m"', None),
        ("session.audience", "one", ("one",)),
        ("session.audience", '"one, two,"', ("one", "two")),
        ("session.audience", "5", ("5",)),
        ("session.audience", "[1, a]", ("1", "a")),
        ("session.audience", "{}", ()),
        ("session.audience", '""', ()),
        ("session.jwt_template.claims", "[]", {}),
        ("session.jwt_template.claims", "{1: 0x10, at: 1e3}", {"1": 16, "at": 1000.0}),
        ("third_party.custom_providers", "[]", {}),
    ],
)
def test_a_value_of_another_type_is_taken_as_hanko_takes_it(key, text, value):
    found, warnings = from_yaml(text, key=key)
    assert value is None or (found, type(found)) == (value, type(value))
    assert warnings == []


def test_values_in_lists_and_maps_of_sections_are_taken_so_too():
    config = accepted(
        {
            "webhooks.hooks": {"callback": 5, "events": "user"},
            "saml.identity_providers": [{"enabled": "true", "attribute_map": {"email": 1}}],
            "third_party.custom_providers": {"acme": {"enabled": 1, "scopes": "openid,email"}},
        },
        dev=True,
    )
    (hook,), (provider,) = config.webhooks.hooks, config.saml.identity_providers
    assert (hook.callback, hook.events) == ("5", ("user",))
    assert (provider.enabled, provider.attribute_map.email) == (True, "1")
    acme = config.third_party.custom_providers["acme"]
    assert (acme.enabled, acme.scopes) == (True, ("openid", "email"))


@pytest.mark.parametrize(
    ("key", "text", "value", "warning"),
    [
        ("session.cookie.name", "true", "1", "Is text, so true is read as '1': put the text in quotes."),
        ("session.audience", "[a, ~]", ("a",), None),
        (
            "rate_limiter.password_limits.interval",
            "60",
            None,
            "60 are nanoseconds for Hanko; here they are seconds: write 60s.",
        ),
        ("rate_limiter.password_limits.interval", "60000000000", None, None),
    ],
)
def test_what_is_hardly_meant_comes_with_a_warning(key, text, value, warning):
    found, warnings = from_yaml(text, key=key)
    if key.endswith("interval"):
        assert found.total_seconds() == 60
    else:
        assert found == value
    expected = (
        "session.audience[1]: Is empty, and left out." if "~" in text else warning and f"{key}: {warning}"
    )
    assert warnings == ([expected] if expected else [])


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"account.allow_signup": "yes"}, "account.allow_signup: Must be true or false."),
        ({"account.allow_signup": "tRUE"}, "account.allow_signup: Must be true or false."),
        ({"account.allow_signup": []}, "account.allow_signup: Must be true or false."),
        ({"password.min_length": "12 letters"}, "password.min_length: Must be a whole number."),
        ({"password.min_length": " 12"}, "password.min_length: Must be a whole number."),
        ({"password.min_length": "9" * 5000}, "password.min_length: Must be a whole number."),
        ({"session.lifespan": 3600}, "session.lifespan: 3600 is not a duration, try 12h or 5m."),
        ({"service.name": ["a"]}, "service.name: Must be text: put it in quotes."),
        ({"service.name": "a\nb"}, "service.name: Must be one line of printable text."),
        ({"session.audience": [["a"]]}, "session.audience[0]: Must be text: put it in quotes."),
        ({"hanko_compat.openapi": "true"}, "hanko_compat.openapi: Must be true, false or auto."),
        (
            {"hanko_compat.public_url": 5},
            "hanko_compat.public_url: Must be an address such as https://auth.example.com.",
        ),
        ({"hanko_compat.trusted_proxies": "10.0.0.0/8"}, "hanko_compat.trusted_proxies: Must be a list."),
    ],
)
def test_what_hanko_refuses_and_our_own_keys_are_strict(changes, problem):
    assert refused(changes) == [problem]
