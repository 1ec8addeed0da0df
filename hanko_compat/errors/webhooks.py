"""Webhooks."""

from hanko_compat.errors import NotFound, OperatorError


class WebhookEndpointNotFound(NotFound):
    """No such webhook endpoint."""

    message = "no such webhook endpoint"
    about = "webhook_endpoint_id"


class RedeliveryRefused(OperatorError):
    """No such hook or dead letter, or the hook is switched off."""
