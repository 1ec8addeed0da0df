"""Who knows one word finds the code: from a path to the view, to the service, to the queries."""

import ast
import re

import pytest

from scripts import draw_architecture as house

OTHER_WORDS = {"": "status", "health": "status", "user": "users", "me": "users", "logout": "users"}
"""Paths whose views have another word, as the page says."""
OTHER_CAPABILITIES = {
    "webauthn": "passkeys",
    "credentials": "passkeys",
    "device_cookie": "device_links",
    "well_known": "keys",
    "client_envs": "users",
    "password_managers": "users",
    "thirdparty": "third_party",
}
"""Views whose services have another word, as the page says; Hanko's path has no underscore."""
SHARED = {"spent_tokens"}
"""Queries of several capabilities."""
VIEWS = sorted(set(house.views(house.application())))
CAPABILITIES = sorted(house.groups("hanko_compat.services"))
MARKED = re.compile(r"^\| \d+ \| `(hanko_compat/[^`]+)` \||^\| `(hanko_compat/[^`]+)` \| ", re.MULTILINE)


def snake_case(word: str) -> str:
    return re.sub(r"([A-Z])", lambda found: f"_{found[1].lower()}", word).replace("-", "_").strip(".")


def singular(word: str) -> str:
    return word.removesuffix("s")


def stem_of(module: str) -> str:
    return module.rpartition(".")[2]


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.rule)
def test_the_word_of_a_path_names_the_view(view):
    word = snake_case(house.word_of(view.rule))
    assert singular(stem_of(view.module)) == singular(OTHER_WORDS.get(word, word))


@pytest.mark.parametrize("module", sorted({view.module for view in VIEWS}))
def test_the_word_of_a_view_names_its_services(module):
    word = singular(OTHER_CAPABILITIES.get(stem_of(module), stem_of(module)))
    paths = {path for view in VIEWS if view.module == module for path in view.services}
    modules = {each for path in paths for each in house.service_modules(house.application(), path)}
    found = {part for each in modules for part in each.removeprefix("hanko_compat.services.").split(".")}
    assert not modules or any(word.startswith(singular(part)) for part in found), (word, found)


@pytest.mark.parametrize("path", sorted({path for view in VIEWS for path in view.services}))
def test_the_attributes_of_services_are_the_path_of_the_module(path):
    modules = house.service_modules(house.application(), path)
    for module in modules:
        first, _, second = module.removeprefix("hanko_compat.services.").partition(".")
        wanted = path.split(".")
        assert first == wanted[0]
        assert second in ("", first, "login", wanted[-1])  # a way to log in has its service in ``login``


def test_queries_stand_under_the_word_of_a_capability():
    groups = house.groups("hanko_compat.storage") - house.NO_QUERIES - {"copy"}
    assert groups <= {*CAPABILITIES, *SHARED}


@pytest.mark.parametrize("capability", CAPABILITIES)
def test_a_capability_runs_its_own_queries(capability):
    groups = house.groups("hanko_compat.storage")
    assert capability not in groups or capability in house.queries_of(capability)


def test_the_page_shows_the_code_as_it_is():
    text = house.PAGE.read_text(encoding="utf-8")
    assert house.page(text) == text, "run: make docs"


def test_adding_a_capability_takes_the_steps_that_the_page_lists():
    text = house.PAGE.read_text(encoding="utf-8").partition("## Add a capability")[2]
    listed = {first or second for first, second in MARKED.findall(text)}
    naming = {
        str(path.relative_to(house.ROOT))
        for path in house.FILES.values()
        if re.search(r"connect_token|ConnectToken", path.read_text(encoding="utf-8"))
    }
    assert listed == naming


@pytest.mark.parametrize("path", sorted(house.PACKAGE.glob("wiring/*.py")), ids=lambda path: path.name)
def test_no_module_of_wiring_knows_all(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 150
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef):
            assert (node.end_lineno or 0) - node.lineno < 40, node.name


@pytest.mark.parametrize("package", ["hanko_compat", "hanko_compat.services", "hanko_compat.storage"])
def test_no_package_leads_back_to_itself(package):
    graph = house.arrows(package)
    assert sorted(house.from_below(graph)) == sorted(graph)
