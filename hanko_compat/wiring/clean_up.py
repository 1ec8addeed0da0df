"""The clean-up, by ``hanko_compat.cleanup.*`` and the times of what it deletes."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from hanko_compat.services.clean_up import kinds, schedule
from hanko_compat.services.clean_up.clean_up import CleanUp
from hanko_compat.services.clean_up.removers import Kind, OldRows, Remover
from hanko_compat.services.clean_up.schedule import Schedule
from hanko_compat.services.users.abandoned import KEPT, UNVERIFIED_SIGN_UPS, AbandonedSignUps
from hanko_compat.storage.users.abandoned import Abandoned
from hanko_compat.wiring.database import build_database
from hanko_compat.wiring.emails import build_unclaimed_emails
from hanko_compat.wiring.events import build_events
from hanko_compat.wiring.metrics import build_metrics
from hanko_compat.wiring.parts import Parts
from hanko_compat.wiring.relying_party import ceremony_terms


@dataclass(frozen=True, slots=True)
class CleanUpServices:
    """What deletes rows past their time, and its schedule."""

    runs: CleanUp
    schedule: Schedule


def build_clean_up(parts: Parts) -> CleanUpServices:
    """The clean-up and its schedule, which is empty where ``hanko_compat.cleanup.interval`` is."""
    database, settings = parts.get(build_database), parts.config.hanko_compat.cleanup
    runs = CleanUp(
        database,
        list(_removers(parts)),
        told={UNVERIFIED_SIGN_UPS, *((kinds.AUDIT_LOG,) if settings.audit_log else ())},
        count=parts.get(build_metrics).count_deleted_rows,
    )
    work = schedule.jobs(database, every=settings.interval, now=parts.now) if settings.interval else []
    note = parts.get(build_metrics).gauges.note_clean_up
    return CleanUpServices(runs, Schedule(runs, work, now=parts.now, look=schedule.LOOK, note=note))


def _removers(parts: Parts) -> Iterator[Remover]:
    """In an order in which what refers to others goes before them: passcodes keep addresses and users."""
    database, now, events = parts.get(build_database), parts.now, parts.get(build_events)
    yield from (OldRows(database, kind, now=now) for kind in _kinds(parts))
    yield parts.get(build_unclaimed_emails)
    yield AbandonedSignUps(database, kind=Abandoned.EMPTY, kept=KEPT, events=events, now=now)
    age = parts.config.hanko_compat.cleanup.unverified_sign_ups
    if age:
        yield AbandonedSignUps(database, kind=Abandoned.UNVERIFIED, kept=age, events=events, now=now)


def _kinds(parts: Parts) -> Iterator[Kind]:
    config, database = parts.config, parts.get(build_database)
    longest = max(terms.timeout for terms in ceremony_terms(config).values())
    yield from kinds.secrets(
        database,
        passcode_ttl=timedelta(seconds=config.email.passcode_ttl),
        longest_ceremony=timedelta(milliseconds=longest),
    )
    yield from kinds.saml(database)
    yield from kinds.records(database, audit_log=config.audit_log.retention)
