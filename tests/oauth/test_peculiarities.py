"""What the built-in providers tell, in their documented forms, by servers that play their hosts."""

import hashlib
import hmac
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanko_compat.errors.third_party import ProviderUserInvalid, ProviderUserUnavailable
from hanko_compat.oauth.built_in import BUILT_IN
from hanko_compat.oauth.claims import to_user
from hanko_compat.oauth.client import ProviderClient
from hanko_compat.oauth.provider import Access, Endpoints, Provider
from tests.http_client.names import resolving
from tests.oauth.conftest import REDIRECT_URI, log_in
from tests.oauth.peer import FORM, Peer, Reply
from tests.oauth.signing import Signer
from tests.smtp import certificate_for, trusting

HOSTS = (
    "api.github.com",
    "api.linkedin.com",
    "appleid.apple.com",
    "discord.com",
    "github.com",
    "graph.facebook.com",
    "login.microsoftonline.com",
    "oauth2.googleapis.com",
    "www.googleapis.com",
    "www.linkedin.com",
)
TOKEN = {"access_token": "access-1", "token_type": "Bearer", "expires_in": 3599, "scope": "openid"}
TENANT = "9188040d-6c67-4c5b-b112-36a304b66dad"

GITHUB_USER = {
    "login": "octocat",
    "id": 583231,
    "node_id": "MDQ6VXNlcjE=",
    "avatar_url": "https://avatars.githubusercontent.com/u/583231",
    "type": "User",
    "name": "The Octocat",
    "email": "public@example.test",
}
GITHUB_EMAILS = [
    {"email": "other@example.test", "verified": True, "primary": False, "visibility": None},
    {"email": "octocat@example.test", "verified": True, "primary": True, "visibility": "private"},
]
GOOGLE_USER = {
    "sub": "110169484474386276334",
    "name": "Ann Example",
    "given_name": "Ann",
    "family_name": "Example",
    "picture": "https://lh3.googleusercontent.com/a/x",
    "email": "ann@example.test",
    "email_verified": True,
    "locale": "en",
    "hd": "example.test",
}
DISCORD_USER = {
    "id": "80351110224678912",
    "username": "nelly",
    "discriminator": "0",
    "global_name": "Nelly",
    "avatar": "8342729096ea3675442027381ff50dfe",
    "locale": "en-US",
    "verified": True,
    "email": "nelly@example.test",
    "mfa_enabled": True,
}
FACEBOOK_USER = {
    "id": "1234567890",
    "name": "Fay Book",
    "first_name": "Fay",
    "last_name": "Book",
    "email": "fay@example.test",
    "picture": {"data": {"height": 50, "is_silhouette": False, "url": "https://platform.example.test/f.jpg"}},
}
LINKEDIN_USER = {
    "sub": "782bbtaQ",
    "name": "John Doe",
    "given_name": "John",
    "family_name": "Doe",
    "picture": "https://media.licdn-ei.com/dms/image/x",
    "locale": {"country": "US", "language": "en"},
    "email": "doe@example.test",
    "email_verified": True,
}
LINKEDIN = {
    "issuer": "https://www.linkedin.com/oauth",
    "authorization_endpoint": "https://www.linkedin.com/oauth/v2/authorization",
    "token_endpoint": "https://www.linkedin.com/oauth/v2/accessToken",
    "userinfo_endpoint": "https://api.linkedin.com/v2/userinfo",
    "jwks_uri": "https://www.linkedin.com/oauth/openid/jwks",
    "response_types_supported": ["code"],
    "subject_types_supported": ["pairwise"],
    "id_token_signing_alg_values_supported": ["RS256"],
    "scopes_supported": ["openid", "profile", "email"],
}
APPLE_CLAIMS = {
    "iss": "https://appleid.apple.com",
    "sub": "001234.abcdef.0123",
    "email": "ann@privaterelay.appleid.com",
    "email_verified": "true",
    "is_private_email": "true",
    "auth_time": 1700000000,
    "nonce_supported": True,
    "at_hash": "x",
}
MICROSOFT_CLAIMS = {
    "iss": f"https://login.microsoftonline.com/{TENANT}/v2.0",
    "tid": TENANT,
    "sub": "AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ",
    "oid": "00000000-0000-0000-66f3-3332eca7ea81",
    "ver": "2.0",
    "name": "Abe Lincoln",
    "preferred_username": "abe@example.test",
    "email": "abe@example.test",
    "xms_edov": True,
}


