"""Rate limits: how often something may be done, by whom, in how long a time.

A window begins with the first hit and lasts for the limit's interval. When its tokens are gone, everything is
refused until it ends.

Clients are distinguished by their address, IPv6 ones by the network of 64 bits that a customer has.
"""

import hashlib
import math
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from ipaddress import IPv6Address, IPv6Network, ip_address
from typing import NoReturn, Protocol
from uuid import UUID

from hanko_compat.client import Client
from hanko_compat.clock import Clock
from hanko_compat.errors.rate_limits import RateLimited
from hanko_compat.services.rate_limits.storages import RateLimitStorage
from hanko_compat.storage.rate_limits import Window

IPV6_CUSTOMER = 64  # bits; RFC 6177 s. 2: no customer is given less
DEVICES = "devices"
"""What all browsers that an account knows are counted under, where they are counted together."""
ANSWERS, FAILED = "answers", "failed"
"""What is counted apart from what a client begins."""
DIGITS = 32  # hexadecimal ones, 128 bits, of each digest


class Named(Protocol):
    """Whatever is counted: its name, and the key of the configuration that sets it."""

    @property
    def name(self) -> str:
        """What it is called in counters, metrics and logs."""

    @property
    def setting(self) -> str:
        """The key of the configuration."""


@dataclass(frozen=True, slots=True)
class Limit:
    """How many tokens there are in each interval; answers show what is left of an announced one.

    ``setting`` is the key of the configuration that sets it, for whoever has to change it.
    """

    name: str
    tokens: int
    interval: timedelta
    is_announced: bool = False
    setting: str = ""

    @property
    def seconds(self) -> int:
        """The interval in whole seconds, which is what every store can count."""
        return max(1, math.ceil(self.interval.total_seconds()))

    def count(self, window: Window | None, now: int) -> int:
        """How many tokens are taken *now*, in microseconds since 1970."""
        return 0 if window is None or window.expires_at <= now else min(window.hits, self.tokens)


@dataclass(frozen=True, slots=True)
class Quota:
    """What a caller has left; *reset_after* is in seconds."""

    limit: int
    remaining: int
    reset_after: int


@dataclass(frozen=True, slots=True)
class RateLimitRules:
    """What the configuration says of each limit."""

    passcode: Limit
    password: Limit
    token: Limit
    account: Limit
    log_in_per_client: Limit
    sign_up: Limit
    look_up: Limit
    mail_per_address: Limit
    mail_per_client: Limit
    mail_in_total: Limit
    passkey_challenges: Limit
    passkey_challenges_per_user: Limit
    provider_log_ins: Limit
    emails_per_user: Limit
    emails_per_client: Limit


@dataclass(frozen=True, slots=True)
class Refused:
    """A request that a limit refused, for *retry_after* seconds.

    ``client`` sent it. ``user_id`` is the user whose limit it is; None for the limit of a client.
    """

    limit: Named
    retry_after: int
    user_id: UUID | None = None
    client: Client | None = None


announced: ContextVar[Quota | None] = ContextVar("announced", default=None)
"""What the request under way has to tell its caller; the door that answers it begins with None."""


