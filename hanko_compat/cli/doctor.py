"""``hanko-compat doctor``."""

import smtplib
import socket
import ssl
from collections.abc import Callable, Iterator

import click

from hanko_compat import wiring
from hanko_compat.cli.checks import Finding, Level, Remark, failure, is_trial, of_settings, warning
from hanko_compat.cli.output import COLOURS, json_option, print_json
from hanko_compat.cli.provider_checks import of_providers
from hanko_compat.cli.readable_files import of_file
from hanko_compat.cli.saml_checks import check_saml
from hanko_compat.cli.settings import Settings
from hanko_compat.config import Config
from hanko_compat.config.secret_kinds import server_of
from hanko_compat.errors import OperatorError
from hanko_compat.errors.config import ConfigError
from hanko_compat.errors.database import DatabaseUnavailable
from hanko_compat.errors.delivery import MailDelayed
from hanko_compat.listening import is_for_this_host
from hanko_compat.services import clock_skew
from hanko_compat.services.clock_skew import ClockSkew
from hanko_compat.services.imported_hashes import look_for_peppered
from hanko_compat.services.rate_limits.redis_storage import find_problem
from hanko_compat.storage.engine import pooling
from hanko_compat.storage.engine.database import Access
from hanko_compat.storage.engine.postgres_cursor import REMEDY
from hanko_compat.storage.schema import catalogue, migrate, rights
from hanko_compat.wiring import Services
from hanko_compat.wiring.mail import mail_renderer, may_lose_tls, smtp_sender


@click.command()
@json_option
@click.pass_obj
def doctor(settings: Settings, *, as_json: bool) -> None:
    """Check the whole installation, and say what to change.

    Looks at the configuration and who may read it, the mail server, mail templates, Redis, the providers
    that users log in with, the database, its schema and rights, the signing keys, the backend door, hashes
    that need a pepper, the clock, and what SAML needs: programs, metadata and certificates.

    A line for each check: ok, warning or FAIL. Nothing is changed, and a missing SQLite database is not made.
    The exit code is 1 if something fails.
    """
    has_failed = False
    for finding in examine(settings):
        has_failed = has_failed or finding.level is Level.FAILURE
        _print(finding, as_json=as_json)
    if has_failed:
        raise click.exceptions.Exit(1)


def _print(finding: Finding, *, as_json: bool) -> None:
    """At once, as the next check may wait for a server."""
    level, subject, text = finding.level, finding.subject, finding.text
    if as_json:
        print_json({"level": level.name.lower(), "subject": subject, "text": text})
    else:
        painted = click.style(f"{level.value:<8}", fg=COLOURS[level.value])
        click.echo(f"{painted} {subject:<10} {text}")


def examine(settings: Settings) -> Iterator[Finding]:
    """Every finding, one after the other."""
    try:
        config = settings.read()
    except ConfigError as error:
        for problem in error.problems:
            yield Finding(Level.FAILURE, "config", str(problem))
    else:
        yield Finding(Level.OK, "config", str(config.source or "built-in defaults, environment variables"))
        yield from of_settings(config)
    yield from of_file(settings.config_path)
    yield from examine_servers(settings)


def examine_servers(settings: Settings) -> Iterator[Finding]:
    """What other servers say; also with settings that are unsafe to serve, if they can be read at all."""
    try:
        config = settings.read()
    except ConfigError:
        try:
            config = settings.read(dev=True)
        except ConfigError:
            return
    yield from of_mail(config)
    yield from of_templates(config)
    yield from of_redis(config)
    yield from of_providers(config)
    yield from of_database(wiring.build(config, access=Access.READ))


def of_database(services: Services) -> Iterator[Finding]:
    """Findings about database, schema, rights, signing keys and clock: all of them that can be made."""
    reported = set()
    for subject, check in CHECKS.items():
        for level, text in attempt(check, services):
            # What one check stumbles over, the next may as well.
            if text not in reported:
                yield Finding(level, subject, text)
            reported.add(text)
            if subject == "database" and level is Level.FAILURE:
                services.database.close_all()
                return
    services.database.close_all()


def attempt(check: Callable[[Services], Iterator[Remark]], services: Services) -> Iterator[Remark]:
    """Make one check; what stops it is a finding."""
    try:
        with services.database.explain_denials():
            yield from check(services)
    except DatabaseUnavailable as error:
        cause = " ".join(str(error.__cause__ or error).split())
        silent = f"{services.database.name} does not answer, see section database: {cause}"
        yield failure(error.fault or silent)
    except OperatorError as error:
        yield failure(str(error))


def check_database(services: Services) -> Iterator[Remark]:
    """Whether it answers."""
    services.database.ping()
    yield Level.OK, f"{services.database.name} answers"
    if pooling.loses_prepared_statements(services.database):
        yield warning(REMEDY)


def check_schema(services: Services) -> Iterator[Remark]:
    """Whether all tables are there, and nothing that is in the way."""
    schema = catalogue.inspect(services.database)
    faults = [failure(str(fault)) for fault in migrate.faults(services.database, schema)]
    fine = "Hanko's own, version 2.7 or 3" if schema.owner == "hanko" else "current"
    yield from faults or [(Level.OK, fine)]


def check_rights(services: Services) -> Iterator[Remark]:
    """Whether the database's account may do what serving takes."""
    rights.require(services.database)
    yield Level.OK, "enough on every table that is there"


