"""Builds the services from a configuration: the one place that knows who needs whom."""

import sys
from dataclasses import dataclass
from email.headerregistry import Address
from pathlib import Path

from hanko_compat import backend_wiring, passkey_wiring, rules
from hanko_compat.backend_wiring import BackendServices
from hanko_compat.clock import Clock, utc_now
from hanko_compat.config import Config
from hanko_compat.config.origins import host_of, origin_of
from hanko_compat.cpus import usable_cpus
from hanko_compat.hashing.hasher import Hasher
from hanko_compat.hashing.semaphore import shared_semaphore
from hanko_compat.mail.mailbox import Mailbox
from hanko_compat.mail.render import Renderer
from hanko_compat.mail.sender import SMTPS_PORT, Sender, SmtpSender, SmtpServer
from hanko_compat.metrics.counters import Metrics
from hanko_compat.services.api_secrets import ApiSecrets
from hanko_compat.services.audit.audit_log import AuditConsole, AuditTable
from hanko_compat.services.delivery.mail_delivery import Delivery
from hanko_compat.services.delivery.mails import Mails, Notice
from hanko_compat.services.delivery.outbox import Outbox
from hanko_compat.services.delivery.sms import KIND, Gateway
from hanko_compat.services.emails.emails import EmailAddresses
from hanko_compat.services.events import Events, Listener
from hanko_compat.services.keys.keys import Keys
from hanko_compat.services.login.second_factor import SecondFactor
from hanko_compat.services.paging import Totals
from hanko_compat.services.passcodes import Passcodes
from hanko_compat.services.passkeys.credentials import Passkeys
from hanko_compat.services.passkeys.login import PasskeyLogin
from hanko_compat.services.passkeys.registration import PasskeyRegistration
from hanko_compat.services.passwords import Passwords
from hanko_compat.services.rate_limits.rate_limits import RateLimits
from hanko_compat.services.rate_limits.redis_storage import FallbackStorage, redis_storage
from hanko_compat.services.rate_limits.storages import DatabaseStorage, MemoryStorage, OwnStorage
from hanko_compat.services.sessions.live import Sessions
from hanko_compat.services.users.accounts import Accounts
from hanko_compat.services.users.profiles import Profiles
from hanko_compat.services.users.providers import ProviderNames
from hanko_compat.services.webhooks.recording import Webhooks
from hanko_compat.shared_services import Shared
from hanko_compat.storage.engine.database import Database, open_database
from hanko_compat.storage.schema import migrate, rights
from hanko_compat.webauthn.relying_party import RelyingParty

MOST_HASHES = 3
"""At a time in a process by default: together with those that wait fewer than it has threads."""
MAILBOX = Path("var/mails")
"""Where mails are kept during development."""


@dataclass(frozen=True)
class Services:
    """What doors and commands call. All of it may be shared between threads."""

    config: Config
    now: Clock
    database: Database
    keys: Keys
    sessions: Sessions
    accounts: Accounts
    passcodes: Passcodes
    passwords: Passwords
    passkeys: Passkeys
    passkey_registration: PasskeyRegistration
    passkey_login: PasskeyLogin
    emails: EmailAddresses
    api_secrets: ApiSecrets
    backend: BackendServices
    events: Events
    metrics: Metrics
    rate_limits: RateLimits
    mails: Mails
    delivery: Delivery
    mailbox: Mailbox | None  # during development only


