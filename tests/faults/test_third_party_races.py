"""Many come back from a provider with one state at one moment, over four workers."""

from collections import Counter
from collections.abc import Iterator
from functools import partial
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from hanko_compat.storage.models import Email, Identity, Session, Token, User
from tests.faults import rows
from tests.faults.conftest import Starter
from tests.faults.racing import at_once
from tests.oidc_provider import OidcProvider
from tests.servers.hanko_compat import Answer, HankoCompat
from tests.third_party import ALICE, DONE, custom_provider, third_party

pytestmark = pytest.mark.servers


@pytest.fixture
def provider() -> Iterator[OidcProvider]:
    with OidcProvider() as provider:
        yield provider


@pytest.fixture
def server(start: Starter, provider: OidcProvider) -> HankoCompat:
    return start(third_party(stub=custom_provider(provider.url)) | {"email_delivery.enabled": False})


def query_of(answer: Answer) -> dict[str, str]:
    query = parse_qs(urlsplit(answer.headers["Location"]).query)
    return {name: values[0] for name, values in query.items()}


def test_of_twenty_with_one_state_and_twenty_with_its_token_one_has_a_session(
    server: HankoCompat, provider: OidcProvider, database_url: str
) -> None:
    begun = server.request("GET", f"/thirdparty/auth?provider=custom_stub&redirect_to={quote(DONE, safe='')}")
    state, cookie = query_of(begun)["state"], begun.headers["Set-Cookie"].partition(";")[0]
    path = f"/thirdparty/callback?state={quote(state)}&code={provider.grant(ALICE)}"

    back = at_once([partial(server.request, "GET", path, Cookie=cookie)] * 20)

    told = Counter(query_of(answer).get("error_description") for answer in back)
    assert told == {None: 1, "state was used before": 19}
    assert len([place for place, _ in provider.asked if place == "token"]) == 1
    (token,) = {query_of(answer)["hanko_token"] for answer in back if "hanko_token" in query_of(answer)}

    exchanged = at_once([partial(server.request, "POST", "/token", {"value": token})] * 20)

    assert Counter(answer.status for answer in exchanged) == {200: 1, 404: 19}
    with rows.reading(database_url):
        counts = {table.__name__: table.select().count() for table in (User, Email, Identity, Token, Session)}
    assert counts == {"User": 1, "Email": 1, "Identity": 1, "Token": 0, "Session": 1}
