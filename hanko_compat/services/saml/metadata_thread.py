"""The thread of a process that keeps the metadata of identity providers fresh."""

import logging
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Thread

from hanko_compat.services.living_on import living_on
from hanko_compat.services.saml.identity_providers import IdentityProviders

logger = logging.getLogger(__name__)

AT_ONCE = 4
"""How many providers are asked at the same time: one that hangs must not delay all others."""
LONGEST_WAIT = 60.0
"""Seconds between two looks at what is due."""
SHORTEST_WAIT = 0.5
PAUSE_AFTER_FAULT = 5.0
"""Seconds until it goes on after what nobody has foreseen, such as no more threads."""


class MetadataThread:
    """Fetches what is due; no thread is there before `start`, so it survives a fork."""

    def __init__(self, providers: IdentityProviders, *, pause_after_fault: float = PAUSE_AFTER_FAULT) -> None:
        """*pause_after_fault* is in seconds."""
        self._providers = providers
        self._pause_after_fault = pause_after_fault
        self._stopping = Event()
        self._thread: Thread | None = None

    def start(self) -> None:
        """Fetch everything now and go on. In a server that forks, call it in each worker."""
        self._thread = Thread(target=self._run, name="saml-metadata", daemon=True)
        self._thread.start()

    def stop(self, *, patience: float) -> None:
        """End, and wait up to *patience* seconds for what is being fetched."""
        self._stopping.set()
        if self._thread:
            self._thread.join(patience)

    def _run(self) -> None:
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="saml-metadata") as pool:
            while not self._stopping.is_set():
                wait = self._pause_after_fault
                with living_on(logger, lambda: "saml_metadata_failed"):
                    list(pool.map(self._providers.refresh, self._providers.due()))
                    wait = min(max(self._providers.next_due(), SHORTEST_WAIT), LONGEST_WAIT)
                self._stopping.wait(wait)
