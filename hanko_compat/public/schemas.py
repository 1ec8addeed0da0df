"""The bodies of the public door, named as in the published API description."""

from typing import Any

from marshmallow import INCLUDE, Schema, fields, post_dump

from hanko_compat.public.fields import (
    SparseSchema,
    Timestamp,
    required_address,
    required_string,
    required_uuid,
)


class EmailRequest(Schema):
    """The body of sign-up and look-up."""

    email = required_address("email")


class CreateUserResponse(Schema):
    """A new user; ``id`` and ``user_id`` are the same."""

    id = fields.UUID(attribute="user_id", dump_only=True, metadata={"description": "The same as user_id."})
    user_id = fields.UUID()
    email_id = fields.UUID(metadata={"description": "Names the address when asking for a passcode."})


class UserInfoResponse(Schema):
    """What a look-up by address tells."""

    id = fields.UUID(attribute="user_id", metadata={"description": "The id of the user."})
    email_id = fields.UUID()
    verified = fields.Boolean(attribute="is_verified")
    has_webauthn_credential = fields.Boolean(
        attribute="has_passkey", metadata={"description": "Whether the user can log in with a passkey."}
    )


class IdentityResponse(Schema):
    """An account at another provider."""

    id = fields.String(metadata={"description": "The user's id at the provider."})
    provider = fields.String(metadata={"description": "The provider's name."})
    identity_id = fields.UUID()


class EmailResponse(SparseSchema):
    """One of the user's addresses."""

    not_empty = frozenset({"identities"})

    id = fields.UUID()
    address = fields.String(metadata={"format": "email"})
    is_verified = fields.Boolean()
    is_primary = fields.Boolean()
    identities = fields.List(fields.Nested(IdentityResponse), metadata={"deprecated": True})
    identity = fields.Nested(IdentityResponse, metadata={"deprecated": True})


class UsernameResponse(Schema):
    """The name under which the user may log in."""

    id = fields.UUID()
    username = fields.String()
    created_at = Timestamp()
    updated_at = Timestamp()


class MetadataResponse(SparseSchema):
    """What an application keeps about the user, as far as the user may see it."""

    public_metadata = fields.Dict()
    unsafe_metadata = fields.Dict()


class MFAConfigResponse(Schema):
    """Which second factors there are, and whether an authenticator app is set up."""

    auth_app_set_up = fields.Boolean()
    totp_enabled = fields.Boolean()
    security_keys_enabled = fields.Boolean()


class CredentialResponse(SparseSchema):
    """A passkey or a security key."""

    id = fields.String(attribute="credential.id", metadata={"description": "The credential ID in base64url."})
    name = fields.String(attribute="credential.name")
    public_key = fields.String(attribute="credential.public_key")
    attestation_type = fields.String(attribute="credential.attestation_type")
    aaguid = fields.UUID(attribute="credential.aaguid")
    last_used_at = Timestamp(attribute="credential.last_used_at")
    created_at = Timestamp(attribute="credential.created_at")
    transports = fields.List(fields.String())
    backup_eligible = fields.Boolean(attribute="credential.backup_eligible")
    backup_state = fields.Boolean(attribute="credential.backup_state")
    mfa_only = fields.Boolean(attribute="credential.mfa_only")


class StoredTransportResponse(Schema):
    """A transport as it is stored."""

    # As Hanko 2.7.0: in capitals, and with a credential that is never there.
    id = fields.String(data_key="ID", metadata={"description": "The id of the row."})
    name = fields.String(data_key="Name", metadata={"description": "Such as ``internal``."})
    credential = fields.Constant(
        None, data_key="WebauthnCredential", allow_none=True, metadata={"description": "Always null."}
    )
    credential_id = fields.String(
        data_key="WebauthnCredentialID", metadata={"description": "The ID of the credential."}
    )


