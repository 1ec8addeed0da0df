"""Who is pending or disabled gets in by no method at either door."""

import jwt
import pytest

from hanko_compat.storage.models import Session
from tests.authenticator import Authenticator
from tests.backend.ceremonies import NOT_ACTIVE, Ceremonies, uuid_of
from tests.backend.server import problems
from tests.passkeys import Browser

ADDRESS, PASSWORD = "jane@example.test", "correct horse"
METHODS = ["passcode", "password", "passkey", "nameless passkey"]
TOKENS = {
    "hanko_compat.backend_api.session_token": True,
    "hanko_compat.public_url": "https://auth.example.test",
    "hanko_compat.webauthn.resident_key": "preferred",
}


class Jane:
    """A user whom a server made, with every way to log in at the public door."""

    def __init__(self, backend, inbox):
        self.backend, self.inbox = backend, inbox
        self.browser = Browser(backend.client)
        self.user_id = backend.user()
        self.uuid = str(uuid_of(self.user_id))
        backend.identifier(self.user_id, ADDRESS, status="primary")
        token = self.session(self.log_in("passcode"))
        self.browser.headers = {"Authorization": f"Bearer {token}"}
        body = {"user_id": self.uuid, "password": PASSWORD}
        answer = backend.client.put("/password", json=body, headers=self.browser.headers)
        assert answer.status_code == 201, answer.json
        self.device = Authenticator()
        answer = self.browser.register(self.device.create(self.browser.creation_options()))
        assert answer.status_code == 200, answer.json

    def log_in(self, method, **changes):
        """Log in; *changes* may happen before the last request: ``status="disabled"``."""
        client = self.backend.client
        if method == "password":
            self.change(**changes)
            body = {"user_id": self.uuid, "password": PASSWORD}
            return client.post("/password/login", json=body)
        if method == "passcode":
            passcode = client.post("/passcode/login/initialize", json={"user_id": self.uuid}).json
            body = {"id": passcode["id"], "code": self.inbox.passcode(ADDRESS)}
            self.change(**changes)
            return client.post("/passcode/login/finalize", json=body)
        options = self.browser.request_options(None if method == "nameless passkey" else self.uuid)
        answer = self.device.get(options)
        self.change(**changes)
        return self.browser.log_in(answer)

    def change(self, **changes):
        if changes:
            assert self.backend.update(f"/users/{self.user_id}", changes).status_code == 200

    @staticmethod
    def session(response):
        assert response.status_code == 200, response.json
        (line,) = [each for each in response.headers.getlist("Set-Cookie") if each.startswith("hanko=")]
        return line.partition("=")[2].partition(";")[0]


@pytest.fixture
def jane(make_backend, inbox):
    return Jane(make_backend(TOKENS), inbox)


def sessions(jane):
    with jane.inbox.services[-1].database.connection():
        return Session.select().count()


@pytest.mark.parametrize("method", METHODS)
def test_who_is_active_gets_in_and_servers_get_a_token(jane, method):
    response = jane.log_in(method)
    assert jane.session(response)
    (token,) = [
        each.partition("=")[2].partition(";")[0]
        for each in response.headers.getlist("Set-Cookie")
        if each.startswith("cbo_session_token=")
    ]
    claims = jwt.decode(token, options={"verify_signature": False})
    assert (claims["sub"], "aud" in claims) == (jane.user_id, False)
    assert [each["userID"] for each in jane.backend.get("/sessions").json["sessions"]].count(
        jane.user_id
    ) == 2


@pytest.mark.parametrize("status", ["pending", "disabled"])
@pytest.mark.parametrize("method", METHODS)
def test_who_is_not_active_gets_in_by_no_method(jane, method, status):
    response = jane.log_in(method, status=status)
    assert response.status_code in (401, 403), response.json
    assert "Set-Cookie" not in response.headers
    assert sessions(jane) == 0
    assert jane.backend.client.get("/me", headers=jane.browser.headers).status_code == 401
    jane.change(status="active")
    assert jane.session(jane.log_in(method))


@pytest.mark.parametrize("status", ["pending", "disabled"])
def test_nor_at_the_door_for_servers(jane, status):
    passkeys = Ceremonies(jane.backend)
    signed = passkeys.signed(jane.user_id, jane.device)
    named, nameless = (
        jane.device.get(passkeys.request_options(jane.user_id)),
        jane.device.get(passkeys.mediation_options()),
    )
    jane.change(status=status)
    assert problems(passkeys.start_login(jane.user_id)) == NOT_ACTIVE
    assert problems(passkeys.finish_login(jane.user_id, named)) == NOT_ACTIVE
    assert problems(passkeys.finish_mediation(nameless)) == NOT_ACTIVE
    assert passkeys.verification(signed) == "generic_error"
    assert jane.backend.post("/passkey/postLogin", {"signedPasskeyData": signed}).status_code == 400
    assert sessions(jane) == 0


def test_a_deleted_user_gets_in_by_no_method(jane):
    headers = jane.browser.headers
    options = [jane.browser.request_options(jane.uuid), jane.browser.request_options()]
    answers = [jane.device.get(each) for each in options]
    client = jane.backend.client
    passcode = client.post("/passcode/login/initialize", json={"user_id": jane.uuid}).json
    code = jane.inbox.passcode(ADDRESS)
    jane.backend.delete(f"/users/{jane.user_id}")
    attempts = [
        *map(jane.browser.log_in, answers),
        client.post("/password/login", json={"user_id": jane.uuid, "password": PASSWORD}),
        client.post("/passcode/login/finalize", json={"id": passcode["id"], "code": code}),
        client.get("/me", headers=headers),
    ]
    assert {each.status_code for each in attempts} <= {400, 401, 403, 404}
    assert not any("Set-Cookie" in each.headers for each in attempts)
    assert sessions(jane) == 0