def check_keys(services: Services) -> Iterator[Remark]:
    """Whether the secrets decrypt every signing key."""
    keys = services.keys.list()
    if not keys:
        yield warning("there is no signing key yet: the first start makes one")
        return
    current = next(key for key in keys if key.is_current)
    yield Level.OK, f"{len(keys)} can be read, {current.kid} ({current.algorithm}) signs"


def check_backend(services: Services) -> Iterator[Remark]:
    """Whether servers may call, and where."""
    migrate.require_current(services.database)
    count, bind = len(services.api_secrets.list()), services.config.hanko_compat.backend_api.bind
    place = f"at {bind} only" if bind else "at the public address (hanko_compat.backend_api.bind)"
    if not count:
        yield Level.OK, "/v2 is closed: hanko-compat backend-api create-secret opens it"
        return
    yield Level.OK, f"/v2 is served {place}, with {count} secret{'s' if count > 1 else ''}"


def check_passwords(services: Services) -> Iterator[Remark]:
    """Whether hashes that need a pepper have one; whether it is the right one, only a log-in shows."""
    migrate.require_current(services.database)
    hashes, key = look_for_peppered(services.database), "hanko_compat.password.import_pepper"
    has_pepper = bool(services.config.hanko_compat.password.import_pepper)
    count = f"{hashes.found} of {hashes.looked_at} hashes {'' if hashes.is_all else 'that were looked at '}"
    if hashes.found and not has_pepper:
        yield warning(
            f"{count}need a pepper, and {key} is empty, so these users get 401: set it to that of the system "
            "which they come from"
        )
    elif hashes.found:
        yield Level.OK, f"{count}need {key}: leave it as it is, or these users get 401"
    elif has_pepper and hashes.is_all:
        yield Level.OK, f"no hash needs {key} any more: remove it, unless an import is to come"
    else:
        yield Level.OK, f"{count}need a pepper"


def check_clock(services: Services) -> Iterator[Remark]:
    """Whether the clocks agree, as far as tokens and rows can tell."""
    yield judge(clock_skew.measure(services.database, now=services.now))


def judge(reading: ClockSkew) -> Remark:
    """What the difference between the database's clock and this host's means."""
    if reading.fault is not None:
        return failure(reading.fault)
    if reading.skew > clock_skew.TOLERATED:
        return warning(
            f"the database's clock is {reading.skew.total_seconds():.0f} s off ours: run NTP on both hosts"
        )
    agreed = ", as the database says" if reading.there else ""
    return Level.OK, f"{reading.here:{clock_skew.FORMAT}} UTC{agreed}"


CHECKS: dict[str, Callable[[Services], Iterator[Remark]]] = {
    "database": check_database,
    "schema": check_schema,
    "rights": check_rights,
    "keys": check_keys,
    "backend": check_backend,
    "passwords": check_passwords,
    "clock": check_clock,
    "saml": check_saml,
}


def of_mail(
    config: Config, *, is_exposed: Callable[[Config, socket.socket | None], bool] = may_lose_tls
) -> Iterator[Finding]:
    """Findings about the SMTP server; a warning only, as the server starts without it.

    *is_exposed* says of a connection whether somebody on its way may switch TLS off.
    """
    if not config.email_delivery.enabled:
        yield Finding(Level.OK, "mail", "off (email_delivery.enabled)")
        return
    if is_trial(config):
        yield Finding(Level.OK, "mail", "a trial, which needs no mail server: name one for production")
        return
    smtp = config.email_delivery.smtp
    place = f"{server_of(smtp.host)}:{smtp.port}"
    try:
        with smtp_sender(config).connect() as connection:
            is_encrypted = isinstance(connection.sock, ssl.SSLSocket)
            may_be_read = is_exposed(config, connection.sock)
    except (OSError, smtplib.SMTPException, MailDelayed) as error:
        text = f"no mail can be sent: {place} (section email_delivery.smtp): {error}"
        yield Finding(Level.WARNING, "mail", text)
        may_be_read = may_lose_tls(config, None) and not is_for_this_host(f"{smtp.host}:{smtp.port}")
    else:
        how = f"{'with' if is_encrypted else 'without'} TLS{', logged in' if smtp.user else ''}"
        yield Finding(Level.OK, "mail", f"{place} answers {how}")
    if may_be_read:
        text = (
            "who is between here and the mail server can switch its TLS off and read codes in mails: "
            "set hanko_compat.mail.require_tls: true"
        )
        yield Finding(Level.WARNING, "mail", text)


def of_templates(config: Config) -> Iterator[Finding]:
    """A finding about the operator's own templates, where there are some."""
    if config.hanko_compat.mail.templates:
        try:
            mail_renderer(config).check()
        except OperatorError as error:
            yield Finding(Level.FAILURE, "templates", str(error))
        else:
            yield Finding(Level.OK, "templates", config.hanko_compat.mail.templates)


def of_redis(config: Config) -> Iterator[Finding]:
    """A finding about Redis where it is used; a warning only, as the server goes on without it."""
    limiter = config.rate_limiter
    if not limiter.enabled or limiter.store != "redis":
        return
    place = server_of(limiter.redis_config.address)
    try:
        problem = find_problem(limiter.redis_config.address, password=limiter.redis_config.password)
    except OperatorError as error:
        yield Finding(Level.FAILURE, "redis", str(error))
        return
    if problem:
        text = f"each process counts rate limits by itself: {place} (rate_limiter.redis_config): {problem}"
        yield Finding(Level.WARNING, "redis", text)
    else:
        yield Finding(Level.OK, "redis", f"{place} answers")
