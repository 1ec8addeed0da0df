"""What is refused outside ``--dev``: each by changing one thing of a safe configuration."""

from ipaddress import ip_network

import pytest

from hanko_compat.config.safety import KNOWN_SECRET
from tests.config.example import SECRET, accepted, refused
from tests.test_special_purpose import READ_AS_IPV4, blocks

REMEDY = "use a random one, or set hanko_compat.allow_weak_secrets: true where an old database needs it."
WILDCARD = (
    "Lets every site call with its visitors' cookies: name the origins, or set "
    "server.public.cors.unsafe_wildcard_origin_allowed: true."
)
ORIGINS = "server.public.cors.allow_origins"
PARTY = "webauthn.relying_party"
SMS = "hanko_compat.backend_api.sms"
LIST_IT = f"list its network in {SMS}.private_networks."
SAML = {
    "enabled": True,
    "endpoint_url": "https://auth.example.test",
    "audience_uri": "urn:example",
    "identity_providers": [
        {"enabled": True, "name": "Corp", "domain": "corp.test", "metadata_url": "https://idp.test/metadata"}
    ],
}
UNSAFE = [
    ({"secrets.keys": []},
     "secrets.keys: None is given: list one of 16 or more random characters, or set SECRETS_KEYS."),
    ({"secrets.keys": [SECRET, KNOWN_SECRET]},
     f"secrets.keys[1]: Is Hanko's built-in secret, which is public: {REMEDY}"),
    *(
        ({"secrets.keys": [secret]},
         f"secrets.keys[0]: Is Hanko's built-in secret, which is public: {REMEDY}")
        for secret in (f" {KNOWN_SECRET} ", f'"{KNOWN_SECRET}"', f"{KNOWN_SECRET}\n", KNOWN_SECRET.upper())
    ),
    ({"secrets.keys": ["short" + " " * 20]}, f"secrets.keys[0]: Shorter than 16 characters: {REMEDY}"),
    ({"secrets.keys": [SECRET, 123456789012345]}, f"secrets.keys[1]: Shorter than 16 characters: {REMEDY}"),
    ({"secrets.keys": "short"}, f"secrets.keys[0]: Shorter than 16 characters: {REMEDY}"),
    ({"secrets.keys": [SECRET, "fifteen letters"]}, f"secrets.keys[1]: Shorter than 16 characters: {REMEDY}"),
    ({ORIGINS: ["https://a.test", "*"]}, f"{ORIGINS}[1]: {WILDCARD}"),
    ({ORIGINS: ["https://*"]}, f"{ORIGINS}[0]: {WILDCARD}"),
    ({ORIGINS: ["https://*:*"]}, f"{ORIGINS}[0]: {WILDCARD}"),
    ({ORIGINS: ["http*://*"]}, f"{ORIGINS}[0]: {WILDCARD}"),
    ({ORIGINS: ["*://?*.*:8443"]}, f"{ORIGINS}[0]: {WILDCARD}"),
    ({"saml": {**SAML, "options": {"skip_signature_validation": True}}},
     ("saml.options.skip_signature_validation: Lets anybody log in as anybody: set it to false, and let the "
      "identity provider sign.")),
    ({"session.cookie": {"same_site": "none", "secure": False}},
     ("session.cookie.secure: Browsers drop a SameSite=None cookie that is not Secure: set it to true, or "
     "session.cookie.same_site to strict or lax.")),
    *(
        ({f"{SMS}.url": f"https://{place}/sms"}, f"{SMS}.url: {host} is not public: {LIST_IT}")
        for place, host in (
            ("127.0.0.1", "127.0.0.1"), ("10.1.2.3:8443", "10.1.2.3"), ("[::1]", "::1"),
            ("localhost", "localhost"), ("169.254.169.254", "169.254.169.254"),
            ("sms.localhost", "sms.localhost"), ("localhost.", "localhost."), ("127.1", "127.1"),
            ("0x7f.1", "0x7f.1"), ("2130706433", "2130706433"), ("[64:ff9b::a00:1]", "64:ff9b::a00:1"),
            ("[2002:a00:1::1]", "2002:a00:1::1"), ("[::ffff:10.0.0.1]", "::ffff:10.0.0.1"),
        )
    ),
    ({f"{SMS}.url": "http://1.1.1.1/", f"{SMS}.private_networks": ["10.0.0.0/8"]},
     f"{SMS}.url: Sends codes without TLS: use https."),
    ({f"{SMS}.url": "http://sms.example.com/"}, f"{SMS}.url: Sends codes without TLS: use https."),
    ({f"{SMS}.url": "https://sms.example.com/", f"{SMS}.body": "To=$to&Body=$text"},
     f"{SMS}.body: Is no JSON: mend it, or set {SMS}.content_type to what it is."),
    ({"hanko_compat.backend_api.session_token": True},
     ("hanko_compat.backend_api.session_token_issuer: Is empty, as hanko_compat.public_url: set one to the "
      "frontend API that servers are given.")),
    ({"hanko_compat.backend_api.session_token": True, "hanko_compat.public_url": "https://a.test",
      "hanko_compat.jwk.algorithm": "EdDSA"},
     ("hanko_compat.jwk.algorithm: Must be RS256-4096, RS256-3072 or RS256-2048 with "
      "hanko_compat.backend_api.session_token: Corbado's SDKs take no other.")),
]  # fmt: skip


REGISTRY = sorted({*blocks()} - READ_AS_IPV4)


@pytest.mark.parametrize("block", REGISTRY)
def test_text_messages_go_to_no_network_with_a_special_purpose(block):
    """As their delivery has it: to none in IANA's registries, whatever Python calls global."""
    network = ip_network(block)
    for address in (network[0], network[-1]):
        host = f"[{address}]" if address.version == 6 else str(address)
        url = {f"{SMS}.url": f"https://{host}/sms"}
        assert refused(url) == [f"{SMS}.url: {address} is not public: {LIST_IT}"]
        assert accepted(url | {f"{SMS}.private_networks": [block]}).hanko_compat.backend_api.sms.url


