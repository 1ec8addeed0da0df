"""Webhooks of the backend door, by ``hanko_compat.backend_api.webhooks``; for hooks see `wiring.hooks`."""

from dataclasses import dataclass
from functools import partial

from hanko_compat.http_client.client import Client
from hanko_compat.services.webhooks.delivery import TIMEOUT, WebhookCarrier
from hanko_compat.services.webhooks.endpoints import WebhookEndpoints
from hanko_compat.services.webhooks.hook_deliveries import HookDeliveries
from hanko_compat.services.webhooks.hook_queue import HookQueue
from hanko_compat.services.webhooks.hooks import Hooks
from hanko_compat.services.webhooks.recording import Webhooks
from hanko_compat.wiring.database import build_database
from hanko_compat.wiring.hooks import build_hook_deliveries, build_hook_queue, build_hooks
from hanko_compat.wiring.metrics import build_metrics
from hanko_compat.wiring.parts import Parts
from hanko_compat.wiring.queue import build_queue


@dataclass(frozen=True, slots=True)
class WebhookServices:
    """Which servers get events, and what records these."""

    endpoints: WebhookEndpoints
    recording: Webhooks
    hooks: Hooks
    hook_queue: HookQueue
    hook_deliveries: HookDeliveries


def build_webhooks(parts: Parts) -> WebhookServices:
    """The services of webhooks."""
    queue = parts.get(build_queue)
    endpoints = parts.get(build_endpoints)
    recording = Webhooks(
        parts.get(build_database), endpoints=endpoints, queue=queue, wake=queue.wake, now=parts.now
    )
    return WebhookServices(
        endpoints,
        recording,
        hooks=parts.get(build_hooks),
        hook_queue=parts.get(build_hook_queue),
        hook_deliveries=parts.get(build_hook_deliveries),
    )


def build_endpoints(parts: Parts) -> WebhookEndpoints:
    """What keeps the endpoints."""
    return WebhookEndpoints(parts.get(build_database), secrets=parts.config.secrets.keys, now=parts.now)


def build_webhook_carrier(parts: Parts) -> WebhookCarrier:
    """What delivers webhooks."""
    networks = parts.config.hanko_compat.backend_api.webhooks.private_networks
    client = Client(timeout=TIMEOUT, networks=networks)
    count = partial(parts.get(build_metrics).count_webhook, "endpoint")
    return WebhookCarrier(parts.get(build_endpoints), client=client, count=count)
