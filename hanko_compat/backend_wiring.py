"""Builds what only the door for servers needs, for `hanko_compat.wiring`."""

from dataclasses import dataclass

from hanko_compat.clock import Clock
from hanko_compat.config import Config
from hanko_compat.rules import session_settings
from hanko_compat.services.connect_tokens import ConnectTokens
from hanko_compat.services.session_records import SessionRecords
from hanko_compat.services.session_tokens import SessionTokens, SessionTokenSettings
from hanko_compat.services.webhook_delivery import WebhookDelivery
from hanko_compat.services.webhook_endpoints import WebhookEndpoints
from hanko_compat.services.webhooks import Webhooks
from hanko_compat.shared_services import Shared
from hanko_compat.storage.database import Database


@dataclass(frozen=True)
class WebhookServices:
    """Who is told of events, what writes them down, and what delivers them."""

    endpoints: WebhookEndpoints
    listener: Webhooks
    delivery: WebhookDelivery


@dataclass(frozen=True)
class BackendServices:
    """What the views of the door for servers call. All of it may be shared between threads."""

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


def build(config: Config, shared: Shared, *, webhooks: WebhookServices) -> BackendServices:
    """Build the services. Nothing is connected, read or written yet."""
    database, totals, now = shared.database, shared.totals, shared.now
    return BackendServices(
        sessions=SessionRecords(
            database, events=shared.events, totals=totals, settings=session_settings(config), now=now
        ),
        session_tokens=SessionTokens(
            database, shared.keys, settings=_session_token_settings(config), now=now
        ),
        connect_tokens=ConnectTokens(database, totals=totals, now=now),
        webhook_endpoints=webhooks.endpoints,
        webhook_delivery=webhooks.delivery,
    )


def _session_token_settings(config: Config) -> SessionTokenSettings | None:
    own = config.hanko_compat
    settings = own.backend_api
    if not settings.session_token:
        return None
    return SessionTokenSettings(
        issuer=settings.session_token_issuer or own.public_url, lifespan=settings.session_token_lifespan
    )
