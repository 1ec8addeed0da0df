"""Which rows are deleted once their time is over, and how long they are kept after it."""

from collections.abc import Iterator
from datetime import timedelta

from hanko_compat.services.clean_up.removers import Kind
from hanko_compat.services.rate_limits.storages import since_1970
from hanko_compat.services.tokens import TTL
from hanko_compat.storage import (
    audit,
    challenges,
    connect_tokens,
    passcodes,
    rate_limits,
    spent_tokens,
    tokens,
)
from hanko_compat.storage.delivery import dead_letters, deliveries
from hanko_compat.storage.engine.database import Database
from hanko_compat.storage.models import (
    AuditLog,
    Passcode,
    SamlIdpInitiatedRequest,
    SamlState,
    Session,
    Token,
    WebauthnSessionData,
    WebauthnSessionDataAllowedCredential,
)
from hanko_compat.storage.passkeys import challenges as passkey_challenges
from hanko_compat.storage.passkeys import webauthn_session_data
from hanko_compat.storage.saml import idp_initiated, requests, states
from hanko_compat.storage.schema.indexes import Indexed
from hanko_compat.storage.sessions import sessions

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MONTH = timedelta(days=30)
AUDIT_LOG = "audit_log"


def secrets(database: Database, *, passcode_ttl: timedelta, longest_ceremony: timedelta) -> Iterator[Kind]:
    """What somebody could use once, and can't any more: also on a database that Hanko owns.

    *longest_ceremony* is how long one with a passkey may take: old rows don't say when they expire.
    """
    yield Kind(name="challenges", kept=DAY, old=lambda before: challenges.expired(before=before))
    ttl = int(passcode_ttl.total_seconds())
    yield Kind(
        name="passcodes",
        kept=DAY,
        old=lambda before: passcodes.old(before=before - passcode_ttl, ttl=ttl),
        is_indexed=Indexed(database, Passcode),
    )
    yield Kind(
        name="one_time_tokens",
        kept=DAY,
        old=lambda before: tokens.old(before=before - TTL),
        is_indexed=Indexed(database, Token),
    )
    yield Kind(
        name="ceremonies",
        kept=HOUR,
        old=lambda before: webauthn_session_data.expired(before=before, lifetime=longest_ceremony),
        is_indexed=Indexed(database, WebauthnSessionData, WebauthnSessionDataAllowedCredential),
    )
    yield Kind(
        name="ceremonies_of_nobody",
        kept=HOUR,
        old=lambda before: passkey_challenges.unanswered(before=before - longest_ceremony),
    )
    yield Kind(
        name="ceremonies_of_servers",
        kept=MONTH,  # in which servers list them
        old=lambda before: passkey_challenges.expired(before=before),
    )
    # Of a day, an hour or minutes; whoever made them refuses them by their time, too.
    yield Kind(name="spent_tokens", kept=HOUR, old=lambda before: spent_tokens.expired(before=before))
    yield Kind(name="connect_tokens", kept=MONTH, old=lambda before: connect_tokens.expired(before=before))


def saml(database: Database) -> Iterator[Kind]:
    """What log-ins with SAML leave behind, here and in Hanko."""
    yield Kind(
        name="saml_requests",
        kept=timedelta(minutes=5),
        old=lambda before: requests.expired(before=before),
    )
    yield Kind(
        name="saml_states",
        kept=DAY,
        old=lambda before: states.expired(before=before),
        is_indexed=Indexed(database, SamlState),
    )
    yield Kind(
        name="saml_responses",
        kept=DAY,
        old=lambda before: idp_initiated.expired(before=before),
        is_indexed=Indexed(database, SamlIdpInitiatedRequest),
    )


def records(database: Database, *, audit_log: timedelta | None) -> Iterator[Kind]:
    """What is kept for a while; *audit_log* is for how long its rows are, None for ever."""
    yield Kind(
        name="sessions",
        kept=MONTH,  # in which servers list them as expired
        old=lambda before: sessions.expired(before=before),
        is_indexed=Indexed(database, Session),
    )
    yield Kind(
        name="rate_limits", kept=timedelta(0), old=lambda before: rate_limits.over(before=since_1970(before))
    )
    yield Kind(name="dead_letters", kept=MONTH, old=lambda before: dead_letters.old(died_before=before))
    yield Kind(name="lost_deliveries", kept=DAY, old=lambda before: deliveries.forgotten(before=before))
    if audit_log is not None:
        yield Kind(
            name=AUDIT_LOG,
            kept=audit_log,
            old=lambda before: audit.old(before=before),
            is_indexed=Indexed(database, AuditLog),
            is_data=True,
        )
