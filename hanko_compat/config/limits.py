"""Section ``hanko_compat.limits``; all but ``hashing`` are off where ``rate_limiter.enabled`` is false."""

from dataclasses import dataclass

from hanko_compat.config.fields import Whole
from hanko_compat.config.rate_limiter import Limits
from hanko_compat.config.settings import section, setting


@dataclass(frozen=True)
class SignUpLimits(Limits):
    """``signup``: new users of each client."""

    tokens: int = setting(Whole(minimum=1), 60)


@dataclass(frozen=True)
class LookUpLimits(Limits):
    """``lookup``: addresses that each client may ask about."""

    tokens: int = setting(Whole(minimum=1), 120)


@dataclass(frozen=True)
class AccountLimits(Limits):
    """``account``: guesses at passcode and password of each user, by all clients together."""

    tokens: int = setting(Whole(minimum=1), 20)


@dataclass(frozen=True)
class MailPerAddressLimits(Limits):
    """``mail_per_address``: mails to each address.

    Twice the three that Hanko lets through for a user: the windows of user and address begin at different
    moments, and what two neighbouring windows of the user let through must pass one of the address.
    """

    tokens: int = setting(Whole(minimum=1), 6)


@dataclass(frozen=True)
class MailPerClientLimits(Limits):
    """``mail_per_client``: mails that each client may cause."""

    tokens: int = setting(Whole(minimum=1), 60)


@dataclass(frozen=True)
class MailInTotalLimits(Limits):
    """``mail_in_total``: mails of the whole installation."""

    tokens: int = setting(Whole(minimum=1), 3000)


@dataclass(frozen=True)
class PasskeyChallengeLimits(Limits):
    """``passkey_challenges``: ceremonies with passkeys that each client may begin.

    A page that offers passkeys in the form's fields begins one each time that it is shown.
    """

    tokens: int = setting(Whole(minimum=1), 120)


@dataclass(frozen=True)
class PasskeyChallengesPerUserLimits(Limits):
    """``passkey_challenges_per_user``: passkeys that each user may begin to register."""

    tokens: int = setting(Whole(minimum=1), 10)


@dataclass(frozen=True)
class ProviderLogInLimits(Limits):
    """``provider_logins``: how often each client may be sent to other providers, and how often come back."""

    tokens: int = setting(Whole(minimum=1), 120)


@dataclass(frozen=True)
class EmailsPerUserLimits(Limits):
    """``emails_per_user``: addresses that each user may add."""

    tokens: int = setting(Whole(minimum=1), 10)


@dataclass(frozen=True)
class EmailsPerClientLimits(Limits):
    """``emails_per_client``: addresses that each client may add, to any users."""

    tokens: int = setting(Whole(minimum=1), 60)


@dataclass(frozen=True)
class LogInPerClientLimits(Limits):
    """``login_per_client``: passwords and passcodes that each client may try, at all accounts together."""

    tokens: int = setting(Whole(minimum=1), 60)


@dataclass(frozen=True)
class HashingLimits:
    """``hashing``: computations of password hashes in each process.

    Each that runs or waits holds a thread of the server, of which some have to be left for everything else.
    """

    concurrency: int = setting(Whole(), 0)  # 0: the CPUs, for all processes together
    queue: int = setting(Whole(), 4)


@dataclass(frozen=True)
class DailySumSettings:
    """How many there may be on a first day, and on each further one."""

    first_day: int = setting(Whole(minimum=1), 30)
    further_days: int = setting(Whole(minimum=1), 10)


@dataclass(frozen=True)
class AccountAndClientGuesses(DailySumSettings):
    """``account_and_client``: a third of what all clients have at an account."""

    first_day: int = setting(Whole(minimum=1), 10)
    further_days: int = setting(Whole(minimum=1), 5)


@dataclass(frozen=True)
class ClientGuesses(DailySumSettings):
    """``client``: at all accounts, known and unknown."""

    first_day: int = setting(Whole(minimum=1), 100)
    further_days: int = setting(Whole(minimum=1), 100)


@dataclass(frozen=True)
class DevicesGuesses(DailySumSettings):
    """``devices``: twice what one browser has, so that one stolen cookie shuts no other browser out.

    In a year what is added to the guesses of strangers leaves the chance of a right one below 1 in 200.
    """

    first_day: int = setting(Whole(minimum=1), 60)
    further_days: int = setting(Whole(minimum=1), 3)


@dataclass(frozen=True)
class WrongGuessLimits:
    """``wrong_guesses``: wrong passcodes and passwords together.

    At one account 30 and 10 make 3,680 in a year at most, and a six-digit code is right once in a million.
    """

    account: DailySumSettings = section(DailySumSettings)
    account_and_client: AccountAndClientGuesses = section(AccountAndClientGuesses)
    client: ClientGuesses = section(ClientGuesses)
    device: DailySumSettings = section(DailySumSettings)
    devices: DevicesGuesses = section(DevicesGuesses)
    notice_after: int = setting(Whole(minimum=1), 10)


@dataclass(frozen=True)
class LimitSettings:
    """``hanko_compat.limits``."""

    account: AccountLimits = section(AccountLimits)
    emails_per_client: EmailsPerClientLimits = section(EmailsPerClientLimits)
    emails_per_user: EmailsPerUserLimits = section(EmailsPerUserLimits)
    hashing: HashingLimits = section(HashingLimits)
    login_per_client: LogInPerClientLimits = section(LogInPerClientLimits)
    lookup: LookUpLimits = section(LookUpLimits)
    mail_in_total: MailInTotalLimits = section(MailInTotalLimits)
    mail_per_address: MailPerAddressLimits = section(MailPerAddressLimits)
    mail_per_client: MailPerClientLimits = section(MailPerClientLimits)
    passkey_challenges: PasskeyChallengeLimits = section(PasskeyChallengeLimits)
    passkey_challenges_per_user: PasskeyChallengesPerUserLimits = section(PasskeyChallengesPerUserLimits)
    provider_logins: ProviderLogInLimits = section(ProviderLogInLimits)
    signup: SignUpLimits = section(SignUpLimits)
    wrong_guesses: WrongGuessLimits = section(WrongGuessLimits)