@dataclass
class Played:
    """A client that takes the loopback server for every provider's host."""

    peer: Peer
    client: ProviderClient
    signer: Signer

    def provider(self, name: str) -> Provider:
        entry = BUILT_IN[name]
        return Provider(
            id=name,
            display_name=name,
            client_id="client",
            secret="secret-1",
            scopes=entry.scopes,
            allow_linking=True,
            kind=entry.kind,
            endpoints=entry.endpoints,
            issuer=entry.issuer,
            issuers=entry.issuers,
        )

    def log_in(self, name: str, **answers):
        self.peer.answers.update(answers)
        return log_in(self.client, self.provider(name))

    def id_token(self, claims, **changes):
        return {**TOKEN, "id_token": self.signer.id_token(**{**claims, **changes})}

    def apple(self, **changes):
        return self.log_in("apple", **{"/auth/token": self.id_token(APPLE_CLAIMS, **changes)})

    def microsoft(self, **changes):
        token = self.id_token(MICROSOFT_CLAIMS, **changes)
        return self.log_in("microsoft", **{"/common/oauth2/v2.0/token": token})


@pytest.fixture
def played(tmp_path, clock):
    certificate = tmp_path / "all.pem"
    certificate.write_bytes(certificate_for(*HOSTS))
    signer = Signer(clock)
    answers = {
        "/login/oauth/access_token": Reply("access_token=access-1&scope=user&token_type=bearer", type=FORM),
        "/user": GITHUB_USER,
        "/user/emails": GITHUB_EMAILS,
        "oauth2.googleapis.com/token": TOKEN,
        "www.googleapis.com/oauth2/v3/userinfo": GOOGLE_USER,
        "discord.com/api/oauth2/token": TOKEN,
        "discord.com/api/users/@me": DISCORD_USER,
        "graph.facebook.com/v21.0/oauth/access_token": TOKEN,
        "graph.facebook.com/me": FACEBOOK_USER,
        "www.linkedin.com/oauth/.well-known/openid-configuration": LINKEDIN,
        "www.linkedin.com/oauth/v2/accessToken": TOKEN,
        "api.linkedin.com/v2/userinfo": LINKEDIN_USER,
        **dict.fromkeys(
            ("/auth/keys", "/common/discovery/v2.0/keys", "/oauth/openid/jwks", "/oauth2/v3/certs"),
            lambda _asked: Reply({"keys": signer.public()}),
        ),
    }
    with Peer(answers=answers, certificate=certificate) as peer:
        resolve = resolving({host: [("127.0.0.1", peer.port)] for host in HOSTS})
        client = ProviderClient(
            timeout=30,
            networks=[ip_network("127.0.0.0/8")],
            resolve=resolve,
            make_tls=trusting(certificate),
            now=clock,
        )
        yield Played(peer, client, signer)


def unavailable(ask, *arguments, **changes):
    with pytest.raises(ProviderUserUnavailable) as raised:
        ask(*arguments, **changes)
    return raised.value.reason


