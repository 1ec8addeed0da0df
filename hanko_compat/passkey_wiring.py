"""Builds the services of passkeys, those of both doors: a part of `hanko_compat.wiring`."""

from dataclasses import dataclass

from hanko_compat import rules
from hanko_compat.config import Config
from hanko_compat.services.auth_events import AuthEvents
from hanko_compat.services.ceremonies import Ceremonies
from hanko_compat.services.credential_records import CredentialRecords
from hanko_compat.services.passkey_challenges import PasskeyChallenges
from hanko_compat.services.passkey_events import PasskeyEvents
from hanko_compat.services.passkey_log_ins import PasskeyLogIns
from hanko_compat.services.passkey_registrations import PasskeyRegistrations
from hanko_compat.services.passkeys import Passkeys
from hanko_compat.services.server_log_ins import ServerLogIns
from hanko_compat.services.server_registrations import ServerRegistrations
from hanko_compat.services.signed_passkey_data import SignedPasskeyData
from hanko_compat.shared_services import Shared
from hanko_compat.webauthn.relying_party import RelyingParty


@dataclass(frozen=True)
class ServerPasskeys:
    """What the views of servers' passkeys call."""

    credentials: CredentialRecords
    challenges: PasskeyChallenges
    registrations: ServerRegistrations
    log_ins: ServerLogIns
    signed_data: SignedPasskeyData
    events: PasskeyEvents
    auth_events: AuthEvents


@dataclass(frozen=True)
class PasskeyServices:
    """Those of the public door, and those of the door for servers, which build on them."""

    passkeys: Passkeys
    registrations: PasskeyRegistrations
    log_ins: PasskeyLogIns
    servers: ServerPasskeys


def build(config: Config, shared: Shared, *, rp: RelyingParty) -> PasskeyServices:
    """Build the services. Nothing is connected, read or written yet."""
    database, events, now = shared.database, shared.events, shared.now
    ceremonies = Ceremonies(database, terms=rules.terms(config), now=now)
    passkeys = Passkeys(database, events=events, is_enabled=config.passkey.enabled, now=now)
    registrations = PasskeyRegistrations(
        database,
        ceremonies=ceremonies,
        events=events,
        rp=rp,
        rules=rules.registration_rules(config),
        now=now,
    )
    log_ins = PasskeyLogIns(
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
        registrations=ServerRegistrations(
            database, challenges=challenges, registrations=registrations, events=events, rp=rp, now=now
        ),
        log_ins=ServerLogIns(
            database,
            challenges=challenges,
            credentials=credentials,
            log_ins=log_ins,
            sessions=shared.sessions,
            events=events,
            rp=rp,
            now=now,
        ),
        signed_data=SignedPasskeyData(database, keys=shared.keys, api_secrets=shared.api_secrets, now=now),
        events=PasskeyEvents(database, totals=shared.totals, now=now),
        auth_events=AuthEvents(database, events=events, now=now),
    )
    return PasskeyServices(passkeys, registrations, log_ins, servers)
