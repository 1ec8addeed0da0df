"""Sections ``account``, ``email``, ``username``, ``password``, ``privacy``, and deprecated ones."""

from dataclasses import dataclass

from hanko_compat.config.fields import NOT_USED, Choice, Switch, Whole
from hanko_compat.config.settings import setting

ACQUIRE = ("always", "conditional", "never")


@dataclass(frozen=True)
class Account:
    """``account``: who may make and delete accounts."""

    allow_deletion: bool = setting(Switch(), False, env="ALLOWDELETION")
    allow_signup: bool = setting(Switch(), True, env="ALLOWSIGNUP")


@dataclass(frozen=True)
class Email:
    """``email``: addresses and passcodes; ``passcode_ttl`` in seconds."""

    acquire_on_login: bool = setting(Switch(), True)
    acquire_on_registration: bool = setting(Switch(), True)
    enabled: bool = setting(Switch(), True)
    limit: int = setting(Whole(), 5)
    max_length: int = setting(Whole(), 120, env="MAXLENGTH")
    optional: bool = setting(Switch(), False)
    passcode_charset: str = setting(Choice("numeric", "alphanumeric"), "numeric", env="PASSCODECHARSET")
    passcode_ttl: int = setting(Whole(), 300, env="PASSCODETTL")
    require_verification: bool = setting(Switch(), True)
    use_as_login_identifier: bool = setting(Switch(), True, env="USEASLOGINIDENTIFIER")
    use_for_authentication: bool = setting(Switch(), True, env="USEFORAUTHENTICATION")


@dataclass(frozen=True)
class Emails:
    """``emails``: deprecated, see ``legacy``."""

    max_num_of_addresses: int = setting(Whole(), 5)
    require_verification: bool = setting(Switch(), True)


@dataclass(frozen=True)
class Passcode:
    """``passcode``: deprecated, see ``legacy``; in seconds."""

    ttl: int = setting(Whole(), 300)


@dataclass(frozen=True)
class Username:
    """``username``: only the flow API knows usernames."""

    acquire_on_login: bool = setting(Switch(), True)
    acquire_on_registration: bool = setting(Switch(), True)
    enabled: bool = setting(Switch(), False)
    max_length: int = setting(Whole(), 32, env="MAXLENGTH")
    min_length: int = setting(Whole(), 3)
    optional: bool = setting(Switch(), True)
    use_as_login_identifier: bool = setting(Switch(), True, env="USEASLOGINIDENTIFIER")


@dataclass(frozen=True)
class Password:
    """``password``: lengths in characters; bcrypt takes no more than 72 bytes."""

    acquire_on_login: str = setting(Choice(*ACQUIRE, otherwise=NOT_USED), "never")
    acquire_on_registration: str = setting(Choice(*ACQUIRE, otherwise=NOT_USED), "always")
    enabled: bool = setting(Switch(), True)
    min_length: int = setting(Whole(), 8)
    min_password_length: int = setting(Whole(), 0)
    optional: bool = setting(Switch(), False)
    recovery: bool = setting(Switch(), True)


@dataclass(frozen=True)
class Privacy:
    """``privacy``: what the flow API reveals about accounts."""

    only_show_actual_login_methods: bool = setting(Switch(), False)
    show_account_existence_hints: bool = setting(Switch(), False)
