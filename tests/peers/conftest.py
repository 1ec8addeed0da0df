"""Real protocol servers on the loopback interface, and a site that people log in to with them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.databases import DatabaseMaker
from tests.peers.openid_provider import OpenIdProvider
from tests.peers.site import Site, start_site
from tests.peers.visitor import Visitor
from tests.servers.run import Run


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = f"{Path(__file__).parent}/"
    for item in items:
        if str(item.path).startswith(here):
            item.add_marker(pytest.mark.servers)


@pytest.fixture(scope="module")  # no longer: its clean-up would delete rows of other tests
def running_site(
    test_run: Run,
    database_maker: DatabaseMaker,
    running_openid_provider: OpenIdProvider,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Site]:
    """A site with the provider as ``custom_main``, and again as ``custom_strict``, which does not link."""
    main = running_openid_provider.settings(allow_linking=True)
    site = start_site(
        test_run,
        database_url=database_maker.fresh_url(tmp_path_factory.mktemp("site")),
        trusts=running_openid_provider.authority.file,
        changes={"third_party.custom_providers": {"main": main, "strict": main | {"allow_linking": False}}},
    )
    yield site
    site.remove()


@pytest.fixture
def site(running_site: Site, openid_provider: OpenIdProvider) -> Site:
    """The site, known to the provider."""
    openid_provider.register(running_site.callback)
    return running_site


@pytest.fixture
def visitor(site: Site) -> Iterator[Visitor]:
    """A browser without history."""
    with site.visitor() as visitor:
        yield visitor
