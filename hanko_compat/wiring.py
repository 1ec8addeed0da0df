"""Builds the services from a configuration: the one place that knows who needs whom."""

import sys
from dataclasses import dataclass

from hanko_compat.clock import Clock, utc_now
from hanko_compat.config import Config
from hanko_compat.metrics import Metrics
from hanko_compat.services.accounts import Accounts
from hanko_compat.services.audit import AuditConsole, AuditTable
from hanko_compat.services.events import Events, Listener
from hanko_compat.services.keys import Keys
from hanko_compat.services.sessions import Sessions
from hanko_compat.storage import migrate
from hanko_compat.storage.database import Database, open_database


@dataclass(frozen=True)
class Services:
    """What doors and commands call. All of it may be shared between threads."""

    config: Config
    now: Clock
    database: Database
    keys: Keys
    sessions: Sessions
    accounts: Accounts
    events: Events
    metrics: Metrics


def build(config: Config, *, now: Clock = utc_now) -> Services:
    """Build the services. Nothing is connected, read or written yet; see `prepare`."""
    metrics = Metrics()
    database = open_database(config.database.resolved_url)
    events = _events(config, metrics, now=now)
    keys = Keys(database, secrets=config.secrets.keys, algorithm=config.hanko_compat.jwk.algorithm, now=now)
    sessions = Sessions(database, keys, config=config.session, now=now)
    accounts = Accounts(database, sessions, events, now=now)
    return Services(config, now, database, keys, sessions, accounts, events, metrics)


def _events(config: Config, metrics: Metrics, *, now: Clock) -> Events:
    settings = config.audit_log
    durable: list[Listener] = []
    others: list[Listener] = [lambda event: metrics.count_event(event.type)]
    if settings.storage.enabled:
        durable.append(AuditTable(masked=settings.mask, now=now))
    if settings.console_output.enabled:
        stream = sys.stderr if settings.console_output.output == "stderr" else sys.stdout
        others.append(AuditConsole(stream, masked=settings.mask, now=now))
    return Events(durable=durable, others=others)


def prepare(services: Services) -> None:
    """Bring a database to the state that serving needs, or say what is missing; no connection stays open.

    The embedded SQLite database is migrated here, a server's is not. Signing keys that the configured
    secrets call for are made.

    Raises:
        SchemaBehind: on a database server; the text names the command to run.
        SchemaUnsupported: a database that this server can't share.
        SigningKeyUnreadable: no configured secret decrypts a key.
        DatabaseUnavailable: the database does not answer.
    """
    database = services.database
    try:
        if database.dialect == "sqlite":
            migrate.up(database)
        migrate.require_current(database)
        services.keys.ensure()
    finally:
        database.close_all()
