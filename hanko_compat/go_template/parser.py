"""Build the tree of a template from its tokens."""

import json
import math
import re
from collections import ChainMap
from collections.abc import Container
from dataclasses import dataclass
from typing import Any

from hanko_compat.errors.sessions import ClaimTemplateInvalid
from hanko_compat.go_template.functions import FUNCTIONS
from hanko_compat.go_template.lexer import Action, Text, Token, lex
from hanko_compat.go_template.nodes import (
    Assignment,
    Block,
    Branch,
    Command,
    Constant,
    Expression,
    Field,
    Function,
    Literal,
    Part,
    Pipeline,
    Print,
    Scope,
    Variable,
)

MAX_DEPTH = 50
"""Blocks and parentheses within each other; Python's stack ends somewhere, too."""

OCTAL = re.compile(r"[+-]?0[0-7]+")
OPENING = frozenset({"if", "with", "range"})
UNSUPPORTED = frozenset({"block", "break", "continue", "define", "template"})
CONSTANTS: dict[str, Any] = {"true": True, "false": False, "nil": None}


@dataclass(frozen=True, slots=True)
class Template:
    """A template that can be rendered any number of times."""

    body: Block

    def render(self, data: Any) -> str:
        """The text for *data*.

        Raises:
            ClaimTemplateInvalid: it names what *data* does not have, or calls a function wrongly.
        """
        return self.body.render(Scope(root=data, dot=data))


def parse(source: str) -> Template:
    """Read a template.

    Raises:
        ClaimTemplateInvalid: it is none, or uses what is not supported.
    """
    parser = _Blocks(list(lex(source)))
    body, ended_by = parser.block(depth=0)
    if ended_by:
        raise ClaimTemplateInvalid(f"{ended_by[0].text} without a beginning")
    return Template(body)


def _keyword(tokens: tuple[Token, ...]) -> str:
    return tokens[0].text if tokens and tokens[0].kind == "word" else ""


class _Blocks:
    """Reads text and actions from left to right."""

    def __init__(self, pieces: list[Text | Action]) -> None:
        self._pieces = pieces
        self._position = 0
        self._variables: ChainMap[str, None] = ChainMap()

    def block(self, *, depth: int) -> tuple[Block, tuple[Token, ...]]:
        """The parts up to ``else``, ``end`` or the end of the source, and the tokens of that action."""
        around = self._variables
        self._variables = around.new_child()
        try:
            return self._block(depth=depth)
        finally:
            self._variables = around

    def _block(self, *, depth: int) -> tuple[Block, tuple[Token, ...]]:
        if depth > MAX_DEPTH:
            raise ClaimTemplateInvalid("blocks are nested too deeply")
        parts: list[Part] = []
        while self._position < len(self._pieces):
            piece = self._pieces[self._position]
            self._position += 1
            if isinstance(piece, Text):
                parts.append(Constant(piece.text))
            elif _keyword(piece.tokens) in {"else", "end"}:
                return Block(tuple(parts)), piece.tokens
            elif _keyword(piece.tokens) in OPENING:
                parts.append(self._branch(piece.tokens, depth=depth))
            else:
                parts.append(self._action(piece.tokens))
        return Block(tuple(parts)), ()

    def _action(self, tokens: tuple[Token, ...]) -> Part:
        """What an action without a keyword does: print, or give a variable its value."""
        names, sign, rest = _assigned(tokens)
        pipeline = _pipeline(rest, self._variables)
        if not names:
            return Print(pipeline)
        if len(names) > 1 or (sign == "=" and names[0] not in self._variables):
            raise ClaimTemplateInvalid("an assignment to no variable, or to two")
        self._variables[names[0]] = None
        return Assignment(names[0], sign == ":=", pipeline)

    def _branch(self, tokens: tuple[Token, ...], *, depth: int) -> Branch:
        """An ``if``, ``with`` or ``range`` up to and with its ``end``; its variables end there."""
        around = self._variables
        keyword = tokens[0].text
        names, sign, rest = _assigned(tokens[1:])
        if sign == "=" or len(names) > (2 if keyword == "range" else 1):
            raise ClaimTemplateInvalid(f"{keyword} can't assign this")
        pipeline = _pipeline(rest, around)
        self._variables = around.new_child(dict.fromkeys(names))
        try:
            return self._branch_of(keyword, pipeline, names, depth=depth)
        finally:
            self._variables = around

    def _branch_of(self, keyword: str, pipeline: Pipeline, names: tuple[str, ...], *, depth: int) -> Branch:
        body, ended_by = self.block(depth=depth + 1)
        otherwise = Block(())
        if _keyword(ended_by) == "else":
            if len(ended_by) > 1:
                # `else if` is an `if` inside the `else` that shares the `end`.
                if _keyword(ended_by[1:]) != keyword or keyword == "range":
                    raise ClaimTemplateInvalid("else can be followed by the same if or with only")
                inner = Block((self._branch(ended_by[1:], depth=depth + 1),))
                return Branch(keyword, pipeline, body, inner, names)
            otherwise, ended_by = self.block(depth=depth + 1)
        if [token.text for token in ended_by] != ["end"]:
            raise ClaimTemplateInvalid(f"{keyword} without end")
        return Branch(keyword, pipeline, body, otherwise, names)


