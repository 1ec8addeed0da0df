"""Passwords: set, changed, and logged in with."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import NoReturn, TypeVar
from uuid import UUID

from hanko_compat.client import Client
from hanko_compat.clock import Clock
from hanko_compat.errors import HankoCompatError
from hanko_compat.errors.hashing import Overloaded
from hanko_compat.errors.login import AuthenticationTooOld, SecondFactorRequired
from hanko_compat.errors.passwords import (
    PasswordInvalid,
    PasswordMismatch,
    PasswordsDisabled,
    PasswordTooLong,
    PasswordTooShort,
)
from hanko_compat.errors.users import AccountUnknown, ForeignAccount, UserBlocked, UserNotFound
from hanko_compat.hashing import bcrypt
from hanko_compat.hashing.hasher import Hasher
from hanko_compat.hashing.reading import longest_password
from hanko_compat.jose.session_token import TokenSubject
from hanko_compat.mail import languages
from hanko_compat.services.delivery.mails import Mails, Notice
from hanko_compat.services.events import Event, Events, EventType
from hanko_compat.services.login.finish import REASONS, IssuedLogin, Login, Outcome, Proof
from hanko_compat.services.rate_limits.guesses import Guess, Guesses
from hanko_compat.services.rate_limits.rate_limits import RateLimits, network_of
from hanko_compat.services.sessions.live import SessionInfo, Sessions, lock_live
from hanko_compat.storage import passcodes
from hanko_compat.storage import passwords as rows
from hanko_compat.storage.emails import emails
from hanko_compat.storage.engine.database import Database, IntegrityError
from hanko_compat.storage.passwords import UserHash

T = TypeVar("T")

# Why something is refused: for the caller, and for the audit log.
Objection = tuple[HankoCompatError, str]


@dataclass(frozen=True, slots=True)
class PasswordRules:
    """What the configuration says of passwords."""

    enabled: bool
    min_length: int  # characters
    recent_authentication: timedelta | None  # how old a log-in may be to change a password; None: any age


class Passwords:
    """Sets passwords and logs in with them. Hashes are computed with no connection in hand."""

    def __init__(
        self,
        database: Database,
        *,
        sessions: Sessions,
        login: Login,
        events: Events,
        hasher: Hasher,
        mails: Mails,
        rate_limits: RateLimits,
        guesses: Guesses,
        rules: PasswordRules,
        now: Clock,
    ) -> None:
        self._database = database
        self._sessions = sessions
        self._login = login
        self._events = events
        self._hasher = hasher
        self._mails = mails
        self._rate_limits = rate_limits
        self._guesses = guesses
        self._rules = rules
        self._now = now

    def check_enabled(self) -> None:
        """Let pass where there are passwords.

        Raises:
            PasswordsDisabled: ``password.enabled`` is off.
        """
        if not self._rules.enabled:
            raise PasswordsDisabled

    def set(
        self,
        session: SessionInfo,
        *,
        user_id: UUID,
        password: str,
        client: Client,
    ) -> bool:
        """Give the session's user a password, instead of the old one if there is one; True for the first.

        The user's other sessions end, and passcodes that were mailed before are worth nothing. A notification
        goes to the primary address, where such are wanted.

        Raises:
            PasswordsDisabled: ``password.enabled`` is off.
            PasswordTooShort: fewer than ``password.min_length`` characters.
            PasswordInvalid: it holds NUL, or half of a surrogate pair.
            PasswordTooLong: more than 72 bytes in UTF-8.
            AccountUnknown: there is no user *user_id*.
            ForeignAccount: *user_id* is not the session's user.
            AuthenticationTooOld: there is a password, and the session is older than
                ``hanko_compat.password.recent_authentication``.
            Overloaded: too many hashes wait to be computed.
            SessionInvalid: the session ended in the meantime.
        """
        self.check_enabled()
        found, failed = self._look(user_id, EventType.PASSWORD_SET_FAILED, client)
        objection = self._to_new_password(password, session=session, user_id=user_id, found=found)
        if objection is not None:
            self._refuse(failed, objection)
        hashed = self._hasher.hash_password(password, client=network_of(client))
        done = replace(failed, type=EventType.PASSWORD_SET_SUCCEEDED)

        def work() -> bool:
            is_first = self._store(session, hashed)
            self._events.record(done)
            self._notify(user_id, client)
            return is_first

        is_first = self._twice(work)
        self._events.publish(done)
        self._mails.wake()
        return is_first

    def log_in(self, user_id: UUID, password: str, *, client: Client) -> IssuedLogin:
        """Start a session for a user by its password.

        A wrong password, a user without one and an unknown user get the same answer after the same work. The
        hash of another system costs what it costs, once: with the right password it gives way to one of ours.

        Raises:
            PasswordsDisabled: ``password.enabled`` is off.
            RateLimited: too many tries, by this client or by all.
            PasswordInvalid: it holds NUL, or half of a surrogate pair, and there is such a user.
            PasswordTooLong: more than 72 bytes in UTF-8, and there is such a user; where it has a hash of
                another system, other than bcrypt, more than 1024.
            PasswordMismatch: see above.
            SecondFactorRequired: the password is right, and not enough.
            UserBlocked: the password is right, and the user pending or disabled.
            Overloaded: too many hashes wait to be computed.
        """
        self.check_enabled()
        self._rate_limits.log_in(user_id, client)
        self._rate_limits.password(user_id, client)
        with self._guesses.by_client(user_id, client) as guess:
            guess.take()
            found, failed = self._look(user_id, EventType.PASSWORD_LOGIN_FAILED, client)
            objection = self._to_log_in(password, user_id=user_id, found=found, guess=guess, client=client)
        if objection is not None or found is None or found.password is None:
            self._refuse(failed, objection or (PasswordMismatch(), "password hash not equal"))
        verified, done = found.password, replace(failed, type=EventType.PASSWORD_LOGIN_SUCCEEDED)
        try:
            return self._finish(password, verified, done, user_id=user_id, client=client)
        except (PasswordMismatch, UserNotFound):
            self._refuse(failed, (PasswordMismatch(), "password hash not equal"))
        except (SecondFactorRequired, UserBlocked) as error:
            self._refuse(failed, (error, REASONS[type(error)]))

    def _finish(
        self, password: str, verified: str, done: Event, *, user_id: UUID, client: Client
    ) -> IssuedLogin:
        """Start a session for the user, whose password has just been found to have the hash *verified*.

        Raises:
            PasswordMismatch: meanwhile the password has been changed.
        """
        finish = partial(self._finish_with, password, done=done, user_id=user_id, client=client)
        try:
            return finish(verified)
        except PasswordMismatch:
            if not self._hasher.is_outdated(verified):
                raise
            # Another log-in of the user, at the same moment, may have been faster to store its own hash.
            return finish(self._verify_again(user_id, password, client))

    def _finish_with(
        self, password: str, verified: str, *, done: Event, user_id: UUID, client: Client
    ) -> IssuedLogin:
        """Start a session, if the user still has the hash *verified*, and store a newer one if that is due.

        Raises:
            PasswordMismatch: the user has another one.
        """
        successor = self._successor(user_id, password, verified, client)

        def settle(subject: TokenSubject) -> Outcome:
            if successor is not None:
                rows.replace(user_id=user_id, old=verified, new=successor)
            return Outcome(subject, (done,))

        proof = Proof(
            user_id=user_id,
            is_enough=False,
            use_up=lambda: _require_unchanged(user_id, verified),
            settle=settle,
        )
        return self._login.finish(proof, client=client)

    def _verify_again(self, user_id: UUID, password: str, client: Client) -> str:
        """Return the hash that the user has now, if the password has it.

        Raises:
            PasswordMismatch: it has another one, or there is none.
        """
        with self._database.connection():
            found = rows.find(user_id)
        current = found.password if found else None
        caller = self._rate_limits.caller(user_id, client)
        if current is None or not self._hasher.verify_password(password, current, client=caller):
            raise PasswordMismatch
        return current

    def _look(self, user_id: UUID, failed: EventType, client: Client) -> tuple[UserHash | None, Event]:
        """The user, and the event that reports a failure of what it, or somebody else, tries."""
        with self._database.connection():
            found = rows.find(user_id)
            if found is None:
                return None, Event(type=failed, client=client)
            email = emails.find_primary_address(user_id)
        return found, Event(type=failed, client=client, user_id=user_id, email=email)

    def _refuse(self, event: Event, objection: Objection) -> NoReturn:
        error, reason = objection
        self._events.report(replace(event, error=reason), self._database)
        raise error

    def _to_new_password(
        self, password: str, *, session: SessionInfo, user_id: UUID, found: UserHash | None
    ) -> Objection | None:
        if len(password) < self._rules.min_length:
            return PasswordTooShort(min_length=self._rules.min_length), "password too short"
        objection = to_form(password)
        if objection is not None:
            return objection
        if found is None:
            return AccountUnknown(), f"unknown user: {user_id}"
        if session.user_id != user_id:
            return ForeignAccount(), f"wrong user: expected {session.user_id} -> got {user_id}"
        if found.password is not None and self._is_too_old(session):
            return AuthenticationTooOld(), "authentication too old"
        return None

    def _to_log_in(
        self, password: str, *, user_id: UUID, found: UserHash | None, guess: Guess, client: Client
    ) -> Objection | None:
        """Compare, once in any case: the time does not show whether there is such a user."""
        hashed = None if found is None else found.password
        # As Hanko 2.7.0: what can't be a password is refused as such where there is such a user.
        if found is not None:
            objection = to_form(password, longest=longest_password(hashed))
            if objection is not None:
                return objection
        caller = self._rate_limits.caller(user_id, client)
        if self._hasher.verify_password(password, hashed, client=caller):
            return None
        guess.note_wrong()
        if found is None:
            return PasswordMismatch(), f"unknown user: {user_id}"
        if hashed is None:
            return PasswordMismatch(), "user has no password credential"
        return PasswordMismatch(), "password hash not equal"

    def _successor(self, user_id: UUID, password: str, verified: str, client: Client) -> str | None:
        """Hash a password as new ones are, where its hash is of another kind or cheaper; None: it stays.

        Of more than 72 bytes it can't be hashed so. Where too many wait, the next log-in tries again.
        """
        if not self._hasher.is_outdated(verified) or not bcrypt.fits(password):
            return None
        try:
            return self._hasher.hash_password(password, client=self._rate_limits.caller(user_id, client))
        except Overloaded:
            return None

    def _is_too_old(self, session: SessionInfo) -> bool:
        longest = self._rules.recent_authentication
        return longest is not None and self._now() - session.issued_at > longest

    def _store(self, session: SessionInfo, hashed: str) -> bool:
        """Store the hash and end what a former password, or a thief of a session, may have left."""
        user_id, now = session.user_id, self._now()
        # While the hash was computed, another session may have set a password and ended this one.
        lock_live(session)
        is_first = not rows.update(user_id=user_id, password=hashed, now=now)
        if is_first:
            rows.create(user_id=user_id, password=hashed, now=now)
        elif self._is_too_old(session):
            raise AuthenticationTooOld
        self._sessions.revoke_all(user_id, but=session.session_id)
        passcodes.delete_of_user(user_id)
        return is_first

    def _notify(self, user_id: UUID, client: Client) -> None:
        email = emails.find_primary(user_id)
        # An unverified one may be a stranger's.
        if email is not None and email.verified:
            language = languages.choose(client.x_language, client.accept_language)
            self._mails.notify(Notice.PASSWORD_UPDATE, to=email.address, language=language)

    def _twice(self, work: Callable[[], T]) -> T:
        """Run *work*; again when Hanko, which takes no lock, stored the user's first password meanwhile."""
        try:
            return self._database.transaction(work)
        except IntegrityError:
            return self._database.transaction(work)


def _require_unchanged(user_id: UUID, verified: str) -> None:
    """Let pass while the password is that which was compared: it may have been changed meanwhile."""
    current = rows.find(user_id)
    if current is None or current.password != verified:
        raise PasswordMismatch


def to_form(password: str, *, longest: int = bcrypt.MAX_BYTES) -> Objection | None:
    """What speaks against a password, of *longest* bytes, whatever the configuration says. Nothing is cut."""
    try:
        length = len(password.encode())
    except UnicodeEncodeError:
        return PasswordInvalid(), "password invalid"
    if "\0" in password:
        return PasswordInvalid(), "password invalid"
    if length > longest:
        return PasswordTooLong(max_length=longest), "password too long"
    return None
