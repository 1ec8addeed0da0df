"""Keys of Hanko that are accepted and change nothing here, as those of its flow API and its admin API.

A key that becomes effective leaves this list, and enters ``config.example.yaml``.
"""

from fnmatch import fnmatchcase

from hanko_compat.config.legacy import ALIASES, MOVED

# ``*`` stands for the rest of the path.
WITHOUT_EFFECT = (
    "debug",
    "email.acquire_*",
    "email.optional",
    "email.passcode_charset",
    "email.use_as_login_identifier",
    "flow_locker.*",
    "mfa.acquire_*",
    "mfa.device_trust_*",
    "mfa.optional",
    "mfa.security_keys.*_*",
    "mfa.security_keys.limit",
    "passkey.acquire_*",
    "passkey.optional",
    "password.acquire_*",
    "password.optional",
    "password.recovery",
    "privacy.*",
    "rate_limiter.otp_limits.*",
    "secrets.key_management.key_id",
    "secrets.key_management.region",
    "security_notifications.notifications.mfa_*",
    "security_notifications.notifications.passkey_*",
    "server.admin.*",
    "server.management",
    "session.cookie.retention",
    "third_party.default_redirect_url",
    "username.*",
    "webauthn.relying_party.icon",
)


def has_effect(key: str) -> bool:
    """Whether a key, written with dots, changes anything."""
    if key in ALIASES:
        return any(map(has_effect, ALIASES[key]))
    return not any(fnmatchcase(key, pattern) for pattern in WITHOUT_EFFECT)


def is_documented(key: str) -> bool:
    """Whether a key belongs in the example: it has an effect, and is no old or newer name of another."""
    return has_effect(key) and key not in ALIASES and key not in MOVED