def _assigned(tokens: tuple[Token, ...]) -> tuple[tuple[str, ...], str, tuple[Token, ...]]:
    """The variables that an action assigns, ``:=`` or ``=``, and what follows; without them, all tokens."""
    for position, token in enumerate(tokens):
        if token.kind == "mark" and token.text in {":=", "="}:
            texts = [each.text for each in tokens[:position]]
            is_list = all(text == "," for text in texts[1::2]) and len(texts) % 2 == 1
            if not is_list or any(
                each.kind != "variable" or "." in each.text for each in tokens[:position:2]
            ):
                raise ClaimTemplateInvalid("an assignment without a variable")
            return tuple(texts[::2]), token.text, tokens[position + 1 :]
    return (), "", tokens


def _pipeline(tokens: tuple[Token, ...], variables: Container[str]) -> Pipeline:
    reader = _Expressions(tokens)
    for token in tokens:
        if token.kind == "variable" and token.text.partition(".")[0] not in variables:
            raise ClaimTemplateInvalid(f"{token.text} is not defined")
    pipeline = reader.pipeline(depth=0)
    if reader.peek() is not None:
        raise ClaimTemplateInvalid("a parenthesis without a beginning")
    return pipeline


class _Expressions:
    """Reads the tokens of one action."""

    def __init__(self, tokens: tuple[Token, ...]) -> None:
        self._tokens = tokens
        self._position = 0

    def peek(self) -> str | None:
        """The mark that comes next, "" for an operand, None at the end."""
        if self._position == len(self._tokens):
            return None
        token = self._tokens[self._position]
        return token.text if token.kind == "mark" else ""

    def pipeline(self, *, depth: int) -> Pipeline:
        """Commands between ``|``, up to a closing parenthesis or the end."""
        commands = [self._command(depth=depth)]
        while self.peek() == "|":
            self._position += 1
            commands.append(self._command(depth=depth))
        return Pipeline(tuple(commands))

    def _command(self, *, depth: int) -> Command:
        operands: list[Expression] = []
        while self.peek() in {"", "("}:
            operands.append(self._operand(depth=depth))
        if not operands:
            raise ClaimTemplateInvalid("a value is missing")
        return Command(operands[0], tuple(operands[1:]))

    def _operand(self, *, depth: int) -> Expression:
        token = self._tokens[self._position]
        self._position += 1
        if token.kind == "mark":
            return self._parenthesis(depth=depth)
        return _operand(token)

    def _parenthesis(self, *, depth: int) -> Pipeline:
        """A pipeline after its opening parenthesis, up to and with the closing one."""
        if depth > MAX_DEPTH:
            raise ClaimTemplateInvalid("parentheses are nested too deeply")
        inner = self.pipeline(depth=depth + 1)
        if self.peek() != ")":
            raise ClaimTemplateInvalid("a parenthesis is not closed")
        self._position += 1
        return inner


def _operand(token: Token) -> Expression:
    """The expression of one token."""
    match token.kind:
        case "string":
            return Literal(_unquoted(token.text))
        case "raw":
            return Literal(token.text[1:-1])
        case "number":
            return Literal(_number(token.text))
        case "word":
            return _word(token.text)
        case "variable":
            name, *members = token.text.split(".")
            return Variable(name, tuple(members))
        case _:
            origin, *names = token.text.split(".")
            return Field(tuple(name for name in names if name), from_root=origin == "$")


def _word(word: str) -> Expression:
    if word in CONSTANTS:
        return Literal(CONSTANTS[word])
    if word in FUNCTIONS or word in {"and", "or"}:
        return Function(word)
    what = "is not supported" if word in UNSUPPORTED else "is no function"
    raise ClaimTemplateInvalid(f"{word} {what}")


def _unquoted(text: str) -> str:
    """A quoted string; of Go's escapes those that JSON has, too."""
    try:
        return str(json.loads(text, strict=False))
    except ValueError as error:
        raise ClaimTemplateInvalid("an escape that is not supported in a string") from error


def _number(text: str) -> int | float:
    """A number as Go writes it: with an exponent, a base (``0x10``, ``0b1``, ``017``), or underscores."""
    digits = text.replace("_", "").lower()
    try:
        if "x" not in digits and {".", "e"} & set(digits):
            number: int | float = float(digits)
        else:
            number = int(digits, 8 if OCTAL.fullmatch(digits) else 0)
    except ValueError as error:
        raise ClaimTemplateInvalid("no number, or one with too many digits") from error
    if number == math.inf:
        raise ClaimTemplateInvalid("a number that is too large")
    return number
