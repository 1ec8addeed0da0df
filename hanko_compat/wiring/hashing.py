"""Hashes of passwords and passcodes, by ``hanko_compat.limits.hashing``."""

from hanko_compat.cpus import usable_cpus
from hanko_compat.hashing.hasher import Hasher
from hanko_compat.hashing.semaphore import shared_semaphore
from hanko_compat.wiring.parts import Parts

MOST_HASHES = 3
"""At a time in a process by default: together with those that wait fewer than it has threads."""


def build_hasher(parts: Parts, *, kind: type[Hasher] = Hasher, cpus: int | None = None) -> Hasher:
    """What computes hashes. By default all processes together take the CPUs, *cpus* or those of the machine.

    A share for each would leave CPUs idle while log-ins wait, as connections fall unevenly on processes.
    """
    settings = parts.config.hanko_compat.limits.hashing
    if settings.concurrency:
        return kind(concurrency=settings.concurrency, queue=settings.queue)
    cpus = cpus or usable_cpus()
    return kind(concurrency=min(MOST_HASHES, cpus), queue=settings.queue, shared=shared_semaphore(cpus))
