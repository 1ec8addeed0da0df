"""Webhook endpoints: which servers get which events."""

from typing import Any
from uuid import UUID

from flask import Blueprint
from flask.typing import ResponseReturnValue

from hanko_compat.backend.answers import answer
from hanko_compat.backend.envelope import done
from hanko_compat.backend.schemas import GenericRsp
from hanko_compat.backend.webhook_endpoints_schemas import (
    WebhookEndpoint,
    WebhookEndpointCreateReq,
    WebhookEndpointList,
    WebhookEndpointUpdateReq,
)
from hanko_compat.context import services
from hanko_compat.web.body import body, returns

bp = Blueprint("webhook_endpoints", __name__)


@bp.get("/webhookEndpoints")
@returns(WebhookEndpointList, errors=(401,))
def webhook_endpoint_list() -> ResponseReturnValue:
    """List all endpoints (operationId WebhookEndpointList)."""
    return answer(WebhookEndpointList, {"endpoints": services().webhooks.endpoints.list()})


@bp.post("/webhookEndpoints")
@returns(WebhookEndpoint, errors=(401,))
@body(WebhookEndpointCreateReq)
def webhook_endpoint_create(data: dict[str, Any]) -> ResponseReturnValue:
    """Have events sent to a server (operationId WebhookEndpointCreate).

    It gets them by POST, each at least once.
    """
    return answer(WebhookEndpoint, services().webhooks.endpoints.create(**data))


@bp.put("/webhookEndpoints/<webhook_endpoint_id>")
@returns(WebhookEndpoint, errors=(401,))
@body(WebhookEndpointUpdateReq)
def webhook_endpoint_update(webhook_endpoint_id: UUID, data: dict[str, Any]) -> ResponseReturnValue:
    """Change what is named of an endpoint (operationId WebhookEndpointUpdate)."""
    return answer(WebhookEndpoint, services().webhooks.endpoints.update(webhook_endpoint_id, **data))


@bp.delete("/webhookEndpoints/<webhook_endpoint_id>")
@returns(GenericRsp, errors=(400, 401))
def webhook_endpoint_delete(webhook_endpoint_id: UUID) -> ResponseReturnValue:
    """Delete an endpoint, with what was not delivered to it yet (operationId WebhookEndpointDelete)."""
    services().webhooks.endpoints.delete(webhook_endpoint_id)
    return done()
