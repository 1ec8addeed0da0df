"""A configuration while it is read: what was given, where from, and what is wrong with it so far."""

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from hanko_compat.config import former_keys
from hanko_compat.config.fields import ListOf, MapOf
from hanko_compat.config.problems import Path, dotted
from hanko_compat.config.settings import Entry, keys_of, leaves
from hanko_compat.config.suggestions import nearest
from hanko_compat.errors.config import Problem

OWN = "hanko_compat"


@dataclass
class Draft:
    """The known keys that were given (``tree``), and the problems and warnings found on the way.

    ``origins`` names the environment variable that a key came from, ``moved`` the key that it was given as.
    """

    tree: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    origins: dict[Path, str] = field(default_factory=dict)
    moved: dict[Path, Path] = field(default_factory=dict)

    def get(self, path: Path) -> Any:
        """The value at *path*, None where nothing was given."""
        value: Any = self.tree
        for part in path:
            value = value.get(part) if isinstance(value, dict) else None
        return value

    def put(self, path: Path, value: object) -> None:
        """Set the value at *path*."""
        branch = self.tree
        for part in path[:-1]:
            branch = branch.setdefault(str(part), {})
        branch[str(path[-1])] = value

    def written_as(self, path: Path) -> str:
        """The key that the operator gave the value at *path* as."""
        return dotted(self._source(path))

    def _source(self, path: Path) -> Path:
        for new, old in self.moved.items():
            if path[: len(new)] == new:
                path = (*old, *path[len(new) :])
        return path

    def report(self, path: Path, message: str) -> None:
        """Add a problem at the place where the operator wrote the value, once."""
        path = self._source(path)
        variable = next((name for start, name in self.origins.items() if path[: len(start)] == start), None)
        where = f" (environment variable {variable})" if variable else ""
        problem = Problem(dotted(path), message + where)
        if problem not in self.problems:
            self.problems.append(problem)

    def drop(self, path: Path) -> None:
        """Remove what was given at *path*, or else the nearest value above it."""
        branch: Any = self.tree
        *above, last = path
        for part in above:
            if not isinstance(branch.get(part), dict):
                last = part
                break
            branch = branch[part]
        branch.pop(last, None)

    def given(self, cls: type) -> Iterator[Path]:
        """The path of every key of *cls* that was given a value."""
        return (leaf.path for leaf in leaves(cls) if self.get(leaf.path) is not None)


def draft_of(data: Mapping[Any, Any], cls: type) -> Draft:
    """Take over the known keys of a document; say which others look like typing mistakes.

    A key without a value (null) counts as not given.
    """
    draft = Draft()
    draft.tree = _section(draft, data, cls, ())
    return draft


def _section(draft: Draft, data: Mapping[Any, Any], cls: type, path: Path) -> dict[str, Any]:
    known = keys_of(cls)
    kept: dict[str, Any] = {}
    seen: set[Any] = set()
    for written, value in data.items():
        name = _known_name(draft, written, path, known)
        here = (*path, name)
        # Unlike Hanko 2.7.0: it takes either of the two.
        if name in seen:
            draft.problems.append(Problem(dotted(here), "Stands twice, in letters of different case."))
        seen.add(name)
        if not isinstance(name, str):
            draft.problems.append(Problem(dotted((*path, str(name))), "Unknown key: keys must be text."))
        elif name not in known:
            _unknown(draft, here, cls)
        elif value is None:
            continue
        elif inner := known[name].metadata.get("section"):
            if isinstance(value, Mapping):
                kept[name] = _section(draft, value, inner, here)
            else:
                draft.problems.append(Problem(dotted(here), "Must be a mapping of keys."))
        else:
            kept[name] = _entries(draft, value, known[name].metadata["kind"], here)
    return kept


def _known_name(draft: Draft, name: Any, path: Path, known: Container[str]) -> Any:
    """A key in the case that it is known in. As Hanko 2.7.0: another case is read all the same."""
    lower = name.lower() if isinstance(name, str) and path[:1] != (OWN,) else name
    if name in known or lower not in known:
        return name
    draft.warnings.append(Problem(dotted((*path, name)), f"Is read as {lower}: write it so."))
    return lower


def _entries(draft: Draft, value: Any, kind: Any, path: Path) -> Any:
    """The value of a key; where that is a list or a map of sections, each of them without unknown keys."""
    inner = kind.kind.section if isinstance(kind, ListOf | MapOf) and isinstance(kind.kind, Entry) else None
    if inner and isinstance(kind, ListOf) and isinstance(value, list | tuple):
        return [_entry(draft, item, inner, (*path, index)) for index, item in enumerate(value)]
    if inner and isinstance(kind, MapOf) and isinstance(value, Mapping):
        return {name: _entry(draft, item, inner, (*path, str(name))) for name, item in value.items()}
    return value


def _entry(draft: Draft, item: Any, cls: type, path: Path) -> Any:
    return _section(draft, item, cls, path) if isinstance(item, Mapping) else item


def _unknown(draft: Draft, path: Path, cls: type) -> None:
    if former := former_keys.advice_on(path):
        draft.warnings.append(Problem(dotted(path), former))
        return
    *above, name = path
    keys = [*keys_of(cls), *_dotted_keys(cls)]
    meant = str(name).lower() if str(name).lower() in keys else nearest(str(name), keys)
    if meant:
        hint = dotted((*above, meant))
        is_known = meant == str(name).lower() and "." in meant
        advice = "write its parts below each other." if is_known else f"did you mean {hint}?"
        draft.problems.append(Problem(dotted(path), f"Unknown key, {advice}"))
    elif path[0] == OWN:
        known = ", ".join(keys_of(cls))
        draft.problems.append(Problem(dotted(path), f"Unknown key, known here: {known}."))
    else:
        draft.warnings.append(Problem(dotted(path), "Unknown key, it does nothing."))


def _dotted_keys(cls: type) -> set[str]:
    """Sections and keys below those of *cls*, as somebody who writes them in one line would."""
    return {".".join(leaf.path[:end]) for leaf in leaves(cls) for end in range(2, len(leaf.path) + 1)}