def build(
    config: Config, *, now: Clock = utc_now, workers: int | None = None, sender: Sender | None = None
) -> Services:
    """Build the services. Nothing is connected, read or written yet; see `prepare`.

    *workers* is how many processes will serve; None where nobody knows. *sender* takes the mails; by default
    the configured server does.
    """
    metrics = Metrics()
    database = open_database(config.database.resolved_url)
    mailbox = Mailbox(MAILBOX, announce=_tell_developer, forward=_real_server(config)) if config.dev else None
    outbox = Outbox(database, secrets=config.secrets.keys, now=now)
    delivery = _delivery(config, outbox, metrics, sender=sender or mailbox or smtp_sender(config))
    webhooks = backend_wiring.build_webhooks(config, database, now=now)
    keys = Keys(database, secrets=config.secrets.keys, algorithm=config.hanko_compat.jwk.algorithm, now=now)
    shared = Shared(
        database=database,
        keys=keys,
        sessions=Sessions(database, keys, settings=rules.session_settings(config), now=now),
        events=_events(config, metrics, webhooks.listener, now=now),
        profiles=_profiles(config, database),
        hasher=_hasher(config),
        second_factor=SecondFactor(is_enabled=config.mfa.enabled),
        rate_limits=_rate_limits(config, database, metrics, now=now, workers=workers),
        mails=_mails(config, outbox, delivery, now=now),
        api_secrets=ApiSecrets(database, project_id=config.hanko_compat.backend_api.project_id, now=now),
        totals=Totals(database, now=now),
        now=now,
    )
    passkeys = passkey_wiring.build(config, shared, rp=relying_party(config))
    return Services(
        config=config,
        now=now,
        database=database,
        keys=keys,
        sessions=shared.sessions,
        accounts=_accounts(config, shared),
        passcodes=_passcodes(config, shared),
        passwords=_passwords(config, shared),
        passkeys=passkeys.passkeys,
        passkey_registration=passkeys.registration,
        passkey_login=passkeys.login,
        emails=_email_addresses(config, shared),
        api_secrets=shared.api_secrets,
        backend=backend_wiring.build(
            config, shared, outbox=outbox, webhooks=webhooks, passkeys=passkeys.servers
        ),
        events=shared.events,
        metrics=metrics,
        rate_limits=shared.rate_limits,
        mails=shared.mails,
        delivery=delivery,
        mailbox=mailbox,
    )


def prepare(services: Services) -> None:
    """Bring a database to the state that serving needs, or say what is missing; no connection stays open.

    The embedded SQLite database is migrated here, a server's is not. Signing keys that the configured
    secrets call for are made.

    Raises:
        SchemaBehind: on a database server; the text names the command to run.
        SchemaUnsupported: a database that this server can't share.
        RightsMissing: the database's account may not do what serving takes.
        SigningKeyUnreadable: no configured secret decrypts a key.
        SigningKeyMissing: there is no key, and it is Hanko's part to make one.
        SessionTokenUnsigned: the key is none that Corbado's SDKs take, and they are to get tokens.
        DatabaseUnavailable: the database does not answer.
        MailTemplateInvalid: a template of the operator's can't be used.
    """
    database = services.database
    services.delivery.check_templates()
    try:
        if database.dialect == "sqlite":
            migrate.up(database)
        rights.require(database)
        migrate.require_current(database)
        services.keys.ensure()
        services.backend.session_tokens.check_key()
    finally:
        database.close_all()


def _accounts(config: Config, shared: Shared) -> Accounts:
    return Accounts(
        shared.database,
        sessions=shared.sessions,
        events=shared.events,
        profiles=shared.profiles,
        rate_limits=shared.rate_limits,
        rules=rules.account_rules(config),
        now=shared.now,
    )


def _passwords(config: Config, shared: Shared) -> Passwords:
    return Passwords(
        shared.database,
        sessions=shared.sessions,
        events=shared.events,
        hasher=shared.hasher,
        second_factor=shared.second_factor,
        mails=shared.mails,
        rate_limits=shared.rate_limits,
        rules=rules.password_rules(config),
        now=shared.now,
    )


def _passcodes(config: Config, shared: Shared) -> Passcodes:
    return Passcodes(
        shared.database,
        sessions=shared.sessions,
        events=shared.events,
        hasher=shared.hasher,
        second_factor=shared.second_factor,
        rate_limits=shared.rate_limits,
        mails=shared.mails,
        rules=rules.passcode_rules(config),
        now=shared.now,
    )


def _email_addresses(config: Config, shared: Shared) -> EmailAddresses:
    return EmailAddresses(
        shared.database,
        events=shared.events,
        profiles=shared.profiles,
        mails=shared.mails,
        rules=rules.email_rules(config),
        now=shared.now,
    )


