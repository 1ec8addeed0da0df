"""The bodies of ceremonies with passkeys, named as in the published API description."""

from typing import Any
from uuid import UUID

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate

from hanko_compat import public_ids
from hanko_compat.backend.client_information import (
    Part,
    client_information,
    optional_flag,
    required_flag,
)
from hanko_compat.backend.fields import (
    BLANK,
    NOT_VALID,
    REQUIRED,
    Answer,
    Id,
    length,
    optional_text,
    required_choice,
    required_text,
)
from hanko_compat.errors.json_text import JSONRefused
from hanko_compat.web.json_text import parse_object

# The longest texts that are read, in characters.
LONGEST_ID, LONGEST_ATTESTATION, LONGEST = 1400, 44_000, 8000
LONGEST_PROCESS, LONGEST_USERNAME = 64, 255
STRATEGIES = ("standard", "minimize", "maximize")
ATTACHMENTS = ("platform", "cross-platform")


class UserId(fields.String):
    """The ID of a user in a body; what is none names no user."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(value, *args, **kwargs)
        user_id: UUID | None = public_ids.decode("user_id", text) if text else None
        if user_id is None:
            raise ValidationError("does not exist" if text else BLANK)
        return user_id


class CredentialText(fields.String):
    """What a browser's ``navigator.credentials`` gave, as JSON in a text; read by *schema*."""

    def __init__(self, schema: type[Schema], name: str) -> None:
        super().__init__(required=True, data_key=name, error_messages=REQUIRED)
        self._schema = schema(unknown=EXCLUDE)

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(value, *args, **kwargs)
        if not text:
            raise ValidationError(BLANK)
        try:
            return self._schema.load(parse_object(text.encode()))
        except (JSONRefused, ValidationError) as error:
            raise ValidationError(NOT_VALID) from error


def user_id() -> UserId:
    """The member ``userID``, which has to be there."""
    return UserId(required=True, data_key="userID", error_messages=REQUIRED)


def process_id() -> fields.String:
    """The member ``processID``, which has to be there."""
    return required_text(length(1, LONGEST_PROCESS), name="processID")


def in_base64url(name: str, longest: int = LONGEST) -> fields.String:
    """Bytes that have to be there; the service decodes them."""
    return fields.String(required=True, data_key=name, validate=validate.Length(min=1, max=longest))


class AttestationResponse(Schema):
    """What an authenticator made."""

    client_data = in_base64url("clientDataJSON")
    attestation_object = in_base64url("attestationObject", LONGEST_ATTESTATION)
    transports = fields.List(fields.String(), allow_none=True, load_default=None)


class AssertionResponse(Schema):
    """What an authenticator signed."""

    client_data = in_base64url("clientDataJSON")
    authenticator_data = in_base64url("authenticatorData")
    signature = in_base64url("signature")
    user_handle = fields.String(
        data_key="userHandle", allow_none=True, load_default=None, validate=validate.Length(max=LONGEST)
    )


class PublicKeyCredential(Schema):
    """The answer of ``navigator.credentials`` (WebAuthn s. 5.1) as JSON."""

    id = in_base64url("id", LONGEST_ID)
    type = fields.String(required=True, validate=validate.Equal("public-key"))
    attachment = fields.String(data_key="authenticatorAttachment", allow_none=True, load_default=None)


class AttestedCredential(PublicKeyCredential):
    """The answer of ``navigator.credentials.create()``."""

    response = fields.Nested(AttestationResponse, required=True, unknown=EXCLUDE)


class AssertedCredential(PublicKeyCredential):
    """The answer of ``navigator.credentials.get()``."""

    response = fields.Nested(AssertionResponse, required=True, unknown=EXCLUDE)


class PasskeyIntelFlags(Part):
    """What the caller has decided."""

    is_forced = required_flag("forcePasskeyAppend", "Even where the device itself keeps no passkeys?")
    asks_automatically = optional_flag("askForAutoAppend", "Without a question? It changes nothing.")


class PasskeyAppendStartReq(Schema):
    """For whom a passkey is to be made."""

    user_id = user_id()
    process_id = process_id()
    username = required_text(length(1, LONGEST_USERNAME))
    client_information = client_information()
    flags = fields.Nested(
        PasskeyIntelFlags,
        required=True,
        data_key="passkeyIntelFlags",
        unknown=EXCLUDE,
        error_messages=REQUIRED,
    )


class PasskeyAppendFinishReq(Schema):
    """The passkey that was made."""

    user_id = user_id()
    process_id = process_id()
    credential = CredentialText(AttestedCredential, "attestationResponse")
    client_information = client_information()
    tracking_id = optional_text(name="trackingID")
    sends_notification = optional_flag("sendNotification", "It changes nothing: no mail is sent.")


class PasskeyLoginStartReq(Schema):
    """Who is to log in."""

    user_id = user_id()
    client_information = client_information()
    strategy = required_choice(STRATEGIES, name="crossDeviceAuthenticationStrategy")
    process_id = process_id()


class PasskeyMediationStartReq(Schema):
    """Where somebody may log in."""

    client_information = client_information()


class PasskeyMediationFinishReq(Schema):
    """What a passkey has signed."""

    credential = CredentialText(AssertedCredential, "assertionResponse")
    client_information = client_information()
    process_id = process_id()
    is_signed = optional_flag("signPasskeyData", "Is a token wanted that another server can have verified?")
    tracking_id = optional_text(name="trackingID")


class PasskeyLoginFinishReq(PasskeyMediationFinishReq):
    """What a passkey of this user has signed."""

    user_id = user_id()


class PasskeyVerifySignedDataReq(Schema):
    """A token, and whose it should be; without a name it may be anybody's."""

    token = required_text(name="signedPasskeyData")
    username = optional_text()


