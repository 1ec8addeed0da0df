"""What capabilities are built from: the configuration, the clock, and each other."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Generic, TypeVar

from hanko_compat.clock import Clock
from hanko_compat.config import Config
from hanko_compat.mail.sender import Sender
from hanko_compat.storage.engine.database import Access

T = TypeVar("T")

Build = Callable[["Parts"], Any]
"""Builds a part of the others."""

NONE: Mapping[Build, Build] = MappingProxyType({})


class Parts:
    """Builds each part once, when it is first asked for; all who ask get the same one."""

    def __init__(
        self,
        config: Config,
        *,
        now: Clock,
        workers: int | None = None,
        sender: Sender | None = None,
        access: Access = Access.CREATE,
        instead: Mapping[Build, Build] = NONE,
    ) -> None:
        """Take what is given.

        *workers* is how many processes will serve; None where that is not known. *sender* takes the mails; by
        default the configured server does. *access* says whether an SQLite database may be made or changed.
        *instead* has, for functions that build parts, others that are called instead of them.
        """
        self.config = config
        self.now = now
        self.workers = workers
        self.sender = sender
        self.access = access
        self._instead = instead
        self._built: dict[Build, Any] = {}

    def get(self, build: Callable[["Parts"], T]) -> T:
        """What *build* makes of these parts."""
        if build not in self._built:
            self._built[build] = self._instead.get(build, build)(self)
        built: T = self._built[build]
        return built


class Part(Generic[T]):
    """An attribute of `Parts` that *build* makes. It becomes a plain attribute when it is first read."""

    def __init__(self, build: Callable[[Parts], T]) -> None:
        self._build = build
        self._name = ""

    def __set_name__(self, owner: type[Parts], name: str) -> None:
        self._name = name

    def __get__(self, parts: Parts, owner: type[Parts]) -> T:
        built = parts.get(self._build)
        vars(parts)[self._name] = built
        return built