class StoredCredentialResponse(CredentialResponse):
    """A credential as it is stored, with what is null."""

    nullable = frozenset({"name", "last_used_at", "transports"})

    # As Hanko 2.7.0: objects here, names elsewhere.
    transports = fields.List(fields.Nested(StoredTransportResponse), attribute="stored_transports")
    user_id = fields.UUID(attribute="credential.user_id")
    sign_count = fields.Integer(attribute="credential.sign_count")
    updated_at = Timestamp(attribute="credential.updated_at")


class MeResponse(SparseSchema):
    """What a user may see of itself; ``id`` and ``user_id`` are the same."""

    not_empty = frozenset({"emails", "given_name", "identities", "passkeys", "security_keys"})

    id = fields.UUID(attribute="user.id", dump_only=True, metadata={"description": "The same as user_id."})
    user_id = fields.UUID(attribute="user.id")
    emails = fields.List(fields.Nested(EmailResponse))
    username = fields.Nested(UsernameResponse)
    passkeys = fields.List(fields.Nested(CredentialResponse))
    security_keys = fields.List(fields.Nested(CredentialResponse))
    identities = fields.List(fields.Nested(IdentityResponse))
    mfa_config = fields.Nested(MFAConfigResponse)
    metadata = fields.Nested(MetadataResponse)
    name = fields.String(attribute="user.name")
    given_name = fields.String(attribute="user.given_name")
    family_name = fields.String(attribute="user.family_name")
    picture = fields.String(attribute="user.picture")
    created_at = Timestamp(attribute="user.created_at")
    updated_at = Timestamp(attribute="user.updated_at")


class UserResponse(MeResponse):
    """The same with the primary address and the credentials as they are stored."""

    nullable = frozenset({"webauthn_credentials"})

    # As Hanko 2.7.0 documents it: a plain string here, an object in one's profile.
    username = fields.String(attribute="username.username")  # type: ignore[assignment]
    email = fields.String(metadata={"format": "email"})
    webauthn_credentials = fields.List(fields.Nested(StoredCredentialResponse), attribute="credentials")


class PasscodeInitRequest(Schema):
    """The body that asks for a passcode."""

    user_id = required_uuid("user_id")
    # A string: what is wrong with it is answered after the user was found.
    email_id = fields.String(allow_none=True, metadata={"format": "uuid"})


class PasscodeFinalRequest(Schema):
    """The body that brings a passcode back."""

    id = required_uuid("id", kind="uuid4", description="The id of the passcode.")
    code = required_string("code is a required field", description="What the mail says.")


class PasscodeResponse(Schema):
    """A passcode, but for its code."""

    id = fields.UUID(metadata={"description": "The id of the passcode."})
    ttl = fields.Integer(metadata={"description": "Seconds, from ``created_at``, until it is too late."})
    created_at = Timestamp()


class PasswordRequest(Schema):
    """The body that sets a password or logs in with one."""

    user_id = required_uuid("user_id")
    password = required_string("password is a required field", format="password")


class TokenRequest(Schema):
    """The body that exchanges a one-time token."""

    value = required_string("value is a required field", description="The one-time token.")


class TokenResponse(Schema):
    """Whose session has started."""

    user_id = fields.UUID()


class CreateEmailRequest(Schema):
    """The body that adds an address."""

    address = required_address("address")


class CreateEmailResponse(SparseSchema):
    """An address that was added; ``user_id`` is absent while it has to be verified."""

    id = fields.UUID(metadata={"description": "Names the address when asking for a passcode."})
    user_id = fields.UUID()
    address = fields.String(metadata={"format": "email"})
    verified = fields.Boolean()
    created_at = Timestamp()
    updated_at = Timestamp()


class SessionResponse(SparseSchema):
    """One of the user's sessions."""

    nullable = frozenset({"user_agent", "ip_address"})

    id = fields.UUID(metadata={"description": "The id of the session, as ``session_id`` in its token."})
    user_id = fields.UUID()
    user_agent = fields.String()
    ip_address = fields.String()
    created_at = Timestamp(metadata={"description": "When the user logged in."})
    updated_at = Timestamp()
    expires_at = Timestamp()
    last_used = Timestamp()
    is_current = fields.Boolean()


