"""The bodies of passkeys (WebAuthn s. 5), named as in the published API description."""

from typing import Any

from marshmallow import EXCLUDE, Schema, fields, validate

from hanko_compat.public.fields import SparseSchema, required_string
from hanko_compat.public.webauthn_fields import Base64url, CredentialId

# The longest texts that are read, in characters.
LONGEST_ATTESTATION, LONGEST = 44_000, 8000
LONGEST_NAME = 255  # characters of the column
PUBLIC_KEY = validate.Equal("public-key", error="type must be public-key")
TRANSPORTS = "transports must be a list of strings"
RESPONSE_MISSING: Any = dict.fromkeys(("required", "null"), "response is a required field")


class WebauthnLoginInitRequest(Schema):
    """The body that asks for request options; without a user they are for anybody."""

    user_id = fields.String(
        allow_none=True,
        load_default=None,
        metadata={"format": "uuid", "description": "Whose passkeys may answer."},
    )


class WebauthnRegInitRequest(Schema):
    """The body that asks for creation options: none is needed, and no member is read."""


class AttestationResponse(Schema):
    """What an authenticator made."""

    client_data_json = Base64url("clientDataJSON", longest=LONGEST, description="What the browser says.")
    attestation_object = Base64url(
        "attestationObject", longest=LONGEST_ATTESTATION, description="What the authenticator says."
    )
    transports = fields.List(
        fields.String(allow_none=True, error_messages={"invalid": TRANSPORTS}),
        allow_none=True,
        load_default=None,
        error_messages={"invalid": TRANSPORTS},
    )


class AssertionResponse(Schema):
    """What an authenticator signed."""

    client_data_json = Base64url("clientDataJSON", longest=LONGEST, description="What the browser says.")
    authenticator_data = Base64url(
        "authenticatorData", longest=LONGEST, description="What the authenticator says."
    )
    signature = Base64url(
        "signature", longest=LONGEST, required=False, description="Of both, under the passkey."
    )
    user_handle = Base64url(
        "userHandle",
        longest=LONGEST,
        required=False,
        description="Whose passkey it is; needed where no user was named.",
    )


class PublicKeyCredential(Schema):
    """The answer of ``navigator.credentials`` as JSON."""

    id = required_string(
        "id is a required field",
        CredentialId(),
        format="base64url",
        description="The credential ID, without padding.",
    )
    raw_id = Base64url(
        "rawId", longest=LONGEST, required=False, description="The same; a log-in goes by this member."
    )
    type = required_string("type is a required field", PUBLIC_KEY, description="Always ``public-key``.")
    # As Hanko 2.7.0: of these only the type counts.
    authenticator_attachment = fields.String(
        data_key="authenticatorAttachment",
        allow_none=True,
        error_messages={"invalid": "authenticatorAttachment must be a string"},
        metadata={"description": "``platform`` or ``cross-platform``; not used."},
    )
    client_extension_results = fields.Dict(
        data_key="clientExtensionResults",
        allow_none=True,
        error_messages={"invalid": "clientExtensionResults must be an object"},
        metadata={"description": "What extensions answered; not used."},
    )


class WebauthnRegFinalRequest(PublicKeyCredential):
    """The answer of ``navigator.credentials.create()``."""

    response = fields.Nested(
        AttestationResponse, required=True, unknown=EXCLUDE, error_messages=RESPONSE_MISSING
    )


class WebauthnLoginFinalRequest(PublicKeyCredential):
    """The answer of ``navigator.credentials.get()``."""

    response = fields.Nested(
        AssertionResponse, required=True, unknown=EXCLUDE, error_messages=RESPONSE_MISSING
    )


class WebauthnFinalResponse(Schema):
    """The passkey of a finished ceremony, and its user."""

    credential_id = fields.String(metadata={"format": "base64url"})
    user_id = fields.UUID()


class UpdateCredentialRequest(Schema):
    """The body that renames a credential; without a name nothing changes."""

    name = fields.String(
        allow_none=True,
        load_default=None,
        validate=validate.Length(
            max=LONGEST_NAME, error=f"name must be a maximum of {LONGEST_NAME} characters in length"
        ),
        metadata={"description": "What the user calls it."},
    )


class RelyingPartyEntity(Schema):
    """For whom a passkey is made."""

    id = fields.String(metadata={"description": "The domain that it belongs to."})
    name = fields.String(metadata={"description": "``webauthn.relying_party.display_name``."})


class UserEntity(Schema):
    """What an authenticator keeps of the user."""

    id = fields.String(metadata={"format": "base64url", "description": "The user handle."})
    name = fields.String(metadata={"description": "The primary address, or what else there is."})
    display_name = fields.String(data_key="displayName", metadata={"description": "The same as name."})


class CredentialParameters(Schema):
    """A kind of key that is accepted."""

    type = fields.String(metadata={"description": "Always ``public-key``."})
    alg = fields.Integer(metadata={"description": "The COSE algorithm (RFC 9053)."})


class AuthenticatorSelection(Schema):
    """Which authenticators may answer."""

    require_resident_key = fields.Boolean(
        data_key="requireResidentKey", metadata={"description": "The same, for browsers of Level 1."}
    )
    resident_key = fields.String(
        data_key="residentKey", metadata={"description": "Must the passkey be discoverable?"}
    )
    user_verification = fields.String(
        data_key="userVerification", metadata={"description": "``passkey.user_verification``."}
    )


class PublicKeyCreationOptions(Schema):
    """Options to make a passkey."""

    rp = fields.Nested(RelyingPartyEntity)
    user = fields.Nested(UserEntity)
    challenge = fields.String(metadata={"format": "base64url", "description": "To be signed, once."})
    pub_key_cred_params = fields.List(
        fields.Nested(CredentialParameters),
        data_key="pubKeyCredParams",
        metadata={"description": "The kinds of keys that are accepted, the best first."},
    )
    timeout = fields.Integer(metadata={"description": "In milliseconds."})
    authenticator_selection = fields.Nested(AuthenticatorSelection, data_key="authenticatorSelection")
    attestation = fields.String(metadata={"description": "``passkey.attestation_preference``."})


class CredentialCreationOptions(Schema):
    """What to call ``navigator.credentials.create()`` with; bytes are in base64url."""

    public_key = fields.Nested(PublicKeyCreationOptions, data_key="publicKey")


class CredentialDescriptor(Schema):
    """A passkey that may answer."""

    type = fields.String(metadata={"description": "Always ``public-key``."})
    id = fields.String(metadata={"format": "base64url", "description": "The credential ID."})


class PublicKeyRequestOptions(SparseSchema):
    """Options to log in."""

    challenge = fields.String(metadata={"format": "base64url", "description": "To be signed, once."})
    timeout = fields.Integer(metadata={"description": "In milliseconds."})
    rp_id = fields.String(data_key="rpId", metadata={"description": "The domain of the passkeys."})
    allow_credentials = fields.List(
        fields.Nested(CredentialDescriptor),
        data_key="allowCredentials",
        metadata={"description": "The passkeys that may answer, the oldest first; absent for any."},
    )
    user_verification = fields.String(
        data_key="userVerification", metadata={"description": "``passkey.user_verification``."}
    )


class CredentialRequestOptions(Schema):
    """What to call ``navigator.credentials.get()`` with; bytes are in base64url."""

    public_key = fields.Nested(PublicKeyRequestOptions, data_key="publicKey")
