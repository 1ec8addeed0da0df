"""Guesses at the passcodes and the password of a user, and the daily sums that bound the wrong ones.

After https://owasp.org/www-community/Slow_Down_Online_Guessing_Attacks_with_Device_Cookies: a browser from
which somebody has logged in to the account is counted apart. All others are strangers to it: each client has
a sum for the account and one over all accounts, and all of them together have the account's. So strangers
lock out strangers only.

A guess is counted before it is compared, and given back when it was right or was not compared after all. It
stays counted when the process is killed in between.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Self
from uuid import UUID

from hanko_compat.client import Client
from hanko_compat.clock import Clock
from hanko_compat.services.rate_limits.daily_sums import Counter, DailySum, DailySums, Refusal
from hanko_compat.services.rate_limits.rate_limits import (
    DEVICES,
    Limit,
    Quota,
    RateLimits,
    Refused,
    digest,
    network_of,
)
from hanko_compat.services.rate_limits.storages import SECOND, RateLimitStorage, Windows, microseconds
from hanko_compat.storage.rate_limits import Window

LONGEST_WAIT = 60
"""Seconds that a refused caller is told to wait at most. Frontends let nobody try before, and some remember
it; but a link or an operator may let the owner in at any moment."""


@dataclass(frozen=True, slots=True)
class GuessRules:
    """What the configuration says of wrong guesses.

    The owner of an account is told when strangers use up the tokens of ``untold``, and not again within the
    interval of ``told``.
    """

    account: DailySum
    account_and_client: DailySum
    client: DailySum
    device: DailySum
    devices: DailySum
    untold: Limit
    told: Limit


class Guesses:
    """Counts guesses. Use it outside of transactions: one that is rolled back would give a guess back."""

    def __init__(
        self,
        storage: RateLimitStorage | None,
        *,
        rate_limits: RateLimits,
        rules: GuessRules,
        on_guessing: Callable[[UUID, Client], None],
        now: Clock,
    ) -> None:
        """Without a *storage* nothing is counted. *on_guessing* tells the owner of an account."""
        self._storage = storage
        self._sums = DailySums(storage, now)
        self._rate_limits = rate_limits
        self._rules = rules
        self._on_guessing = on_guessing
        self._now = now

    def by_client(self, user_id: UUID, client: Client, *, unproved: str | None = None) -> "Guess":
        """A guess that comes from a browser.

        *unproved* is the address that a right one would be the first to prove. It counts like an account, for
        known browsers, too: anybody may claim it in any number of accounts.
        """
        rules, user, network = self._rules, str(user_id), network_of(client)
        claimed = () if unproved is None else _of_account(rules, unproved, network)
        one_client, account = _of_account(rules, user, network)
        strangers = (one_client, _counter(rules.client, network), account, *claimed)
        device = self._rate_limits.device(user_id, client)
        # Who could log in for a while may have collected any number of cookies: so all have a sum together.
        known = (_counter(rules.device, user, device or ""), _counter(rules.devices, user, DEVICES))
        own = () if device is None else (*known, *claimed)
        return Guess(self, user_id, client, device=device, own=own, strangers=strangers)

    def by_server(self, user_id: UUID, client: Client) -> "Guess":
        """A guess that *client*, a server of ours, passes on: it tells no client from another."""
        strangers = (_counter(self._rules.account, str(user_id)),)
        return Guess(self, user_id, client, device=None, own=(), strangers=strangers)

    def free(self, user_id: UUID, client: Client) -> None:
        """Forget the wrong guesses of a browser from which somebody has now logged in; of no one else."""
        device = self._rate_limits.device(user_id, client)
        if device is not None:
            self._sums.empty(_counter(self._rules.device, str(user_id), device))

    def take(self, counters: Sequence[Counter]) -> Refusal | None:
        """Count a guess in all sums, or in none where one of them is used up, which is returned."""
        return self._sums.take(counters)

    def give_back(self, counters: Sequence[Counter]) -> None:
        """Forget a guess that was counted."""
        self._sums.give_back(counters)

    def take_token(self, user_id: UUID, client: Client, *, device: str | None) -> None:
        """Count a guess in the limit of short windows, `RateLimits.account`.

        Raises:
            RateLimited: no token is left.
        """
        self._rate_limits.account(user_id, client, device=device)

    def refuse(self, refusal: Refusal, user_id: UUID, client: Client) -> None:
        """Answer that a sum is used up.

        Raises:
            RateLimited: always.
        """
        reset_after = min(refusal.reset_after, LONGEST_WAIT)
        quota = Quota(refusal.sum.first_day, remaining=0, reset_after=reset_after)
        about = None if refusal.sum is self._rules.client else user_id
        self._rate_limits.refuse(quota, Refused(refusal.sum, refusal.reset_after, about, client))

    def note_stranger(self, user_id: UUID, client: Client) -> None:
        """Note a wrong guess of a stranger; when there were too many, have the owner told."""
        if self._storage is None:
            return
        now, rules = microseconds(self._now), self._rules

        def change(windows: Windows) -> Windows:
            untold, told = windows
            untold = _hit(untold, now, rules.untold)
            is_due = told is None and untold.hits >= rules.untold.tokens
            return (None, _hit(told, now, rules.told)) if is_due else (untold, told)

        keys = [digest(limit, (str(user_id),)) for limit in (rules.untold, rules.told)]
        before = self._storage.update(keys, change)
        if change(before)[0] is not None:
            return
        if self._rate_limits.has_token_for_mail():
            self._on_guessing(user_id, client)
        else:
            # The next wrong guess is the next attempt to tell of them.
            self._storage.update(keys, lambda _windows: before)


class Guess:
    """One guess: `take` it before the comparison, in a ``with`` block; `note_wrong` if it is.

    What was taken and is not wrong is given back when the block ends.
    """

    def __init__(
        self,
        guesses: Guesses,
        user_id: UUID,
        client: Client,
        *,
        device: str | None,
        own: Sequence[Counter],
        strangers: Sequence[Counter],
    ) -> None:
        """*own* counts for the browser that the account knows as *device*, *strangers* for all others."""
        self._guesses = guesses
        self._user_id = user_id
        self._client = client
        self._device = device
        self._own = own
        self._strangers = strangers
        self._taken: Sequence[Counter] = ()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._guesses.give_back(self._taken)

    def take(self) -> None:
        """Count the guess. A browser that has used up its own sum is a stranger.

        Raises:
            RateLimited: too many guesses. This one must not be compared.
        """
        device = self._device
        if not self._own or self._take(self._own) is not None:
            device = None
            refusal = self._take(self._strangers)
            if refusal is not None:
                self._guesses.refuse(refusal, self._user_id, self._client)
        # After the sums: who has used up its own takes no token from the others. A token is not given back.
        self._guesses.take_token(self._user_id, self._client, device=device)

    def note_wrong(self) -> None:
        """Leave the guess counted."""
        is_stranger, self._taken = self._taken is self._strangers, ()
        if is_stranger:
            self._guesses.note_stranger(self._user_id, self._client)

    def _take(self, counters: Sequence[Counter]) -> Refusal | None:
        refusal = self._guesses.take(counters)
        if refusal is None:
            self._taken = counters
        return refusal


def _of_account(rules: GuessRules, account: str, network: str) -> tuple[Counter, Counter]:
    return _counter(rules.account_and_client, account, network), _counter(rules.account, account)


def _counter(rule: DailySum, *key: str) -> Counter:
    return Counter(rule, digest(rule, key))


def _hit(window: Window | None, now: int, limit: Limit) -> Window:
    return Window(window.hits + 1, window.expires_at) if window else Window(1, now + limit.seconds * SECOND)
