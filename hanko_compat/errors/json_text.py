"""JSON texts."""

from typing import Any


class JSONRefused(ValueError):
    """A text that is no JSON object, or one that we don't take; the message tells the caller which."""


class JSONCutShort(JSONRefused):
    """A text that ends too early to be JSON."""


class TypeMismatch(Exception):
    """A value of a wrong type.

    ``field`` is the name in the API, with dots; ``path`` has the names as they were sent.
    """

    def __init__(self, value: Any, *, expected: str, field: str, path: tuple[str | int, ...]) -> None:
        super().__init__()
        self.value = value
        self.expected = expected
        self.field = field
        self.path = path
