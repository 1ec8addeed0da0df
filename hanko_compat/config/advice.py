"""Warnings: settings that Hanko starts with, and that hardly do what was meant, or not here."""

from collections.abc import Iterator

from hanko_compat.config.draft import Draft
from hanko_compat.config.fields import shown
from hanko_compat.config.limits import DailySumSettings, WrongGuessLimits
from hanko_compat.config.model import Config
from hanko_compat.config.origins import THIS_HOST, web_host
from hanko_compat.config.server_advice import server_advice
from hanko_compat.config.settings import Leaf, leaves
from hanko_compat.errors.config import Problem

LONGEST_PASSWORD = 72  # bytes, as bcrypt reads no more
MOST_GUESSES = 3700  # wrong ones at one account in a year, which find a code of six digits once in 270
MOST_GUESSES_OF_DEVICES = 1300  # by browsers with a device cookie; once in 200, with those of strangers


def advice(config: Config, draft: Draft) -> Iterator[Problem]:
    """What to change in a configuration that is served all the same."""
    for leaf in leaves(Config):
        yield from _unusual(leaf, draft)
    yield from _secrets(config)
    yield from _ways_in(config)
    yield from _limits(config)
    yield from _saml(config)
    yield from server_advice(config, draft)


def _unusual(leaf: Leaf, draft: Draft) -> Iterator[Problem]:
    """A text that is none of those that mean something."""
    value = draft.get(leaf.path)
    objection = "" if value is None else leaf.kind.objection(value)
    if objection:
        yield Problem(draft.written_as(leaf.path), f"{shown(value)} {objection}.")


def _secrets(config: Config) -> Iterator[Problem]:
    """What can't be seen at the ends of a secret."""
    for index, secret in enumerate(config.secrets.keys):
        if secret != secret.strip():
            text = (
                "Blanks or a line end around it belong to it, as for Hanko: change nothing where keys exist."
            )
            yield Problem(f"secrets.keys[{index}]", text)


def _ways_in(config: Config) -> Iterator[Problem]:
    """Switches that together leave users outside. As Hanko 2.7.0: it starts with them."""
    email = config.email
    has_passcodes = email.enabled and email.use_for_authentication
    if email.require_verification and not has_passcodes:
        off = "email.use_for_authentication" if email.enabled else "email.enabled"
        yield Problem(
            "email.require_verification",
            f"With {off} off nobody can verify an address here, so no new user logs in: set it to false.",
        )
    if has_passcodes and not (config.email_delivery.enabled or _is_mail_told(config)):
        yield Problem(
            "email_delivery.enabled",
            "No hook of webhooks.hooks gets email.send either: unless one of the table webhooks does, "
            "passcodes reach nobody.",
        )
    if not (has_passcodes or config.password.enabled or config.passkey.enabled):
        yield Problem("password.enabled", "Passcodes and passkeys are off, too, so nobody can log in here.")


def _is_mail_told(config: Config) -> bool:
    hooks = config.webhooks.hooks if config.webhooks.enabled else ()
    return any("email.send".startswith(event) for hook in hooks for event in hook.events)


def _limits(config: Config) -> Iterator[Problem]:
    """Limits that let nobody in, or that are none."""
    email, password = config.email, config.password
    if not email.passcode_ttl:
        yield Problem("email.passcode_ttl", "With 0 every passcode is too old at once.")
    if not email.max_length:
        yield Problem("email.max_length", "With 0 no address is accepted: nobody can sign up.")
    if password.min_length > LONGEST_PASSWORD:
        yield Problem(
            "password.min_length", f"A password has at most {LONGEST_PASSWORD} bytes, so none can be set."
        )
    if not config.passkey.limit:
        yield Problem("passkey.limit", "With 0 nobody can register a passkey.")
    for name in ("passcode_limits", "password_limits"):
        limits = getattr(config.rate_limiter, name)
        if not limits.tokens:
            yield Problem(f"rate_limiter.{name}.tokens", "With 0 one request passes, as with 1.")
        if not limits.interval:
            yield Problem(f"rate_limiter.{name}.interval", "0 counts as one second.")
    yield from _wrong_guesses(config.hanko_compat.limits.wrong_guesses)
    if not config.session.limit:
        yield Problem("session.limit", "With 0 a user has one session, as with 1: set how many there may be.")


def _wrong_guesses(sums: WrongGuessLimits) -> Iterator[Problem]:
    """Daily sums that are too high to protect a code of six digits, or that one client uses up."""
    account, one_client = sums.account, sums.account_and_client
    section = "hanko_compat.limits.wrong_guesses.account"
    yield from _sum_of_a_year(section, account, most=MOST_GUESSES)
    devices = "hanko_compat.limits.wrong_guesses.devices"
    yield from _sum_of_a_year(devices, sums.devices, most=MOST_GUESSES_OF_DEVICES)
    if sums.devices.first_day <= sums.device.first_day:
        yield Problem(
            devices,
            "Allows no more than device on the first day, so one stolen device cookie can shut out the "
            "owner's browsers: raise first_day above that, or lower that.",
        )
    if account.first_day <= one_client.first_day or account.further_days <= one_client.further_days:
        yield Problem(
            section,
            "Allows no more than account_and_client, so one client can lock out all others: raise first_day "
            "and further_days above those, or lower those.",
        )


def _sum_of_a_year(section: str, daily: DailySumSettings, *, most: int) -> Iterator[Problem]:
    # A day on which more might pass than the sum holds is a day with what it holds.
    in_a_year = daily.first_day + 365 * min(daily.first_day, daily.further_days)
    if in_a_year > most:
        yield Problem(
            section,
            f"Lets {in_a_year} wrong guesses at one account pass in a year: with more than {most} "
            "the chance to find a code of six digits is no longer small. Lower further_days or first_day.",
        )


def _saml(config: Config) -> Iterator[Problem]:
    """Settings of SAML that leave users outside, or weaken it. As Hanko 2.7.0: it starts with them."""
    saml = config.saml
    if not saml.enabled:
        return
    if not saml.default_redirect_url:
        yield Problem(
            "saml.default_redirect_url", "Without it errors lead browsers back to /saml/auth: set it."
        )
    is_plain = saml.endpoint_url.lower().startswith("http:")
    if is_plain and web_host(saml.endpoint_url) not in THIS_HOST:
        yield Problem("saml.endpoint_url", "Browsers bring the cookie of a log-in reliably with https only.")
    if not saml.allowed_redirect_urls:
        yield Problem(
            "saml.allowed_redirect_urls", "None is allowed, so every log-in through SAML is refused."
        )
    for index, provider in enumerate(saml.identity_providers):
        is_told = provider.attribute_map.email_verified or provider.skip_email_verification
        if provider.enabled and config.email.require_verification and not is_told:
            yield Problem(
                f"saml.identity_providers[{index}].attribute_map.email_verified",
                "Without it no address counts as verified, so nobody logs in: name the attribute, or set "
                "skip_email_verification: true.",
            )
