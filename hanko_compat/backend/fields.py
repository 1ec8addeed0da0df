"""Kinds of fields that the bodies of this door are made of; their texts are those that SDKs know."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from marshmallow import Schema, ValidationError, fields, post_dump, validate

from hanko_compat import public_ids

BLANK = "cannot be blank"
NOT_VALID = "must be a valid value"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
REQUIRED: dict[str, Any] = {"required": BLANK, "null": BLANK, "invalid": NOT_VALID, "type": NOT_VALID}
OPTIONAL: dict[str, Any] = {"null": NOT_VALID, "invalid": NOT_VALID, "type": NOT_VALID}


def required_text(*checks: Callable[[Any], Any], name: str | None = None) -> fields.String:
    """A text that has to be there: absent, null and empty are the same mistake."""
    return fields.String(
        required=True,
        data_key=name,
        error_messages=REQUIRED,
        validate=[validate.Length(min=1, error=BLANK), *checks],
    )


def optional_text(*checks: Callable[[Any], Any], name: str | None = None) -> fields.String:
    """A text that may be absent, or null, which is the same."""
    return fields.String(
        data_key=name, allow_none=True, load_default=None, error_messages=OPTIONAL, validate=list(checks)
    )


class Choice(fields.String):
    """One of some texts. A member of an enumeration is read as such."""

    def __init__(self, choices: Iterable[str], **options: Any) -> None:
        super().__init__(**options)
        self._members = {str(each): each for each in choices}

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(value, *args, **kwargs)
        return self._members.get(text, text)


def one_of(choices: Iterable[str]) -> validate.OneOf:
    """Refuse any other text."""
    return validate.OneOf([*map(str, choices)], error=NOT_VALID)


def required_choice(choices: Iterable[str], *, name: str | None = None) -> Choice:
    """One of some texts, such as the members of an enumeration, that has to be there."""
    checks = [validate.Length(min=1, error=BLANK), one_of(["", *choices])]
    return Choice(choices, required=True, data_key=name, error_messages=REQUIRED, validate=checks)


def optional_choice(choices: Iterable[str], *, name: str | None = None) -> Choice:
    """One of some texts, or nothing."""
    options: dict[str, Any] = {"allow_none": True, "load_default": None, "error_messages": OPTIONAL}
    return Choice(choices, data_key=name, validate=one_of(choices), **options)


def length(minimum: int, maximum: int) -> validate.Length:
    """Refuse a text that is shorter or longer; one that is empty passes, as if it were absent."""
    return _LengthOrEmpty(min=minimum, max=maximum)


class _LengthOrEmpty(validate.Length):
    def __call__(self, value: Any) -> Any:
        if not value or (self.min or 0) <= len(value) <= (self.max or 0):
            return value
        raise ValidationError(f"the length must be between {self.min} and {self.max}")


class Id(fields.Field[UUID]):
    """An ID of the backend door."""

    def __init__(self, name: str, **kwargs: Any) -> None:
        """*name* is the kind of ID: one that `public_ids` knows, such as ``user_id``."""
        super().__init__(**kwargs)
        self._name = name

    def _serialize(self, value: UUID | None, *_args: Any, **_kwargs: Any) -> str | None:
        return None if value is None else public_ids.encode(self._name, value)


class Moment(fields.Field[datetime]):
    """A time in UTC, in whole seconds and without a zone."""

    def _serialize(self, value: datetime | None, *_args: Any, **_kwargs: Any) -> str | None:
        return None if value is None else value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")


class Milliseconds(fields.Field[int]):
    """A time as whole milliseconds since 1970."""

    def _serialize(self, value: Any, *_args: Any, **_kwargs: Any) -> int | None:
        return None if value is None else (value - EPOCH) // MILLISECOND


class Seconds(fields.Field[int]):
    """A time as whole seconds since 1970."""

    def _serialize(self, value: Any, *_args: Any, **_kwargs: Any) -> int | None:
        return None if value is None else (value - EPOCH) // timedelta(seconds=1)


class Answer(Schema):
    """An answer; members that are None are left out, and never null."""

    @post_dump
    def leave_out(self, data: dict[str, Any], **_kwargs: Any) -> dict[str, Any]:
        """Drop what is None."""
        return {name: value for name, value in data.items() if value is not None}
