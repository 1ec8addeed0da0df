"""The outcome of a log-in as a token, which another server can have verified once."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import jwt
import pytest

from hanko_compat.services.keys.keys import Keys
from hanko_compat.services.webhooks.hook_tokens import HookTokens
from hanko_compat.storage.models import SpentToken
from tests.backend.ceremonies import PROCESS, uuid_of
from tests.backend.server import problems
from tests.factories import make_account
from tests.passkeys import bearer
from tests.settings import SECRET
from tests.signing_keys import private_jwk

USERNAME = "jane@example.test"
REFUSED = {("signedPasskeyData", "must be a valid value")}


@pytest.fixture
def user_id(backend):
    user_id = backend.user()
    backend.identifier(user_id, "Jane@example.test", status="primary")
    return user_id


@pytest.fixture
def device(passkeys, user_id):
    return passkeys.append(user_id)


@pytest.fixture
def token(passkeys, user_id, device):
    return passkeys.signed(user_id, device)


def verified(services, token):
    """The claims, as another server reads them with the published keys."""
    header = jwt.get_unverified_header(token)
    (key,) = [each for each in services.keys.public_jwks() if each["kid"] == header["kid"]]
    options = {"verify_exp": False, "verify_nbf": False, "verify_iat": False}
    return header, jwt.decode(token, jwt.PyJWK(key), algorithms=["RS256"], options=options)


def spent(services):
    with services.database.connection():
        return SpentToken.select().count()


@pytest.mark.parametrize("is_named", [True, False])
def test_claims(services, passkeys, user_id, device, clock, is_named):
    if is_named:
        answer = device.get(passkeys.request_options(user_id))
        finished = passkeys.finish_login(user_id, answer, signPasskeyData=True).json
    else:
        answer = device.get(passkeys.mediation_options())
        finished = passkeys.finish_mediation(answer, signPasskeyData=True).json
    data = finished["passkeyData"]
    header, claims = verified(services, finished["signedPasskeyData"])
    assert (header["alg"], header["typ"]) == ("RS256", "passkey-data+jwt")
    issued = int(clock().timestamp())
    assert len(claims["jti"]) == 30
    assert claims["jti"].isalnum()
    assert claims == {
        "iss": services.api_secrets.project_id(),
        "sub": user_id,
        "iat": issued,
        "nbf": issued - 10,
        "exp": issued + 300,
        "jti": claims["jti"],
        "processId": PROCESS,
        "username": "Jane@example.test",
        "credential": data["id"],
        "challengeId": data["challengeID"],
        "webauthnId": device.id,
        "isCUI": not is_named,
    }
    assert passkeys.verification(finished["signedPasskeyData"]) == "success"


@pytest.mark.parametrize("wanted", [False, None])
def test_there_is_no_token_unless_it_is_asked_for(passkeys, user_id, device, wanted):
    assert "signedPasskeyData" not in passkeys.log_in(user_id, device, signPasskeyData=wanted).json


def test_a_token_counts_once(services, passkeys, user_id, token):
    (challenge,) = [each for each in passkeys.challenges(user_id).values() if each[0] == "authenticate"]
    assert challenge == ("authenticate", "completed")
    assert passkeys.verification(token) == "success"
    assert ("authenticate", "consumed") in passkeys.challenges(user_id).values()
    assert [passkeys.verification(token) for _ in range(2)] == ["invalid_challenge"] * 2
    assert spent(services) == 1


@pytest.mark.parametrize(
    ("username", "result"),
    [
        (USERNAME, "success"),
        ("JANE@EXAMPLE.TEST", "success"),
        ("jane2@example.test", "success"),
        ("+4915091234567", "user_mismatch"),
        ("mallory@example.test", "user_mismatch"),
        ("kim@example.test", "success"),
        ("\N{KELVIN SIGN}im@example.test", "user_mismatch"),
        ("", "user_mismatch"),
        (None, "success"),
    ],
)
def test_whose_it_is(services, backend, passkeys, user_id, token, username, result):
    backend.identifier(user_id, "jane2@example.test")
    backend.identifier(user_id, "kim@example.test")
    backend.identifier(user_id, "+4915091234567", type_="phone", status="pending")
    backend.identifier(backend.user(), "mallory@example.test")
    assert passkeys.verification(token, username=username) == result
    # Only a success uses it up.
    assert passkeys.verification(token) == ("invalid_challenge" if result == "success" else "success")


@pytest.mark.parametrize("path", ["passkey", "passkeys"])
def test_both_paths_and_no_username(backend, token, path):
    response = backend.client.post(
        f"/v2/{path}/verifySignedData", json={"signedPasskeyData": token}, headers=backend.headers
    )
    assert (response.status_code, response.json) == (200, {"verificationResult": "success"})


def tampered(token):
    head, payload, signature = token.split(".")
    return f"{head}.{payload}.{'B' if signature[0] != 'B' else 'C'}{signature[1:]}"


def cut(token, length):
    """The *token* with so many characters of its signature."""
    head, payload, signature = token.split(".")
    return f"{head}.{payload}.{signature[:length]}"


@pytest.mark.parametrize(
    ("change", "result"),
    [
        (tampered, "invalid_signature"),
        (lambda token: cut(token, 0), "invalid_signature"),
        (lambda token: cut(token, 320), "invalid_signature"),
        (lambda token: cut(token, 321), "generic_error"),  # no whole bytes
        (lambda token: token.partition(".")[2], "generic_error"),
        (lambda _: "x", "generic_error"),
        (lambda _: "a.b.c", "generic_error"),
        (lambda token: token + "x" * 20_000, "generic_error"),
    ],
)
def test_what_is_no_token(services, passkeys, token, change, result):
    assert passkeys.verification(change(token)) == result
    assert passkeys.verification(token) == "success"


@pytest.mark.parametrize(("seconds", "result"), [(299, "success"), (300, "generic_error")])
def test_a_token_expires(passkeys, token, clock, seconds, result):
    clock.advance(seconds=seconds)
    assert passkeys.verification(token) == result


def test_a_token_is_no_session_and_a_session_is_no_token(services, client, backend, passkeys, user_id, token):
    assert client.get("/me", headers={"Authorization": f"Bearer {token}"}).status_code == 401
    session = bearer(services, uuid_of(user_id))["Authorization"].removeprefix("Bearer ")
    _, claims = verified(services, token)
    hook = HookTokens(services.keys, audience=["localhost"], now=services.now).sign("user.create", claims)
    for other in (session, hook):
        assert passkeys.verification(other) == "generic_error"
        assert problems(backend.post("/passkey/postLogin", {"signedPasskeyData": other})) == REFUSED


@pytest.mark.parametrize("status", ["pending", "disabled"])
def test_a_token_of_who_is_not_active(services, backend, passkeys, user_id, token, status):
    backend.update(f"/users/{user_id}", {"status": status})
    assert passkeys.verification(token) == "generic_error"
    assert problems(backend.post("/passkey/postLogin", {"signedPasskeyData": token})) == REFUSED
    assert spent(services) == 0


def test_a_token_of_a_deleted_passkey_or_user(backend, passkeys, user_id, device, token):
    (credential,) = passkeys.credentials(user_id)
    backend.delete(f"/users/{user_id}/credentials/{credential['id']}")
    assert passkeys.verification(token) == "invalid_challenge"
    backend.delete(f"/users/{user_id}")
    assert passkeys.verification(token) == "invalid_challenge"


def test_a_token_whose_challenge_a_server_has_used(backend, passkeys, user_id, token):
    found = backend.get(f"/users/{user_id}/passkeyChallenges", "type:eq:authenticate").json
    (challenge,) = found["passkeyChallenges"]
    path = f"/users/{user_id}/passkeyChallenges/{challenge['challengeID']}"
    assert backend.update(path, {"status": "consumed"}).status_code == 200
    assert passkeys.verification(token) == "invalid_challenge"


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({}, {("signedPasskeyData", "cannot be blank")}),
        ({"signedPasskeyData": ""}, {("signedPasskeyData", "cannot be blank")}),
        ({"signedPasskeyData": 7}, {("signedPasskeyData", "must be a valid value")}),
    ],
)
@pytest.mark.parametrize("path", ["verifySignedData", "postLogin"])
def test_a_body_that_is_refused(backend, path, body, told):
    assert problems(backend.post(f"/passkey/{path}", body)) == told


def test_of_twenty_verifications_one_succeeds(services, passkeys, token):
    gate = Barrier(20)

    def race(_):
        gate.wait()
        return passkeys.verification(token)

    with ThreadPoolExecutor(20) as pool:
        results = sorted(pool.map(race, range(20)))
    assert results == [*["invalid_challenge"] * 19, "success"]
    assert spent(services) == 1


def test_a_token_is_traded_for_a_session(backend, client, user_id, token):
    session = backend.post("/passkey/postLogin", {"signedPasskeyData": token}).json["session"]
    me = client.get("/me", headers={"Authorization": f"Bearer {session}"})
    assert me.json["id"] == str(uuid_of(user_id))
    assert problems(backend.post("/passkey/postLogin", {"signedPasskeyData": token})) == REFUSED
    backend.update(f"/users/{user_id}", {"status": "disabled"})
    assert client.get("/me", headers={"Authorization": f"Bearer {session}"}).status_code == 401


@pytest.mark.parametrize(("is_verified", "result"), [(True, "success"), (False, "user_mismatch")])
def test_an_address_that_nobody_stands_for_is_no_username(passkeys, is_verified, result):
    """Whoever signed up with somebody else's address is not that somebody to a server."""
    email = make_account(address=USERNAME, verified=is_verified)
    user_id = f"usr-{email.user_id.int}"
    token = passkeys.signed(user_id, passkeys.append(user_id))
    sent = {"signedPasskeyData": token, "username": USERNAME}
    assert passkeys.backend.post("/passkey/verifySignedData", sent).json["verificationResult"] == result


def test_used_tokens_are_forgotten_when_they_would_be_too_old(services, passkeys, user_id, device, clock):
    assert passkeys.verification(passkeys.signed(user_id, device)) == "success"
    clock.advance(hours=1, minutes=6)
    assert passkeys.verification(passkeys.signed(user_id, device)) == "success"
    services.clean_up.runs.run()
    assert spent(services) == 1


def test_a_token_of_a_key_that_was_revoked_elsewhere_is_none(services, passkeys, token, clock):
    elsewhere = Keys(
        services.database,
        secrets=(SECRET,),
        algorithm="EdDSA",
        now=clock,
        sleep=lambda _: None,
    )
    elsewhere.revoke(private_jwk()["kid"])
    assert passkeys.verification(token) == "invalid_signature"
    assert spent(services) == 0
