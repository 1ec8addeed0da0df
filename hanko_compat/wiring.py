"""Builds the services from a configuration: the one place that knows who needs whom."""

import sys
from dataclasses import dataclass

from hanko_compat.clock import Clock, utc_now
from hanko_compat.config import Config
from hanko_compat.config.origins import host_of, origin_of
from hanko_compat.metrics.counters import Metrics
from hanko_compat.services.accounts import AccountRules, Accounts
from hanko_compat.services.audit import AuditConsole, AuditTable
from hanko_compat.services.ceremonies import Ceremonies, Operation, Terms
from hanko_compat.services.events import Events, Listener
from hanko_compat.services.keys import Keys
from hanko_compat.services.passkey_log_ins import PasskeyLogIns
from hanko_compat.services.passkey_registrations import PasskeyRegistrations, RegistrationRules
from hanko_compat.services.passkeys import Passkeys
from hanko_compat.services.profiles import Profiles
from hanko_compat.services.providers import ProviderNames
from hanko_compat.services.second_factor import SecondFactor
from hanko_compat.services.sessions import Sessions, SessionSettings
from hanko_compat.storage import migrate
from hanko_compat.storage.database import Database, open_database
from hanko_compat.webauthn.relying_party import RelyingParty


@dataclass(frozen=True)
class Services:
    """What doors and commands call. All of it may be shared between threads."""

    config: Config
    now: Clock
    database: Database
    keys: Keys
    sessions: Sessions
    accounts: Accounts
    passkeys: Passkeys
    passkey_registrations: PasskeyRegistrations
    passkey_log_ins: PasskeyLogIns
    events: Events
    metrics: Metrics


def build(config: Config, *, now: Clock = utc_now) -> Services:
    """Build the services. Nothing is connected, read or written yet; see `prepare`."""
    metrics = Metrics()
    database = open_database(config.database.resolved_url)
    events = _events(config, metrics, now=now)
    keys = Keys(database, secrets=config.secrets.keys, algorithm=config.hanko_compat.jwk.algorithm, now=now)
    sessions = Sessions(database, keys, settings=_session_settings(config), now=now)
    accounts = Accounts(
        database,
        sessions=sessions,
        events=events,
        profiles=_profiles(config, database),
        rules=_account_rules(config),
        now=now,
    )
    rp = relying_party(config)
    ceremonies = Ceremonies(database, terms=_terms(config), now=now)
    return Services(
        config=config,
        now=now,
        database=database,
        keys=keys,
        sessions=sessions,
        accounts=accounts,
        passkeys=Passkeys(database, events=events, is_enabled=config.passkey.enabled, now=now),
        passkey_registrations=PasskeyRegistrations(
            database, ceremonies=ceremonies, events=events, rp=rp, rules=_registration_rules(config), now=now
        ),
        passkey_log_ins=PasskeyLogIns(
            database,
            ceremonies=ceremonies,
            sessions=sessions,
            events=events,
            second_factor=SecondFactor(is_enabled=config.mfa.enabled),
            rp=rp,
            now=now,
        ),
        events=events,
        metrics=metrics,
    )


def prepare(services: Services) -> None:
    """Bring a database to the state that serving needs, or say what is missing; no connection stays open.

    The embedded SQLite database is migrated here, a server's is not. Signing keys that the configured
    secrets call for are made.

    Raises:
        SchemaBehind: on a database server; the text names the command to run.
        SchemaUnsupported: a database that this server can't share.
        SigningKeyUnreadable: no configured secret decrypts a key.
        SigningKeyMissing: there is no key, and it is Hanko's part to make one.
        DatabaseUnavailable: the database does not answer.
    """
    database = services.database
    try:
        if database.dialect == "sqlite":
            migrate.up(database)
        migrate.require_current(database)
        services.keys.ensure()
    finally:
        database.close_all()


def _events(config: Config, metrics: Metrics, *, now: Clock) -> Events:
    settings = config.audit_log
    durable: list[Listener] = []
    others: list[Listener] = [lambda event: metrics.count_event(event.type)]
    if settings.storage.enabled:
        durable.append(AuditTable(masked=settings.mask, now=now))
    if settings.console_output.enabled:
        stream = sys.stderr if settings.console_output.output == "stderr" else sys.stdout
        others.append(AuditConsole(stream, masked=settings.mask, now=now))
    return Events(durable=durable, others=others)


def _session_settings(config: Config) -> SessionSettings:
    session = config.session
    return SessionSettings(
        lifespan=session.lifespan,
        audience=session.audience or (config.webauthn.relying_party.id,),
        idle_timeout=session.idle_timeout,
        limit=session.limit,
        issuer=session.issuer or None,
        acquire_ip_address=session.acquire_ip_address,
        acquire_user_agent=session.acquire_user_agent,
        claim_templates=session.jwt_template.claims,
    )


def _profiles(config: Config, database: Database) -> Profiles:
    mfa = config.mfa
    custom = config.third_party.custom_providers
    return Profiles(
        database,
        providers=ProviderNames(
            custom={name: provider.display_name or name for name, provider in custom.items()},
            saml={provider.domain: provider.name for provider in config.saml.identity_providers},
        ),
        totp_enabled=mfa.enabled and mfa.totp.enabled,
        security_keys_enabled=mfa.enabled and mfa.security_keys.enabled,
    )


def _account_rules(config: Config) -> AccountRules:
    return AccountRules(
        allow_sign_up=config.account.allow_signup,
        allow_deletion=config.account.allow_deletion,
        require_verification=config.email.require_verification,
        max_address_length=config.email.max_length,
    )


def relying_party(config: Config) -> RelyingParty:
    """For whom passkeys are made, and the origins that may use them; with ``--dev`` the server's own, too."""
    party, own = config.webauthn.relying_party, config.hanko_compat
    # As browsers write them. What apps send is no web origin, and stays as it is.
    origins = {origin.lower() if host_of(origin) else origin for origin in party.origins}
    origins.update(own.webauthn.associations.related_origins)
    if config.dev and own.public_url:
        origins.add(origin_of(own.public_url))
    return RelyingParty(id=party.id, name=party.display_name, origins=frozenset(origins))


def _terms(config: Config) -> dict[Operation, Terms]:
    timeouts, verification = config.webauthn.timeouts, config.passkey.user_verification
    return {
        Operation.REGISTRATION: Terms(timeouts.registration, verification),
        Operation.AUTHENTICATION: Terms(timeouts.login, verification),
    }


def _registration_rules(config: Config) -> RegistrationRules:
    return RegistrationRules(
        limit=config.passkey.limit,
        attestation=config.passkey.attestation_preference,
        resident_key=config.hanko_compat.webauthn.resident_key,
    )
