"""The tree on top of the package is that of the kinds, and messages tell nothing that varies."""

import inspect
import re
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType

import pytest

from hanko_compat import errors
from hanko_compat.errors.database import DatabaseUnavailable


def classes(module: ModuleType) -> list[type[Exception]]:
    """The exceptions that *module* defines."""
    members = inspect.getmembers(module, inspect.isclass)
    return [cls for _, cls in members if cls.__module__ == module.__name__ and issubclass(cls, Exception)]


KINDS = classes(errors)
CAPABILITIES = [import_module(f"hanko_compat.errors.{found.name}") for found in iter_modules(errors.__path__)]
CLASSES = [cls for module in (errors, *CAPABILITIES) for cls in classes(module)]
LEAVES = [cls for cls in CLASSES if cls not in KINDS and issubclass(cls, errors.HankoCompatError)]


def test_the_tree_on_top_names_every_kind() -> None:
    _, _, tree = (errors.__doc__ or "").partition("\n")
    named = re.findall(r"^(?:[├│└─ ]*)([A-Z]\w+)  +\w", tree, re.MULTILINE)
    assert sorted(named) == sorted(cls.__name__ for cls in KINDS)


@pytest.mark.parametrize("error", LEAVES, ids=lambda cls: cls.__name__)
def test_every_error_has_one_kind(error: type[errors.HankoCompatError]) -> None:
    (kind,) = error.__bases__
    assert kind in KINDS
    assert kind is not errors.HankoCompatError


@pytest.mark.parametrize("error", LEAVES)
def test_messages_are_constant_and_their_own(error: type[errors.HankoCompatError]) -> None:
    others = {cls.message for cls in LEAVES if cls is not error}
    assert error.message
    assert error.message not in others


@pytest.mark.parametrize("error", CLASSES, ids=lambda cls: cls.__name__)
def test_every_error_says_what_it_means(error: type[Exception]) -> None:
    assert error.__doc__


def test_an_error_carries_its_facts() -> None:
    assert DatabaseUnavailable(retry_after=7).retry_after == 7
    assert str(DatabaseUnavailable()) == DatabaseUnavailable.message
