"""Somebody signs up with another's address: once its owner proves it, nothing of that lives at any worker."""

from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

import pytest

from hanko_compat.storage.models import (
    Email,
    Passcode,
    PasswordCredential,
    PrimaryEmail,
    Session,
    WebauthnCredential,
)
from tests.authenticator import Authenticator
from tests.backend.ceremonies import INFORMATION, Ceremonies
from tests.factories import make_passcode
from tests.faults import rows
from tests.faults.conftest import Starter
from tests.faults.racing import at_once
from tests.faults.test_account_races import Caller, token_of
from tests.faults.test_passkey_races import RemoteServer
from tests.servers.hanko_compat import Answer, HankoCompat

pytestmark = pytest.mark.servers

ROUNDS = 3
OWNER, MINE = "owner{}@example.com", "mallory{}@example.com"
SETTINGS = {
    "email.require_verification": False,
    "email_delivery.enabled": False,
    # All that is asked for at once may fall on one worker.
    "hanko_compat.limits.hashing.queue": 20,
}


class Stranger(Caller):
    """Who has signed up with somebody else's address, and has a session."""

    def __init__(self, server: HankoCompat, number: int) -> None:
        self.address = OWNER.format(number)
        super().__init__(server, self.address)
        self.mine = MINE.format(number)
        self.device = Authenticator()

    def creation_options(self) -> Any:
        answer = self.send("POST", "/webauthn/registration/initialize", {})
        assert answer.status == 200, answer.body
        return answer.body

    def register(self, options: Any) -> Answer:
        answer = self.device.create(options, transports=["internal"])
        return self.send("POST", "/webauthn/registration/finalize", answer)

    def add(self) -> Answer:
        return self.send("POST", "/emails", {"address": self.mine})

    def log_in_by_passkey(self) -> Answer:
        options = self.server.request("POST", "/webauthn/login/initialize", {}).body
        self.device.user_handle = UUID(self.user_id).bytes
        return self.server.request("POST", "/webauthn/login/finalize", self.device.get(options))

    def ways_in(self, *passwords: str) -> list[int]:
        """What each of the stranger's ways in is answered, by several workers."""
        sessions = [self.send("GET", "/me").status for _ in range(8)]
        by_password = [self.log_in(each).status for each in passwords]
        mine = self.server.request("POST", "/user", {"email": self.mine}).status
        return [*sessions, *by_password, self.log_in_by_passkey().status, mine]


def passcode(url: str, address: str) -> str:
    """The ID of a passcode to the *address*, whose code is 123456."""
    with rows.reading(url):
        email = Email.get(Email.address == address)
        made: Passcode = make_passcode(user=email.user_id, email=email)
    return str(made.id)


def prove(server: HankoCompat, passcode_id: str, **headers: str) -> Answer:
    body = {"id": passcode_id, "code": "123456"}
    return server.request("POST", "/passcode/login/finalize", body, **headers)


def left(url: str, user_id: str) -> dict[str, int]:
    """The user's rows, by table."""
    tables = (Email, PrimaryEmail, PasswordCredential, WebauthnCredential, Session, Passcode)
    with rows.reading(url):
        counts = {table.__name__: table.select().where(table.user == user_id).count() for table in tables}
    return {name: number for name, number in counts.items() if number}


def test_a_stranger_has_no_way_in_any_more(start: Starter, database_url: str) -> None:
    server = start(SETTINGS)
    stranger = Stranger(server, 0)
    assert stranger.set_password("correct horse").status == 201
    assert stranger.register(stranger.creation_options()).status == 200
    assert stranger.add().status == 200
    mine = passcode(database_url, stranger.mine)
    assert stranger.ways_in("correct horse") == [200] * 11

    answer = prove(server, passcode(database_url, stranger.address))

    assert answer.status == 200
    assert stranger.ways_in("correct horse") == [*[401] * 10, 404]
    assert prove(server, mine).status == 401
    assert left(database_url, stranger.user_id) == {"Email": 1, "PrimaryEmail": 1, "Session": 1}
    owner = {"Authorization": f"Bearer {token_of(answer)}"}
    assert [server.request("GET", "/me", **owner).status for _ in range(8)] == [200] * 8


def test_a_stranger_with_a_proved_address_shares_no_account_with_the_owner_of_another(
    start: Starter, database_url: str
) -> None:
    server = start(SETTINGS)
    stranger = Stranger(server, 0)
    assert stranger.add().status == 200
    bearer = {"Authorization": f"Bearer {stranger.token}"}
    assert prove(server, passcode(database_url, stranger.mine), **bearer).status == 200
    mine = next(each for each in stranger.send("GET", "/emails").body if each["address"] == stranger.mine)
    assert stranger.send("POST", f"/emails/{mine['id']}/set_primary").status == 204

    answer = prove(server, passcode(database_url, stranger.address))

    assert answer.status == 403
    assert stranger.send("GET", "/me").status == 200
    owner = Caller(server, stranger.address)
    assert owner.user_id != stranger.user_id


def test_with_a_session_of_the_account_all_of_it_stays(start: Starter, database_url: str) -> None:
    server = start(SETTINGS)
    owner = Stranger(server, 0)
    assert owner.set_password("correct horse").status == 201
    assert owner.register(owner.creation_options()).status == 200
    assert owner.add().status == 200

    passcode_id = passcode(database_url, owner.address)
    assert prove(server, passcode_id, Authorization=f"Bearer {owner.token}").status == 200

    assert owner.ways_in("correct horse") == [200] * 11


