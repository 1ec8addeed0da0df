"""Nothing of the SDK is forgotten: what it has at run time is called, or thrown, in the tests beside this."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.browser.sdk.client import OpenSdk
from tests.browser.site import Site

INNER = {
    "addEventListener",
    "addEventListenerWithType",
    "wrapCallback",
    "relay.cancelSessionExpiredEvent",
    "relay.dispatch",
    "relay.handleStorageEvent",
    "relay.listenEventDependencies",
    "relay.scheduleSessionExpiredEvent",
}
"""Methods that the package's types call private."""
NEVER_THROWN = {"HankoError"}
"""The base of all errors."""


def texts() -> Iterator[str]:
    """Every text in the modules beside this one."""
    for path in Path(__file__).parent.glob("*.py"):
        if path != Path(__file__):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    yield node.value


def test_every_method_and_error(open_sdk: OpenSdk, site: Site) -> None:
    page, used = open_sdk(site).page, set(texts())

    methods = set(page.evaluate("harness.methods()"))
    errors = set(page.evaluate("harness.errors"))

    assert (methods - INNER) - used == set()
    assert (errors - NEVER_THROWN) - used == set()
    assert (len(methods), len(errors)) == (55, 18)
