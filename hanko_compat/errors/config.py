"""The configuration."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple


class Problem(NamedTuple):
    """One fault: ``path`` is a key, as in ``secrets.keys[0]``, or a file and its line; and what to change."""

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


class OptionInvalid(ValueError):
    """An option of a URL that can't be taken; the text names it, says what to write and quotes no value."""


class PatternMalformed(ValueError):
    """A pattern of URLs that can't be read; the text says why."""


class ConfigError(Exception):
    """A configuration that can't be served; ``problems`` holds all its faults, ``str()`` a line for each."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: Sequence[Problem] = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))
