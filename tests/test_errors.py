"""The tree on top of errors.py is the tree of the code, and messages tell nothing that varies."""

import inspect
import re
from types import ModuleType

import pytest

from hanko_compat import backend_errors, errors


def classes(module: ModuleType) -> list[type[Exception]]:
    """The exceptions that *module* defines."""
    members = inspect.getmembers(module, inspect.isclass)
    return [cls for _, cls in members if cls.__module__ == module.__name__]


MODULES = (errors, backend_errors)
CLASSES = [cls for module in MODULES for cls in classes(module)]


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_the_tree_on_top_names_every_class(module: ModuleType) -> None:
    _, _, tree = (module.__doc__ or "").partition("\n")
    told = re.findall(r"^(?:[├└│─ ]*)([A-Z]\w+) ", tree, re.MULTILINE)
    assert sorted(told) == sorted(cls.__name__ for cls in classes(module))


@pytest.mark.parametrize("error", [cls for cls in CLASSES if issubclass(cls, errors.HankoCompatError)])
def test_messages_are_constant_and_their_own(error: type[errors.HankoCompatError]) -> None:
    others = {cls.message for cls in CLASSES if issubclass(cls, errors.HankoCompatError) and cls is not error}
    assert error.message
    assert error.message not in others


@pytest.mark.parametrize("error", CLASSES, ids=lambda cls: cls.__name__)
def test_every_error_says_what_it_means(error: type[Exception]) -> None:
    assert error.__doc__


def test_an_error_carries_its_facts() -> None:
    assert errors.DatabaseUnavailable(retry_after=7).retry_after == 7
    assert str(errors.DatabaseUnavailable()) == errors.DatabaseUnavailable.message
