"""The functions of templates; ``and`` and ``or`` belong to the evaluation, as they stop early."""

import html
import json
import operator
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote_plus

from hanko_compat.errors.sessions import ClaimTemplateInvalid
from hanko_compat.go_template.values import is_true, to_text

_VERB = re.compile(r"%(?:%|(?P<layout>[-+ 0]?[0-9]{0,3}(?:\.[0-9]{1,2})?)(?P<verb>[svdqtfg]))")
_NUMBER_VERBS = frozenset("dfg")


def _kind(value: Any) -> str:
    """What may be compared with what: numbers, texts, booleans, nil."""
    if value is None:
        return "nil"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, str):
        return "text"
    raise ClaimTemplateInvalid("only single values can be compared")


def _equal(first: Any, *others: Any) -> bool:
    """Whether *first* equals one of *others*."""
    if not others:
        raise ClaimTemplateInvalid("eq needs two values")
    return any(_same(first, other) for other in others)


def _same(first: Any, second: Any) -> bool:
    kinds = {_kind(first), _kind(second)}
    if len(kinds) == 1:
        return bool(first == second)
    if "nil" in kinds:
        return False
    raise ClaimTemplateInvalid("values of different types can't be compared")


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def apply(first: Any, second: Any) -> bool:
        if _kind(first) != _kind(second) or _kind(first) not in {"number", "text"}:
            raise ClaimTemplateInvalid("only two numbers or two texts have an order")
        return compare(first, second)

    return apply


def _length(value: Any) -> int:
    if isinstance(value, str):
        return len(value.encode(errors="surrogatepass"))
    if isinstance(value, Mapping | list):
        return len(value)
    raise ClaimTemplateInvalid("len needs a text, a list or an object")


def _index(value: Any, *keys: Any) -> Any:
    for key in keys:
        value = _item(value, key)
    return value


def _item(value: Any, key: Any) -> Any:
    if isinstance(value, Mapping) and isinstance(key, str):
        return value.get(key)
    is_position = isinstance(key, int) and not isinstance(key, bool)
    if isinstance(value, list) and is_position and 0 <= key < len(value):
        return value[key]
    raise ClaimTemplateInvalid("index: no such item")


def _print(*values: Any) -> str:
    """The values, with a space between two that are both no texts."""
    pieces: list[str] = []
    for position, value in enumerate(values):
        if position and not isinstance(value, str) and not isinstance(values[position - 1], str):
            pieces.append(" ")
        pieces.append(to_text(value))
    return "".join(pieces)


def _printf(layout: Any, *values: Any) -> str:
    """The verbs %s %v %d %q %t %f %g %%, with width and precision."""
    if not isinstance(layout, str) or "%" in _VERB.sub("", layout):
        raise ClaimTemplateInvalid("printf: a verb other than %s %v %d %q %t %f %g %%")
    rest = iter(values)
    try:
        text = _VERB.sub(lambda match: _formatted(match, rest), layout)
    except StopIteration as error:
        raise ClaimTemplateInvalid("printf: fewer values than verbs") from error
    if next(rest, rest) is not rest:
        raise ClaimTemplateInvalid("printf: more values than verbs")
    return text


def _formatted(match: re.Match[str], values: Any) -> str:
    verb = match["verb"]
    if verb is None:
        return "%"
    value = next(values)
    if verb in _NUMBER_VERBS:
        if _kind(value) != "number":
            raise ClaimTemplateInvalid(f"printf: %{verb} needs a number")
        return str(f"%{match['layout']}{verb}" % value)
    text = to_text(value)
    return str(f"%{match['layout']}s" % (json.dumps(text, ensure_ascii=False) if verb == "q" else text))


def _html(*values: Any) -> str:
    return html.escape(_print(*values)).replace("&quot;", "&#34;").replace("&#x27;", "&#39;")


def _js(*values: Any) -> str:
    """The values, for the inside of a string in JavaScript."""
    return "".join(map(_js_character, _print(*values)))


def _js_character(character: str) -> str:
    if character in "\\'\"":
        return f"\\{character}"
    is_special = character in "<>&=" or not character.isprintable()
    return f"\\u{ord(character):04X}" if is_special else character


def _slice(value: Any, *bounds: Any) -> Any:
    """The part of a text or a list from the first bound to the second; a text is counted in bytes."""
    whole: Any = value.encode(errors="surrogatepass") if isinstance(value, str) else value
    if not isinstance(whole, bytes | list) or len(bounds) > 2:
        raise ClaimTemplateInvalid("slice needs a text or a list, and at most two positions")
    start = bounds[0] if bounds else 0
    end = bounds[1] if len(bounds) > 1 else len(whole)
    if any(isinstance(bound, bool) or not isinstance(bound, int) for bound in (start, end)):
        raise ClaimTemplateInvalid("slice: a position is no whole number")
    if not 0 <= start <= end <= len(whole):
        raise ClaimTemplateInvalid("slice: no such part")
    part = whole[start:end]
    return part.decode(errors="surrogatepass") if isinstance(part, bytes) else part


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "eq": _equal,
    "ge": _ordered(operator.ge),
    "gt": _ordered(operator.gt),
    "html": _html,
    "index": _index,
    "js": _js,
    "le": _ordered(operator.le),
    "len": _length,
    "lt": _ordered(operator.lt),
    "ne": lambda first, second: not _same(first, second),
    "not": lambda value: not is_true(value),
    "print": _print,
    "printf": _printf,
    "println": lambda *values: " ".join(map(to_text, values)) + "\n",
    "slice": _slice,
    "urlquery": lambda *values: quote_plus(_print(*values), safe="~"),
}


def call(name: str, arguments: list[Any]) -> Any:
    """Call a function of the table.

    Raises:
        ClaimTemplateInvalid: wrong number or type of arguments.
    """
    try:
        return FUNCTIONS[name](*arguments)
    except (TypeError, ValueError, OverflowError) as error:
        raise ClaimTemplateInvalid(f"{name}: wrong arguments") from error
