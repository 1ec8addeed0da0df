"""The parsed template: expressions that have a value, and parts that print."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from hanko_compat.errors.sessions import ClaimTemplateInvalid
from hanko_compat.go_template.functions import call
from hanko_compat.go_template.values import Lookup, get_field, is_true, to_text

NOTHING = object()
"""No value comes through the pipe."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What ``$`` and ``.`` stand for."""

    root: Any
    dot: Any


class Expression(Protocol):
    """Something with a value."""

    def evaluate(self, scope: Scope) -> Any:
        """The value; raises ClaimTemplateInvalid."""


class Part(Protocol):
    """Something that prints."""

    def render(self, scope: Scope) -> str:
        """The text; raises ClaimTemplateInvalid."""


@dataclass(frozen=True, slots=True)
class Literal:
    """A string, a number, true, false or nil."""

    value: Any

    def evaluate(self, scope: Scope) -> Any:  # noqa: ARG002
        """Itself."""
        return self.value


@dataclass(frozen=True, slots=True)
class Field:
    """``.A.B`` from the dot, ``$.A.B`` from the root; without names the dot or the root itself."""

    names: tuple[str, ...]
    from_root: bool = False

    def evaluate(self, scope: Scope) -> Any:
        """Walk along the names."""
        value = scope.root if self.from_root else scope.dot
        for name in self.names:
            value = get_field(value, name)
        return value


@dataclass(frozen=True, slots=True)
class Function:
    """The name of a function, which alone has no value."""

    name: str

    def evaluate(self, scope: Scope) -> Any:  # noqa: ARG002
        """Call it without arguments."""
        return call(self.name, [])


@dataclass(frozen=True, slots=True)
class Command:
    """One stage of a pipeline: a value, or something to call with arguments."""

    first: Expression
    arguments: tuple[Expression, ...] = ()

    def run(self, scope: Scope, piped: Any) -> Any:
        """The value of the stage; what comes through the pipe is the last argument."""
        more = () if piped is NOTHING else (Literal(piped),)
        arguments = (*self.arguments, *more)
        if isinstance(self.first, Function):
            return _call(self.first.name, arguments, scope)
        value = self.first.evaluate(scope)
        if isinstance(value, Lookup) and len(arguments) == 1:
            path = arguments[0].evaluate(scope)
            if isinstance(path, str):
                return value.method(path)
        elif not arguments:
            return value
        raise ClaimTemplateInvalid("a value that can't be called has arguments")


def _call(name: str, arguments: tuple[Expression, ...], scope: Scope) -> Any:
    """Call a function; ``and`` and ``or`` return the argument that decides and do not look further."""
    if name not in {"and", "or"}:
        return call(name, [argument.evaluate(scope) for argument in arguments])
    value: Any = NOTHING
    for argument in arguments:
        value = argument.evaluate(scope)
        if is_true(value) is (name == "or"):
            break
    if value is NOTHING:
        raise ClaimTemplateInvalid(f"{name} needs a value")
    return value


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Commands, each of which gets the value of the one before as its last argument."""

    commands: tuple[Command, ...]

    def evaluate(self, scope: Scope) -> Any:
        """The value of the last command."""
        value: Any = NOTHING
        for command in self.commands:
            value = command.run(scope, value)
        return value


@dataclass(frozen=True, slots=True)
class Constant:
    """Text outside the actions."""

    text: str

    def render(self, scope: Scope) -> str:  # noqa: ARG002
        """Itself."""
        return self.text


@dataclass(frozen=True, slots=True)
class Print:
    """An action that prints the value of its pipeline."""

    pipeline: Pipeline

    def render(self, scope: Scope) -> str:
        """The value as text."""
        return to_text(self.pipeline.evaluate(scope))


@dataclass(frozen=True, slots=True)
class Block:
    """Parts, one after the other."""

    parts: tuple[Part, ...]

    def render(self, scope: Scope) -> str:
        """The texts of all, joined."""
        return "".join(part.render(scope) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Branch:
    """``if``, ``with`` and ``range``, each with its ``else``."""

    keyword: str
    pipeline: Pipeline
    body: Block
    otherwise: Block

    def render(self, scope: Scope) -> str:
        """The body where the value is true (``range``: for each item), else what follows ``else``."""
        value = self.pipeline.evaluate(scope)
        if not is_true(value):
            return self.otherwise.render(scope)
        if self.keyword == "if":
            return self.body.render(scope)
        items = [value] if self.keyword == "with" else _items(value)
        return "".join(self.body.render(Scope(scope.root, item)) for item in items)


def _items(value: Any) -> list[Any]:
    """What ``range`` walks over: a list, or the values of an object in the order of its keys."""
    if isinstance(value, list):
        return value
    if isinstance(value, Mapping):
        return [value[key] for key in sorted(value)]
    raise ClaimTemplateInvalid("range needs a list or an object")
