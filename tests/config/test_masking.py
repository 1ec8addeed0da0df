"""No secret leaves the configuration: not in what is shown, not in a message about what is wrong."""

from typing import Any

import pytest
import yaml

from hanko_compat.config import from_mapping
from hanko_compat.config.fields import MapOf
from hanko_compat.config.masking import MASK
from hanko_compat.config.model import Config
from hanko_compat.config.settings import Entry, leaves
from tests.config.example import SECRET, accepted, refused

HIDDEN = "hunter2-hunter2-hunter2"
SECRETS: list[dict[str, Any]] = [
    {"secrets.keys": [HIDDEN]},
    {"secrets": {"keys": None}, "secret_keys": [HIDDEN]},
    {"database.password": HIDDEN},
    {"database.url": f"postgres://hanko:{HIDDEN}@db.test/hanko"},
    {"database.url": f"postgres://hanko:p@{HIDDEN}@db.test/hanko"},
    {"database.url": f"postgres://hanko@db.test/hanko?sslmode=require&sslpassword={HIDDEN}&a=b"},
    {"email_delivery.smtp.password": HIDDEN},
    {"smtp.password": HIDDEN},
    {"smtp.password": HIDDEN, "convert_legacy_config": True},
    {"rate_limiter.redis_config.password": HIDDEN},
    {"rate_limiter.redis_config.address": f"redis://:{HIDDEN}@redis.test:6379"},
    {"flow_locker.redis_config.password": HIDDEN},
    {"hanko_compat.backend_api.sms.headers": {"Authorization": HIDDEN}},
    {"third_party.providers.google.secret": HIDDEN},
    {"third_party.custom_providers": {"acme": {"secret": HIDDEN}}},
    {"third_party.custom_providers": {"acme": {"issuer": f"https://u:{HIDDEN}@idp.test"}}},
    {"webhooks.hooks": [{"callback": f"https://u:{HIDDEN}@hook.test"}]},
]


@pytest.mark.parametrize("changes", SECRETS)
def test_no_secret_is_shown(changes):
    shown = yaml.safe_dump(accepted(changes).masked())
    assert HIDDEN not in shown
    assert SECRET not in shown


def test_what_is_shown_is_the_configuration_in_force():
    config = accepted({"session": {"lifespan": "90m", "idle_timeout": ""}, "database.url": "mysql://u:p@h/d"})
    shown = config.masked()
    assert shown["session"]["lifespan"] == "1h30m"
    assert shown["session"]["idle_timeout"] == ""
    assert shown["secrets"]["keys"] == [MASK]
    assert shown["database"]["url"] == f"mysql://{MASK}@h:3306/d"
    assert shown["email_delivery"]["smtp"]["password"] == ""
    assert shown["server"]["public"]["cors"]["allow_origins"] == ["http://localhost:8888"]
    assert shown["hanko_compat"]["trusted_proxies"] == []


@pytest.mark.parametrize(
    ("changes", "url"),
    [
        ({}, "sqlite:///var/hanko_compat.sqlite3"),
        ({"database": {"dialect": "mariadb", "host": "db.test"}}, f"mysql://{MASK}@db.test:3306/hanko"),
    ],
)
def test_the_database_in_force_is_shown_however_it_is_named(changes, url):
    assert accepted(changes).masked()["database"]["url"] == url


def test_what_is_shown_can_be_read_again():
    changes = {
        "hanko_compat": {"trusted_proxies": ["10.0.0.0/8"], "openapi": True},
        "third_party.custom_providers": {"acme": {"scopes": ["openid"], "attribute_mapping": {"a": "b"}}},
        "saml.identity_providers": [{"name": "One", "attribute_map": {"email": "mail"}}],
        "session": {"jwt_template": {"claims": {"a": [1, None]}}, "audience": ["a"]},
        "database": {"password": ""},
    }
    shown = accepted(changes).masked()
    assert from_mapping(yaml.safe_load(yaml.safe_dump(shown)), dev=True).masked() == shown


def test_names_of_secret_headers_are_shown():
    headers = {"Authorization": HIDDEN, "X-Account": "5"}
    shown = accepted({"hanko_compat.backend_api.sms.headers": headers}).masked()
    assert shown["hanko_compat"]["backend_api"]["sms"]["headers"] == dict.fromkeys(headers, MASK)


def test_old_names_are_not_shown():
    shown = accepted().masked()
    assert not shown.keys() & {"emails", "passcode", "smtp", "cors", "secret_keys"}
    assert "server_side" not in shown["session"]
    assert set(shown["webauthn"]) == {"relying_party", "timeouts"}


LEAVES = [leaf for leaf in leaves(Config) if leaf.secret]
WRONG: list[Any] = [f"{HIDDEN}\n.", [f"{HIDDEN}\n."], {HIDDEN: HIDDEN}, [[HIDDEN]], f"a://{HIDDEN}"]


@pytest.mark.parametrize("leaf", LEAVES, ids=lambda leaf: ".".join(leaf.path))
@pytest.mark.parametrize("wrong", WRONG, ids=["text", "list", "mapping", "nested list", "url"])
def test_message_about_a_wrong_secret_does_not_hold_it(leaf, wrong):
    if wrong == f"a://{HIDDEN}" and leaf.path != ("database", "url"):
        wrong = {5.5: HIDDEN}  # any text without line breaks within it is a password
    if isinstance(wrong, dict) and isinstance(leaf.kind, MapOf):
        wrong = {"name": [HIDDEN]}  # of whose keys none is secret
    problems = refused({".".join(leaf.path): wrong})
    assert HIDDEN not in "\n".join(problems)


@pytest.mark.parametrize(
    "changes", [{"secrets.keys": ["hunter2"]}, {"secrets": {"keys": [SECRET, "hunter2"]}}]
)
def test_refusal_of_a_weak_secret_does_not_hold_it(changes):
    assert "hunter2" not in "\n".join(refused(changes))


def test_every_key_that_names_a_secret_is_one():
    entries = [
        leaf.kind.kind.section
        for leaf in leaves(Config)
        if isinstance(getattr(leaf.kind, "kind", None), Entry)
    ]
    found = [leaf for cls in (Config, *entries) for leaf in leaves(cls)]
    named = {leaf.path for leaf in found if leaf.path[-1] in {"password", "secret", "secret_keys"}}
    assert named <= {leaf.path for leaf in found if leaf.secret}
