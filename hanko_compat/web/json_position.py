"""Where in a JSON text a value stands. For messages: the text is read a second time for it."""

import json
from collections.abc import Sequence

BLANKS = " \t\n\r"
_decoder = json.JSONDecoder()


def bytes_read(text: str, path: Sequence[str | int]) -> int:
    """How many bytes of *text* a parser has read when it knows of what kind the value at *path* is.

    For an object or a list it is the opening bracket, for any other value its end. *path* has the names and
    the numbers that lead to the value; it exists, and no name is given twice in one object.
    """
    start = _after_blanks(text, 0)
    for step in path:
        start = _member(text, start, step) if isinstance(step, str) else _item(text, start, step)
    end = start + 1 if text[start] in "{[" else _end(text, start)
    return len(text[:end].encode())


def _member(text: str, start: int, wanted: str) -> int:
    """Where the value of the member *wanted* begins, in the object that begins at *start*."""
    position = start + 1
    while True:
        name, position = _decoder.raw_decode(text, _after_blanks(text, position))
        value = _after_blanks(text, _after_blanks(text, position) + 1)  # behind the colon
        if name == wanted:
            return value
        position = _after_blanks(text, _end(text, value)) + 1  # behind the comma


def _item(text: str, start: int, number: int) -> int:
    """Where an item begins, in the list that begins at *start*."""
    position = _after_blanks(text, start + 1)
    for _ in range(number):
        position = _after_blanks(text, _after_blanks(text, _end(text, position)) + 1)
    return position


def _end(text: str, start: int) -> int:
    return _decoder.raw_decode(text, start)[1]


def _after_blanks(text: str, position: int) -> int:
    while text[position] in BLANKS:
        position += 1
    return position
