"""Builds what only the door for servers needs, for `hanko_compat.wiring`."""

from dataclasses import dataclass

from hanko_compat.clock import Clock
from hanko_compat.config import Config
from hanko_compat.passkey_wiring import ServerPasskeys
from hanko_compat.rules import session_settings
from hanko_compat.services.challenges import Challenges
from hanko_compat.services.connect_tokens import ConnectTokens
from hanko_compat.services.delivery.outbox import Outbox
from hanko_compat.services.delivery.sms import SmsMessages
from hanko_compat.services.identifiers import Identifiers
from hanko_compat.services.sessions.records import SessionRecords
from hanko_compat.services.sessions.tokens import SessionTokens, SessionTokenSettings
from hanko_compat.services.social_accounts import SocialAccounts
from hanko_compat.services.users.records import UserRecords
from hanko_compat.services.webhooks.delivery import WebhookDelivery
from hanko_compat.services.webhooks.endpoints import WebhookEndpoints
from hanko_compat.services.webhooks.recording import Webhooks
from hanko_compat.shared_services import Shared
from hanko_compat.storage.engine.database import Database


@dataclass(frozen=True)
class WebhookServices:
    """Who is told of events, what writes them down, and what delivers them."""

    endpoints: WebhookEndpoints
    listener: Webhooks
    delivery: WebhookDelivery


@dataclass(frozen=True)
class BackendServices:
    """What the views of the door for servers call. All of it may be shared between threads."""

    users: UserRecords
    identifiers: Identifiers
    challenges: Challenges
    social_accounts: SocialAccounts
    passkeys: ServerPasskeys
    sessions: SessionRecords
    session_tokens: SessionTokens
    connect_tokens: ConnectTokens
    webhook_endpoints: WebhookEndpoints
    webhook_delivery: WebhookDelivery


def build_webhooks(config: Config, database: Database, *, now: Clock) -> WebhookServices:
    """Build what listens to events, before there are any."""
    endpoints = WebhookEndpoints(database, secrets=config.secrets.keys, now=now)
    networks = config.hanko_compat.backend_api.webhooks.private_networks
    delivery = WebhookDelivery(database, endpoints=endpoints, networks=networks, now=now)
    listener = Webhooks(database, endpoints=endpoints, wake=delivery.wake, now=now)
    return WebhookServices(endpoints, listener, delivery)


def build(
    config: Config, shared: Shared, *, outbox: Outbox, webhooks: WebhookServices, passkeys: ServerPasskeys
) -> BackendServices:
    """Build the services. Nothing is connected, read or written yet."""
    database, events, totals, now = shared.database, shared.events, shared.totals, shared.now
    return BackendServices(
        users=UserRecords(database, events=events, totals=totals, now=now),
        identifiers=Identifiers(database, events=events, totals=totals, now=now),
        challenges=_challenges(config, shared, outbox),
        social_accounts=SocialAccounts(database, events=events, totals=totals, now=now),
        passkeys=passkeys,
        sessions=SessionRecords(
            database, events=events, totals=totals, settings=session_settings(config), now=now
        ),
        session_tokens=SessionTokens(
            database, shared.keys, settings=_session_token_settings(config), now=now
        ),
        connect_tokens=ConnectTokens(database, totals=totals, now=now),
        webhook_endpoints=webhooks.endpoints,
        webhook_delivery=webhooks.delivery,
    )


def _challenges(config: Config, shared: Shared, outbox: Outbox) -> Challenges:
    settings = config.hanko_compat.backend_api
    return Challenges(
        shared.database,
        events=shared.events,
        hasher=shared.hasher,
        rate_limits=shared.rate_limits,
        mails=shared.mails,
        text_messages=SmsMessages(outbox, is_enabled=bool(settings.sms.url)),
        link_url=settings.email_link_url,
        now=shared.now,
    )


def _session_token_settings(config: Config) -> SessionTokenSettings | None:
    own = config.hanko_compat
    settings = own.backend_api
    if not settings.session_token:
        return None
    return SessionTokenSettings(
        issuer=settings.session_token_issuer or own.public_url, lifespan=settings.session_token_lifespan
    )
