"""The bodies of connect tokens, named as in the published API description."""

from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate, validates_schema

from hanko_compat.backend.fields import (
    BLANK,
    NOT_VALID,
    OPTIONAL,
    REQUIRED,
    Answer,
    Id,
    Seconds,
    length,
    optional_text,
    required_choice,
    required_text,
)
from hanko_compat.backend.schemas import Paging
from hanko_compat.services.connect_tokens import ConnectTokenStatus, ConnectTokenType

LONGEST = 255  # characters, as wide as the columns
LONGEST_LIFE = 30 * 24 * 60 * 60  # seconds


class ConnectTokenDataReq(Schema):
    """For whom a token is."""

    error_messages = {"type": NOT_VALID}  # noqa: RUF012 - declared so by marshmallow
    identifier = required_text(length(1, LONGEST))
    display_name = optional_text(name="displayName")


class ConnectTokenCreateReq(Schema):
    """A new token. ``displayName`` counts where a passkey will be added, and is ignored otherwise."""

    type = required_choice(ConnectTokenType)
    data = fields.Nested(ConnectTokenDataReq(unknown=EXCLUDE), required=True, error_messages=REQUIRED)
    lifetime = fields.Integer(
        strict=True,
        data_key="maxLifetimeInSeconds",
        allow_none=True,
        load_default=None,
        error_messages=OPTIONAL,
        validate=[
            validate.Range(min=1, error="must be no less than 1"),
            validate.Range(max=LONGEST_LIFE, error=f"must be no greater than {LONGEST_LIFE}"),
        ],
    )

    @validates_schema(skip_on_field_errors=False)
    def check_display_name(self, data: dict[str, Any], **_kwargs: Any) -> None:
        """A passkey that is added gets the name of its user. Clients send one with every type."""
        if data.get("type") != ConnectTokenType.APPEND or "data" not in data:
            return
        name = data["data"].get("display_name")
        if not name:
            raise ValidationError(BLANK, "displayName")
        if len(name) > LONGEST:
            raise ValidationError(f"the length must be between 1 and {LONGEST}", "displayName")

    def handle_error(self, error: ValidationError, data: Any, **kwargs: Any) -> None:  # noqa: ARG002 - marshmallow's
        """Call what is wrong with ``data`` by the names of its members."""
        messages = error.messages
        if isinstance(messages, dict) and isinstance(messages.get("data"), dict):
            inner = messages.pop("data")
            messages.update({"data" if name == "_schema" else name: inner[name] for name in inner})


class ConnectTokenUpdateReq(Schema):
    """What changes of a token."""

    status = required_choice(ConnectTokenStatus)


class ConnectTokenData(Answer):
    """For whom a token is."""

    identifier = fields.String()
    display_name = fields.String(data_key="displayName")


class ConnectToken(Answer):
    """A token; ``secret`` in the answer that tells of a new one only."""

    id = Id("connect_token_id")
    type = fields.String(data_key="tokenType")
    holder = fields.Nested(ConnectTokenData, data_key="data")
    status = fields.String(data_key="connectTokenStatus")
    secret = fields.String()
    expires = Seconds(attribute="expires_at")


class ConnectTokenList(Schema):
    """A page of tokens."""

    connect_tokens = fields.List(fields.Nested(ConnectToken), required=True, data_key="connectTokens")
    paging = fields.Nested(Paging, required=True)
