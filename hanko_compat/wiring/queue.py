"""The queue that mails, SMS and webhooks share."""

from hanko_compat.services.delivery.queue import DeliveryQueue
from hanko_compat.wiring.database import build_database
from hanko_compat.wiring.parts import Parts


def build_queue(parts: Parts) -> DeliveryQueue:
    """What waits to be delivered."""
    return DeliveryQueue(parts.get(build_database), now=parts.now)