def _events(config: Config, metrics: Metrics, webhooks: Webhooks, *, now: Clock) -> Events:
    settings = config.audit_log
    durable: list[Listener] = []
    others: list[Listener] = [lambda event: metrics.count_event(event.type), webhooks.announce]
    if settings.storage.enabled:
        durable.append(AuditTable(masked=settings.mask, now=now))
    if settings.console_output.enabled:
        stream = sys.stderr if settings.console_output.output == "stderr" else sys.stdout
        others.append(AuditConsole(stream, masked=settings.mask, now=now))
    return Events(durable=durable, for_changes=[webhooks.record], wants=webhooks.wants, others=others)


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


def _hasher(config: Config) -> Hasher:
    """By default all processes together take the CPUs.

    A share for each would leave CPUs idle while log-ins wait, as connections fall unevenly on processes.
    """
    settings = config.hanko_compat.limits.hashing
    if settings.concurrency:
        return Hasher(concurrency=settings.concurrency, queue=settings.queue)
    cpus = usable_cpus()
    return Hasher(concurrency=min(MOST_HASHES, cpus), queue=settings.queue, shared=shared_semaphore(cpus))


def _rate_limits(
    config: Config, database: Database, metrics: Metrics, *, now: Clock, workers: int | None
) -> RateLimits:
    storage = _rate_limit_storage(config, database, metrics, now=now, workers=workers)
    return RateLimits(
        storage if config.rate_limiter.enabled else None,
        rules=rules.rate_limit_rules(config),
        now=now,
        on_refusal=metrics.count_rate_limited,
    )


def _rate_limit_storage(
    config: Config, database: Database, metrics: Metrics, *, now: Clock, workers: int | None
) -> OwnStorage:
    """What counts for all processes; the memory of one only where there is no other."""
    settings = config.rate_limiter
    if settings.store == "redis":
        redis = redis_storage(settings.redis_config.address, password=settings.redis_config.password)
        return FallbackStorage(redis, memory=MemoryStorage(now), on_fallback=metrics.count_without_redis)
    return MemoryStorage(now) if workers == 1 else DatabaseStorage(database, now)


def renderer(config: Config) -> Renderer:
    """What writes the mails."""
    folder = config.hanko_compat.mail.templates
    return Renderer(service=config.service.name, templates=Path(folder) if folder else None)


def _delivery(config: Config, outbox: Outbox, metrics: Metrics, *, sender: Sender) -> Delivery:
    settings = config.email_delivery
    return Delivery(
        outbox,
        renderer=renderer(config),
        sender=sender,
        mail_from=Address(settings.from_name, addr_spec=settings.from_address),
        count=metrics.count_mail,
        carriers={KIND: Gateway(rules.gateway_settings(config), service=config.service.name).carry},
    )


def _mails(config: Config, outbox: Outbox, delivery: Delivery, *, now: Clock) -> Mails:
    wanted = config.security_notifications.notifications
    notices = [notice for notice in Notice if getattr(wanted, notice).enabled]
    return Mails(
        outbox,
        enabled=config.email_delivery.enabled,
        notices=notices if config.hanko_compat.mail.security_notifications else (),
        wake=delivery.wake,
        now=now,
    )


def has_letters(config: Config) -> bool:
    """Whether there may be mails or text messages to deliver."""
    return config.email_delivery.enabled or bool(config.hanko_compat.backend_api.sms.url)


def smtp_sender(config: Config) -> SmtpSender:
    """What hands mails to the configured server."""
    smtp, port = config.email_delivery.smtp, int(config.email_delivery.smtp.port)
    server = SmtpServer(
        smtp.host, port, user=smtp.user, password=smtp.password, implicit_tls=port == SMTPS_PORT
    )
    return SmtpSender(server)


def _real_server(config: Config) -> SmtpSender | None:
    """The mail server that a developer has named, if any."""
    return smtp_sender(config) if config.email_delivery.has_smtp else None


def _tell_developer(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def relying_party(config: Config) -> RelyingParty:
    """For whom passkeys are made, and the origins that may use them; with ``--dev`` the server's own, too."""
    party, own = config.webauthn.relying_party, config.hanko_compat
    # As browsers write them. What apps send is no web origin, and stays as it is.
    origins = {origin.lower() if host_of(origin) else origin for origin in party.origins}
    origins.update(own.webauthn.associations.related_origins)
    if config.dev and own.public_url:
        origins.add(origin_of(own.public_url))
    return RelyingParty(id=party.id, name=party.display_name, origins=frozenset(origins))
