"""Webhooks."""

from hanko_compat.errors import NotFound


class WebhookEndpointNotFound(NotFound):
    """No such webhook endpoint."""

    message = "no such webhook endpoint"
    about = "webhook_endpoint_id"
