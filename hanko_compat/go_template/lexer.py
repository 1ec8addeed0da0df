"""Cut a template into text and actions, and each action into tokens."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from hanko_compat.errors.sessions import ClaimTemplateInvalid

_COMMENT = re.compile(r"/\*.*?\*/(?P<trim>\s-)?\}\}", re.DOTALL)
_TOKEN = re.compile(
    r"""
      (?P<close>(?P<trim>\s+-)?\}\})
    | (?P<space>\s+)
    | (?P<string>"(?:[^"\\\n]|\\.)*")
    | (?P<raw>`[^`]*`)
    | (?P<number>[+-]?(?:0[xX][0-9a-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+
        |(?:[0-9][0-9_]*(?:\.[0-9_]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?))
    | (?P<variable>\$[^\W\d]\w*(?:\.[^\W\d]\w*)*)
    | (?P<field>\$?(?:\.[^\W\d]\w*)+)
    | (?P<dot>\.)
    | (?P<root>\$)
    | (?P<word>[^\W\d]\w*)
    | (?P<mark>:=|[|(),=])
    """,
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of an action: string, raw, number, variable, field, dot, root, word or mark."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Text:
    """What lies between actions and is printed as it is."""

    text: str


@dataclass(frozen=True, slots=True)
class Action:
    """What stands between braces."""

    tokens: tuple[Token, ...]


def lex(source: str) -> Iterator[Text | Action]:
    """Cut *source* up; trim markers are applied, comments are gone.

    Raises:
        ClaimTemplateInvalid: an action that does not end, or a character that has no place in one.
    """
    position, trims_left = 0, False
    while (start := source.find("{{", position)) >= 0:
        text = source[position:start]
        inside = start + 2
        trims_right = source[inside : inside + 1] == "-" and source[inside + 1 : inside + 2].isspace()
        yield Text(_trimmed(text, left=trims_left, right=trims_right))
        inside += 2 if trims_right else 0
        comment = _COMMENT.match(source, inside)
        if comment:
            position, trims_left = comment.end(), comment["trim"] is not None
            continue
        tokens, position, trims_left = _action(source, inside)
        yield Action(tokens)
    yield Text(_trimmed(source[position:], left=trims_left, right=False))


def _trimmed(text: str, *, left: bool, right: bool) -> str:
    text = text.lstrip() if left else text
    return text.rstrip() if right else text


def _action(source: str, position: int) -> tuple[tuple[Token, ...], int, bool]:
    """The tokens of the action at *position*, where it ends, and whether it trims the text after it."""
    tokens: list[Token] = []
    while True:
        match = _TOKEN.match(source, position)
        if match is None or match.lastgroup is None:
            raise ClaimTemplateInvalid(f"can't read the action at character {position + 1}")
        position = match.end()
        if match["close"] is not None:
            return tuple(tokens), position, match["trim"] is not None
        if match["space"] is None:
            tokens.append(Token(match.lastgroup, match[0]))