def test_what_a_stranger_does_during_the_proof_is_lost_too(start: Starter, database_url: str) -> None:
    """Either it came before the proof, and is removed, or after it, and is refused."""
    server = start(SETTINGS)
    for number in range(ROUNDS):
        stranger = Stranger(server, number)
        options = stranger.creation_options()
        passcode_id = passcode(database_url, stranger.address)
        passwords = ["the first of two", "the second of two"]
        calls: list[Callable[[], Answer]] = [
            *[partial(stranger.set_password, each) for each in passwords],
            partial(stranger.register, options),
            stranger.add,
            *[partial(prove, server, passcode_id)] * 2,
        ]
        # At another place in each round.
        calls = calls[number * 2 :] + calls[: number * 2]

        answers = at_once(calls)

        proofs = answers[len(calls) - 2 - number * 2 :][:2]
        assert Counter(each.status for each in proofs) == {200: 1, 401: 1}
        assert {each.status for each in answers} <= {200, 201, 400, 401}
        assert stranger.ways_in(*passwords) == [*[401] * 11, 404]
        assert left(database_url, stranger.user_id) == {"Email": 1, "PrimaryEmail": 1, "Session": 1}


def test_challenges_of_a_server_prove_an_address_once(start: Starter, database_url: str) -> None:
    server = start(SETTINGS)
    stranger, customer = Stranger(server, 0), Ceremonies(RemoteServer(server))
    backend, user_id = customer.backend, f"usr-{UUID(stranger.user_id).int}"
    assert stranger.set_password("correct horse").status == 201
    options = customer.creation_options(user_id)
    sent = {
        "challengeType": "email_otp",
        "identifierValue": stranger.address,
        "clientInformation": INFORMATION,
    }
    made = [backend.post(f"/users/{user_id}/challenges", sent).json for _ in range(4)]
    answer = Authenticator().create(options, transports=["internal"])

    def complete(challenge: Any) -> Any:
        path = f"/users/{user_id}/challenges/{challenge['challengeID']}"
        return backend.update(path, {"value": challenge["value"]})

    *completed, registered = at_once(
        [*[partial(complete, each) for each in made], partial(customer.finish_append, user_id, answer)]
    )

    assert [each.status_code for each in completed] == [200] * 4
    assert registered.status_code in (200, 400)
    assert left(database_url, stranger.user_id) == {"Email": 1, "PrimaryEmail": 1}
    assert stranger.send("GET", "/me").status == stranger.log_in("correct horse").status == 401
    # What its owner makes from now on stays, however often the address is proved again.
    device = customer.append(user_id)
    again = backend.post(f"/users/{user_id}/challenges", sent).json
    assert complete(again).status_code == 200
    assert prove(server, passcode(database_url, stranger.address)).status == 200
    assert customer.finish_login(user_id, device.get(customer.request_options(user_id))).status_code == 200


@pytest.mark.parametrize("is_verified", [True, False])
def test_one_server_gets_the_address_of_an_unconfirmed_sign_up(
    start: Starter, database_url: str, is_verified: bool
) -> None:
    """However many servers and browsers want it at the same moment."""
    server = start(SETTINGS | {"email.require_verification": is_verified})
    backend = RemoteServer(server)
    for number in range(ROUNDS):
        address = OWNER.format(number)
        server.request("POST", "/users", {"email": address})
        users = [backend.user() for _ in range(6)]

        def give(user_id: str, address: str = address) -> int:
            body = {"identifierType": "email", "identifierValue": address, "status": "primary"}
            answer = backend.post(f"/users/{user_id}/identifiers", body)
            status: int = answer.status_code
            return status

        def sign_up(address: str = address) -> int:
            return server.request("POST", "/users", {"email": address}).status

        statuses = at_once([*[partial(give, each) for each in users], *[sign_up] * 4])

        assert Counter(statuses[:6]) == {200: 1, 409: 5}
        assert set(statuses[6:]) <= {200, 409}
        winner = users[statuses.index(200)]
        with rows.reading(database_url):
            email = Email.get(Email.address == address)
            assert (f"usr-{email.user_id.int}", email.verified) == (winner, True)
            assert [row.user_id for row in PrimaryEmail.select().where(PrimaryEmail.email == email)] == [
                email.user_id
            ]


def test_a_proof_or_a_server_has_the_address_and_never_both(start: Starter, database_url: str) -> None:
    server = start(SETTINGS)
    backend = RemoteServer(server)
    for number in range(ROUNDS):
        stranger = Stranger(server, number)
        passcode_id, user_id = passcode(database_url, stranger.address), backend.user()
        body = {"identifierType": "email", "identifierValue": stranger.address, "status": "primary"}

        given, proved = at_once(
            [
                lambda user_id=user_id, body=body: backend.post(f"/users/{user_id}/identifiers", body),
                lambda passcode_id=passcode_id: prove(server, passcode_id),
            ]
        )

        assert (given.status_code, proved.status) in {(200, 401), (200, 403), (409, 200)}
        with rows.reading(database_url):
            email = Email.get(Email.address == stranger.address)
            is_servers = f"usr-{email.user_id.int}" == user_id
        assert is_servers == (given.status_code == 200)


@pytest.mark.parametrize(("one", "other"), [("jane", "\uff2aane"), ("stra\u00dfe", "STRASSE")])
def test_of_usernames_that_look_alike_one_is_taken(start: Starter, one: str, other: str) -> None:
    backend = RemoteServer(start(SETTINGS))
    users = [backend.user() for _ in range(8)]

    def take(user_id: str, name: str) -> int:
        body = {"identifierType": "username", "identifierValue": name, "status": "verified"}
        status: int = backend.post(f"/users/{user_id}/identifiers", body).status_code
        return status

    names = [one, other] * 4
    statuses = at_once([partial(take, *each) for each in zip(users, names, strict=True)])
    assert Counter(statuses) == {200: 1, 409: 7}
