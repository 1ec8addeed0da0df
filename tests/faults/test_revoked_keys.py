"""A signing key that leaked: no worker takes a token of it once it is revoked."""

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from functools import partial

import pytest

from hanko_compat.clock import utc_now
from hanko_compat.services.keys.keys import Keys
from hanko_compat.storage.engine.database import Database, open_database
from hanko_compat.storage.models import Jwk
from tests.faults.conftest import Starter
from tests.faults.racing import at_once
from tests.servers.hanko_compat import HankoCompat, UnderGunicorn, wait_until
from tests.settings import SECRET
from tests.signing_keys import private_jwk

pytestmark = pytest.mark.servers

UNVERIFIED = {"email.require_verification": False, "hanko_compat.jwk.algorithm": "ES256"}
KID = private_jwk()["kid"]


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = open_database(database_url)
    yield database
    database.close_all()


def sign_up(server: HankoCompat, name: str) -> str:
    """The token of a new user's session."""
    answer = server.request("POST", "/users", {"email": f"{name}@example.test"})
    assert answer.status == 200
    return str(answer.headers["Set-Cookie"]).partition("=")[2].partition(";")[0]


def statuses(server: HankoCompat, token: str) -> Counter[int]:
    """How often each status comes back when forty requests are sent at once."""
    ask = partial(server.request, "GET", "/me", Authorization=f"Bearer {token}")
    return Counter(answer.status for answer in at_once([ask] * 40))


def published(server: HankoCompat) -> set[str]:
    keys = server.request("GET", "/.well-known/jwks.json").body["keys"]
    return {key["kid"] for key in keys}


@pytest.mark.parametrize("kind", [HankoCompat, UnderGunicorn])
def test_no_worker_takes_a_token_of_a_revoked_key(
    start: Starter, database: Database, kind: type[HankoCompat]
) -> None:
    server = start(UNVERIFIED, kind=kind)
    token = sign_up(server, "alice")
    keys = Keys(database, secrets=(SECRET,), algorithm="ES256", now=utc_now)
    new = keys.rotate()
    with database.connection():
        # Long ago, so that nobody has to wait until the workers know of it.
        Jwk.update(created_at=utc_now() - timedelta(hours=1)).where(Jwk.id == 2).execute()
    assert statuses(server, token) == {200: 40}

    keys.revoke(KID)

    assert statuses(server, token) == {401: 40}
    assert server.request("POST", "/sessions/validate", {"session_token": token}).body["is_valid"] is False
    wait_until(lambda: published(server) == {new}, why=server.log.read_text)


@pytest.mark.one_database
def test_the_key_that_signs_is_revoked_and_nobody_gets_a_session_that_is_dead(start: Starter) -> None:
    server = start(UNVERIFIED)
    old = sign_up(server, "alice")
    assert statuses(server, old) == {200: 40}

    command = [sys.executable, "-m", "hanko_compat", "keys", "revoke", KID]
    subprocess.run(command, cwd=server.folder, check=True)

    tokens = at_once([partial(sign_up, server, f"user{number}") for number in range(12)])
    assert statuses(server, old) == {401: 40}
    me = [server.request("GET", "/me", Authorization=f"Bearer {token}").status for token in tokens]
    assert me == [200] * 12
