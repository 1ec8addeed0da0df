"""Hooks, which get Hanko's events, by ``webhooks`` and ``hanko_compat.webhooks``."""

from functools import partial
from ipaddress import ip_network

from hanko_compat.http_client.client import Client
from hanko_compat.services.webhooks.hook_deliveries import HookDeliveries
from hanko_compat.services.webhooks.hook_delivery import TIMEOUT, HookCarrier
from hanko_compat.services.webhooks.hook_queue import HookQueue
from hanko_compat.services.webhooks.hook_tokens import HookTokens
from hanko_compat.services.webhooks.hooks import Hooks
from hanko_compat.wiring.database import build_database
from hanko_compat.wiring.keys import build_keys
from hanko_compat.wiring.metrics import build_metrics
from hanko_compat.wiring.parts import Parts
from hanko_compat.wiring.queue import build_queue

ANYWHERE = (ip_network("0.0.0.0/0"), ip_network("::/0"))


def build_hooks(parts: Parts) -> Hooks:
    """What knows the hooks."""
    settings = parts.config.webhooks
    return Hooks(
        parts.get(build_database),
        configured=settings.hooks if settings.enabled else (),
        may_expire=settings.allow_time_expiration,
        now=parts.now,
    )


def build_hook_queue(parts: Parts) -> HookQueue:
    """What writes events for hooks."""
    return HookQueue(parts.get(build_queue), parts.get(build_hooks), secrets=parts.config.secrets.keys)


def build_hook_deliveries(parts: Parts) -> HookDeliveries:
    """What lists and repeats deliveries for operators."""
    return HookDeliveries(
        parts.get(build_database), hooks=parts.get(build_hooks), queue=parts.get(build_queue), now=parts.now
    )


def build_hook_carrier(parts: Parts) -> HookCarrier:
    """What delivers events to hooks."""
    config = parts.config
    audience = config.session.audience or (config.webauthn.relying_party.id,)
    networks = config.hanko_compat.webhooks.private_networks
    return HookCarrier(
        parts.get(build_hooks),
        parts.get(build_hook_queue),
        HookTokens(parts.get(build_keys), audience=audience, now=parts.now),
        trusting=Client(timeout=TIMEOUT, networks=ANYWHERE),
        guarded=Client(timeout=TIMEOUT, networks=networks),
        now=parts.now,
        count=partial(parts.get(build_metrics).count_webhook, "hook"),
    )
