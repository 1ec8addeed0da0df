"""Fixtures of every test: a database of its own, a clock to move, the services, the application."""

import gc
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, settings

from hanko_compat import wiring
from hanko_compat.app import create_app
from hanko_compat.config import Config, from_mapping
from hanko_compat.wiring import Services
from hanko_compat.wiring.hashing import build_hasher
from hanko_compat.wiring.parts import NONE, Build
from tests import compatibility, databases, factories, hashes, network, routing, strictness, tables
from tests.clock import FakeClock
from tests.inbox import Inbox
from tests.peers.openid_provider import OpenIdProvider
from tests.servers.certificates import Authority
from tests.servers.process import own_name
from tests.servers.redis import Redis
from tests.servers.run import Run
from tests.settings import settings_on

RUN = pytest.StashKey[Run]()
THREADS = ("clean-up", "delivery-", "measuring", "saml-metadata")
FURTHER = 6  # cases of a table that run on each database but the first
STOPPED_AFTER = 30  # seconds that a thread that was told to stop may have

# A busy machine is no fault.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")
# The quick round has a part of every table, and of the examples; the whole round has all of them.
settings.register_profile("quick", settings.get_profile("patient"), max_examples=10)
routing.remember_rules()
hashes.remember_answers()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--databases",
        default="sqlite",
        help=f"run every test that uses a database on each of these: {','.join(databases.NAMES)}",
    )
    parser.addoption("--cases", type=int, help="of a test with a table of cases, run so many of them")
    parser.addoption(
        "--write-compatibility",
        action="store_true",
        help="write docs/compatibility.md from this run's outcomes",
    )
    parser.addoption("--headed", action="store_true", help="show the browser of tests/browser at work")
    parser.addoption("--screenshots", metavar="FOLDER", help="where the pictures of the README are renewed")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "servers: needs real database servers, nginx, gunicorn or xmlsec1")
    config.addinivalue_line("markers", "browser: drives Chromium")
    config.addinivalue_line("markers", "slow: takes seconds")
    config.addinivalue_line(
        "markers", "every_case: a table of which each database may do each case otherwise"
    )
    config.addinivalue_line("markers", "one_database: looks at what is the same on each; the first will do")
    if config.getoption("cases") is not None:
        settings.load_profile("quick")
    shared = getattr(config, "workerinput", {}).get("run_folder")
    config.stash[RUN] = Run(Path(shared)) if shared else Run.begin()
    if config.getoption("write_compatibility") and not shared:
        config.pluginmanager.register(compatibility.Writer())


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker of pytest-xdist which test run it belongs to."""
    node.workerinput["run_folder"] = str(node.config.stash[RUN].folder)


@pytest.hookimpl(trylast=True)  # of what is left after -m and -k
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    cases = config.getoption("cases")
    if cases is not None:
        kept = tables.sample((item.nodeid for item in items), cases=cases)
        config.hook.pytest_deselected(items=[item for item in items if item.nodeid not in kept])
        items[:] = [item for item in items if item.nodeid in kept]


def pytest_collection_finish() -> None:
    """Keep the garbage collector from looking through the tests: they are many, and are needed to the end."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000)


