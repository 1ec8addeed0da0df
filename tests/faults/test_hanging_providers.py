"""A provider that hangs takes with it neither those who log in otherwise, nor those who have a session."""

from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

import pytest

from hanko_compat.oauth.outages import SHARE
from tests.faults.conftest import Starter
from tests.oidc_provider import OidcProvider
from tests.servers.hanko_compat import wait_until
from tests.third_party import DONE, custom_provider, third_party

pytestmark = [pytest.mark.servers, pytest.mark.one_database]

VISITORS = 21  # of eight threads
BEGIN = f"/thirdparty/auth?provider=custom_stub&redirect_to={quote(DONE, safe='')}"


def test_others_are_served_meanwhile(start: Starter) -> None:
    with ThreadPoolExecutor(VISITORS) as pool:
        with OidcProvider(hangs=True) as provider:
            settings = third_party(stub=custom_provider(provider.url, use_discovery=True))
            server = start(settings | {"hanko_compat.third_party.timeout": "30s"}, workers=1)
            visits = [pool.submit(server.request, "GET", BEGIN) for _ in range(VISITORS)]

            def waiting() -> int:
                return sum(not each.done() for each in visits)

            wait_until(lambda: waiting() == SHARE, why=lambda: f"{waiting()} wait for the provider")
            assert [server.request("GET", "/me").status for _ in range(SHARE)] == [401] * SHARE
            assert waiting() == SHARE
        assert {each.result().status for each in visits} == {307}
