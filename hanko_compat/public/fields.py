"""Kinds of fields and of schemas that the bodies of this door are made of."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from marshmallow import Schema, ValidationError, fields, post_dump, validate

from hanko_compat.errors.emails import AddressInvalid, AddressTooLong
from hanko_compat.rfc3339 import written
from hanko_compat.services.emails.addresses import stored_form
from hanko_compat.uuid_text import is_canonical


class Timestamp(fields.DateTime):
    """A time in RFC 3339, in UTC; the fraction has no trailing zeros and is absent when it is zero."""

    def _serialize(self, value: datetime | None, *_args: Any, **_kwargs: Any) -> str | None:
        return None if value is None else written(value)


def required_string(missing: str, *checks: validate.Validator, **metadata: Any) -> fields.String:
    """A string that has to be there: absent, null and empty are the same mistake, with the text *missing*."""
    return fields.String(
        required=True,
        error_messages={"required": missing, "null": missing},
        validate=[validate.Length(min=1, error=missing), *checks],
        metadata=metadata,
    )


class CanonicalUUID(fields.UUID):
    """A UUID in its canonical form (RFC 9562 s. 4): in lower case, with dashes and nothing else."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> UUID:
        if value == "":
            raise self.make_error("required")
        if not isinstance(value, str) or not is_canonical(value):
            raise self.make_error("invalid_uuid")
        return super()._deserialize(value, *args, **kwargs)


class RandomUUID(validate.Validator):
    """Refuses a UUID that is not random (RFC 9562 s. 5.4)."""

    def __init__(self, error: str) -> None:
        self._error = error

    def __call__(self, value: UUID) -> UUID:
        """Let *value* pass."""
        if value.version != 4:
            raise ValidationError(self._error)
        return value


def required_uuid(name: str, *, kind: str = "uuid", **metadata: Any) -> fields.UUID:
    """A UUID that has to be there; messages say *name* and *kind*, which may be ``uuid4``: a random one."""
    missing = f"{name} is a required field"
    invalid = f"{name} must be a valid {kind}"
    return CanonicalUUID(
        required=True,
        error_messages={"required": missing, "null": missing, "invalid_uuid": invalid},
        validate=[RandomUUID(invalid)] if kind == "uuid4" else [],
        metadata=metadata,
    )


def required_address(name: str) -> fields.String:
    """An e-mail address that has to be there under *name*; the service says which new ones it takes."""
    return required_string(f"{name} is a required field", AddressSyntax(name), format="email")


class AddressSyntax(validate.Validator):
    """Refuses what is no e-mail address, in the name of its field."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __call__(self, value: str) -> str:
        """Let *value* pass, as it was sent."""
        try:
            stored_form(value)
        except AddressInvalid as error:
            raise ValidationError(address_objection(self._name, error)) from error
        return value


def address_objection(name: str, error: AddressInvalid | AddressTooLong) -> str:
    """What is wrong with the address of the member *name*."""
    match error:
        case AddressTooLong(max_length=length):
            return f"{name} must be a maximum of {length} characters in length"
        case AddressInvalid():
            return f"{name} must be a valid email address"


class SparseSchema(Schema):
    """An answer that leaves out what is None, and in ``not_empty`` also an empty list or text.

    What is named in ``nullable`` stays instead, as null.
    """

    not_empty: ClassVar[frozenset[str]] = frozenset()
    nullable: ClassVar[frozenset[str]] = frozenset()

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        """Let the API's description say what may be null."""
        if field_name in self.nullable:
            field_obj.allow_none = True

    @post_dump
    def leave_out(self, data: dict[str, Any], **_kwargs: Any) -> dict[str, Any]:
        """Drop the members that say nothing."""
        kept = {name: value for name, value in data.items() if not self._says_nothing(name, value)}
        return kept | dict.fromkeys(self.nullable - kept.keys())

    def _says_nothing(self, name: str, value: Any) -> bool:
        if name in self.not_empty:
            return not value
        return value is None or (value == [] and name in self.nullable)
