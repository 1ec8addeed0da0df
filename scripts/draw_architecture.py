"""Draw the pictures and tables of docs/architecture.md from the code, between their marks."""

import ast
import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from graphlib import TopologicalSorter
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

from flask import Flask

from hanko_compat import errors
from hanko_compat.app import create_app, services_of
from hanko_compat.backend.errors import answer_of
from hanko_compat.config import Config, from_mapping
from hanko_compat.config.effect import is_documented
from hanko_compat.config.settings import leaves
from hanko_compat.public.errors import status_of

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "hanko_compat"
PAGE = ROOT / "docs" / "architecture.md"
DRAWN = re.compile(r"(<!-- drawn: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
SERVICES = re.compile(r"services\(\)\.(\w+(?:\.\w+)?)")
NO_SETTINGS = {"secrets": {"keys": ["x" * 32]}}
NO_QUERIES = {"engine", "models", "schema"}
BELOW_EVERYTHING = 6
"""A package that so many others import is listed, and its arrows are left out of the picture."""


def name_of(path: Path) -> str:
    """The dotted name of the module in the file *path*."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


FILES = {name_of(path): path for path in sorted(PACKAGE.rglob("*.py"))}


@cache
def tree(name: str) -> ast.Module:
    """The syntax tree of a module."""
    return ast.parse(FILES[name].read_text(encoding="utf-8"))


@cache
def every_import(name: str) -> frozenset[str]:
    """All modules that a module imports, of ours and of libraries; ValueError for a relative import."""
    found = set()
    for node in ast.walk(tree(name)):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            if node.level:
                raise ValueError(f"{name}: a relative import")
            inner = [f"{node.module}.{alias.name}" for alias in node.names]
            found.update(each if each in FILES else str(node.module) for each in inner)
    return frozenset(found)


def imports(name: str) -> frozenset[str]:
    """Our modules that a module imports."""
    return every_import(name) & FILES.keys()


def group_of(name: str, *, below: str) -> str:
    """The part of the module *name* that comes after *below*: ``services`` below ``hanko_compat``."""
    return name.removeprefix(f"{below}.").split(".")[0]


def groups(below: str) -> set[str]:
    """The groups of modules below a package."""
    return {group_of(name, below=below) for name in FILES if name.startswith(f"{below}.")}


def arrows(below: str) -> dict[str, set[str]]:
    """Which groups of modules below a package import which others."""
    graph: dict[str, set[str]] = {}
    for name in FILES:
        if not name.startswith(f"{below}."):
            continue
        here = group_of(name, below=below)
        used = {group_of(each, below=below) for each in imports(name) if each.startswith(f"{below}.")}
        graph.setdefault(here, set()).update(used - {here})
    return graph


def first_line(name: str) -> str:
    """What a module or package says of itself."""
    return (ast.get_docstring(tree(name)) or "").partition("\n")[0].rstrip(".").replace("``", "`")


def place(name: str) -> str:
    """Where a module or package stands, from the project's folder on."""
    path = FILES[name]
    return f"{path.parent.relative_to(ROOT)}/" if path.stem == "__init__" else str(path.relative_to(ROOT))


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """A table in Markdown."""
    lines = [head, tuple("---" for _ in head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def picture(graph: dict[str, set[str]]) -> str:
    """A graph in Mermaid, without the arrows that follow from others."""
    lines = ["```mermaid", "flowchart TD"]
    for start in sorted(graph):
        ends = sorted(graph[start] - reachable(graph, graph[start]))
        lines += [f"    {start} --> {end}" for end in ends]
    return "\n".join([*lines, "```"]) + "\n"


def from_below(graph: dict[str, set[str]]) -> list[str]:
    """Every name after those that it leads to, and in the order of the alphabet where that is free."""
    sorter = TopologicalSorter(graph)
    sorter.prepare()
    order: list[str] = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready())
        sorter.done(*ready)
        order += ready
    return order


def reachable(graph: dict[str, set[str]], starts: set[str]) -> set[str]:
    """What can be reached from *starts* in one step or more."""
    seen: set[str] = set()
    waiting = [end for start in starts for end in graph.get(start, ())]
    while waiting:
        each = waiting.pop()
        if each not in seen:
            seen.add(each)
            waiting += graph.get(each, ())
    return seen


def packages() -> str:
    """The packages, what each is for, and the arrows between them."""
    graph = arrows("hanko_compat")
    importers = {name: sum(name in used for used in graph.values()) for name in graph}
    foundations = {
        name for name in graph if importers[name] >= BELOW_EVERYTHING and not graph[name] - {"errors"}
    }
    shown = {
        name: used - foundations for name, used in graph.items() if name not in foundations | {"__main__"}
    }
    order = [name for name in from_below(graph) if name != "__main__"]
    rows = (
        (f"`{place(f'hanko_compat.{name}')}`", first_line(f"hanko_compat.{name}")) for name in reversed(order)
    )
    return f"{picture(shown)}\n{table(('', 'what is in it'), rows)}"


def capabilities() -> str:
    """Which module of each layer belongs to which capability, and whom its services call."""
    graph = arrows("hanko_compat.services")

    rows = (
        (
            f"**{name}**",
            first_line(f"hanko_compat.services.{name}"),
            ", ".join(sorted(queries_of(name))),
            ", ".join(sorted(graph[name])),
        )
        for name in sorted(graph)
    )
    return table(("`services/`", "what it does", "queries in `storage/`", "calls"), rows)


def queries_of(capability: str) -> set[str]:
    """The groups of queries that the services of a capability run."""
    start = f"hanko_compat.services.{capability}"
    return query_groups(name for name in FILES if name == start or name.startswith(f"{start}."))


class View(NamedTuple):
    """An operation: its methods and path, the module of its view, and the services that the view calls."""

    rule: str
    module: str
    services: tuple[str, ...]


def views(app: Flask) -> Iterator[View]:
    """Every operation of both doors."""
    for rule in app.url_map.iter_rules():
        function = app.view_functions[rule.endpoint]
        module, name = function.__module__, function.__name__
        if module.split(".")[1] in ("public", "backend"):
            methods = ", ".join(sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}))
            yield View(f"{methods} {rule.rule}", module, tuple(sorted(called_by(module, name))))


