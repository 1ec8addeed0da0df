"""Which values a start is refused with, and which not."""

from typing import Any

import pytest

from tests.config.example import accepted, refused
from tests.effects.rows import differs, shows

URLS = {
    "third_party.redirect_url": "https://auth.example.test/thirdparty/callback",
    "third_party.error_redirect_url": "https://example.test/error",
    "third_party.allowed_redirect_urls": ["https://example.test/done"],
}
GOOGLE: dict[str, Any] = {"enabled": True, "client_id": "id", "secret": "secret"}
SAML = {"enabled": True, "endpoint_url": "https://auth.example.test", "audience_uri": "urn:example"}
HOOKS = [{"callback": "https://hook.example.test", "events": ["nope"]}]
Settings = dict[str, Any]

# A row: its key, value and request; and for each value the settings, and the key that is named.
REFUSED: list[tuple[str, str, list[tuple[Settings, str]]]] = [
    ("email.passcode_charset", "x", [({"email.passcode_charset": "x"}, "email.passcode_charset")]),
    ("webauthn.relying_party.id", "", [({"webauthn.relying_party.id": ""}, "webauthn.relying_party.id")]),
    (
        "webauthn.relying_party.origins",
        "[]",
        [({"webauthn.relying_party.origins": []}, "webauthn.relying_party.origins")],
    ),
    (
        "webauthn.user_verification",
        "x",
        [({"webauthn.user_verification": "x"}, "webauthn.user_verification")],
    ),
    ("session.lifespan", '"" or x', [({"session.lifespan": text}, "session.lifespan") for text in ("", "x")]),
    (
        "third_party.providers.google.enabled",
        "true without client_id; without redirect_url",
        [
            (
                {**URLS, "third_party.providers.google": GOOGLE | {"client_id": ""}},
                "third_party.providers.google.client_id",
            ),
            (
                {**URLS, "third_party.providers.google": GOOGLE, "third_party.redirect_url": ""},
                "third_party.redirect_url",
            ),
        ],
    ),
    ("saml.enabled", "true, no identity_providers", [({"saml": SAML}, "saml.identity_providers")]),
    (
        "rate_limiter.store",
        "redis without address; other text",
        [
            ({"rate_limiter.store": "redis"}, "rate_limiter.redis_config.address"),
            ({"rate_limiter.store": "x"}, "rate_limiter.store"),
        ],
    ),
    (
        "webhooks.hooks",
        "unknown event",
        [({"webhooks": {"enabled": True, "hooks": HOOKS}}, "webhooks.hooks[0].events[0]")],
    ),
    ("service.name", "", [({"service.name": ""}, "service.name")]),
    (
        "server.public.cors.allow_origins",
        '["*"], unsafe_wildcard_origin_allowed=false',
        [({"server.public.cors.allow_origins": ["*"]}, "server.public.cors.allow_origins[0]")],
    ),
    ("server.public.address", "", [({"server.public.address": ""}, "server.public.address")]),
]
REFUSALS = [(*case, f"{key}={value}") for key, value, cases in REFUSED for case in cases]


@pytest.mark.parametrize(
    ("changes", "named"), [case[:2] for case in REFUSALS], ids=[case[2] for case in REFUSALS]
)
def test_a_start_is_refused(changes: Settings, named: str) -> None:
    (problem,) = refused(changes)
    assert problem.startswith(f"{named}: ")


for _key, _value, _ in REFUSED:
    # The cell of an empty value holds two quotes.
    shows(_key, _value or '""', "server start")(test_a_start_is_refused)


@pytest.mark.parametrize(
    "changes",
    [
        {"third_party.providers.google": {"enabled": False}},
        {"rate_limiter": {"enabled": False, "store": "redis"}},
        {"rate_limiter": {"enabled": False, "store": "x"}},
        {"webhooks": {"enabled": False, "hooks": HOOKS}},
        {"saml.enabled": False},
    ],
    ids=str,
)
def test_what_is_off_is_not_checked(changes: Settings) -> None:
    assert accepted(changes)


@shows("server.public.address", "host:port")
def test_where_to_listen() -> None:
    assert accepted({"server.public.address": "127.0.0.1:9000"}).server.public.address == "127.0.0.1:9000"


@differs(
    "smtp.host",
    '"", convert_legacy_config=false, email_delivery.enabled=true',
    page="A deprecated key that does nothing is not checked",
)
def test_an_old_key_that_does_nothing_may_be_empty() -> None:
    config = accepted({"smtp.host": "", "email_delivery.smtp.host": "mail.example.test"})
    assert config.email_delivery.smtp.host == "mail.example.test"
    assert [warning.path for warning in config.warnings] == ["smtp.host"]
    assert accepted({"email_delivery.smtp.host": ""})
