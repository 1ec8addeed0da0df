"""Members of what ``navigator.credentials`` answers, read as the original reads them."""

import json
from typing import Any

from marshmallow import ValidationError, fields, missing, validate

from hanko_compat.base64url import decode
from hanko_compat.errors.base64url import Base64urlMalformed


class Base64url(fields.Field[bytes]):
    """Bytes, sent under *name* in base64url, with padding or without; *longest* in characters.

    Absent, null and empty are the same: a mistake where the member is required, no bytes elsewhere.
    """

    def __init__(self, name: str, *, longest: int, description: str, required: bool = True) -> None:
        absent = f"{name} is a required field"
        super().__init__(
            required=required,
            allow_none=not required,
            load_default=missing if required else bytes,
            data_key=name,
            error_messages={
                "required": absent,
                "null": absent,
                "invalid": f"{name} must be base64url",
                "too_long": f"{name} must be a maximum of {longest} characters in length",
            },
            metadata={"type": "string", "format": "base64url", "description": description},
        )
        self._longest = longest

    def deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        """The bytes of *value*."""
        loaded = super().deserialize(value, *args, **kwargs)
        return b"" if loaded is None else loaded

    def _deserialize(self, value: Any, *_args: Any, **_kwargs: Any) -> Any:
        # As Hanko 2.7.0: a number, or a truth value, stands for the letters that JSON writes it with.
        text = json.dumps(value) if isinstance(value, int) else value
        if not isinstance(text, str):
            raise self.make_error("invalid")
        if self.required and not text:
            raise self.make_error("required")
        if len(text) > self._longest:
            raise self.make_error("too_long")
        try:
            return decode(text.rstrip("="))
        except Base64urlMalformed as error:
            raise self.make_error("invalid") from error


class CredentialId(validate.Validator):
    """Refuses a text that is not base64url without padding: what browsers call a credential."""

    def __call__(self, value: str) -> str:
        """Let *value* pass."""
        try:
            decode(value)
        except Base64urlMalformed as error:
            raise ValidationError("id must be base64url") from error
        if value.endswith("="):
            raise ValidationError("id must not be padded")
        return value
