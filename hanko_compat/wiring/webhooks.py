"""Webhooks, by ``hanko_compat.backend_api.webhooks``."""

from dataclasses import dataclass

from hanko_compat.services.webhooks.delivery import WebhookDelivery
from hanko_compat.services.webhooks.endpoints import WebhookEndpoints
from hanko_compat.services.webhooks.recording import Webhooks
from hanko_compat.wiring.database import build_database
from hanko_compat.wiring.parts import Parts


@dataclass(frozen=True, slots=True)
class WebhookServices:
    """Which servers get events, what records these, and what delivers them."""

    endpoints: WebhookEndpoints
    recording: Webhooks
    delivery: WebhookDelivery


def build_webhooks(parts: Parts) -> WebhookServices:
    """The services of webhooks."""
    config, database, now = parts.config, parts.get(build_database), parts.now
    endpoints = WebhookEndpoints(database, secrets=config.secrets.keys, now=now)
    networks = config.hanko_compat.backend_api.webhooks.private_networks
    delivery = WebhookDelivery(database, endpoints=endpoints, networks=networks, now=now)
    recording = Webhooks(database, endpoints=endpoints, wake=delivery.wake, now=now)
    return WebhookServices(endpoints, recording, delivery)
