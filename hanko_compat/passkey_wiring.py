"""Builds the services of passkeys, those of both doors: a part of `hanko_compat.wiring`."""

from dataclasses import dataclass

from hanko_compat import rules
from hanko_compat.config import Config
from hanko_compat.services.audit.auth_events import AuthEvents
from hanko_compat.services.passkeys.ceremonies import Ceremonies
from hanko_compat.services.passkeys.challenges import PasskeyChallenges
from hanko_compat.services.passkeys.credential_records import CredentialRecords
from hanko_compat.services.passkeys.credentials import Passkeys
from hanko_compat.services.passkeys.events import PasskeyEvents
from hanko_compat.services.passkeys.login import PasskeyLogin
from hanko_compat.services.passkeys.registration import PasskeyRegistration
from hanko_compat.services.passkeys.server_login import ServerLogin
from hanko_compat.services.passkeys.server_registration import ServerRegistration
from hanko_compat.services.passkeys.signed_data import SignedPasskeyData
from hanko_compat.shared_services import Shared
from hanko_compat.webauthn.relying_party import RelyingParty


@dataclass(frozen=True)
class ServerPasskeys:
    """What the views of servers' passkeys call."""

    credentials: CredentialRecords
    challenges: PasskeyChallenges
    registration: ServerRegistration
    login: ServerLogin
    signed_data: SignedPasskeyData
    events: PasskeyEvents
    auth_events: AuthEvents


@dataclass(frozen=True)
class PasskeyServices:
    """Those of the public door, and those of the door for servers, which build on them."""

    passkeys: Passkeys
    registration: PasskeyRegistration
    login: PasskeyLogin
    servers: ServerPasskeys


def build(config: Config, shared: Shared, *, rp: RelyingParty) -> PasskeyServices:
    """Build the services. Nothing is connected, read or written yet."""
    database, events, now = shared.database, shared.events, shared.now
    ceremonies = Ceremonies(database, terms=rules.terms(config), now=now)
    passkeys = Passkeys(database, events=events, is_enabled=config.passkey.enabled, now=now)
    registration = PasskeyRegistration(
        database,
        ceremonies=ceremonies,
        events=events,
        rp=rp,
        rules=rules.registration_rules(config),
        now=now,
    )
    login = PasskeyLogin(
        database,
        ceremonies=ceremonies,
        sessions=shared.sessions,
        events=events,
        second_factor=shared.second_factor,
        rp=rp,
        now=now,
    )
    credentials = CredentialRecords(database, passkeys=passkeys, totals=shared.totals, now=now)
    challenges = PasskeyChallenges(
        database,
        terms=rules.terms(config),
        api_secrets=shared.api_secrets,
        totals=shared.totals,
        now=now,
    )
    servers = ServerPasskeys(
        credentials=credentials,
        challenges=challenges,
        registration=ServerRegistration(
            database, challenges=challenges, registration=registration, events=events, rp=rp, now=now
        ),
        login=ServerLogin(
            database,
            challenges=challenges,
            credentials=credentials,
            login=login,
            sessions=shared.sessions,
            events=events,
            rp=rp,
            now=now,
        ),
        signed_data=SignedPasskeyData(database, keys=shared.keys, api_secrets=shared.api_secrets, now=now),
        events=PasskeyEvents(database, totals=shared.totals, now=now),
        auth_events=AuthEvents(database, events=events, now=now),
    )
    return PasskeyServices(passkeys, registration, login, servers)