@pytest.mark.parametrize(("changes", "problem"), UNSAFE)
def test_unsafe_setting_is_refused_with_its_remedy(changes, problem):
    assert refused(changes) == [problem]


@pytest.mark.parametrize("changes", [changes for changes, _ in UNSAFE])
def test_development_may_be_unsafe(changes):
    assert accepted(changes, dev=True).dev


def test_all_refusals_come_together():
    changes = {"secrets.keys": ["short", "brief"], ORIGINS: ["*"]}
    assert [line.split(":")[0] for line in refused(changes)] == [
        "secrets.keys[0]",
        "secrets.keys[1]",
        f"{ORIGINS}[0]",
    ]


@pytest.mark.parametrize(
    "changes",
    [
        {"secrets.keys": ["sixteen letters!"]},
        {"secrets.keys": ["short", KNOWN_SECRET], "hanko_compat.allow_weak_secrets": True},
        {ORIGINS: ["*"], "server.public.cors.unsafe_wildcard_origin_allowed": True},
        {ORIGINS: ["https://*.example.test", "https://*.test:*"]},
        {
            ORIGINS: [
                "chrome-extension://abcdef",
                "tauri://localhost",
                "capacitor://localhost",
                "ionic://localhost",
            ]
        },
        {ORIGINS: ["safari-web-extension://*.x", "app://MyApp", "ios:bundle-id:com.example.app"]},
        {"session.cookie": {"same_site": "none", "secure": True}},
        {"session.cookie": {"same_site": "lax", "secure": False}},
        {"hanko_compat.jwk.algorithm": "EdDSA"},
        {"hanko_compat.backend_api.session_token": True, "hanko_compat.public_url": "https://a.test"},
        {
            "hanko_compat.backend_api.session_token": True,
            "hanko_compat.backend_api.session_token_issuer": "https://a.test",
        },
        {f"{SMS}.url": "https://sms.example.com/?account=5"},
        {f"{SMS}.url": "https://8.8.8.8/"},
        {f"{SMS}.url": "http://10.1.2.3/", f"{SMS}.private_networks": ["10.0.0.0/8"]},
        {f"{SMS}.url": "http://localhost:9000/", f"{SMS}.private_networks": ["127.0.0.0/8", "::1"]},
        {
            f"{SMS}.url": "https://sms.example.com/",
            f"{SMS}.body": "To=$to&Body=$text",
            f"{SMS}.content_type": "application/x-www-form-urlencoded",
        },
        {f"{SMS}.body": "To=$to&Body=$text"},
    ],
)
def test_safe_setting_is_accepted(changes):
    assert accepted(changes).warnings == ()


def test_weak_secrets_still_need_a_secret():
    (problem,) = refused({"secrets.keys": [], "hanko_compat.allow_weak_secrets": True})
    assert problem.startswith("secrets.keys: None is given")


@pytest.mark.parametrize(
    ("party_id", "origin"),
    [
        ("localhost", "http://localhost:8888"),
        ("example.com", "https://example.com"),
        ("example.com", "https://login.example.com:8443"),
        ("Example.com", "https://LOGIN.example.COM"),
        ("example.com", "android:apk-key-hash:2Cl3WyYDGrvjSl3X6zVvn1JY_2Jdq2oLzcrg6lRJ8Os"),
    ],
)
def test_relying_party_above_its_origins(party_id, origin):
    party = accepted({PARTY: {"id": party_id, "origins": [origin]}}).webauthn.relying_party
    assert (party.id, party.origins) == (party_id, (origin,))


@pytest.mark.parametrize(
    ("party_id", "origins", "hosts"),
    [
        ("example.com", ["http://localhost:8888"], "localhost"),
        ("example.com", ["https://badexample.com", "https://example.com.evil.test"],
         "badexample.com nor example.com.evil.test"),
        ("login.example.com", ["https://example.com"], "example.com"),
        ("example.com", ["https://example.com."], "example.com."),
        ("example.com", ["tauri://localhost", "http://tauri.localhost", "https://*.example.com"],
         "tauri.localhost"),
    ],
)  # fmt: skip
def test_relying_party_that_is_above_none_of_its_sites(party_id, origins, hosts):
    assert refused({PARTY: {"id": party_id, "origins": origins}}) == [
        (
            f"webauthn.relying_party.id: {party_id} is neither {hosts} nor a domain above: change it, or "
            "list the site that has it as its host in webauthn.relying_party.origins."
        )
    ]


@pytest.mark.parametrize(
    ("origins", "warned"),
    [
        (["https://example.com", "https://other.test"], ["webauthn.relying_party.origins[1]"]),
        (["https://example.com", "http://localhost:8888", "http://tauri.localhost"],
         ["webauthn.relying_party.origins[1]", "webauthn.relying_party.origins[2]"]),
        (["https://login.example.com", "chrome-extension://abcdefghijklmnopabcdefghijklmnop"], []),
        (["tauri://localhost", "capacitor://localhost", "ios:bundle-id:com.example.app"], []),
        (["moz-extension://0c2ee3a5-5d9c-4b5e-8e7a-0c2ee3a55d9c", "app://MyApp"], []),
    ],
)  # fmt: skip
def test_relying_party_above_some_of_its_sites_or_of_apps_only(origins, warned):
    config = accepted({PARTY: {"id": "example.com", "origins": origins}})
    assert config.webauthn.relying_party.origins == tuple(origins)
    assert [warning.path for warning in config.warnings] == warned