def called_by(module: str, name: str) -> set[str]:
    """What a function reaches through ``services()``: by itself, its decorators, and functions beside it."""
    functions = {node.name: node for node in tree(module).body if isinstance(node, ast.FunctionDef)}
    waiting, seen, found = [name], set(), set()
    while waiting:
        seen.add(here := waiting.pop())
        found.update(SERVICES.findall(ast.unparse(functions[here])))
        used = {node.id for node in ast.walk(functions[here]) if isinstance(node, ast.Name)}
        waiting += sorted((used & functions.keys()) - seen)
    return found


def service_modules(app: Flask, path: str) -> set[str]:
    """The module that makes what ``services().path`` is; empty for what is no service."""
    value: object = services_of(app)
    for name in path.split("."):
        member = getattr(value, name)
        if not type(member).__module__.startswith("hanko_compat."):
            break
        value = member
    module = type(value).__module__
    return {module} if module.startswith("hanko_compat.services.") else set()


def word_of(rule: str) -> str:
    """The word of a path that names its view: the first segment, or the one after a user's."""
    segments = [each for each in rule.split(" ")[-1].removeprefix("/v2").split("/") if each]
    if rule.split(" ")[-1].startswith("/v2") and len(segments) > 2 and segments[0] == "users":
        return segments[2]
    return segments[0] if segments else ""


def endpoints() -> str:
    """From each operation to its view and to the services that this calls."""
    app = application()
    return table(
        ("operation", "view", "services"),
        (
            (
                f"`{view.rule}`",
                f"`{short(view.module)}`",
                ", ".join(
                    f"`{short(each)}`"
                    for each in sorted(
                        {each for path in view.services for each in service_modules(app, path)}
                    )
                ),
            )
            for view in sorted(
                views(app), key=lambda view: (view.module, view.rule.split(" ")[-1], view.rule)
            )
        ),
    )


def services_of_view(app: Flask, view: View) -> list[str]:
    """The files of the services that a view calls."""
    return sorted({short(each) for path in view.services for each in service_modules(app, path)})


def query_groups(services: Iterable[str]) -> set[str]:
    """The groups of queries that services import."""
    below = "hanko_compat.storage"
    used = {each for name in services for each in imports(name) if each.startswith(f"{below}.")}
    return {group_of(each, below=below) for each in used} - NO_QUERIES


def short(module: str) -> str:
    """The file of a module without the package's folder."""
    return place(module).removeprefix("hanko_compat/")


