import jwt
import pytest

DEFAULT = {
    "account": {"allow_deletion": False, "allow_signup": True},
    "emails": {"max_num_of_addresses": 5, "require_verification": True},
    "password": {"enabled": True, "min_password_length": 8},
    "providers": None,
    "use_enterprise": False,
}
CREDENTIALS = {"enabled": True, "client_id": "id", "secret": "secret", "allow_linking": True}
THIRD_PARTY = {
    "redirect_url": "http://localhost:8000/thirdparty/callback",
    "error_redirect_url": "http://localhost:8888/error",
    "default_redirect_url": "http://localhost:8888",
    "allowed_redirect_urls": ["http://localhost:8888/done"],
    "providers": {"google": CREDENTIALS, "github": CREDENTIALS},
    "custom_providers": {
        "stub": {
            "enabled": True,
            "display_name": "Stub",
            "client_id": "id",
            "secret": "secret",
            "issuer": "http://localhost:9000",
            "scopes": ["openid"],
        }
    },
}


def saml(*, enabled, provider_enabled):
    provider = {
        "enabled": provider_enabled,
        "name": "Stub",
        "domain": "corp.example.test",
        "metadata_url": "http://localhost:9000/metadata",
    }
    return {
        "saml": {
            "enabled": enabled,
            "endpoint_url": "http://localhost:8000",
            "audience_uri": "urn:test",
            "default_redirect_url": "http://localhost:8888",
            "identity_providers": [provider],
        }
    }


@pytest.mark.parametrize(
    ("settings", "changes"),
    [
        ({}, {}),
        ({"account.allow_signup": False}, {"account": {"allow_deletion": False, "allow_signup": False}}),
        ({"account.allow_deletion": True}, {"account": {"allow_deletion": True, "allow_signup": True}}),
        ({"email.limit": 2}, {"emails": {"max_num_of_addresses": 2, "require_verification": True}}),
        (
            {"email.require_verification": False},
            {"emails": {"max_num_of_addresses": 5, "require_verification": False}},
        ),
        ({"email.enabled": False}, {}),
        ({"mfa.enabled": True}, {}),
        ({"password.enabled": False}, {"password": {"enabled": False, "min_password_length": 8}}),
        ({"password.min_length": 12}, {"password": {"enabled": True, "min_password_length": 12}}),
        ({"third_party": THIRD_PARTY}, {"providers": ["GitHub", "Google"]}),
        (saml(enabled=True, provider_enabled=True), {"use_enterprise": True}),
        (saml(enabled=True, provider_enabled=False), {}),
        (saml(enabled=False, provider_enabled=True), {}),
    ],
)
def test_frontends_learn_what_concerns_them_and_nothing_else(make_app, settings, changes):
    response = make_app(settings).test_client().get("/.well-known/config")
    assert (response.status_code, response.json) == (200, DEFAULT | changes)


def test_the_published_keys_verify_a_token(make_app):
    client = make_app({"email.require_verification": False}).test_client(use_cookies=False)
    response = client.get("/.well-known/jwks.json")
    assert response.headers["Cache-Control"] == "max-age=600"
    assert [sorted(key) for key in response.json["keys"]] == [["alg", "e", "kid", "kty", "n", "use"]]
    sign_up = client.post("/users", json={"email": "alice@example.test"})
    token = sign_up.headers["Set-Cookie"].split(";")[0].split("=", 1)[1]
    key = jwt.PyJWKSet.from_dict(response.json)[jwt.get_unverified_header(token)["kid"]]
    claims = jwt.decode(token, key, algorithms=["RS256"], audience="localhost", options={"verify_iat": False})
    assert claims["sub"] == sign_up.json["user_id"]


FINGERPRINT = ":".join(["AB"] * 32)
ASSOCIATIONS = {
    "android_apps": [{"package_name": "com.example.app", "sha256_cert_fingerprints": [FINGERPRINT]}],
    "apple_apps": ["A1B2C3D4E5.com.example.app", "A1B2C3D4E5.com.example.other"],
    "related_origins": ["https://example.org"],
}
DOCUMENTS = {
    "/.well-known/assetlinks.json": [
        {
            "relation": ["delegate_permission/common.get_login_creds"],
            "target": {
                "namespace": "android_app",
                "package_name": "com.example.app",
                "sha256_cert_fingerprints": [FINGERPRINT],
            },
        }
    ],
    "/.well-known/apple-app-site-association": {"webcredentials": {"apps": ASSOCIATIONS["apple_apps"]}},
    "/.well-known/webauthn": {"origins": ["https://example.org"]},
}


@pytest.mark.parametrize("path", DOCUMENTS)
def test_who_may_use_passkeys_is_told_where_it_is_configured(make_app, path):
    client = make_app({"hanko_compat.webauthn.associations": ASSOCIATIONS}).test_client()
    response = client.get(path)
    assert (response.status_code, response.content_type) == (200, "application/json")
    assert response.json == DOCUMENTS[path]


@pytest.mark.parametrize("path", DOCUMENTS)
def test_without_associations_there_are_no_such_documents(client, path):
    response = client.get(path)
    assert (response.status_code, response.json) == (404, {"code": 404, "message": "Not Found"})


def test_servers_find_the_same_keys_at_their_own_place(client):
    ours, theirs = client.get("/.well-known/jwks.json"), client.get("/.well-known/jwks")
    assert theirs.json == ours.json
    assert theirs.headers["Cache-Control"] == "max-age=600"
    (key,) = theirs.json["keys"]
    # What SDKs send along, and what is looked at nowhere.
    for headers in ({"X-Corbado-ProjectID": "pro-1"}, {"Authorization": "Basic cHJvLTE6Y29yYmFkbzFfeA=="}):
        assert client.get("/.well-known/jwks", headers=headers).json == ours.json
    assert {"kty", "n", "e", "kid"} < key.keys()
    assert (key["alg"], key["use"]) == ("RS256", "sig")
