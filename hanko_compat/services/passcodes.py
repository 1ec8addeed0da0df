"""Passcodes: mailed, and traded for a session. They prove that a user reads an address."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from hanko_compat.client import Client
from hanko_compat.clock import Clock
from hanko_compat.errors.login import SecondFactorRequired
from hanko_compat.errors.passcodes import (
    EmailNotAvailable,
    PasscodeExpired,
    PasscodeMismatch,
    PasscodeNotFound,
    PasscodesDisabled,
    RecipientUnknown,
    TriesExhausted,
)
from hanko_compat.errors.users import ForeignAccount, UserBlocked, UserNotFound
from hanko_compat.hashing.hasher import Hasher
from hanko_compat.jose.session_token import TokenSubject
from hanko_compat.mail import languages
from hanko_compat.services import passcode_recipients
from hanko_compat.services.delivery.mails import Mails
from hanko_compat.services.emails.verification import EmailVerification, may_have
from hanko_compat.services.events import Event, Events, EventType
from hanko_compat.services.first_proof import FirstProof
from hanko_compat.services.login.finish import REASONS, IssuedLogin, Login, Outcome, Proof
from hanko_compat.services.login.second_factor import SecondFactor
from hanko_compat.services.one_time_codes import OneTimeCodes, Verdict, new_code
from hanko_compat.services.rate_limits.guesses import Guess, Guesses
from hanko_compat.services.rate_limits.rate_limits import RateLimits, network_of
from hanko_compat.services.webhooks.email_events import EmailEvents
from hanko_compat.storage import passcodes as rows
from hanko_compat.storage.emails import emails
from hanko_compat.storage.engine.database import Database, IntegrityError
from hanko_compat.storage.models import Email, Passcode
from hanko_compat.storage.users import users


@dataclass(frozen=True, slots=True)
class PasscodeRules:
    """What the configuration says of passcodes."""

    enabled: bool
    ttl: timedelta


@dataclass(frozen=True, slots=True)
class PasscodeRequest:
    """Who wants a passcode, and where it shall go: to an address, else to the primary one.

    ``remembered_email_id`` is what a browser remembers of a sign-up, for users who have no address yet.
    """

    user_id: UUID
    email_id: str | None = None
    remembered_email_id: str | None = None


@dataclass(frozen=True, slots=True)
class IssuedPasscode:
    """A passcode that was mailed; ``ttl`` in seconds."""

    id: UUID
    ttl: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class PasscodeLogin:
    """A log-in, and the passcode that was given for it."""

    passcode: IssuedPasscode
    issued: IssuedLogin


class _Rows:
    """Passcodes, for `OneTimeCodes`; one that has ended is deleted."""

    def __init__(self, now: Clock) -> None:
        self._now = now

    def count_try(self, code_id: UUID, *, limit: int) -> int | None:
        return rows.count_try(code_id, limit=limit, now=self._now())

    def give_try_back(self, code_id: UUID) -> None:
        rows.give_try_back(code_id)

    def end(self, code_id: UUID) -> None:
        rows.consume(code_id)


class Passcodes:
    """Mails passcodes and takes them back."""

    def __init__(
        self,
        database: Database,
        *,
        login: Login,
        first_proof: FirstProof,
        events: Events,
        hasher: Hasher,
        second_factor: SecondFactor,
        rate_limits: RateLimits,
        guesses: Guesses,
        mails: Mails,
        email_events: EmailEvents,
        verification: EmailVerification,
        rules: PasscodeRules,
        now: Clock,
    ) -> None:
        self._database = database
        self._login = login
        self._first_proof = first_proof
        self._events = events
        self._codes = OneTimeCodes(database, hasher=hasher, rows=_Rows(now), now=now)
        self._second_factor = second_factor
        self._rate_limits = rate_limits
        self._guesses = guesses
        self._mails = mails
        self._email_events = email_events
        self._verification = verification
        self._rules = rules
        self._now = now

    def check_enabled(self) -> None:
        """Let pass where there are passcodes.

        Raises:
            PasscodesDisabled: ``email.enabled`` or ``email.use_for_authentication`` is off.
        """
        if not self._rules.enabled:
            raise PasscodesDisabled

    def start(self, wanted: PasscodeRequest, *, caller_id: UUID | None, client: Client) -> IssuedPasscode:
        """Mail a passcode. *caller_id* is the user whose session the request carries.

        Raises:
            PasscodesDisabled: ``email.enabled`` or ``email.use_for_authentication`` is off.
            RecipientUnknown: there is no such user.
            RateLimited: too many passcodes for this user, address or client, or too many unknown users.
            EmailIdInvalid: what names the address is no UUID.
            EmailNotAvailable: no address has this id.
            PasscodeRecipientMissing: the user has no address, and the request names none.
            ForeignAccount: somebody else's address, or a session of somebody else.
            SecondFactorRequired: a passcode alone would not be enough.
            Overloaded: too many hashes wait to be computed.
        """
        self.check_enabled()
        user_id = wanted.user_id
        with self._database.connection():
            is_known = users.exists(user_id)
        if not is_known:
            self._rate_limits.look_up(client)
            self._report(EventType.PASSCODE_LOGIN_INIT_FAILED, client, error="unknown user")
            raise RecipientUnknown
        self._rate_limits.passcode(user_id, client)
        with self._database.connection():
            primary = emails.find_primary(user_id)
            email = passcode_recipients.get(
                wanted.email_id, remembered_email_id=wanted.remembered_email_id, primary=primary
            )
            self._check_recipient(email, user_id, caller_id=caller_id)
        self._rate_limits.mail(email.address, client, user_id=user_id)
        return self._issue(email, user_id, primary=primary, client=client)

    def finish(
        self, passcode_id: UUID, code: str, *, caller_id: UUID | None, client: Client
    ) -> PasscodeLogin:
        """Trade a correct *code* for a session. A code works once, and verifies the address it was sent to.

        *caller_id* is the user whose session the request carries. Without one the first proof of an address
        removes the log-ins of before.

        Raises:
            PasscodesDisabled: ``email.enabled`` or ``email.use_for_authentication`` is off.
            PasscodeNotFound: no such id, or already used.
            PasscodeExpired: older than ``email.passcode_ttl``.
            PasscodeMismatch: wrong code, tries remain.
            TriesExhausted: three wrong codes were spent.
            ForeignAccount: a session of somebody else, or an address that the user may not have, as is
                `FirstProof.is_foreign`.
            EmailClaimed: the address has become another user's.
            EmailLimitReached: the user has ``email.limit`` addresses without this one.
            SecondFactorRequired: the code is right, but not enough.
            UserBlocked: the code is right, and the user pending or disabled.
            RateLimited: too many guesses by this client, or at this user's passcodes and password.
            Overloaded: too many hashes wait to be computed.
        """
        self.check_enabled()
        with self._database.connection():
            passcode = rows.find(passcode_id)
        self._rate_limits.log_in(None if passcode is None else passcode.user_id, client)
        if passcode is None:
            self._codes.compare_with_none(code, client=network_of(client))
            self._refuse(None, client, "unknown passcode")
            raise PasscodeNotFound
        created_at: datetime = passcode.created_at
        # A column may hold a time in whole seconds, so that 0 of them are not over at once.
        if not passcode.ttl or self._codes.is_over(created_at + timedelta(seconds=passcode.ttl)):
            self._refuse(passcode, client, "timed out passcode")
            raise PasscodeExpired
        # Unlike Hanko 2.7.0: before the comparison, so that no try is spent on what can bring no session.
        if caller_id not in (None, passcode.user_id):
            raise ForeignAccount
        unproved = None if passcode.email.verified else passcode.email.address
        with self._guesses.by_client(passcode.user_id, client, unproved=unproved) as guess:
            self._compare(passcode, code, guess=guess, client=client)
            return self._log_in(passcode, caller_id=caller_id, client=client)

    def _check_recipient(self, email: Email, user_id: UUID, *, caller_id: UUID | None) -> None:
        """Let pass where the user may prove to read the address, and be logged in by that."""
        # Unlike Hanko 2.7.0: before the mail is sent, since no session could come of it.
        if caller_id not in (None, user_id) or not may_have(email, user_id, caller_id=caller_id):
            raise ForeignAccount
        if caller_id is None and not self._first_proof.resets(email):
            self._second_factor.require_none(user_id)

    def _issue(self, email: Email, user_id: UUID, *, primary: Email | None, client: Client) -> IssuedPasscode:
        code = new_code()
        hashed_code = self._codes.hash(code, client=self._rate_limits.caller(user_id, client))
        ttl, now = self._rules.ttl, self._now()
        language = languages.choose(client.x_language, client.accept_language)
        passcode = IssuedPasscode(uuid4(), int(ttl.total_seconds()), now)
        tell_hooks = self._email_events.of_passcode(
            to=email.address, code=code, ttl=ttl, expires_at=now + ttl, client=client
        )
        done = Event(
            type=EventType.PASSCODE_LOGIN_INIT_SUCCEEDED,
            client=client,
            user_id=user_id,
            email=None if primary is None else primary.address,
        )

        def work() -> None:
            rows.create(
                passcode.id,
                user_id=user_id,
                email_id=email.id,
                hashed_code=hashed_code,
                ttl=passcode.ttl,
                now=now,
            )
            self._events.record(done)
            self._mails.send_passcode(
                to=email.address, code=code, ttl=ttl, language=language, passcode_expires_at=now + ttl
            )
            tell_hooks()

        try:
            self._database.transaction(work)
        except IntegrityError as error:
            raise EmailNotAvailable from error  # deleted since we looked, or its user was
        self._events.publish(done)
        self._mails.wake()
        return passcode

    def _compare(self, passcode: Passcode, code: str, *, guess: Guess, client: Client) -> None:
        """Let pass the right code; another one costs a try."""
        caller = self._rate_limits.caller(passcode.user_id, client)
        verdict = self._codes.compare(
            code, code_id=passcode.id, hashed=passcode.code, guess=guess, client=caller
        )
        match verdict:
            case Verdict.GONE:
                self._refuse(passcode, client, "unknown passcode")
                raise PasscodeNotFound
            case Verdict.WRONG:
                self._refuse(passcode, client, "passcode invalid")
                raise PasscodeMismatch
            case Verdict.LAST_WRONG | Verdict.NO_TRY_LEFT:
                self._refuse(passcode, client, "max attempts reached")
                raise TriesExhausted

    def _log_in(self, passcode: Passcode, *, caller_id: UUID | None, client: Client) -> PasscodeLogin:
        """Use a passcode up, which of several callers only one can do, and start a session."""
        user_id = passcode.user_id
        email: Email | None = None
        is_foreign = False

        def use_up() -> Email | None:
            nonlocal email, is_foreign
            if not rows.consume(passcode.id):
                raise PasscodeNotFound
            email = emails.find_by_id(passcode.email_id)
            if caller_id is not None or email is None:
                return None
            is_foreign = self._first_proof.is_foreign(email)
            if is_foreign:
                raise ForeignAccount
            return email

        proof = Proof(
            user_id=user_id,
            is_enough=caller_id is not None,
            use_up=use_up,
            settle=lambda subject: self._settle(user_id, email, subject, caller_id=caller_id, client=client),
        )
        try:
            issued = self._login.finish(proof, client=client)
        except (PasscodeNotFound, UserNotFound) as error:
            self._refuse(passcode, client, "unknown passcode")
            raise PasscodeNotFound from error
        except (SecondFactorRequired, UserBlocked) as error:
            self._refuse(passcode, client, REASONS[type(error)])
            raise
        except ForeignAccount:
            if is_foreign:
                self._first_proof.release(passcode.email_id, user_id, client=client)
                self._refuse(passcode, client, "address of another account")
            raise
        self._mails.wake()
        return PasscodeLogin(IssuedPasscode(passcode.id, passcode.ttl, passcode.created_at), issued)

    def _settle(
        self,
        user_id: UUID,
        email: Email | None,
        subject: TokenSubject,
        *,
        caller_id: UUID | None,
        client: Client,
    ) -> Outcome:
        subject, events = self._verification.settle(
            user_id, email, subject, caller_id=caller_id, client=client
        )
        done = Event(
            type=EventType.PASSCODE_LOGIN_FINAL_SUCCEEDED,
            client=client,
            user_id=user_id,
            email=subject.address,
        )
        return Outcome(subject, (*events, done))

    def _refuse(self, passcode: Passcode | None, client: Client, error: str) -> None:
        """Tell of a passcode that brought no session."""
        type_ = EventType.PASSCODE_LOGIN_FINAL_FAILED
        if passcode is None:
            self._report(type_, client, error=error)
            return
        with self._database.connection():
            address = emails.find_primary_address(passcode.user_id)
        event = Event(type=type_, client=client, user_id=passcode.user_id, email=address, error=error)
        self._events.report(event, self._database)

    def _report(self, type_: EventType, client: Client, *, error: str) -> None:
        self._events.report(Event(type=type_, client=client, error=error), self._database)