class TestGithub:
    def test_a_user(self, played):
        user = played.log_in("github")
        assert (user.subject, user.email, user.is_email_verified) == ("583231", "octocat@example.test", True)
        assert user.claims == {
            "email": "octocat@example.test",
            "email_verified": True,
            "name": "The Octocat",
            "picture": "https://avatars.githubusercontent.com/u/583231",
            "preferred_username": "octocat",
            "sub": "583231",
        }
        assert all(asked.headers["user-agent"].startswith("hanko-compat/") for asked in played.peer.asked)

    def test_no_name(self, played):
        user = played.log_in("github", **{"/user": {**GITHUB_USER, "name": None}})
        assert (user.name, "name" in user.claims) == ("", False)

    def test_no_primary_address(self, played):
        user = played.log_in("github", **{"/user/emails": GITHUB_EMAILS[:1]})
        assert (user.email, user.is_email_verified) == (None, False)

    @pytest.mark.parametrize("verified", [False, None, "true", 1])
    def test_an_address_that_is_not_verified(self, played, verified):
        emails = [{**GITHUB_EMAILS[1], "verified": verified}]
        user = played.log_in("github", **{"/user/emails": emails})
        assert (user.email, user.is_email_verified) == ("octocat@example.test", False)

    @pytest.mark.parametrize(
        "emails", [Reply([]), Reply({"message": "x"}), Reply({"message": "x"}, 404), Reply(None)]
    )
    def test_no_list_of_addresses(self, played, emails):
        assert unavailable(played.log_in, "github", **{"/user/emails": emails})

    @pytest.mark.parametrize("id_", [None, 0, -1, "", "583231", True, 1.5])
    def test_no_number(self, played, id_):
        with pytest.raises(ProviderUserInvalid):
            played.log_in("github", **{"/user": {**GITHUB_USER, "id": id_}})

    def test_a_wrong_code(self, played):
        refused = Reply("error=bad_verification_code&error_description=x", type=FORM)
        with pytest.raises(Exception, match="exchange"):
            played.log_in("github", **{"/login/oauth/access_token": refused})
        assert played.peer.paths == ["/login/oauth/access_token"] * 2


class TestGoogle:
    def test_a_user(self, played):
        user = played.log_in("google")
        assert (user.subject, user.email, user.is_email_verified) == (
            GOOGLE_USER["sub"],
            "ann@example.test",
            True,
        )
        assert user.claims == {
            name: GOOGLE_USER[name] for name in GOOGLE_USER if name not in ("locale", "hd")
        }

    @pytest.mark.parametrize("verified", [False, None, "true", 1])
    def test_an_address_that_is_not_verified(self, played, verified):
        user = {**GOOGLE_USER, "email_verified": verified}
        assert not played.log_in("google", **{"/oauth2/v3/userinfo": user, **only(user)}).is_email_verified

    def test_no_address(self, played):
        user = {name: GOOGLE_USER[name] for name in ("sub", "name")}
        assert unavailable(played.log_in, "google", **only(user)) == "no address"

    @pytest.mark.parametrize("issuer", ["https://accounts.google.com", "accounts.google.com"])
    def test_an_id_token_that_was_not_asked_for(self, played, issuer):
        token = played.id_token({"iss": issuer, "sub": GOOGLE_USER["sub"], "nonce": None})
        assert played.log_in("google", **{"oauth2.googleapis.com/token": token}).subject == GOOGLE_USER["sub"]

    def test_one_that_is_not_google_s(self, played):
        token = played.id_token(
            {"iss": "https://evil.example.test", "sub": GOOGLE_USER["sub"], "nonce": None}
        )
        assert (
            unavailable(played.log_in, "google", **{"oauth2.googleapis.com/token": token}) == "ID token: iss"
        )


def only(user):
    return {"www.googleapis.com/oauth2/v3/userinfo": user}


class TestDiscord:
    def test_a_user(self, played):
        user = played.log_in("discord")
        assert (user.subject, user.name, user.email, user.is_email_verified) == (
            "80351110224678912",
            "Nelly",
            "nelly@example.test",
            True,
        )
        assert user.picture == (
            "https://cdn.discordapp.com/avatars/80351110224678912/8342729096ea3675442027381ff50dfe.png"
        )

    def test_a_user_without_name_picture_and_verified_address(self, played):
        changes = {"global_name": None, "avatar": None, "verified": False}
        user = played.log_in("discord", **{"discord.com/api/users/@me": {**DISCORD_USER, **changes}})
        assert (user.name, user.picture, user.is_email_verified) == ("", "", False)

    def test_a_moving_picture(self, played):
        answer = {"discord.com/api/users/@me": {**DISCORD_USER, "avatar": "a_123"}}
        assert played.log_in("discord", **answer).picture.endswith("/a_123.gif")


