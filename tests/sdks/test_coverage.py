"""Nothing of the SDKs is forgotten: what they have is called in the tests beside this."""

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path

from corbado_python_sdk import IdentifierService, SessionService, UserService
from corbado_python_sdk.generated import api

from tests.sdks.python import WORD

VARIANTS = ("_with_http_info", "_without_preload_content")
INNER = {"validateIssuer"}
"""Methods that the package's types call private."""


def words() -> Iterator[str]:
    """Every text and attribute in the modules beside this one."""
    for path in Path(__file__).parent.glob("test_*.py"):
        if path != Path(__file__):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    yield node.value
                elif isinstance(node, ast.Attribute):
                    yield node.attr


def own_methods(cls: type) -> set[str]:
    return {
        name
        for name, _ in inspect.getmembers(cls, inspect.isfunction)
        if name in vars(cls) and not name.startswith(("_", "model_"))
    }


def test_every_method_of_the_python_sdk() -> None:
    used = set(words())
    snakes = {WORD.sub("_", word).lower() for word in used}
    services = set().union(*(own_methods(cls) for cls in (UserService, IdentifierService, SessionService)))
    clients = {
        name
        for cls in vars(api).values()
        if inspect.isclass(cls)
        for name in own_methods(cls)
        if not name.endswith(VARIANTS)
    }
    assert services - used == set()
    assert clients - snakes == set()
    assert (len(services), len(clients)) == (11, 43)


def test_every_method_and_error_of_the_node_sdk(node) -> None:
    used, found = set(words()), node.inventory()
    services = {method for methods in found["services"].values() for method in methods}
    clients = {method for methods in found["apis"].values() for method in methods}
    assert services - used - INNER == set()
    assert clients - used == set()
    assert set(found["errors"]) == {"BaseError", "ServerError", "ValidationError"}
    assert set(found["errors"]) <= used
    assert (len(services - INNER), len(clients)) == (13, 37)
