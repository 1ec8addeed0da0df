"""The bodies of social accounts, named as in the published API description."""

from urllib.parse import urlsplit

from marshmallow import Schema, ValidationError, fields

from hanko_compat.backend.fields import length, required_choice, required_text
from hanko_compat.backend.schemas import Paging, SocialAccount
from hanko_compat.services.social_accounts import ProviderType

LONGEST = 255  # characters, as wide as the columns
LONGEST_URL = 2048


def url(text: str) -> None:
    """Let pass an absolute web address, and nothing, which is another mistake."""
    if text and not _is_url(text):
        raise ValidationError("must be a valid URL")


def _is_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
        has_port = parts.port is None or parts.port > 0
    except ValueError:
        return False
    is_plain = text.isprintable() and " " not in text
    return is_plain and has_port and parts.scheme in ("http", "https") and bool(parts.hostname)


class SocialAccountCreateReq(Schema):
    """An account at a provider that a user has."""

    provider = required_choice(ProviderType, name="providerType")
    identifier_value = required_text(length(1, LONGEST), name="identifierValue")
    foreign_id = required_text(length(1, LONGEST), name="foreignID")
    avatar_url = required_text(url, length(1, LONGEST_URL), name="avatarURL")
    full_name = required_text(length(1, LONGEST), name="fullName")


class SocialAccountList(Schema):
    """A page of accounts at providers."""

    social_accounts = fields.List(fields.Nested(SocialAccount), required=True, data_key="socialAccounts")
    paging = fields.Nested(Paging, required=True)