class TestFacebook:
    def test_a_user(self, played):
        user = played.log_in("facebook")
        assert (user.subject, user.given_name, user.picture) == (
            "1234567890",
            "Fay",
            "https://platform.example.test/f.jpg",
        )
        assert (user.email, user.is_email_verified) == ("fay@example.test", True)
        asked = played.peer.asked[-1]
        assert (
            asked.query["appsecret_proof"] == hmac.new(b"secret-1", b"access-1", hashlib.sha256).hexdigest()
        )
        assert "access_token" not in asked.query
        assert {"id", "email"} <= set(asked.query["fields"].split(","))

    @pytest.mark.parametrize("email", [None, "", 7])
    def test_no_address(self, played, email):
        answer = {"graph.facebook.com/me": {**FACEBOOK_USER, "email": email}}
        assert unavailable(played.log_in, "facebook", **answer) == "no address"

    @pytest.mark.parametrize("picture", [None, [], {}, {"data": None}, {"data": {"url": 7}}])
    def test_no_picture(self, played, picture):
        answer = {"graph.facebook.com/me": {**FACEBOOK_USER, "picture": picture}}
        assert played.log_in("facebook", **answer).picture == ""


class TestLinkedin:
    @pytest.mark.parametrize(
        ("locale", "kept"),
        [
            ({"country": "US", "language": "en"}, "US-en"),
            (None, "-"),
            ({}, "-"),
            ("en_US", "en_US"),
            ([], "-"),
        ],
    )
    def test_a_user(self, played, locale, kept):
        user = played.log_in(
            "linkedin", **{"api.linkedin.com/v2/userinfo": {**LINKEDIN_USER, "locale": locale}}
        )
        assert (user.subject, user.is_email_verified) == ("782bbtaQ", True)
        assert user.claims["locale"] == kept

    @pytest.mark.parametrize("issuer", ["https://www.linkedin.com", "https://www.linkedin.com/oauth"])
    def test_its_id_token_repeats_no_nonce(self, played, issuer):
        token = played.id_token({"iss": issuer, "sub": "782bbtaQ", "nonce": None})
        assert (
            played.log_in("linkedin", **{"www.linkedin.com/oauth/v2/accessToken": token}).subject
            == "782bbtaQ"
        )

    def test_where_a_browser_is_sent(self, played):
        url = played.client.authorization_url(
            played.provider("linkedin"), redirect_uri=REDIRECT_URI, state="s", nonce="n", code_verifier=None
        )
        assert url.startswith("https://www.linkedin.com/oauth/v2/authorization?")
        assert "nonce" not in url
        assert not played.client.supports_pkce(played.provider("linkedin"))


class TestApple:
    @pytest.mark.parametrize("verified", [True, "true"])
    def test_a_user(self, played, verified):
        user = played.apple(email_verified=verified)
        assert (user.subject, user.email, user.is_email_verified) == (
            "001234.abcdef.0123",
            "ann@privaterelay.appleid.com",
            True,
        )
        assert user.claims["email_verified"] is True
        assert not {"nonce", "nonce_supported", "at_hash"} & user.claims["custom_claims"].keys()

    @pytest.mark.parametrize("verified", [False, "false", None, 1, "True", ["true"]])
    def test_an_address_that_is_not_verified(self, played, verified):
        assert not played.apple(email_verified=verified).is_email_verified

    def test_no_address(self, played):
        assert unavailable(played.apple, email=None) == "no address"

    def test_no_id_token(self, played):
        assert unavailable(played.log_in, "apple", **{"/auth/token": TOKEN}) == "no ID token"

    def test_keys_have_to_name_their_algorithm(self, played):
        del played.signer.keys[0]["alg"]
        assert unavailable(played.apple) == "ID token: signature"

    @pytest.mark.parametrize("supported", [True, "true"])
    def test_the_nonce_is_needed_where_it_is_supported(self, played, supported):
        assert unavailable(played.apple, nonce=None, nonce_supported=supported) == "ID token: no nonce"

    @pytest.mark.parametrize("supported", [False, None])
    def test_and_not_where_it_is_not(self, played, supported):
        assert played.apple(nonce=None, nonce_supported=supported).is_email_verified
        assert unavailable(played.apple, nonce="n-2", nonce_supported=supported) == "ID token: nonce"

    @pytest.mark.parametrize(
        "changes", [{"iss": "https://evil.example.test"}, {"aud": "other"}, {"exp": 1}, {"sub": None}]
    )
    def test_what_is_not_right(self, played, changes):
        assert unavailable(played.apple, **changes).startswith("ID token: ")

    def test_another_signature(self, played):
        played.apple()
        played.signer.rotate("k1", number=1)
        assert unavailable(played.apple) == "ID token: signature"


