"""The bodies of users and identifiers, named as in the published API description."""

from marshmallow import Schema, ValidationError, fields

from hanko_compat.backend.fields import (
    Answer,
    Id,
    Milliseconds,
    Moment,
    length,
    optional_choice,
    optional_text,
    required_choice,
    required_text,
)
from hanko_compat.services.identifiers import IdentifierStatus, IdentifierType
from hanko_compat.services.users.records import UserStatus

LONGEST_HANDLE = 64  # bytes; WebAuthn Level 3 s. 5.4.3


def fits_user_handle(text: str) -> None:
    """Refuse what no authenticator takes for a user handle."""
    if len(text.encode()) > LONGEST_HANDLE:
        raise ValidationError(f"the length must be between 1 and {LONGEST_HANDLE}")


class RequestData(Schema):
    """How the request is called in the log."""

    request_id = fields.String(required=True, data_key="requestID")
    link = fields.String()


class GenericRsp(Schema):
    """What answers that are no entity have in common."""

    status = fields.Integer(required=True, data_key="httpStatusCode")
    message = fields.String(required=True)
    request_data = fields.Nested(RequestData, required=True, data_key="requestData")
    runtime = fields.Float(required=True)


class UserCreateReq(Schema):
    """A new user."""

    name = optional_text(length(3, 255), name="fullName")
    status = required_choice(UserStatus)
    webauthn_id = optional_text(fits_user_handle, name="explicitWebauthnID")


class UserUpdateReq(Schema):
    """What changes of a user."""

    name = optional_text(length(3, 255), name="fullName")
    status = optional_choice(UserStatus)


class User(Answer):
    """A user."""

    id = Id("user_id", data_key="userID")
    name = fields.String(data_key="fullName")
    status = fields.String()
    webauthn_id = fields.String(data_key="explicitWebauthnID")
    updated = Moment(attribute="updated_at", dump_only=True)
    updated_ms = Milliseconds(attribute="updated_at", data_key="updatedMs", dump_only=True)


class Identifier(Answer):
    """An address, a phone number or a username; the value as it was sent."""

    id = Id("identifier_id", data_key="identifierID")
    type = fields.String()
    value = fields.String()
    status = fields.String()
    user_id = Id("user_id", data_key="userID")


class SocialAccount(Answer):
    """An account at another provider."""

    id = Id("social_account_id", data_key="socialAccountID")
    provider = fields.String(data_key="providerType")
    identifier_value = fields.String(data_key="identifierValue")
    user_id = Id("user_id", data_key="userID")
    foreign_id = fields.String(data_key="foreignID")
    avatar_url = fields.String(data_key="avatarURL")
    full_name = fields.String(data_key="fullName")


class UserAggregate(Answer):
    """A user with all by which it can be recognised."""

    id = Id("user_id", attribute="user.id", data_key="userID")
    name = fields.String(attribute="user.name", data_key="fullName")
    status = fields.String(attribute="user.status")
    webauthn_id = fields.String(attribute="user.webauthn_id", data_key="explicitWebauthnID")
    emails = fields.List(fields.Nested(Identifier), data_key="emailIdentifiers")
    phones = fields.List(fields.Nested(Identifier), data_key="phoneNumberIdentifiers")
    usernames = fields.List(fields.Nested(Identifier), data_key="usernameIdentifiers")
    social_accounts = fields.List(fields.Nested(SocialAccount), data_key="socialAccounts")
    created = Moment(attribute="user.created_at", dump_only=True)
    # With a capital S here and nowhere else.
    created_ms = Milliseconds(attribute="user.created_at", data_key="createdMS", dump_only=True)
    updated = Moment(attribute="user.updated_at", dump_only=True)
    updated_ms = Milliseconds(attribute="user.updated_at", data_key="updatedMs", dump_only=True)


class Paging(Schema):
    """Which page of how many."""

    page = fields.Integer(required=True)
    total_pages = fields.Integer(required=True, data_key="totalPages")
    total_items = fields.Integer(required=True, data_key="totalItems")


class UserList(Schema):
    """A page of users."""

    users = fields.List(fields.Nested(UserAggregate), required=True)
    paging = fields.Nested(Paging, required=True)


class IdentifierCreateReq(Schema):
    """A new identifier."""

    type = required_choice(IdentifierType, name="identifierType")
    value = required_text(name="identifierValue")
    status = required_choice(IdentifierStatus)


class IdentifierUpdateReq(Schema):
    """What changes of an identifier."""

    status = required_choice(IdentifierStatus)


class IdentifierList(Schema):
    """A page of identifiers."""

    identifiers = fields.List(fields.Nested(Identifier), required=True)
    paging = fields.Nested(Paging, required=True)
