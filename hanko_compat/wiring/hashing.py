"""Hashes of passwords and passcodes, by ``hanko_compat.limits.hashing`` and the pepper of an import."""

from functools import partial

from hanko_compat.cpus import usable_cpus
from hanko_compat.hashing.hasher import Hasher
from hanko_compat.hashing.semaphore import shared_semaphore
from hanko_compat.wiring.metrics import build_metrics
from hanko_compat.wiring.parts import Parts
from hanko_compat.wiring.refusal_log import build_refusal_log

LIMIT = "hashing"
MOST_HASHES = 3
"""At a time in a process by default: together with those that wait fewer than it has threads."""


def build_hasher(parts: Parts, *, kind: type[Hasher] = Hasher, cpus: int | None = None) -> Hasher:
    """What computes hashes. By default all processes together take the CPUs, *cpus* or those of the machine.

    A share for each would leave CPUs idle while log-ins wait, as connections fall unevenly on processes.
    """
    settings = parts.config.hanko_compat.limits.hashing
    pepper = parts.config.hanko_compat.password.import_pepper
    build = partial(kind, queue=settings.queue, pepper=pepper, on_refusal=partial(_note_refusal, parts))
    if settings.concurrency:
        return build(concurrency=settings.concurrency)
    cpus = cpus or usable_cpus()
    return build(concurrency=min(MOST_HASHES, cpus), shared=shared_semaphore(cpus))


def _note_refusal(parts: Parts) -> None:
    parts.get(build_metrics).count_rate_limited(LIMIT)
    parts.get(build_refusal_log).note(LIMIT, setting="hanko_compat.limits.hashing.queue")