def settings() -> str:
    """From a section of ``config.yaml`` to the module that declares it and to those that read it."""
    keys: dict[str, set[str]] = {}
    for leaf in leaves(Config):
        if is_documented(".".join(leaf.path)):
            rest = leaf.path[len(section_of(leaf.path).split(".")) :]
            keys.setdefault(section_of(leaf.path), set()).update(rest[:1])
    return table(
        ("section", "declared in", "handed to services by", "also read by"),
        (
            (
                f"`{section}`",
                f"`{short(declared_in(section))}`",
                "<br>".join(handed_over(each, keys[section]) for each in read_by(section) if is_wiring(each)),
                ", ".join(f"`{short(each)}`" for each in read_by(section) if not is_wiring(each)),
            )
            for section in sorted(keys)
            if read_by(section)
        ),
    )


def is_wiring(module: str) -> bool:
    """Whether a module builds services."""
    return module.startswith("hanko_compat.wiring.")


def handed_over(module: str, keys: set[str]) -> str:
    """A module, with those of *keys* that it reads."""
    read = {node.attr for node in ast.walk(tree(module)) if isinstance(node, ast.Attribute)}
    names = ", ".join(sorted(keys & read))
    return f"`{short(module)}`" + (f" ({names})" if names else "")


def section_of(path: tuple[str, ...]) -> str:
    """The section that a key stands in: ``session``, or ``hanko_compat.limits`` among our own."""
    depth = 2 if path[0] == "hanko_compat" else 1
    return ".".join(path[:depth])


def declared_in(section: str) -> str:
    """The module of the dataclass of a section; for a single value that of the section around it."""
    value: object = from_mapping(NO_SETTINGS, environ={})
    module = type(value).__module__
    for name in section.split("."):
        value = getattr(value, name)
        if not type(value).__module__.startswith("hanko_compat.config."):
            break
        module = type(value).__module__
    return module


def read_by(section: str) -> list[str]:
    """The modules outside of ``config/`` that read a section."""
    *around, last = section.split(".")
    holders = {"own", "hanko_compat"} if around else {"config"}
    return [
        name
        for name in FILES
        if not name.startswith("hanko_compat.config")
        and any((holder, last) in attributes(name) for holder in holders)
    ]


@cache
def attributes(name: str) -> frozenset[tuple[str, str]]:
    """What a module reads of what: ``("config", "session")`` for ``config.session``, also within ``a``."""
    return frozenset(
        (node.value.id if isinstance(node.value, ast.Name) else node.value.attr, node.attr)
        for node in ast.walk(tree(name))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name | ast.Attribute)
    )


def failures() -> str:
    """Each error with its meaning, the answers of both doors, and where it stands and is raised."""
    return table(
        ("error", "meaning", "kind", "public", "backend", "declared in", "raised in"),
        (
            (
                f"`{error.__name__}`",
                (error.__doc__ or "").partition("\n")[0].rstrip(".").replace("``", "`"),
                error.__bases__[0].__name__,
                str(status_of(error)),
                f"{answer_of(error).status} `{answer_of(error).type}`",
                f"`{short(error.__module__)}`",
                ", ".join(f"`{short(each)}`" for each in raising(error.__name__)),
            )
            for error in sorted(every_error(), key=lambda error: error.__name__)
        ),
    )


def raising(error: str) -> list[str]:
    """The modules that raise an error, or hand it to what raises it."""
    return [
        name
        for name in FILES
        if name.split(".")[1:2] not in (["errors"], ["web"])
        and not name.endswith(".errors")
        and error in called_or_raised(name)
    ]


@cache
def called_or_raised(name: str) -> frozenset[str]:
    """The names that a module calls, or raises as they are."""
    used = (
        node.func if isinstance(node, ast.Call) else node.exc
        for node in ast.walk(tree(name))
        if isinstance(node, ast.Call | ast.Raise)
    )
    return frozenset(each.id for each in used if isinstance(each, ast.Name))


def every_error() -> Iterator[type[errors.HankoCompatError]]:
    """Every error that a caller can cause, without the kinds."""
    for name in FILES:
        if name.startswith("hanko_compat.errors."):
            for value in vars(import_module(name)).values():
                if (
                    isinstance(value, type)
                    and value.__module__ == name
                    and issubclass(value, errors.HankoCompatError)
                ):
                    yield value


@cache
def application() -> Flask:
    """An application without a database: nothing connects before the first request."""
    return create_app(from_mapping(NO_SETTINGS, environ={}))


DRAWINGS: dict[str, Callable[[], str]] = {
    each.__name__: each for each in (packages, capabilities, endpoints, settings, failures)
}


def page(text: str) -> str:
    """*text* with everything drawn anew."""
    return DRAWN.sub(lambda found: f"{found[1]}{DRAWINGS[found[2]]()}{found[3]}", text)


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
