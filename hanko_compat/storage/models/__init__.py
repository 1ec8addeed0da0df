"""The tables, one module each: those of Hanko 2.7 under its names, and our own, ``hanko_compat_...``."""

from hanko_compat.storage.models.api_secrets import ApiSecret
from hanko_compat.storage.models.audit_logs import AuditLog
from hanko_compat.storage.models.challenges import Challenge
from hanko_compat.storage.models.connect_tokens import ConnectToken
from hanko_compat.storage.models.credential_details import CredentialDetail
from hanko_compat.storage.models.dead_letters import DeadLetter
from hanko_compat.storage.models.deliveries import Delivery
from hanko_compat.storage.models.email_claims import EmailClaim
from hanko_compat.storage.models.email_values import EmailValue
from hanko_compat.storage.models.emails import Email
from hanko_compat.storage.models.flows import Flow
from hanko_compat.storage.models.identifiers import Identifier
from hanko_compat.storage.models.identities import Identity
from hanko_compat.storage.models.jwks import Jwk
from hanko_compat.storage.models.leases import Lease
from hanko_compat.storage.models.otp_secrets import OtpSecret
from hanko_compat.storage.models.outbox import OutboxMail
from hanko_compat.storage.models.passcodes import Passcode
from hanko_compat.storage.models.passkey_challenges import PasskeyChallenge
from hanko_compat.storage.models.passkey_events import PasskeyEvent
from hanko_compat.storage.models.password_credentials import PasswordCredential
from hanko_compat.storage.models.primary_emails import PrimaryEmail
from hanko_compat.storage.models.projects import Project
from hanko_compat.storage.models.rate_limits import RateLimit
from hanko_compat.storage.models.revoked_keys import RevokedKey
from hanko_compat.storage.models.saml_certificates import SamlCertificate
from hanko_compat.storage.models.saml_identities import SamlIdentity
from hanko_compat.storage.models.saml_idp_initiated_requests import SamlIdpInitiatedRequest
from hanko_compat.storage.models.saml_requests import SamlRequest
from hanko_compat.storage.models.saml_states import SamlState
from hanko_compat.storage.models.sessions import Session
from hanko_compat.storage.models.social_accounts import SocialAccount
from hanko_compat.storage.models.spent_tokens import SpentToken
from hanko_compat.storage.models.tokens import Token
from hanko_compat.storage.models.trusted_devices import TrustedDevice
from hanko_compat.storage.models.user_metadata import UserMetadata
from hanko_compat.storage.models.user_states import UserState
from hanko_compat.storage.models.usernames import Username
from hanko_compat.storage.models.users import User
from hanko_compat.storage.models.webauthn_credential_transports import WebauthnCredentialTransport
from hanko_compat.storage.models.webauthn_credential_user_handles import WebauthnCredentialUserHandle
from hanko_compat.storage.models.webauthn_credentials import WebauthnCredential
from hanko_compat.storage.models.webauthn_session_data import WebauthnSessionData
from hanko_compat.storage.models.webauthn_session_data_allowed_credentials import (
    WebauthnSessionDataAllowedCredential,
)
from hanko_compat.storage.models.webhook_deliveries import WebhookDelivery
from hanko_compat.storage.models.webhook_endpoints import WebhookEndpoint
from hanko_compat.storage.models.webhook_events import WebhookEvent
from hanko_compat.storage.models.webhooks import Webhook

HANKO_TABLES = (
    User,
    Email,
    PrimaryEmail,
    Username,
    UserMetadata,
    PasswordCredential,
    Passcode,
    Session,
    Jwk,
    WebauthnCredentialUserHandle,
    WebauthnCredential,
    WebauthnCredentialTransport,
    WebauthnSessionData,
    WebauthnSessionDataAllowedCredential,
    Identity,
    Token,
    OtpSecret,
    TrustedDevice,
    Flow,
    AuditLog,
    SamlCertificate,
    SamlIdentity,
    SamlIdpInitiatedRequest,
    SamlState,
    Webhook,
    WebhookEvent,
)
"""All tables of Hanko; each comes before those that refer to it."""

OWN_TABLES = (
    RateLimit,
    RevokedKey,
    OutboxMail,
    Project,
    ApiSecret,
    UserState,
    EmailValue,
    EmailClaim,
    Identifier,
    Challenge,
    SocialAccount,
    CredentialDetail,
    PasskeyChallenge,
    SpentToken,
    PasskeyEvent,
    ConnectToken,
    WebhookEndpoint,
    WebhookDelivery,
    Delivery,
    SamlRequest,
    DeadLetter,
    Lease,
)
"""Our own tables, which are made on Hanko's database too."""

ALL_TABLES = (*HANKO_TABLES, *OWN_TABLES)

__all__ = [
    "ALL_TABLES",
    "HANKO_TABLES",
    "OWN_TABLES",
    "ApiSecret",
    "AuditLog",
    "Challenge",
    "ConnectToken",
    "CredentialDetail",
    "DeadLetter",
    "Delivery",
    "Email",
    "EmailClaim",
    "EmailValue",
    "Flow",
    "Identifier",
    "Identity",
    "Jwk",
    "Lease",
    "OtpSecret",
    "OutboxMail",
    "Passcode",
    "PasskeyChallenge",
    "PasskeyEvent",
    "PasswordCredential",
    "PrimaryEmail",
    "Project",
    "RateLimit",
    "RevokedKey",
    "SamlCertificate",
    "SamlIdentity",
    "SamlIdpInitiatedRequest",
    "SamlRequest",
    "SamlState",
    "Session",
    "SocialAccount",
    "SpentToken",
    "Token",
    "TrustedDevice",
    "User",
    "UserMetadata",
    "UserState",
    "Username",
    "WebauthnCredential",
    "WebauthnCredentialTransport",
    "WebauthnCredentialUserHandle",
    "WebauthnSessionData",
    "WebauthnSessionDataAllowedCredential",
    "Webhook",
    "WebhookDelivery",
    "WebhookEndpoint",
    "WebhookEvent",
]
