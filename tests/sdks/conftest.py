"""A site, and both SDKs opened on it."""

import inspect
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from corbado_python_sdk import CorbadoSDK

from tests.compatibility import NODE_SDK, PYTHON_SDK, SUBJECT
from tests.databases import SqliteMaker
from tests.sdks import python
from tests.sdks.node_process import NodeSdk
from tests.sdks.site import Site, start_site
from tests.servers.run import Run
from tests.smtp import MailServer

CLIENTS = {"python": PYTHON_SDK, "node": NODE_SDK}
FIXTURES = {
    "python": {"sdk", "open_sdk", "python_clients"},
    "node": {"node", "open_node"},
}
"""By which a test shows that it is about one of the SDKs only."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = f"{Path(__file__).parent}/"
    for item in items:
        if str(item.path).startswith(here):
            item.add_marker(pytest.mark.servers)
            item.user_properties += [(SUBJECT, CLIENTS[language]) for language in languages(item)]


def languages(item: pytest.Item) -> Iterator[str]:
    """Whose SDK a test drives: that of its parameter, or of the fixtures that it names."""
    if not isinstance(item, pytest.Function):
        return
    chosen = item.callspec.params.get("clients") if hasattr(item, "callspec") else None
    arguments = inspect.signature(item.function).parameters.keys()
    yield from (name for name in CLIENTS if name == chosen or FIXTURES[name] & arguments)


@pytest.fixture(scope="package")
def site(test_run: Run, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The site of all tests in this folder."""
    url = SqliteMaker(tmp_path_factory.mktemp("template")).fresh_url(tmp_path_factory.mktemp("database"))
    with MailServer() as mail_server:
        site = start_site(test_run, database_url=url, mail_server=mail_server, changes={})
        yield site
        site.nginx.remove()
        site.server.remove()


@pytest.fixture(autouse=True)
def trusted(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let Python's SSL trust the authority of the site, as an operator does with one of their own."""
    monkeypatch.setenv("SSL_CERT_FILE", str(site.nginx.ca))
    monkeypatch.setenv("no_proxy", "localhost")


@pytest.fixture
def open_sdk(site: Site) -> Iterator[Callable[..., CorbadoSDK]]:
    """The Python SDK with other settings: ``open_sdk(api_secret="corbado1_wrong")``."""
    opened = []

    def open_with(**changes: Any) -> CorbadoSDK:
        opened.append(python.open_sdk(site, **changes))
        return opened[-1]

    yield open_with
    for sdk in opened:
        python.close(sdk)


@pytest.fixture
def sdk(open_sdk: Callable[..., CorbadoSDK]) -> CorbadoSDK:
    """The Python SDK."""
    return open_sdk()


@pytest.fixture
def open_node(site: Site) -> Iterator[Callable[..., NodeSdk]]:
    """The Node SDK with other settings: ``open_node(CORBADO_API_SECRET="corbado1_wrong")``."""
    opened = []

    def open_with(**changes: str) -> NodeSdk:
        opened.append(NodeSdk(site, **changes))
        return opened[-1]

    yield open_with
    for node in opened:
        node.close()


@pytest.fixture(scope="package")
def node(site: Site) -> Iterator[NodeSdk]:
    """The Node SDK, in one process: to start it takes longer than most tests."""
    node = NodeSdk(site)
    yield node
    node.close()


@pytest.fixture(params=["python", "node"])
def clients(request: pytest.FixtureRequest) -> Any:
    """The clients of single operations, of one SDK after the other."""
    if request.param == "python":
        return python.PythonClients(request.getfixturevalue("sdk"))
    return request.getfixturevalue("node")


@pytest.fixture
def python_clients(sdk: CorbadoSDK) -> python.PythonClients:
    """Those of the Python SDK: some operations are newer than the Node SDK."""
    return python.PythonClients(sdk)