class PasskeyPostLoginReq(Schema):
    """A token to trade for a session."""

    token = required_text(name="signedPasskeyData")


class AaguidDetails(Answer):
    """A kind of authenticator."""

    aaguid = fields.String()
    name = fields.String(metadata={"description": "What it is called; empty where we don't know it."})
    icon_light = fields.String(data_key="iconLight", metadata={"description": "Always empty."})
    icon_dark = fields.String(data_key="iconDark", metadata={"description": "Always empty."})


class PasskeyData(Answer):
    """Whose passkey it was, and which."""

    id = Id("credential_id", metadata={"description": "The ID of the passkey."})
    user_id = Id("user_id", data_key="userID")
    username = fields.String(metadata={"description": "What the user is called."})
    ceremony_type = fields.String(
        data_key="ceremonyType",
        validate=validate.OneOf(["local", "cda", "security-key"]),
        metadata={"description": "Was it on the device itself, on another one, or on a security key?"},
    )
    challenge_id = Id(
        "passkey_challenge_id",
        data_key="challengeID",
        metadata={"description": "The ID of the challenge that was answered."},
    )
    kind = fields.Nested(AaguidDetails, data_key="aaguidDetails")


class DetectionTag(Answer):
    """Something that was found out. Nothing ever is."""

    category = fields.String(metadata={"description": "What it is about."})
    name = fields.String(metadata={"description": "What was found out."})


def _always(kind: type[fields.Field[Any]], name: str, value: str) -> fields.Field[Any]:
    return kind(data_key=name, metadata={"description": f"Always {value}."})


class AppendHistoryData(Answer):
    """How often the user was asked before; it is not counted."""

    default_count = _always(fields.Integer, "defaultCount", "0")
    after_error_count = _always(fields.Integer, "afterErrorCount", "0")
    after_hybrid_count = _always(fields.Integer, "afterHybridCount", "0")
    auto_count = _always(fields.Integer, "autoCount", "0")
    default_cooldown = _always(fields.Boolean, "defaultCooldown", "false")
    after_error_cooldown = _always(fields.Boolean, "afterErrorCooldown", "false")
    after_hybrid_cooldown = _always(fields.Boolean, "afterHybridCooldown", "false")
    auto_cooldown = _always(fields.Boolean, "autoCooldown", "false")


class DetectionInsights(Answer):
    """What is known of the browser: nothing."""

    tags = fields.List(fields.Nested(DetectionTag), metadata={"description": "Always empty."})
    credential_ids = fields.List(
        fields.String(), data_key="credentialIds", metadata={"description": "Always empty."}
    )
    client_env_ids = fields.List(
        fields.String(), data_key="clientEnvIds", metadata={"description": "Always empty."}
    )
    is_cda_candidate = _always(fields.Boolean, "isCDACandidate", "false")
    password_manager_ids = fields.List(
        fields.String(), data_key="passwordManagerIds", metadata={"description": "Always empty."}
    )
    history = fields.Nested(AppendHistoryData, data_key="historyData")


class DecisionInsights(Answer):
    """Why a log-in with a passkey is offered, or not."""

    tag = fields.String(metadata={"description": "The reason, for programs."})
    is_cda_candidate = _always(fields.Boolean, "isCDACandidate", "false")
    experiments = fields.List(fields.String(), metadata={"description": "Always empty."})
    prefers_immediate = fields.Boolean(
        data_key="preferImmediatelyAvailable", metadata={"description": "Always absent."}
    )


class DecisionInsightsAppend(Answer):
    """Why a passkey is offered, or not."""

    tag = fields.String(metadata={"description": "The reason, for programs."})
    is_restricted_browser = _always(fields.Boolean, "isRestrictedBrowser", "false")
    variant = fields.String(metadata={"description": "Always ``default``."})
    auto = _always(fields.Boolean, "auto", "false")


class PasskeyAppendStartRsp(Answer):
    """What to make a passkey with, where one can be made."""

    is_allowed = fields.Boolean(data_key="appendAllow")
    options = fields.String(data_key="attestationOptions")
    detection = fields.Nested(DetectionInsights, data_key="detectionInsights")
    decision = fields.Nested(DecisionInsightsAppend, data_key="decisionInsights")


class PasskeyAppendFinishRsp(Answer):
    """The passkey that was made."""

    passkey = fields.Nested(PasskeyData, data_key="passkeyData")


class PasskeyMediationStartRsp(Answer):
    """What to log in with."""

    is_allowed = fields.Boolean(data_key="loginAllow")
    options = fields.String(data_key="assertionOptions")


class PasskeyLoginStartRsp(PasskeyMediationStartRsp):
    """What to log in with, where the user has a passkey."""

    detection = fields.Nested(DetectionInsights, data_key="detectionInsights")
    decision = fields.Nested(DecisionInsights, data_key="decisionInsights")


class PasskeyLoginFinishRsp(Answer):
    """Who has logged in with what."""

    passkey = fields.Nested(PasskeyData, data_key="passkeyData")
    token = fields.String(data_key="signedPasskeyData")


class PasskeyMediationFinishRsp(PasskeyLoginFinishRsp):
    """Who has logged in with what, unless the passkey is one that was deleted here."""

    error = fields.Dict(metadata={"description": "Its ``type`` is ``credentialDeleted``; else absent."})


class PasskeyVerifySignedDataRsp(Answer):
    """What a token is worth."""

    result = fields.String(data_key="verificationResult")


class PasskeyPostLoginRsp(Answer):
    """A session."""

    token = fields.String(data_key="session", metadata={"description": "The token of a session."})
