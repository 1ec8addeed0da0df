"""The whole way of an operator, and the same log-in tour on each of the three databases.

Restore a dump, ``hanko-compat migrate up``, ``hanko-compat serve`` with Hanko's own configuration file; then
everybody logs in. The server's account has the rights that ``doctor`` asks for, and no other.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.dropin.dump import OWN_PREFIX, Dump, schema_of
from tests.dropin.server import DropIn
from tests.servers.hanko_compat import Answer
from tests.servers.process import own_name
from tests.servers.run import Run
from tests.smtp import MailServer

pytestmark = [pytest.mark.servers, pytest.mark.slow]

ACCOUNT = own_name("dropin")
NEVER_WRITTEN = (
    "schema_migration",
    "jwks",
    "otp_secrets",
    "user_metadata",
    "usernames",
    "identities",
    "flows",
)


@pytest.fixture
def mails() -> Iterator[MailServer]:
    with MailServer() as server:
        yield server


@pytest.fixture
def server(test_run: Run, dump: Dump, mails: MailServer) -> Iterator[DropIn]:
    """A server that is made but not started."""
    server = DropIn(test_run, dump, smtp_port=mails.port)
    yield server
    server.remove()


def test_tour(dump: Dump, server: DropIn, mails: MailServer) -> None:
    migrate_up_makes_our_own_tables_and_nothing_else(dump, server)
    schema, rows = schema_of(dump), dump.rows(*NEVER_WRITTEN)
    take_all_rights_but_those_asked_for(dump, server)

    server.start()
    tour = Tour(dump, server, mails)
    tour.the_keys_are_published()
    tour.tokens_count_as_recorded()
    tour.old_and_new_keys_verify()
    tour.passkeys_log_in()
    tour.passwords_log_in()
    tour.passcodes_log_in()
    tour.a_half_finished_sign_up_is_finished()
    tour.who_has_no_address_gets_no_passcode()

    assert schema_of(dump) == schema
    assert dump.rows(*NEVER_WRITTEN) == rows


def migrate_up_makes_our_own_tables_and_nothing_else(dump: Dump, server: DropIn) -> None:
    schema, rows, tables = schema_of(dump), dump.rows(), dump.tables()
    done = server.run_command("migrate", "up")
    assert done.returncode == 0, done.stderr
    made = dump.tables() - tables
    assert made
    assert all(name.startswith(OWN_PREFIX) for name in made)
    assert schema_of(dump) == schema
    assert dump.rows() == rows
    assert "No table of our own is missing" in server.run_command("migrate", "up").stdout


def take_all_rights_but_those_asked_for(dump: Dump, server: DropIn) -> None:
    """Serve from now on with an account that was granted what ``doctor`` named, word for word."""
    if dump.is_mariadb:
        dump.execute(f"CREATE OR REPLACE USER {ACCOUNT}@localhost IDENTIFIED BY 'hanko'")
        # MariaDB hides tables on which there is no right at all.
        dump.execute(f"GRANT SELECT ON {dump.name}.* TO {ACCOUNT}@localhost")
    elif not dump.execute(f"SELECT 1 FROM pg_roles WHERE rolname = '{ACCOUNT}'"):
        dump.execute(f"CREATE ROLE {ACCOUNT} LOGIN")
    server.environment["DATABASE_URL"] = dump.url.replace("hanko:hanko@", f"{ACCOUNT}:hanko@")
    told = server.run_command("doctor")
    assert told.returncode == 1
    (statements,) = re.findall(r"FAIL +rights .* run: (.*);$", told.stdout, re.MULTILINE)
    for statement in statements.split("; "):
        dump.execute(statement)
    healed = server.run_command("doctor")
    assert healed.returncode == 0, healed.stdout


class Tour:
    """What visitors do, over HTTP."""

    def __init__(self, dump: Dump, server: DropIn, mails: MailServer) -> None:
        self.dump = dump
        self.server = server
        self.mails = mails

    def the_keys_are_published(self) -> None:
        published = self._call("GET", "/.well-known/jwks.json").body["keys"]
        recorded = [dict(key) for key in self.dump.fixture["jwks_public"]]
        for key in recorded:
            del key["jwk_table_id"]
        assert published == recorded

    def tokens_count_as_recorded(self) -> None:
        sessions = self.dump.fixture["sessions"]
        assert {session["valid"] for session in sessions} == {True, False}
        for session in sessions:
            assert self._is_valid(session["token"]) is session["valid"], session["obtained_by"]
            me = self._call("GET", "/me", Authorization=f"Bearer {session['token']}")
            if session["valid"]:
                assert me.status == 200, (me.body, self.server.log.read_text()[-3000:])
                assert me.body["id"] == session["claims"]["sub"]
            else:
                assert me.status == 401

    def old_and_new_keys_verify(self) -> None:
        session = self.dump.session_of("alice")
        old, new = self.dump.signing_keys
        for key in (old, new):
            assert self._is_valid(self.dump.token_signed_by(key, session))
        stranger = old | {"kid": "00000000-0000-0000-0000-000000000000"}
        assert not self._is_valid(self.dump.token_signed_by(stranger, session))

    def passkeys_log_in(self) -> None:
        """Each of them twice: for its user, and for whoever it says."""
        users = {name for name, user in self.dump.users.items() if user["passkeys"]}
        assert users == {"dave", "frank"}
        for name in users:
            user_id = self.dump.users[name]["id"]
            for device in self.dump.devices(name):
                for body in ({"user_id": user_id}, {}):
                    options = self._call("POST", "/webauthn/login/initialize", body).body
                    done = self._call("POST", "/webauthn/login/finalize", device.get(options))
                    self._is_logged_in(done, name)
                    assert done.body == {"credential_id": device.id, "user_id": user_id}

    def passwords_log_in(self) -> None:
        users = {name for name, user in self.dump.users.items() if user["password"] and user["emails"]}
        assert users == {"alice", "carol", "dave", "erin", "frank"}
        for name in sorted(users):
            user = self.dump.users[name]
            found = self._call("POST", "/user", {"email": primary_of(user)}).body
            assert found["id"] == user["id"]
            body = {"user_id": found["id"], "password": user["password"]}
            self._is_logged_in(self._call("POST", "/password/login", body), name)
        wrong = body | {"password": "not the password"}
        assert self._call("POST", "/password/login", wrong).status == 401

    def passcodes_log_in(self) -> None:
        users = {name for name, user in self.dump.users.items() if primary_of(user)}
        assert {"alice", "carol", "dave", "erin", "frank", "grace"} <= users
        for name in sorted(users):
            user = self.dump.users[name]
            self._log_in_by_passcode(name, {"user_id": user["id"]}, primary_of(user))

    def a_half_finished_sign_up_is_finished(self) -> None:
        """bob began one with Hanko 2.7; 3 keeps no row of such, so there he begins here."""
        bob = self.dump.users.get("bob")
        again = [self._call("POST", "/users", {"email": "bob@example.test"}) for _ in range(2)]
        assert [answer.status for answer in again] == [200, 200]
        email_ids = {answer.body["email_id"] for answer in again}
        user_id = again[0].body["user_id"]
        if bob is not None:
            assert email_ids == {bob["emails"][0]["id"]}
            user_id = bob["id"]
        (email_id,) = email_ids
        self.dump.users["bob"] = {"id": user_id}
        body = {"user_id": user_id, "email_id": email_id}
        self._log_in_by_passcode("bob", body, "bob@example.test")
        assert self._call("POST", "/users", {"email": "bob@example.test"}).status == 409

    def who_has_no_address_gets_no_passcode(self) -> None:
        heidi = self.dump.users["heidi"]
        assert self._call("POST", "/passcode/login/initialize", {"user_id": heidi["id"]}).status == 400
        options = self._call("POST", "/webauthn/login/initialize", {"user_id": heidi["id"]})
        assert "allowCredentials" not in options.body["publicKey"]

    def _log_in_by_passcode(self, name: str, body: dict[str, str], address: str) -> None:
        number = len(self.mails.mails(address)) + 1
        started = self._call("POST", "/passcode/login/initialize", body)
        assert started.status == 200, started.body
        subject = self.mails.wait_for_mail(address, number=number).message["Subject"]
        (code,) = re.findall(r"\b[0-9]{6}\b", subject)
        done = self._call("POST", "/passcode/login/finalize", {"id": started.body["id"], "code": code})
        self._is_logged_in(done, name)

    def _is_logged_in(self, answer: Answer, name: str) -> None:
        assert answer.status == 200, (name, answer.body)
        token = answer.headers["X-Auth-Token"]
        me = self._call("GET", "/me", Authorization=f"Bearer {token}")
        assert (me.status, me.body["id"]) == (200, self.dump.users[name]["id"])
        assert self._is_valid(token)

    def _is_valid(self, token: str) -> bool:
        by_body = self._call("POST", "/sessions/validate", {"session_token": token}).body["is_valid"]
        by_header = self._call("GET", "/sessions/validate", Authorization=f"Bearer {token}").body["is_valid"]
        assert by_body is by_header
        return bool(by_body)

    def _call(self, method: str, path: str, body: object = None, **headers: str) -> Answer:
        return self.server.request(method, path, body, **headers)


def primary_of(user: dict[str, Any]) -> str:
    """The primary address of a user, "" for none."""
    return next((email["address"] for email in user.get("emails", ()) if email["primary"]), "")