class ValidateSessionRequest(Schema):
    """The body that names a session."""

    # As Hanko 2.7.0: the text of an inner error shows through.
    session_token = required_string("code=400, message=session_token is a required field", format="JWT")


class TokenEmailResponse(Schema):
    """The user's primary address when the token was made."""

    address = fields.String(metadata={"format": "email"})
    is_primary = fields.Boolean()
    is_verified = fields.Boolean()


class ClaimsResponse(SparseSchema):
    """The claims of a session token, with names in full, and those of ``session.jwt_template``."""

    subject = fields.UUID(attribute="user_id", required=True)
    session_id = fields.UUID(required=True)
    issued_at = Timestamp()
    expiration = Timestamp(attribute="expires_at", required=True)
    audience = fields.List(fields.String())
    issuer = fields.String()
    email = fields.Nested(TokenEmailResponse)
    username = fields.String()
    amr = fields.List(fields.String(), metadata={"description": "How the user logged in (RFC 8176)."})

    class Meta:
        """For the API's description: the configuration's templates add claims."""

        unknown = INCLUDE

    @post_dump(pass_original=True)
    def add_template_claims(self, data: dict[str, Any], original: Any, **_kwargs: Any) -> dict[str, Any]:
        """Add what the configuration put into the token; it can't hide a standard claim."""
        return {**original.extra_claims, **data}


class ValidateSessionResponse(SparseSchema):
    """Whether a token is a session, and whose; ``is_valid`` alone when it is none."""

    is_valid = fields.Boolean(required=True)
    claims = fields.Nested(ClaimsResponse)
    user_id = fields.UUID()
    expiration_time = Timestamp()
    idle_expires_at = Timestamp(metadata={"description": "When the session ends if it is not used."})


class AccountConfig(Schema):
    """What users may do with accounts."""

    allow_deletion = fields.Boolean()
    allow_signup = fields.Boolean()


class EmailsConfig(Schema):
    """The rules for addresses."""

    require_verification = fields.Boolean()
    max_num_of_addresses = fields.Integer(attribute="limit")


class PasswordConfig(Schema):
    """The rules for passwords."""

    enabled = fields.Boolean()
    min_password_length = fields.Integer(attribute="min_length")


class ConfigResponse(Schema):
    """What a frontend has to know of the configuration."""

    account = fields.Nested(AccountConfig)
    emails = fields.Nested(EmailsConfig, attribute="email")
    password = fields.Nested(PasswordConfig)
    providers = fields.List(
        fields.String(),
        allow_none=True,
        metadata={"description": "Built-in providers in use; null for none."},
    )
    use_enterprise = fields.Boolean(metadata={"description": "Whether there is single sign-on by SAML."})


class KeyResponse(SparseSchema):
    """A public key (RFC 7517 s. 4)."""

    kty = fields.String(required=True)
    kid = fields.String(required=True)
    alg = fields.String(required=True)
    use = fields.String(required=True)
    n = fields.String(metadata={"description": "RSA: the modulus."})
    e = fields.String(metadata={"description": "RSA: the exponent."})
    crv = fields.String(metadata={"description": "Elliptic curves: the curve."})
    x = fields.String(metadata={"description": "Elliptic curves: the first coordinate, or the key."})
    y = fields.String(metadata={"description": "Elliptic curves: the second coordinate."})


class KeySetResponse(Schema):
    """The keys that verify session tokens (RFC 7517 s. 5)."""

    keys = fields.List(fields.Nested(KeyResponse), required=True)


class AliveResponse(Schema):
    """The server runs."""

    alive = fields.Boolean()


class ReadyResponse(Schema):
    """The server can do its work."""

    ready = fields.Boolean()
