"""Servers' passkeys over four workers: challenges, answers and signed data count once."""

from collections import Counter
from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple
from urllib.parse import urlencode

import pytest

from hanko_compat.storage.models import (
    CredentialDetail,
    PasskeyChallenge,
    Session,
    SpentToken,
    User,
    WebauthnCredential,
)
from tests.authenticator import Authenticator
from tests.backend.ceremonies import Ceremonies
from tests.backend.server import Server, basic
from tests.faults import rows
from tests.faults.conftest import Starter
from tests.faults.racing import at_once
from tests.servers.hanko_compat import HankoCompat

pytestmark = pytest.mark.servers

TIMES = 20
SETTINGS = {"email_delivery.enabled": False, "passkey.limit": 3}


class Answered(NamedTuple):
    """What came back, as flask's test client calls it."""

    status_code: int
    json: Any


class RemoteServer(Server):
    """A customer's server that calls *served* over HTTP, each time on a connection of its own."""

    def __init__(self, served: HankoCompat) -> None:
        secret = served.create_secret()
        self.served = served
        self.headers = basic(secret.project_id, secret.secret)

    def call(self, method: str, path: str, body: Any = None, **options: Any) -> Any:
        query = urlencode(options.get("query_string", ()))
        answer = self.served.request(method, f"/v2{path}?{query}", body, **self.headers)
        return Answered(answer.status, answer.body)


@pytest.fixture
def passkeys(start: Starter) -> Ceremonies:
    return Ceremonies(RemoteServer(start(SETTINGS)))


def statuses(answers: Sequence[Answered]) -> Counter[int]:
    return Counter(answer.status_code for answer in answers)


def counts(url: str, *tables: Any) -> list[int]:
    with rows.reading(url):
        return [table.select().count() for table in tables]


def sign_counts(url: str) -> list[int]:
    with rows.reading(url):
        return [row.sign_count for row in WebauthnCredential.select()]


def test_one_challenge_makes_one_passkey(passkeys: Ceremonies, database_url: str) -> None:
    user_id = passkeys.backend.user()
    options = passkeys.creation_options(user_id)
    answers = [Authenticator().create(options) for _ in range(TIMES)]
    finished = at_once([partial(passkeys.finish_append, user_id, answer) for answer in answers])
    assert statuses(finished) == {200: 1, 400: TIMES - 1}
    assert counts(database_url, WebauthnCredential, CredentialDetail) == [1, 1]


def test_the_limit_of_passkeys_holds(passkeys: Ceremonies, database_url: str) -> None:
    user_id = passkeys.backend.user()
    answers = [Authenticator().create(passkeys.creation_options(user_id)) for _ in range(8)]
    finished = at_once([partial(passkeys.finish_append, user_id, answer) for answer in answers])
    assert statuses(finished) == {200: 3, 400: 5}
    assert counts(database_url, WebauthnCredential, CredentialDetail) == [3, 3]


def test_one_answer_logs_in_once(passkeys: Ceremonies, database_url: str) -> None:
    """One challenge of a user, one of anybody, and one sign count for several challenges."""
    user_id = passkeys.backend.user()
    device = passkeys.append(user_id)
    named = device.get(passkeys.request_options(user_id))
    answered = at_once([partial(passkeys.finish_login, user_id, named)] * TIMES)
    assert statuses(answered) == {200: 1, 400: TIMES - 1}
    anybody = device.get(passkeys.mediation_options())
    answered = at_once([partial(passkeys.finish_mediation, anybody)] * TIMES)
    assert statuses(answered) == {200: 1, 400: TIMES - 1}
    copies = [device.get(passkeys.request_options(user_id), sign_count=50) for _ in range(8)]
    answered = at_once([partial(passkeys.finish_login, user_id, copy) for copy in copies])
    assert statuses(answered) == {200: 1, 400: 7}
    assert sign_counts(database_url) == [50]


def test_signed_data_counts_once(passkeys: Ceremonies, database_url: str) -> None:
    """However many ask, and for whatever; the second token of the user is as good as the first."""
    user_id = passkeys.backend.user()
    device = passkeys.append(user_id)
    for number in (1, 2):
        body = {"signedPasskeyData": passkeys.signed(user_id, device)}
        verify = partial(passkeys.backend.post, "/passkey/verifySignedData", body)
        trade = partial(passkeys.backend.post, "/passkey/postLogin", body)
        answered = at_once([verify, trade] * (TIMES // 2))
        verified, traded = answered[::2], answered[1::2]
        results = Counter(answer.json["verificationResult"] for answer in verified)
        assert results["success"] + statuses(traded)[200] == 1
        assert results["success"] + results["invalid_challenge"] == TIMES // 2
        assert set(statuses(traded)) <= {200, 400}
        assert counts(database_url, SpentToken) == [number]


def test_who_is_disabled_meanwhile_stays_out(passkeys: Ceremonies) -> None:
    user_id = passkeys.backend.user()
    device = passkeys.append(user_id)
    bodies = [{"signedPasskeyData": passkeys.signed(user_id, device)} for _ in range(8)]
    answers = [device.get(passkeys.request_options(user_id)) for _ in range(8)]
    disable = partial(passkeys.backend.update, f"/users/{user_id}", {"status": "disabled"})
    disabled, *others = at_once(
        [
            disable,
            *(partial(passkeys.backend.post, "/passkey/postLogin", body) for body in bodies),
            *(partial(passkeys.finish_login, user_id, answer) for answer in answers),
        ]
    )
    assert disabled.status_code == 200
    assert set(statuses(others)) <= {200, 400}
    # Sessions of those who were faster are over, and nobody gets another one.
    tokens = [answer.json["session"] for answer in others if "session" in answer.json]
    sessions = [{"Authorization": f"Bearer {token}"} for token in tokens]
    served = passkeys.backend.served
    assert {served.request("GET", "/me", **session).status for session in sessions} <= {401}
    assert passkeys.backend.get("/sessions").json["sessions"] == []
    late = [passkeys.backend.post("/passkey/postLogin", body) for body in bodies]
    late += [passkeys.finish_login(user_id, answer) for answer in answers]
    assert statuses(late) == {400: 16}


def test_nothing_outlives_a_user(passkeys: Ceremonies, database_url: str) -> None:
    user_id = passkeys.backend.user(explicitWebauthnID="jane")
    device = passkeys.append(user_id)
    new = [Authenticator().create(passkeys.creation_options(user_id)) for _ in range(2)]
    used = [device.get(passkeys.request_options(user_id)) for _ in range(4)]
    bodies = [{"signedPasskeyData": passkeys.signed(user_id, device)} for _ in range(2)]
    (credential,) = passkeys.credentials(user_id)
    path = f"/users/{user_id}"
    deleted, *others = at_once(
        [
            partial(passkeys.backend.delete, path),
            *(partial(passkeys.finish_append, user_id, answer) for answer in new),
            *(partial(passkeys.finish_login, user_id, answer) for answer in used),
            *(partial(passkeys.backend.post, "/passkey/postLogin", body) for body in bodies),
            partial(passkeys.start_append, user_id),
            partial(passkeys.start_login, user_id),
            partial(passkeys.backend.post, f"{path}/passkeyEvents", {"eventType": "login-error"}),
            partial(passkeys.backend.get, f"{path}/credentials"),
            partial(passkeys.backend.delete, f"{path}/credentials/{credential['id']}"),
        ]
    )
    assert deleted.status_code == 200
    assert set(statuses(others)) <= {200, 400}
    tables = (User, WebauthnCredential, CredentialDetail, PasskeyChallenge, Session)
    assert counts(database_url, *tables) == [0] * len(tables)
