"""The documents that tell browsers and phones who may use our passkeys."""

from marshmallow import Schema, fields

# What an Android application may do with this domain: log in with its passkeys and passwords.
RELATIONS = ["delegate_permission/common.get_login_creds"]


class AssetTarget(Schema):
    """An application, by its name and the certificates that sign it."""

    namespace = fields.Constant("android_app", metadata={"description": "Always ``android_app``."})
    package_name = fields.String(metadata={"description": "The name of its package."})
    sha256_cert_fingerprints = fields.List(
        fields.String(), metadata={"description": "Of the certificates that sign it."}
    )


class AssetStatement(Schema):
    """A statement of Digital Asset Links about one application."""

    relation = fields.Constant(RELATIONS, metadata={"description": "What it may do."})
    target = fields.Nested(AssetTarget)


class WebCredentials(Schema):
    """Which applications may use what was saved for this domain."""

    apps = fields.List(fields.String(), metadata={"description": "Each a team and a bundle."})


class AppleAssociation(Schema):
    """What Apple's systems read about applications of this domain."""

    webcredentials = fields.Nested(WebCredentials)


class RelatedOrigins(Schema):
    """Origins of other domains (WebAuthn s. 5.11)."""

    origins = fields.List(fields.String(), metadata={"description": "Origins with https."})
