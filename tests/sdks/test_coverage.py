"""Nothing of the SDKs is forgotten: each method that asks a server, and each error, is in a test here."""

import ast
import inspect
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

from corbado_python_sdk import IdentifierService, SessionService, UserService, ValidationErrorType, exceptions
from corbado_python_sdk.generated import api
from corbado_python_sdk.generated import exceptions as client_exceptions

from tests.sdks.conftest import FIXTURES
from tests.sdks.python import WORD

SERVICES = {"users": UserService, "identifiers": IdentifierService, "sessions": SessionService}
VARIANTS = ("_with_http_info", "_without_preload_content")
PRIVATE = {("sessions", "validateIssuer")}
"""What the types of the Node SDK call so."""
NEVER_SEEN = {
    "StandardException",  # an error without a text: each of this server's is JSON
    "ForbiddenException",  # 403, which only nginx answers: see tests/deploy
    "UnprocessableEntityException",  # 422, which this API does not have
}


def nodes(language: str) -> Iterator[ast.AST]:
    """The syntax of the tests beside this one, without those that are about other SDKs only."""
    others = set().union(*(names for each, names in FIXTURES.items() if each != language))
    for path in Path(__file__).parent.glob("test_*.py"):
        if path != Path(__file__):
            waiting: list[ast.AST] = [ast.parse(path.read_text())]
            while waiting:
                node = waiting.pop()
                if isinstance(node, ast.FunctionDef):
                    arguments = {each.arg for each in node.args.args}
                    if arguments & others and not arguments & FIXTURES[language]:
                        continue
                yield node
                waiting += ast.iter_child_nodes(node)


def words(language: str) -> set[str]:
    """Every text, name and attribute."""
    found = set()
    for node in nodes(language):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.add(node.value)
        elif isinstance(node, ast.Attribute):
            found.add(node.attr)
        elif isinstance(node, ast.Name):
            found.add(node.id)
    return found


def pairs(language: str) -> set[tuple[str, str]]:
    """Services with their methods: ``sdk.users.get`` or ``"users", "get"``."""
    found = set()
    for node in nodes(language):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute):
            found.add((node.value.attr, node.attr))
        elif isinstance(node, ast.Call):
            found |= texts_side_by_side(node.args)
        elif isinstance(node, ast.Tuple):
            found |= texts_side_by_side(node.elts)
    return found


def texts_side_by_side(values: Sequence[ast.expr]) -> set[tuple[str, str]]:
    texts = [value.value if isinstance(value, ast.Constant) else None for value in values]
    return {(one, next_) for one, next_ in pairwise(texts) if isinstance(one, str) and isinstance(next_, str)}


def own_methods(cls: type) -> set[str]:
    return {
        name
        for name, _ in inspect.getmembers(cls, inspect.isfunction)
        if name in vars(cls) and not name.startswith(("_", "model_"))
    }


def test_every_method_of_the_python_sdk() -> None:
    services = {(name, method) for name, cls in SERVICES.items() for method in own_methods(cls)}
    assert services - pairs("python") == set()
    clients = {
        name
        for cls in vars(api).values()
        if inspect.isclass(cls)
        for name in own_methods(cls)
        if not name.endswith(VARIANTS)
    }
    assert clients - {WORD.sub("_", word).lower() for word in words("python")} == set()
    assert (len(services), len(clients)) == (11, 43)


def test_every_error_of_the_python_sdk() -> None:
    of_services = {name for name in exceptions.__all__ if issubclass(getattr(exceptions, name), Exception)}
    of_clients = {each.__name__ for each in client_exceptions.ApiException.__subclasses__()}
    known = of_services | of_clients | {each.name for each in ValidationErrorType}
    assert known - words("python") == NEVER_SEEN
    assert (len(of_services), len(of_clients), len(ValidationErrorType)) == (3, 7, 8)


def test_every_method_and_error_of_the_node_sdk(node) -> None:
    found = node.inventory()
    services = {(name, method) for name, methods in found["services"].items() for method in methods}
    clients = {method for methods in found["apis"].values() for method in methods}
    assert services - pairs("node") == PRIVATE
    assert clients - words("node") == set()
    assert set(found["errors"]) == {"BaseError", "ServerError", "ValidationError"}
    assert set(found["errors"]) - words("node") == set()
    assert set(found["refusals"]) - words("node") == set()
    assert (len(services - PRIVATE), len(clients), len(found["refusals"])) == (13, 37, 6)
