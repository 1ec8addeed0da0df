"""ID tokens: by whom, for whom, for which log-in, and signed with which algorithm."""

import hmac
import json

import pytest
from joserfc import jwt

from hanko_compat.base64url import encode
from hanko_compat.errors.third_party import ProviderUserUnavailable
from hanko_compat.oauth.id_token import LEEWAY, parse
from tests.oauth.conftest import TOKEN, changed, log_in
from tests.oauth.peer import Reply
from tests.oauth.signing import ANY, KINDS, key_for

FOREIGN = "someone else"


def answer_with(peer, id_token):
    peer.answers["/token"] = {**TOKEN, "id_token": id_token}


def refusal(client, provider):
    with pytest.raises(ProviderUserUnavailable) as raised:
        log_in(client, provider)
    return raised.value.reason


def test_a_good_one(client, discovered, peer):
    assert log_in(client, discovered).subject == "alice-1"
    assert peer.paths == ["/.well-known/openid-configuration", "/token", "/jwks", "/userinfo"]


def test_none_is_needed(client, discovered, peer):
    peer.answers["/token"] = dict(TOKEN)
    assert log_in(client, discovered).subject == "alice-1"


@pytest.mark.parametrize("is_named", [True, False])
@pytest.mark.parametrize("alg", [*KINDS, "EdDSA"])
def test_algorithms(client, discovered, peer, signer, alg, is_named):
    signer.rotate("new", alg="Ed25519" if alg == "EdDSA" else alg)
    signer.keys[0]["alg"] = alg if is_named else None
    claims = signer.claims(iss=peer.url)
    key = key_for("Ed25519" if alg == "EdDSA" else alg)
    answer_with(peer, jwt.encode({"alg": alg, "kid": "new"}, claims, key, registry=ANY))
    assert log_in(client, discovered).subject == "alice-1"


@pytest.mark.parametrize(
    "header",
    [
        {"typ": "at+jwt", "x5t": "abc", "custom": 1},
        {"x5c": ["M" * 3000]},
        {"jku": "https://evil.example.test/jwks", "x5u": "https://evil.example.test/x"},
    ],
)
def test_headers_that_mean_nothing_here(client, discovered, peer, signer, header):
    answer_with(peer, signer.id_token(iss=peer.url, header=header))
    assert log_in(client, discovered).subject == "alice-1"
    assert all(asked.host == "127.0.0.1" for asked in peer.asked)


def test_one_key_needs_no_name(client, discovered, peer, signer):
    del signer.keys[0]["kid"]
    answer_with(peer, signer.id_token(iss=peer.url, header={"kid": None}))
    assert log_in(client, discovered).subject == "alice-1"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"iss": "https://evil.example.test"}, "ID token: iss"),
        ({"iss": None}, "ID token: iss"),
        ({"iss": ["x"]}, "ID token: iss"),
        ({"aud": "other"}, "ID token: aud"),
        ({"aud": ["other"]}, "ID token: aud"),
        ({"aud": []}, "ID token: aud"),
        ({"aud": None}, "ID token: aud"),
        ({"aud": {"client": 1}}, "ID token: aud"),
        ({"aud": ["client", "other"]}, "ID token: azp"),
        ({"aud": ["client", "other"], "azp": "other"}, "ID token: azp"),
        ({"azp": "other"}, "ID token: azp"),
        ({"sub": None}, "ID token: sub"),
        ({"sub": 1}, "ID token: sub"),
        ({"exp": None}, "ID token: exp"),
        ({"exp": "4102444800"}, "ID token: exp"),
        ({"exp": True}, "ID token: exp"),
        ({"iat": None}, "ID token: iat"),
        ({"iat": "now"}, "ID token: iat"),
        ({"nonce": None}, "ID token: no nonce"),
        ({"nonce": "n-2"}, "ID token: nonce"),
        ({"nonce": ""}, "ID token: nonce"),
        ({"nonce": ["n-1"]}, "ID token: nonce"),
        ({"nonce": "ñ"}, "ID token: nonce"),
    ],
)
def test_claims_that_are_not_right(client, discovered, peer, signer, changes, reason):
    answer_with(peer, signer.id_token(**{"iss": peer.url, **changes}))
    assert refusal(client, discovered) == reason
    assert "/userinfo" not in peer.paths


@pytest.mark.parametrize(
    "changes", [{"aud": ["client"]}, {"aud": ["client", "x"], "azp": "client"}, {"azp": "client"}]
)
def test_audiences_that_are(client, discovered, peer, signer, changes):
    answer_with(peer, signer.id_token(iss=peer.url, **changes))
    assert log_in(client, discovered).subject == "alice-1"


@pytest.mark.parametrize(
    ("claim", "seconds", "is_good"),
    [
        ("exp", -LEEWAY + 1, True),
        ("exp", -LEEWAY - 1, False),
        ("iat", LEEWAY, True),
        ("iat", LEEWAY + 2, False),
        ("nbf", LEEWAY, True),
        ("nbf", LEEWAY + 2, False),
    ],
)
def test_clocks_may_differ_a_little(client, discovered, peer, signer, clock, claim, seconds, is_good):
    answer_with(peer, signer.id_token(iss=peer.url, **{claim: int(clock().timestamp()) + seconds}))
    if is_good:
        assert log_in(client, discovered).subject == "alice-1"
    else:
        assert refusal(client, discovered) == f"ID token: {claim}"


def unsigned(claims, alg):
    return ".".join(
        [*(encode(json.dumps(part).encode()) for part in ({"alg": alg, "kid": "k0"}, claims)), ""]
    )


