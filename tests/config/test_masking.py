"""No secret leaves the configuration: not in what is shown, not in a message about what is wrong."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
import yaml

from hanko_compat.config import from_mapping
from hanko_compat.config.fields import Choice, Json, Kind, ListOf, MapOf
from hanko_compat.config.masking import masked
from hanko_compat.config.model import Config
from hanko_compat.config.origins import Origin
from hanko_compat.config.secret_kinds import MASK, ServerAddress, Url
from hanko_compat.config.settings import Entry, leaves
from hanko_compat.config.third_party import AttributeMap
from hanko_compat.errors.config import ConfigError
from tests.config.example import SECRET, accepted, refused
from tests.settings import merged

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
    {"hanko_compat.password.import_pepper": HIDDEN},
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


def test_places_in_text_messages_are_shown():
    shown = accepted({"hanko_compat.backend_api.sms.body": f"{HIDDEN} ${{to}} $$code{HIDDEN} $text"}).masked()
    assert shown["hanko_compat"]["backend_api"]["sms"]["body"] == f"{MASK} $to {MASK} $text {MASK}"


def test_old_names_are_not_shown():
    shown = accepted().masked()
    assert not shown.keys() & {"emails", "passcode", "smtp", "cors", "secret_keys"}
    assert "server_side" not in shown["session"]
    assert set(shown["webauthn"]) == {"relying_party", "timeouts"}


# Keys of text that everybody may read, or that is no secret wherever it stands.
PUBLIC = {
    "database": {"database", "host", "user"},
    "email_delivery": {"from_address", "from_name"},
    "hanko_compat": {"public_url", "mail.templates"},
    "hanko_compat.backend_api": {"email_link_url", "session_token_issuer"},
    "mfa": {"device_trust_cookie_name"},
    "secrets.key_management": {"key_id", "region"},
    "service": {"name"},
    "session": {
        "audience",
        "issuer",
        "jwt_template.claims",
        "cookie.domain",
        "cookie.name",
    },  # browsers have them
    "webauthn.relying_party": {"display_name", "id"},
    "third_party.providers": {
        f"{provider}.{key}"
        for provider in ("apple", "discord", "facebook", "github", "google", "linkedin", "microsoft")
        for key in ("client_id", "prompt")
    },
    "third_party.custom_providers.*": {
        "acr_values",
        "attribute_mapping",
        "client_id",
        "display_name",
        "prompt",
        "scopes",
    },
    "saml.identity_providers.*": {"domain", "name"}
    | {f"attribute_map.{leaf.path[0]}" for leaf in leaves(AttributeMap)},
    "webhooks.hooks.*": {"events"},
}
PUBLIC_KEYS = {f"{section}.{key}" for section, keys in PUBLIC.items() for key in keys}
# Kinds whose text is a word of a list, or what browsers send.
PUBLIC_KINDS = (Choice, Origin)
PLANTED = [
    HIDDEN,
    f"https://user:{HIDDEN}@host.test/path",
    f"https://{HIDDEN}@host.test/path",
    f"https://user:a/{HIDDEN}@host.test/",
    f"https://user:a@{HIDDEN}@host.test/",
    f"https://host.test/{HIDDEN}",
    f"https://host.test/path?token={HIDDEN}",
    f"https://host.test/path?{HIDDEN}",
    f"https://host.test/#{HIDDEN}",
    f"redis://:{HIDDEN}@host.test:6379",
    f":{HIDDEN}@host.test:6379",
    f'{{"key": "{HIDDEN}", "to": "$to", "text": "$text"}}',
    f"postgres://user:{HIDDEN}@host.test/name",
    f"postgres://user@host.test/name?sslmode=require&sslpassword={HIDDEN}",
    f"postgres://user@host.test/name?password={HIDDEN}",
    f"host=host.test dbname=name password='{HIDDEN}'",
    f"mysql://user:a?{HIDDEN}=1@host.test/name",
    f"user:{HIDDEN}@tcp(host.test:3306)/name",
    f"mysql://user@host.test/name?init_connect='{HIDDEN}'",
]


def keys_below(cls: type, above: str = "") -> Iterator[tuple[str, Kind[Any]]]:
    """Every key, with a * for the number or the name of a section in a list or a map of sections."""
    for leaf in leaves(cls):
        path, inner = above + ".".join(leaf.path), getattr(leaf.kind, "kind", None)
        if isinstance(inner, Entry):
            yield from keys_below(inner.section, f"{path}.*.")
        else:
            yield path, leaf.kind


def written(kind: Any, text: str) -> Any:
    """The YAML value of a kind that has *text* in it."""
    if isinstance(kind, ListOf):
        return [written(kind.kind, text)]
    if isinstance(kind, MapOf):
        return {"name": written(kind.kind, text)}
    return {"name": [{"inner": text}]} if isinstance(kind, Json) else text


def planted(path: str, kind: Kind[Any], text: str) -> dict[str, Any]:
    """What makes a configuration with *text* at the key."""
    section, star, key = path.partition(".*.")
    if not star:
        return {path: written(kind, text)}
    tree = merged({}, {key: written(kind, text)})
    return {section: [tree] if section in {"saml.identity_providers", "webhooks.hooks"} else {"acme": tree}}


KEYS = dict(keys_below(Config))
SECRET_KEYS = [path for path, kind in KEYS.items() if kind.may_hold_secret]


def test_what_is_public_is_a_key():
    assert KEYS.keys() >= PUBLIC_KEYS
    assert not PUBLIC_KEYS & set(SECRET_KEYS)


@pytest.mark.parametrize("path", sorted(KEYS.keys() - PUBLIC_KEYS))
def test_nothing_that_may_be_a_secret_is_shown_of_any_key(path: str) -> None:
    """A new key of text has to be of a kind that hides secrets, or to be named above."""
    kind, taken = KEYS[path], 0
    for text in PLANTED:
        with suppress(ConfigError):
            config = accepted(planted(path, kind, text), dev=True)
            taken += 1
            shown = yaml.safe_dump(masked(config), width=1000)
            is_no_secret = isinstance(getattr(kind, "kind", kind), PUBLIC_KINDS) or (
                # A host by itself, or the path of a page.
                isinstance(getattr(kind, "kind", kind), ServerAddress | Url)
                and text in {HIDDEN, f"https://host.test/{HIDDEN}"}
            )
            assert is_no_secret or HIDDEN not in shown, text
    assert taken or not kind.may_hold_secret


@pytest.mark.parametrize("path", sorted(PUBLIC_KEYS - {"database.database", "email_delivery.from_address"}))
def test_credentials_are_shown_of_no_key(path: str) -> None:
    with suppress(ConfigError):
        config = accepted(planted(path, KEYS[path], f"https://user:{HIDDEN}@host.test/"), dev=True)
        assert HIDDEN not in yaml.safe_dump(masked(config), width=1000) or path.endswith("claims")


WRONG: list[Any] = [
    f"{HIDDEN}\n.",
    [f"{HIDDEN}\n."],
    {HIDDEN: HIDDEN},
    {"name": [HIDDEN]},
    [[HIDDEN]],
    {5.5: HIDDEN},
    *PLANTED,
]


@pytest.mark.parametrize("path", [path for path in SECRET_KEYS if ".*." not in path])
@pytest.mark.parametrize("is_dev", [True, False], ids=["dev", ""])
def test_message_about_a_secret_does_not_hold_it(path: str, is_dev: bool) -> None:
    for wrong in WRONG:
        if isinstance(wrong, dict) and HIDDEN in wrong and isinstance(KEYS[path], MapOf | Json):
            continue  # names are no secrets
        try:
            told = list(map(str, accepted({path: wrong}, dev=is_dev).warnings))
        except ConfigError as error:
            told = str(error).splitlines()
        is_host = wrong == HIDDEN and isinstance(KEYS[path], ServerAddress)
        assert is_host or HIDDEN not in "\n".join(told), wrong


@pytest.mark.parametrize("text", [text for text in PLANTED if text != HIDDEN])
def test_message_about_a_secret_in_the_environment_does_not_hold_it(text: str) -> None:
    for leaf in leaves(Config):
        if leaf.kind.may_hold_secret or isinstance(leaf.kind, ListOf | MapOf):
            try:
                told = list(map(str, accepted({}, {leaf.environment: text}).warnings))
            except ConfigError as error:
                told = str(error).splitlines()
            assert HIDDEN not in "\n".join(told) or isinstance(getattr(leaf.kind, "kind", None), Origin)


def test_nothing_is_told_of_what_stands_below_unknown_keys() -> None:
    config = accepted({"frontend": {"key": HIDDEN, HIDDEN: [HIDDEN]}})
    told = [*map(str, config.warnings), yaml.safe_dump(masked(config))]
    assert HIDDEN not in "\n".join(told)


@pytest.mark.parametrize(
    "changes", [{"secrets.keys": ["hunter2"]}, {"secrets": {"keys": [SECRET, "hunter2"]}}]
)
def test_refusal_of_a_weak_secret_does_not_hold_it(changes):
    assert "hunter2" not in "\n".join(refused(changes))


def test_every_key_that_names_a_secret_is_one():
    named = {path for path in KEYS if path.rpartition(".")[2] in {"password", "secret", "secret_keys"}}
    assert named <= set(SECRET_KEYS)