class RateLimits:
    """Counts what is limited. Each method takes one token, or refuses.

    Take them outside of transactions: one that is rolled back would give the token back.
    """

    def __init__(
        self,
        storage: RateLimitStorage | None,
        *,
        rules: RateLimitRules,
        now: Clock,
        on_refusal: Callable[[Refused], None],
        find_device: Callable[[UUID, Client], str | None],
    ) -> None:
        """Without a *storage* nothing is limited. *on_refusal* is told of each refusal.

        *find_device* returns the id of a browser from which somebody has logged in to the account.
        """
        self._storage = storage
        self._rules = rules
        self._now = now
        self._on_refusal = on_refusal
        self._find_device = find_device

    def device(self, user_id: UUID, client: Client) -> str | None:
        """What a browser that the account knows is counted under, instead of its address; None for others."""
        if self._storage is None:
            return None
        known = client.known_devices
        if user_id not in known:
            known[user_id] = self._find_device(user_id, client)
        return None if known[user_id] is None else f"device {known[user_id]}"

    def passcode(self, user_id: UUID, client: Client) -> Quota | None:
        """Before a passcode is made (``rate_limiter.passcode_limits``).

        Raises:
            RateLimited: this client asked for too many for this user.
        """
        return self.take(
            self._rules.passcode, str(user_id), self.caller(user_id, client), user_id=user_id, client=client
        )

    def password(self, user_id: UUID, client: Client) -> Quota | None:
        """Before a password is compared (``rate_limiter.password_limits``).

        Raises:
            RateLimited: this client tried too often for this user.
        """
        return self.take(
            self._rules.password, str(user_id), self.caller(user_id, client), user_id=user_id, client=client
        )

    def token(self, client: Client) -> Quota | None:
        """Before a one-time token is looked at (``rate_limiter.token_limits``).

        Raises:
            RateLimited: this client sent too many, whatever they were.
        """
        return self.take(self._rules.token, network_of(client), client=client)

    def account(self, user_id: UUID, client: Client, *, device: str | None) -> None:
        """Before a guess at a user's passcode or password (``hanko_compat.limits.account``).

        Browsers that the account knows have their own tokens, all of them together, so that stolen cookies
        don't add up. How many of them one may take, `passcode` and `password` say.

        Raises:
            RateLimited: all clients together, or all such browsers, tried too often for this user.
        """
        key = [str(user_id), DEVICES] if device else [str(user_id)]
        self.take(self._rules.account, *key, user_id=user_id, client=client)

    def log_in(self, user_id: UUID | None, client: Client) -> None:
        """Before anybody's passcode or password is tried (``hanko_compat.limits.login_per_client``).

        To be taken before the limits of accounts: what is refused here takes nothing from them. A browser
        that the account of *user_id* knows has tokens of its own, whoever has the same address.

        Raises:
            RateLimited: this client tried too many, at whatever accounts.
        """
        device = None if user_id is None else self.device(user_id, client)
        limit = self._rules.log_in_per_client
        if device is None:
            self.take(limit, network_of(client), client=client)
        else:
            self.take(limit, str(user_id), device, user_id=user_id, client=client)

    def sign_up(self, client: Client) -> Quota | None:
        """Before a user is made (``hanko_compat.limits.signup``).

        Raises:
            RateLimited: this client made too many.
        """
        return self.take(self._rules.sign_up, network_of(client), client=client)

    def passkey_challenge(self, client: Client) -> None:
        """Before a challenge for a passkey is stored (``hanko_compat.limits.passkey_challenges``).

        Raises:
            RateLimited: this client began too many ceremonies.
        """
        self.take(self._rules.passkey_challenges, network_of(client), client=client)

    def failed_passkey(self, client: Client) -> None:
        """Before a ceremony with a passkey that failed is told to the audit log, which keeps a row of it.

        As many as each client may begin, apart from those.

        Raises:
            RateLimited: too many ceremonies of this client have failed.
        """
        self.take(self._rules.passkey_challenges, network_of(client), FAILED, client=client)

    def passkey_challenge_of_server(self, client: Client) -> None:
        """Before a server gets a challenge for its *client*: `passkey_challenge`, if it says who that is.

        Raises:
            RateLimited: this client began too many ceremonies.
        """
        if is_address(client.ip_address):
            self.passkey_challenge(client)

    def provider_log_in(self, client: Client) -> None:
        """Before a browser is sent to a provider (``hanko_compat.limits.provider_logins``).

        Raises:
            RateLimited: this client was sent away too often.
        """
        self.take(self._rules.provider_log_ins, network_of(client), client=client)

    def provider_answer(self, client: Client) -> None:
        """Before what a browser brings from a provider is looked at: as `provider_log_in`, apart from that.

        Raises:
            RateLimited: this client came back too often.
        """
        self.take(self._rules.provider_log_ins, network_of(client), ANSWERS, client=client)

    def passkey_registration(self, user_id: UUID, client: Client) -> None:
        """Before a challenge for a user's new passkey is stored.

        `passkey_challenge`, and then ``hanko_compat.limits.passkey_challenges_per_user``.

        Raises:
            RateLimited: this client, or this user, began too many ceremonies.
        """
        self.passkey_challenge(client)
        self.take(self._rules.passkey_challenges_per_user, str(user_id), user_id=user_id, client=client)

    def email(self, user_id: UUID, client: Client) -> None:
        """Before a user gets another address (``hanko_compat.limits.emails_per_client``, ``..._per_user``).

        Raises:
            RateLimited: this client, or this user, added too many.
        """
        self.take(self._rules.emails_per_client, network_of(client), client=client)
        self.take(self._rules.emails_per_user, str(user_id), user_id=user_id, client=client)

    def look_up(self, client: Client) -> Quota | None:
        """Before a user is looked up by an address (``hanko_compat.limits.lookup``).

        Raises:
            RateLimited: this client asked too often.
        """
        return self.take(self._rules.look_up, network_of(client), client=client)

    def mail(self, address: str, client: Client, *, user_id: UUID | None = None) -> None:
        """Before a mail that this client asked for goes to *address*, which is one as it is stored.

        ``hanko_compat.limits.mail_per_client``, ``mail_per_address`` and ``mail_in_total``, in this order:
        what one limit refuses does not count for the next. Browsers that the account of *user_id* knows have
        their own tokens of the first two, so that strangers can't use them up: each those for a client, all
        together those for the address.

        Raises:
            RateLimited: too many for this client, for this address, or altogether.
        """
        device = None if user_id is None else self.device(user_id, client)
        if device is None:
            self.take(self._rules.mail_per_client, network_of(client), client=client)
            self.take(self._rules.mail_per_address, address, user_id=user_id, client=client)
        else:
            take = partial(self.take, user_id=user_id, client=client)
            take(self._rules.mail_per_client, str(user_id), device)
            # All browsers of the account share them: who could log in for a while may have collected cookies.
            take(self._rules.mail_per_address, address, DEVICES)
        self.take(self._rules.mail_in_total, client=client)

    def has_token_for_mail(self) -> bool:
        """Take a token of ``hanko_compat.limits.mail_in_total`` for a mail of ours, if one is left."""
        limit = self._rules.mail_in_total
        return self._storage is None or self._storage.incr(digest(limit, ()), limit.seconds) <= limit.tokens

    def take(
        self, limit: Limit, *key: str, user_id: UUID | None = None, client: Client | None = None
    ) -> Quota | None:
        """Take a token of *limit* for *key*; return what is left if callers may know, else None.

        *client* is who is refused, and *user_id* the user whose limit it is, for those who are told.

        Raises:
            RateLimited: none is left.
        """
        if self._storage is None:
            return None
        name = digest(limit, key)
        hits = self._storage.incr(name, limit.seconds)
        is_refused = hits > limit.tokens
        if not is_refused and not limit.is_announced:
            return None
        left = self._storage.get_expiry(name) - self._now().timestamp()
        quota = Quota(
            limit=limit.tokens,
            remaining=max(0, limit.tokens - hits),
            # Unlike Hanko 2.7.0: rounded up, so that who waits so long is let through.
            reset_after=min(max(0, math.ceil(left)), limit.seconds),
        )
        if is_refused:
            self.refuse(quota, Refused(limit, quota.reset_after, user_id, client))
        announced.set(quota)
        return quota

    def refuse(self, quota: Quota, refused: Refused) -> NoReturn:
        """Answer that a limit is used up; *quota* says for how long.

        Raises:
            RateLimited: always.
        """
        announced.set(quota)
        self._on_refusal(refused)
        raise RateLimited(retry_after=quota.reset_after)

    def caller(self, user_id: UUID, client: Client) -> str:
        """Who asks for something of an account: a browser that the account knows, or else a client."""
        return self.device(user_id, client) or network_of(client)


def digest(limit: Named, key: tuple[str, ...]) -> str:
    """What is counted under: short, and without an address or an id in clear text.

    Each part of *key* is digested by itself, so that everything that is counted for a user can be found by
    its id, which is the first part. Two parts and a name of 30 characters fit the table's 96.
    """
    return ":".join((limit.name, *(_digest(part) for part in key)))


def is_of_devices(name: str) -> bool:
    """Whether all browsers that an account knows are counted under *name*, a `digest`."""
    return name.endswith(f":{_digest(DEVICES)}")


def _digest(part: str) -> str:
    return hashlib.sha256(part.encode()).hexdigest()[:DIGITS]


def is_address(text: str) -> bool:
    """Whether *text* is an IP address."""
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def network_of(client: Client) -> str:
    """Who a client is: its IPv4 address or its IPv6 network."""
    try:
        address = ip_address(client.ip_address)
    except ValueError:
        return client.ip_address
    if isinstance(address, IPv6Address):
        return str(IPv6Network((address, IPV6_CUSTOMER), strict=False))
    return str(address)
