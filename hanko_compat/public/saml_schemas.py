"""Answers about SAML at the public door."""

from marshmallow import Schema, fields

from hanko_compat.config.third_party import AttributeMap
from hanko_compat.public.fields import SparseSchema


def _attribute_with(what: str) -> fields.String:
    return fields.String(metadata={"description": f"The attribute with {what}."})


class AttributeMapResponse(SparseSchema):
    """Which attribute holds which claim; what is not mapped is absent."""

    not_empty = frozenset(vars(AttributeMap()))

    birthdate = _attribute_with("the date of birth")
    email = _attribute_with("the address")
    email_verified = _attribute_with("``true`` where the address is verified")
    family_name = _attribute_with("the family name")
    gender = _attribute_with("the gender")
    given_name = _attribute_with("the given name")
    locale = _attribute_with("the language and region")
    middle_name = _attribute_with("the middle names")
    name = _attribute_with("the whole name")
    nickname = _attribute_with("the casual name")
    phone = _attribute_with("the phone number")
    phone_verified = _attribute_with("``true`` where the phone number is verified")
    picture = _attribute_with("the URL of a picture")
    preferred_username = _attribute_with("the name that the user wants to go by")
    profile = _attribute_with("the URL of a profile page")
    updated_at = _attribute_with("when all this was changed last")
    website = _attribute_with("the URL of a web page")
    zone_info = _attribute_with("the time zone")


class ProviderResponse(SparseSchema):
    """An identity provider, as it is configured."""

    not_empty = frozenset({"skip_email_verification"})

    enabled = fields.Boolean(metadata={"description": "Always true."})
    name = fields.String(metadata={"description": "What people call it."})
    domain = fields.String(metadata={"description": "The domain of its users' addresses."})
    metadata_url = fields.String(metadata={"description": "Where its metadata are."})
    skip_email_verification = fields.Boolean(
        metadata={"description": "Do all its addresses count as verified?"}
    )
    attribute_map = fields.Nested(AttributeMapResponse)


class MetadataRefusal(Schema):
    """What is wrong with a request for metadata, in the original's shape."""

    Cause = fields.Constant(None, metadata={"description": "Always null."})
    Code = fields.Constant("invalid_request", metadata={"description": "Always ``invalid_request``."})
    Description = fields.String(attribute="description", metadata={"description": "A text."})