class TestMicrosoft:
    @pytest.mark.parametrize("vouched", [True, "1", "true"])
    def test_a_user(self, played, vouched):
        del played.signer.keys[0]["alg"]  # as Microsoft's keys are
        user = played.microsoft(xms_edov=vouched)
        assert (user.subject, user.name, user.email, user.is_email_verified) == (
            MICROSOFT_CLAIMS["sub"],
            "Abe Lincoln",
            "abe@example.test",
            True,
        )
        assert "xms_edov" in user.claims["custom_claims"]

    @pytest.mark.parametrize("vouched", [None, False, 1, 1.0, "0", "True", "yes", ["true"]])
    def test_an_address_that_nobody_vouches_for(self, played, vouched):
        user = played.microsoft(xms_edov=vouched, email_verified=True)
        assert (user.email, user.is_email_verified) == ("abe@example.test", False)
        assert "email_verified" not in user.claims

    @pytest.mark.parametrize(
        ("principal", "email"),
        [
            ("abe.upn@example.test", "abe.upn@example.test"),
            ("abe", "abe@example.test"),
            (7, "abe@example.test"),
        ],
    )
    def test_the_principal_name_first(self, played, principal, email):
        assert played.microsoft(upn=principal).email == email

    def test_no_address(self, played):
        assert unavailable(played.microsoft, email=None) == "no address"

    @pytest.mark.parametrize(
        ("issuer", "tenant"),
        [
            ("https://login.microsoftonline.com/other/v2.0", TENANT),
            (f"https://login.microsoftonline.com/{TENANT}/v1.0", TENANT),
            (f"https://login.microsoftonline.com/{TENANT}/v2.0/", TENANT),
            (f"https://login.microsoftonline.com.evil.test/{TENANT}/v2.0", TENANT),
            ("https://login.microsoftonline.com/a/b/v2.0", "a/b"),
            ("https://sts.windows.net/x/", None),
            (None, TENANT),
        ],
    )
    def test_another_issuer(self, played, issuer, tenant):
        assert unavailable(played.microsoft, iss=issuer, tid=tenant) == "ID token: iss"

    @pytest.mark.parametrize(
        ("of_key", "is_good"),
        [
            ("https://login.microsoftonline.com/{tenantid}/v2.0", True),
            (f"https://login.microsoftonline.com/{TENANT}/v2.0", True),
            ("https://login.microsoftonline.com/f8cdef31-a31e-4b4a-93e4-5f571e91255a/v2.0", False),
        ],
    )
    def test_a_key_for_one_tenant_signs_for_no_other(self, played, of_key, is_good):
        played.signer.keys[0]["issuer"] = of_key
        if is_good:
            assert played.microsoft().is_email_verified
        else:
            assert unavailable(played.microsoft) == "ID token: iss"

    def test_the_nonce_is_needed(self, played):
        assert unavailable(played.microsoft, nonce=None) == "ID token: no nonce"


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
members = st.dictionaries(
    st.sampled_from([*GITHUB_USER, *DISCORD_USER, *FACEBOOK_USER, *LINKEDIN_USER, *MICROSOFT_CLAIMS, "upn"]),
    anything,
)
emails = st.lists(st.fixed_dictionaries(dict.fromkeys(GITHUB_EMAILS[0], anything)) | anything, max_size=3)


class Telling(Access):
    """Access to a provider that says the same each time, but for the list of addresses."""

    def __init__(self, answer, addresses):
        super().__init__(None, Endpoints(authorization="", token="", userinfo="u"), "a", "Bearer a", "s")
        object.__setattr__(self, "answers", {"u/emails": addresses})
        object.__setattr__(self, "answer", answer)

    def get(self, url):
        return self.answers.get(url, self.answer)


@given(members | anything, emails | anything)
def test_whatever_they_tell_is_a_user_or_none(answer, addresses):
    for entry in BUILT_IN.values():
        with suppress(ProviderUserInvalid, ProviderUserUnavailable):
            fetch, read = entry.kind.fetch, entry.kind.read_id_token
            if fetch:
                claims = fetch(Telling(answer, addresses))
            else:
                claims = read(dict(answer) if isinstance(answer, dict) else {})
            assert to_user(claims, provider_id="x").subject
