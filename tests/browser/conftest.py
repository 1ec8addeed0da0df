"""A browser, and sites for it to visit."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright

from tests.browser.accounts import new_address
from tests.browser.authenticator import VirtualAuthenticator
from tests.browser.playground import DevelopmentServer, Newcomer
from tests.browser.site import COMPANY, PACKAGES, Site, start_site
from tests.compatibility import ELEMENTS, FRONTEND_SDK, SUBJECT
from tests.databases import SqliteMaker
from tests.peers.played_hosts import PlayedHosts
from tests.saml.identity_provider import IdentityProvider
from tests.servers.certificates import Authority
from tests.servers.hanko_compat import wait_until
from tests.servers.process import find_program
from tests.servers.run import Run
from tests.settings import settings_on
from tests.smtp import MailServer

PATIENCE = 30_000  # milliseconds until something has failed; generous for a busy machine
RESULTS = Path(__file__).parents[2] / "var" / "test-results"
OUTCOME = pytest.StashKey[pytest.TestReport]()
NOWHERE_ELSE = ["MAP * ~NOTFOUND", "EXCLUDE localhost", "EXCLUDE 127.0.0.1"]

expect.set_options(timeout=PATIENCE)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = f"{Path(__file__).parent}/"
    for item in items:
        if str(item.path).startswith(here):
            item.add_marker(pytest.mark.servers)
            item.add_marker(pytest.mark.browser)
            if item.path.parent.name == "sdk":
                item.user_properties.append((SUBJECT, FRONTEND_SDK))
            elif item.path.name.startswith("test_hanko_"):
                item.user_properties.append((SUBJECT, ELEMENTS))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    report = yield
    if report.when == "call":
        item.stash[OUTCOME] = report
    return report


@pytest.fixture(scope="package")
def played_hosts(authority: Authority) -> Iterator[PlayedHosts]:
    """Apple, GitHub and Google, for the browser and the sites."""
    with PlayedHosts(authority) as hosts:
        yield hosts


@pytest.fixture(scope="package")
def company(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Iterator[IdentityProvider]:
    """The SAML server of a company, at which people press a button."""
    certificate = tmp_path_factory.mktemp("company") / "server.pem"
    certificate.write_bytes(b"".join(file.read_bytes() for file in authority.issue("127.0.0.1")))
    with IdentityProvider(certificate=certificate, asks=True) as provider:
        yield provider


@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    """What starts browsers; a thread can have it once only."""
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="package")
def browser(
    pytestconfig: pytest.Config, playwright: Playwright, played_hosts: PlayedHosts
) -> Iterator[Browser]:
    """Debian's Chromium; ``--headed`` shows what it does."""
    rules = [f"MAP {host}:443 127.0.0.1:{port}" for host, port in played_hosts.ports.items()]
    options = [
        "--no-sandbox",  # it does not work for root, as whom CI runs; all pages are our own
        f"--host-resolver-rules={', '.join(rules + NOWHERE_ELSE)}",
        f"--ignore-certificate-errors-spki-list={played_hosts.authority.fingerprint}",
    ]
    browser = playwright.chromium.launch(
        executable_path=find_program("chromium"),
        args=options,
        headless=not pytestconfig.getoption("headed"),
    )
    yield browser
    browser.close()


@pytest.fixture
def new_context(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Callable[..., BrowserContext]]:
    """Open a profile without history: ``new_context(color_scheme="dark")``; failed tests leave traces."""
    contexts: list[BrowserContext] = []

    def make(**options: Any) -> BrowserContext:
        context = browser.new_context(locale="en-GB", **options)
        context.set_default_timeout(PATIENCE)
        context.tracing.start(snapshots=True, screenshots=False)
        contexts.append(context)
        return context

    yield make
    outcome = request.node.stash.get(OUTCOME, None)
    folder = RESULTS / re.sub(r"[^\w.-]+", "-", request.node.nodeid.removeprefix("tests/browser/"))
    for number, context in enumerate(contexts):
        if outcome is None or outcome.failed:
            keep_traces(context, folder / f"browser-{number}")
        context.close()


def keep_traces(context: BrowserContext, folder: Path) -> None:
    """Save what led to a failure: pictures of the pages, and what ``playwright show-trace`` shows."""
    for number, page in enumerate(context.pages):
        page.screenshot(path=folder / f"page-{number}.png", full_page=True)
    context.tracing.stop(path=folder / "trace.zip")


@pytest.fixture
def context(new_context: Callable[..., BrowserContext]) -> BrowserContext:
    """A browser without history."""
    return new_context()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """A tab of it."""
    return context.new_page()


@pytest.fixture
def authenticator(context: BrowserContext, page: Page) -> VirtualAuthenticator:
    """A passkey device in ``page``, which says yes to everything."""
    return VirtualAuthenticator(context, page)


@pytest.fixture(scope="package")
def mail_server() -> Iterator[MailServer]:
    with MailServer() as server:
        yield server


@pytest.fixture(scope="package")
def site_with(
    test_run: Run,
    mail_server: MailServer,
    played_hosts: PlayedHosts,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Callable[..., Site]]:
    """A site with a changed configuration, for all tests with the same changes: ``site_with({...})``."""
    assert any(PACKAGES.glob("hanko-elements-*")), "scripts/fetch_frontends.sh fetches what is to be driven"
    maker = SqliteMaker(tmp_path_factory.mktemp("template"))
    sites: dict[str, Site] = {}

    def start(changes: dict[str, Any] | None = None) -> Site:
        key = json.dumps(changes or {}, sort_keys=True)
        if key not in sites:
            url = maker.fresh_url(tmp_path_factory.mktemp("site"))
            sites[key] = start_site(
                test_run,
                database_url=url,
                mail_server=mail_server,
                played_hosts=played_hosts,
                changes=changes or {},
            )
        return sites[key]

    yield start
    for site in sites.values():
        site.remove()


@pytest.fixture
def site(site_with: Callable[..., Site]) -> Site:
    """The site whose configuration most tests use."""
    return site_with()


@pytest.fixture
def company_site(site_with: Callable[..., Site], company: IdentityProvider) -> Site:
    """A site that knows the company, whose metadata are fetched after the start."""
    entry = {
        "enabled": True,
        "name": "Corp",
        "domain": COMPANY,
        "metadata_url": f"{company.base}/metadata",
        "attribute_map": {"email_verified": "email_verified"},
    }
    site = site_with({"saml.enabled": True, "saml.identity_providers": [entry]})
    wait_until(
        lambda: site.ask("GET", f"/saml/provider?domain={COMPANY}").status == 200,
        why=lambda: "the metadata of the company are not there",
    )
    return site


@pytest.fixture(scope="package")
def server(test_run: Run, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DevelopmentServer]:
    """A developer's server, ``serve --dev``."""
    url = SqliteMaker(tmp_path_factory.mktemp("template")).fresh_url(tmp_path_factory.mktemp("playground"))
    changes = {"account.allow_deletion": True, "service.name": "Example"}
    server = DevelopmentServer(test_run, settings_on(url, changes))
    server.start()
    yield server
    server.remove()


@pytest.fixture
def newcomer(page: Page, server: DevelopmentServer) -> Iterator[Newcomer]:
    """Somebody on its playground; a fault of a script fails the test."""
    newcomer = Newcomer(page, server)
    yield newcomer
    assert newcomer.problems == []


@pytest.fixture
def address() -> str:
    """An address that nobody has."""
    return new_address()
