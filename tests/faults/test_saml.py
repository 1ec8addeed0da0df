"""Log-ins by SAML over four workers: at the same moment, while something dies, and without their provider."""

import http.client
import json as json_text
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlencode

import pytest
from werkzeug.wrappers import Response

from hanko_compat.clock import utc_now
from hanko_compat.storage.engine.database import open_database
from hanko_compat.storage.models import Identity, SamlIdentity, SamlRequest, Session, Token, User
from tests.faults.conftest import Starter
from tests.faults.racing import at_once
from tests.receiver import eventually
from tests.saml.identity_provider import IdentityProvider
from tests.saml_visitor import DOMAIN, Visitor, person, provider, saml, token_of
from tests.servers.hanko_compat import HankoCompat

pytestmark = pytest.mark.servers

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class RemoteClient:
    """What `Visitor` calls of Flask's test client, over HTTP; each request on a connection of its own."""

    def __init__(self, server: HankoCompat) -> None:
        self.server = server

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Response:
        return self._send("GET", path, None, headers or {})

    def post(
        self, path: str, *, data: Any = None, json: Any = None, headers: Mapping[str, str] | None = None
    ) -> Response:
        if json is not None:
            body, type_ = json_text.dumps(json), {"Content-Type": "application/json"}
        else:
            body, type_ = urlencode(data), FORM
        return self._send("POST", path, body, {**type_, **(headers or {})})

    def _send(self, method: str, path: str, body: str | None, headers: Mapping[str, str]) -> Response:
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=60)
        try:
            connection.request(method, path, body, dict(headers))
            answer = connection.getresponse()
            return Response(answer.read(), answer.status, answer.getheaders())
        finally:
            connection.close()


@pytest.fixture
def idp() -> Iterator[IdentityProvider]:
    with IdentityProvider() as server:
        yield server


def visitor_of(server: HankoCompat, idp: IdentityProvider) -> Visitor:
    return Visitor(RemoteClient(server), idp, utc_now)  # type: ignore[arg-type]


def counts(database_url: str, *models: Any) -> list[int]:
    database = open_database(database_url)
    try:
        with database.connection():
            return [model.select().count() for model in models]
    finally:
        database.close_all()


def test_twenty_at_once_with_one_response_are_one_session(
    start: Starter, idp: IdentityProvider, database_url: str
) -> None:
    server = start(saml(provider(idp.base)))
    visitor = visitor_of(server, idp)
    visitor.start()
    document = visitor.document()
    answers = at_once([lambda: visitor.come_back(document)] * 20)
    tokens = [token_of(answer) for answer in answers if token_of(answer)]
    assert [answer.status_code for answer in answers].count(303) == 19
    assert len(tokens) == 1
    exchanged = at_once([lambda: visitor.client.post("/token", json={"value": tokens[0]})] * 20)
    assert [answer.status_code for answer in exchanged].count(200) == 1
    assert counts(database_url, User, Identity, SamlIdentity, Session, Token) == [1, 1, 1, 1, 0]
    assert tokens[0] not in server.log.read_text()
    assert visitor.relay_state not in server.log.read_text()


def test_nobody_is_there_by_half_when_workers_die(
    start: Starter, idp: IdentityProvider, database_url: str
) -> None:
    server = start(saml(provider(idp.base)))
    people = [f"person{number}" for number in range(12)]

    def log_in(who: str) -> bool:
        try:
            visitor = visitor_of(server, idp)
            return bool(token_of(visitor.log_in(subject=who, **person(f"{who}@{DOMAIN}"))))
        except (OSError, http.client.HTTPException):
            return False

    with ThreadPoolExecutor(len(people)) as pool:
        under_way = [pool.submit(log_in, who) for who in people]
        eventually(lambda: counts(database_url, User) != [0])
        server.kill_all()
        acknowledged = [each.result() for each in under_way]
    users, identities, links, tokens = counts(database_url, User, Identity, SamlIdentity, Token)
    assert users == identities == links == tokens
    assert sum(acknowledged) <= users
    server.start()
    assert all(log_in(who) for who in people)
    assert counts(database_url, User, Identity, SamlIdentity) == [len(people)] * 3


@pytest.mark.parametrize("fault", ["down", "slow"])
def test_no_start_waits_for_a_provider_that_is_known_when_it_is_back(
    start: Starter, idp: IdentityProvider, database_url: str, fault: str
) -> None:
    with IdentityProvider() as broken:
        if fault == "down":
            broken.status = 503
        else:
            broken.hangs = True
        settings = saml(provider(broken.base), provider(idp.base, domain="other.example.test"))
        server = start(settings, workers=2)
        visitor = visitor_of(server, idp)
        visitor.start(domain="other.example.test")
        assert token_of(visitor.come_back(visitor.document(**person("bob@other.example.test"))))
        assert visitor.client.get(f"/saml/provider?domain={DOMAIN}").status_code == 404
        before = counts(database_url, SamlRequest)
        assert visitor.start().status_code == 303
        assert counts(database_url, SamlRequest) == before
        broken.status, broken.hangs = 200, False
        back = visitor_of(server, broken)
        eventually(lambda: bool(token_of(back.log_in())))  # as soon as both workers know it
        assert "saml_metadata_unavailable" in server.log.read_text()