@pytest.mark.parametrize(
    "alg", ["none", "None", "", "HS256", "RS256", "ES256K", "RSA-OAEP", None, 7, ["RS256"]]
)
def test_no_signature(client, discovered, peer, signer, alg):
    answer_with(peer, unsigned(signer.claims(iss=peer.url), alg))
    assert refusal(client, discovered).startswith(("an ID token with another", "ID token: signature"))


@pytest.mark.parametrize("secret", [b"secret-hunter2", key_for("RS256").as_pem(private=False)], ids=len)
def test_a_shared_secret_signs_nothing(client, discovered, peer, signer, secret):
    """The client's own secret, which many know, and the public key, which all know (RFC 8725 s. 2.1)."""
    message = unsigned(signer.claims(iss=peer.url), "HS256").rstrip(".")
    answer_with(peer, f"{message}.{encode(hmac.digest(secret, message.encode(), 'sha256'))}")
    signer.keys.append({"kty": "oct", "kid": "k0", "k": encode(secret)})
    assert refusal(client, discovered) == "an ID token with another algorithm"


def test_a_key_is_for_its_own_algorithm(client, discovered, peer, signer):
    answer_with(peer, signer.id_token(iss=peer.url, header={"alg": "PS256"}))
    assert refusal(client, discovered) == "ID token: signature"


@pytest.mark.parametrize("use", ["enc", "", ["sig"]])
def test_a_key_for_another_use(client, discovered, peer, signer, use):
    signer.keys[0]["use"] = use
    answer_with(peer, signer.id_token(iss=peer.url))
    assert refusal(client, discovered) == "ID token: signature"


def test_a_key_in_the_token_itself_is_not_used(client, discovered, peer, signer):
    """RFC 8725 s. 3.10."""
    own = key_for("RS256", 1)
    header = {"alg": "RS256", "kid": "k0", "jwk": own.as_dict(private=False)}
    answer_with(peer, jwt.encode(header, signer.claims(iss=peer.url), own, registry=ANY))
    assert refusal(client, discovered) == "ID token: signature"


@pytest.mark.parametrize("part", [0, 1, 2])
def test_another_part(client, discovered, peer, signer, part):
    good = signer.id_token(iss=peer.url).split(".")
    other = signer.id_token(iss=peer.url, header={"x": 1}, email="eve@example.test").split(".")
    good[part] = other[part]
    answer_with(peer, ".".join(good))
    assert refusal(client, discovered) == "ID token: signature"


@pytest.mark.parametrize(
    "text",
    ["x", "a.b", "a.b.c", "..", "a.b.c.d.e", "ü.b.c", "e30.e30.", "W10.e30.x", "NQ.NQ.NQ", "x" * 100_000],
)
def test_what_is_no_token(text):
    with pytest.raises(ProviderUserUnavailable):
        parse(text)


def test_user_data_of_another_subject(client, discovered, peer):
    peer.answers["/userinfo"] = {"sub": "eve-1", "email": "alice@example.test", "email_verified": True}
    assert "another subject" in refusal(client, discovered)
    peer.answers["/userinfo"] = {"email": "alice@example.test"}
    assert "another subject" in refusal(client, discovered)


def test_a_subject_that_the_operator_has_mapped(client, discovered, peer):
    peer.answers["/userinfo"] = {"uid": "alice", "email": "alice@example.test"}
    mapped = changed(discovered, attribute_mapping={"sub": "uid"})
    assert log_in(client, mapped).subject == "alice"


def test_no_keys_to_check_it_with(client, discovered, peer):
    peer.answers["/.well-known/openid-configuration"]["jwks_uri"] = None
    assert refusal(client, discovered) == "an ID token, and no keys"


class TestWithoutDiscovery:
    """There are no keys; TLS vouches for the token, and its claims have to be right."""

    def test_a_good_one(self, client, provider, peer, signer):
        answer_with(peer, signer.id_token(iss="https://idp.example.test"))
        assert log_in(client, provider).subject == "alice-1"
        assert log_in(client, changed(provider, issuers=("https://idp.example.test",))).subject == "alice-1"

    @pytest.mark.parametrize(
        ("changes", "reason"),
        [
            ({"nonce": "n-2"}, "ID token: nonce"),
            ({"nonce": None}, "ID token: no nonce"),
            ({"aud": "other"}, "ID token: aud"),
            ({"exp": 1}, "ID token: exp"),
            ({"iss": FOREIGN}, "ID token: iss"),
            ({"sub": "eve-1"}, "user data of another subject than that of the ID token"),
        ],
    )
    def test_a_bad_one(self, client, provider, peer, signer, changes, reason):
        answer_with(peer, signer.id_token(**{"iss": "https://idp.example.test", **changes}))
        assert refusal(client, changed(provider, issuers=("https://idp.example.test",))) == reason

    def test_a_nonce_that_was_not_sent(self, client, provider, peer, signer):
        answer_with(peer, signer.id_token(iss="https://idp.example.test"))
        assert refusal(client, changed(provider, scopes=("email",))) == "ID token: nonce"


def test_nothing_secret_is_shown(client, discovered, peer, signer):
    for token in (signer.id_token(iss="x", nonce="hunter2"), "hunter2.hunter2.hunter2", "hunter2"):
        answer_with(peer, token)
        with pytest.raises(ProviderUserUnavailable) as raised:
            log_in(client, discovered)
        assert "hunter2" not in f"{raised.value.reason} {raised.value!r} {raised.value.__cause__!r}"
    peer.answers["/token"] = Reply({**TOKEN, "id_token": 7})
    assert log_in(client, discovered).subject == "alice-1"