def pytest_unconfigure(config: pytest.Config) -> None:
    config.stash[RUN].end()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Iterator[None]:
    report = yield
    if strictness.is_ci():
        strictness.fail_skips(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Iterator[None]:
    report = yield
    if strictness.is_ci():
        strictness.fail_skips(report)
    return report


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "database_maker" in metafunc.fixturenames:
        chosen = metafunc.config.getoption("--databases").split(",")
        if metafunc.definition.get_closest_marker("one_database"):
            chosen = chosen[:1]
        metafunc.parametrize("database_maker", chosen, indirect=True, scope="session")


def database_of(call: Any) -> str | None:
    """The kind of database on which a test of a table is to run; None where it uses none."""
    kind: str | None = call.params.get("database_maker")
    return kind


@pytest.hookimpl(wrapper=True, specname="pytest_generate_tests")
def pytest_generate_fewer_tests(metafunc: pytest.Metafunc) -> Iterator[None]:
    yield
    is_storage = metafunc.module.__name__.startswith("tests.storage.")
    if not is_storage and not metafunc.definition.get_closest_marker("every_case"):
        first = metafunc.config.getoption("--databases").partition(",")[0]
        metafunc._calls = tables.fewer_of_others(
            metafunc._calls, kind=database_of, first=first, cases=FURTHER
        )
    cases = metafunc.config.getoption("cases")
    if cases is not None:
        # To make a test of a case takes longer than to run most of them. Those with marks are left to -m.
        marked = [call for call in metafunc._calls if call.marks]
        unmarked = [call for call in metafunc._calls if not call.marks]
        metafunc._calls = tables.spread(unmarked, cases) + marked


@pytest.fixture(scope="session", autouse=True)
def loopback_only() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        network.block(patch)
        yield


@pytest.fixture(autouse=True)
def no_thread_stays() -> Iterator[None]:
    """Fail a test that leaves a thread of the package behind: it would change the rows of later tests."""
    yield
    for thread in threading.enumerate():
        if thread.name.startswith(THREADS):
            thread.join(STOPPED_AFTER)
            assert not thread.is_alive(), f"the thread {thread.name} is there after the test"


@pytest.fixture(scope="session", name="test_run")
def shared_run(pytestconfig: pytest.Config) -> Run:
    """What servers are started in: ``Postgres(test_run).shared()``, ``Redis(test_run, "mine").start()``."""
    return pytestconfig.stash[RUN]


@pytest.fixture
def redis(test_run: Run) -> Iterator[Redis]:
    """An empty Redis of the test's own."""
    server = Redis(test_run, own_name("redis"))
    server.start()
    yield server
    server.remove()


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Who signs the certificates of servers that stand for those of others."""
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def running_openid_provider(test_run: Run, authority: Authority) -> Iterator[OpenIdProvider]:
    """A provider; tests use ``openid_provider``."""
    provider = OpenIdProvider(test_run, authority)
    provider.start()
    yield provider
    provider.remove()


@pytest.fixture
def openid_provider(running_openid_provider: OpenIdProvider) -> OpenIdProvider:
    """A certified OpenID provider over TLS, as at its beginning; its certificate is the ``authority``'s."""
    running_openid_provider.reset()
    return running_openid_provider


@pytest.fixture(scope="session")
def database_maker(
    request: pytest.FixtureRequest, test_run: Run, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[databases.DatabaseMaker]:
    """One kind of database, chosen by ``--databases``."""
    folder = tmp_path_factory.mktemp(request.param)
    maker = databases.make(request.param, folder=folder, run=test_run)
    yield maker
    maker.close()


@pytest.fixture
def database_url(database_maker: databases.DatabaseMaker, tmp_path: Path) -> str:
    """A database with the current schema and a signing key, and no other row."""
    return database_maker.fresh_url(tmp_path)


@pytest.fixture
def empty_database_url(database_maker: databases.DatabaseMaker, tmp_path: Path) -> str:
    """A database without a table."""
    return database_maker.empty_url(tmp_path)


@pytest.fixture
def hasty_threads() -> Iterator[None]:
    """Threads that are interrupted nearly anywhere."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.fixture
def clock() -> FakeClock:
    """The time of the application; ``clock.advance(minutes=5)`` moves it."""
    return FakeClock()


@pytest.fixture
def make_config(database_url: str) -> Callable[..., Config]:
    """A configuration with changes: ``make_config({"account.allow_signup": False})``."""

    def make(changes: dict[str, Any] | None = None, *, dev: bool = False) -> Config:
        return from_mapping(settings_on(database_url, changes), environ={}, dev=dev)

    return make


@pytest.fixture
def config(make_config: Callable[..., Config]) -> Config:
    return make_config()


@pytest.fixture
def inbox() -> Inbox:
    """The mails that the services of the test send: ``inbox.passcode("alice@example.test")``."""
    return Inbox()


@pytest.fixture
def make_services(
    make_config: Callable[..., Config], clock: FakeClock, inbox: Inbox
) -> Iterator[Callable[..., Services]]:
    """Services with a changed configuration; their connections are closed after the test.

    Their hasher is a `hashes.WatchedHasher`; *instead* is as for `wiring.build`.
    """
    watched = partial(build_hasher, kind=hashes.WatchedHasher)

    def make(changes: dict[str, Any] | None = None, *, instead: Mapping[Build, Build] = NONE) -> Services:
        services = wiring.build(
            make_config(changes), now=clock, sender=inbox.sender, instead={build_hasher: watched, **instead}
        )
        inbox.services.append(services)
        factories.write_to(services.database)
        return services

    yield make
    for services in inbox.services:
        services.database.close_all()


@pytest.fixture
def services(make_services: Callable[..., Services]) -> Services:
    return make_services()


@pytest.fixture
def make_app(make_services: Callable[..., Services], clock: FakeClock) -> Callable[..., Flask]:
    """An application with a changed configuration: ``make_app({"session.cookie.name": "sid"})``."""

    def make(changes: dict[str, Any] | None = None) -> Flask:
        services = make_services(changes)
        return create_app(services.config, now=clock, services=services)

    return make


@pytest.fixture
def app(services: Services, clock: FakeClock) -> Flask:
    return create_app(services.config, now=clock, services=services)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A caller without cookies of its own: each test says which it sends."""
    return app.test_client(use_cookies=False)
