"""Builds the services from a configuration. Each capability has a module; this one lists them all."""

from collections.abc import Mapping

from hanko_compat.clock import Clock, utc_now
from hanko_compat.config import Config
from hanko_compat.mail.sender import Sender
from hanko_compat.storage.engine.database import Access
from hanko_compat.wiring.api_secrets import build_api_secrets
from hanko_compat.wiring.audit import build_audit
from hanko_compat.wiring.challenges import build_challenges
from hanko_compat.wiring.clean_up import build_clean_up
from hanko_compat.wiring.connect_tokens import build_connect_tokens
from hanko_compat.wiring.database import build_database
from hanko_compat.wiring.delivery import build_delivery
from hanko_compat.wiring.device_cookies import build_device_cookies, build_device_links
from hanko_compat.wiring.emails import build_emails
from hanko_compat.wiring.events import build_events
from hanko_compat.wiring.guesses import build_guesses
from hanko_compat.wiring.guessing_notices import build_guessing_notices
from hanko_compat.wiring.identifiers import build_identifiers
from hanko_compat.wiring.identities import build_identities
from hanko_compat.wiring.keys import build_keys
from hanko_compat.wiring.known_devices import build_known_devices
from hanko_compat.wiring.measuring import build_measuring
from hanko_compat.wiring.metrics import build_metrics
from hanko_compat.wiring.parts import NONE, Build, Part, Parts
from hanko_compat.wiring.passcodes import build_passcodes
from hanko_compat.wiring.passkeys import build_passkeys
from hanko_compat.wiring.passwords import build_passwords
from hanko_compat.wiring.rate_limits import build_rate_limits
from hanko_compat.wiring.saml import build_saml
from hanko_compat.wiring.sessions import build_sessions
from hanko_compat.wiring.social_accounts import build_social_accounts
from hanko_compat.wiring.third_party import build_third_party
from hanko_compat.wiring.tokens import build_tokens
from hanko_compat.wiring.users import build_users
from hanko_compat.wiring.webhooks import build_webhooks

__all__ = ["Services", "build"]


class Services(Parts):
    """What doors and commands call, by capability. All of it may be shared between threads.

    A capability with several services is a group of them: ``services.users.accounts`` is made of
    ``hanko_compat/services/users/accounts.py``.
    """

    api_secrets = Part(build_api_secrets)
    audit = Part(build_audit)
    challenges = Part(build_challenges)
    clean_up = Part(build_clean_up)
    connect_tokens = Part(build_connect_tokens)
    database = Part(build_database)
    delivery = Part(build_delivery)
    device_cookies = Part(build_device_cookies)
    device_links = Part(build_device_links)
    emails = Part(build_emails)
    events = Part(build_events)
    guesses = Part(build_guesses)
    guessing_notices = Part(build_guessing_notices)
    identifiers = Part(build_identifiers)
    identities = Part(build_identities)
    keys = Part(build_keys)
    known_devices = Part(build_known_devices)
    measuring = Part(build_measuring)
    metrics = Part(build_metrics)
    passcodes = Part(build_passcodes)
    passkeys = Part(build_passkeys)
    passwords = Part(build_passwords)
    rate_limits = Part(build_rate_limits)
    saml = Part(build_saml)
    sessions = Part(build_sessions)
    social_accounts = Part(build_social_accounts)
    third_party = Part(build_third_party)
    tokens = Part(build_tokens)
    users = Part(build_users)
    webhooks = Part(build_webhooks)


def build(
    config: Config,
    *,
    now: Clock = utc_now,
    workers: int | None = None,
    sender: Sender | None = None,
    access: Access = Access.CREATE,
    instead: Mapping[Build, Build] = NONE,
) -> Services:
    """Build the services. Nothing is connected, read or written yet; see `hanko_compat.wiring.start`.

    *workers* is how many processes will serve; None where that is not known. *sender* takes the mails; by
    default the configured server does. *access* says whether an SQLite database may be made or changed.
    *instead* has, for functions that build parts, others that are called instead of them.
    """
    services = Services(config, now=now, workers=workers, sender=sender, access=access, instead=instead)
    for name, part in vars(Services).items():
        if isinstance(part, Part):
            getattr(services, name)
    return services
