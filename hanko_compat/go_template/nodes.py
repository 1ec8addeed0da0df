"""The parsed template: expressions that have a value, and parts that print."""

from collections import ChainMap
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from hanko_compat.errors.sessions import ClaimTemplateInvalid
from hanko_compat.go_template.functions import call
from hanko_compat.go_template.values import Lookup, get_field, is_true, to_text

NOTHING = object()
"""No value comes through the pipe."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What ``$``, ``.`` and the variables stand for; the innermost block's variables come first."""

    root: Any
    dot: Any
    variables: ChainMap[str, Any] = field(default_factory=ChainMap)

    def inner(self, dot: Any) -> "Scope":
        """The scope of a block in this one, whose variables end with it."""
        return Scope(self.root, dot, self.variables.new_child())


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
class Variable:
    """``$name``, or ``$name.A.B``."""

    name: str
    names: tuple[str, ...] = ()

    def evaluate(self, scope: Scope) -> Any:
        """What was assigned last."""
        value = scope.variables[self.name]  # the parser lets only known ones through
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
class Assignment:
    """``$name := pipeline``, or ``=`` where the variable is there already; it prints nothing."""

    name: str
    is_new: bool
    pipeline: Pipeline

    def render(self, scope: Scope) -> str:
        """Nothing."""
        assign(scope, self.name, self.pipeline.evaluate(scope), is_new=self.is_new)
        return ""


def assign(scope: Scope, name: str, value: Any, *, is_new: bool) -> None:
    """Give a variable its value: a new one in the innermost block, another where it is."""
    maps = scope.variables.maps
    place = maps[0] if is_new else next(each for each in maps if name in each)
    place[name] = value


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
    variables: tuple[str, ...] = ()
    """What the value is called in the block; for ``range`` the item, or its position and the item."""

    def render(self, scope: Scope) -> str:
        """The body where the value is true (``range``: for each item), else what follows ``else``."""
        value = self.pipeline.evaluate(scope)
        if self.keyword == "range":
            items = _items(value) if is_true(value) else []
            rounds = [self._round(scope.inner(item), (position, item)) for position, item in items]
            return "".join(rounds) if items else self.otherwise.render(scope.inner(scope.dot))
        inner = scope.inner(value if self.keyword == "with" and is_true(value) else scope.dot)
        for name in self.variables:
            assign(inner, name, value, is_new=True)
        return (self.body if is_true(value) else self.otherwise).render(inner)

    def _round(self, scope: Scope, item: tuple[Any, Any]) -> str:
        values = item[-len(self.variables) :] if self.variables else ()
        for name, value in zip(self.variables, values, strict=True):
            assign(scope, name, value, is_new=True)
        return self.body.render(scope)


def _items(value: Any) -> list[tuple[Any, Any]]:
    """What ``range`` walks over: a list with its positions, or an object in the order of its keys."""
    if isinstance(value, list):
        return list(enumerate(value))
    if isinstance(value, Mapping):
        return [(key, value[key]) for key in sorted(value)]
    raise ClaimTemplateInvalid("range needs a list or an object")
