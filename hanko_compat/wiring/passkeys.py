"""Passkeys, by ``passkey.*``, ``webauthn.*`` and ``hanko_compat.webauthn.*``."""

from dataclasses import dataclass

from hanko_compat.services.passkeys.ceremonies import Ceremonies
from hanko_compat.services.passkeys.challenges import PasskeyChallenges
from hanko_compat.services.passkeys.credential_records import CredentialRecords
from hanko_compat.services.passkeys.credentials import Passkeys
from hanko_compat.services.passkeys.events import PasskeyEvents
from hanko_compat.services.passkeys.login import PasskeyLogin
from hanko_compat.services.passkeys.registration import PasskeyRegistration, RegistrationRules
from hanko_compat.services.passkeys.server_login import ServerLogin
from hanko_compat.services.passkeys.server_registration import ServerRegistration
from hanko_compat.services.passkeys.signed_data import SignedPasskeyData
from hanko_compat.wiring.api_secrets import build_api_secrets
from hanko_compat.wiring.database import build_database
from hanko_compat.wiring.events import build_events
from hanko_compat.wiring.keys import build_keys
from hanko_compat.wiring.login import build_login
from hanko_compat.wiring.paging import build_totals
from hanko_compat.wiring.parts import Parts
from hanko_compat.wiring.rate_limits import build_rate_limits
from hanko_compat.wiring.relying_party import ceremony_terms, relying_party, server_ceremony_terms


@dataclass(frozen=True, slots=True)
class PasskeyServices:
    """The services of passkeys: ceremonies in browsers, those that servers begin, and what is kept."""

    registration: PasskeyRegistration
    login: PasskeyLogin
    credentials: Passkeys
    server_registration: ServerRegistration
    server_login: ServerLogin
    credential_records: CredentialRecords
    challenges: PasskeyChallenges
    events: PasskeyEvents
    signed_data: SignedPasskeyData


def build_passkeys(parts: Parts) -> PasskeyServices:
    """The services of passkeys."""
    database, now, secrets = parts.get(build_database), parts.now, parts.get(build_api_secrets)
    return PasskeyServices(
        registration=parts.get(build_registration),
        login=parts.get(build_passkey_login),
        credentials=parts.get(build_credentials),
        server_registration=ServerRegistration(
            database,
            challenges=parts.get(build_challenges),
            registration=parts.get(build_registration),
            events=parts.get(build_events),
            rp=relying_party(parts.config),
            now=now,
        ),
        server_login=parts.get(build_server_login),
        credential_records=parts.get(build_credential_records),
        challenges=parts.get(build_challenges),
        events=PasskeyEvents(database, totals=parts.get(build_totals), now=now),
        signed_data=SignedPasskeyData(
            database, login=parts.get(build_login), keys=parts.get(build_keys), api_secrets=secrets, now=now
        ),
    )


def build_ceremonies(parts: Parts) -> Ceremonies:
    """Challenges of ceremonies in browsers."""
    return Ceremonies(parts.get(build_database), terms=ceremony_terms(parts.config), now=parts.now)


def build_registration(parts: Parts) -> PasskeyRegistration:
    """Registration in browsers."""
    config = parts.config
    return PasskeyRegistration(
        parts.get(build_database),
        ceremonies=parts.get(build_ceremonies),
        rate_limits=parts.get(build_rate_limits),
        events=parts.get(build_events),
        rp=relying_party(config),
        rules=RegistrationRules(
            limit=config.passkey.limit,
            attestation=config.passkey.attestation_preference,
            resident_key=config.hanko_compat.webauthn.resident_key,
        ),
        now=parts.now,
    )


def build_passkey_login(parts: Parts) -> PasskeyLogin:
    """Log-in in browsers."""
    return PasskeyLogin(
        parts.get(build_database),
        ceremonies=parts.get(build_ceremonies),
        rate_limits=parts.get(build_rate_limits),
        login=parts.get(build_login),
        events=parts.get(build_events),
        rp=relying_party(parts.config),
        now=parts.now,
    )


def build_credentials(parts: Parts) -> Passkeys:
    """The passkeys of a user, for itself."""
    is_enabled = parts.config.passkey.enabled
    database, events = parts.get(build_database), parts.get(build_events)
    return Passkeys(database, events=events, is_enabled=is_enabled, now=parts.now)


def build_credential_records(parts: Parts) -> CredentialRecords:
    """The passkeys of users, for servers."""
    database, passkeys = parts.get(build_database), parts.get(build_credentials)
    return CredentialRecords(database, passkeys=passkeys, totals=parts.get(build_totals), now=parts.now)


def build_challenges(parts: Parts) -> PasskeyChallenges:
    """Challenges of ceremonies that servers begin."""
    return PasskeyChallenges(
        parts.get(build_database),
        terms=server_ceremony_terms(parts.config),
        api_secrets=parts.get(build_api_secrets),
        totals=parts.get(build_totals),
        now=parts.now,
    )


def build_server_login(parts: Parts) -> ServerLogin:
    """Log-in that servers begin."""
    return ServerLogin(
        parts.get(build_database),
        challenges=parts.get(build_challenges),
        credentials=parts.get(build_credential_records),
        login=parts.get(build_passkey_login),
        rate_limits=parts.get(build_rate_limits),
        events=parts.get(build_events),
        rp=relying_party(parts.config),
        now=parts.now,
    )
