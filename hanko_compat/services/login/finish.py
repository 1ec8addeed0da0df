"""The end of every log-in: lock, second factor, session, events, tokens. The rest is the method's."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar
from uuid import UUID

from hanko_compat.client import Client
from hanko_compat.errors import HankoCompatError
from hanko_compat.errors.login import SecondFactorRequired
from hanko_compat.errors.users import UserBlocked
from hanko_compat.jose.session_token import TokenSubject
from hanko_compat.services.events import Event, Events
from hanko_compat.services.first_proof import FirstProof
from hanko_compat.services.login.second_factor import SecondFactor
from hanko_compat.services.sessions import subjects
from hanko_compat.services.sessions.issuing import IssuedSession, NewSession, SessionIssuer
from hanko_compat.services.sessions.tokens import SessionToken, SessionTokens
from hanko_compat.storage.engine.database import Database
from hanko_compat.storage.models import Email

T = TypeVar("T")

REASONS: dict[type[HankoCompatError], str] = {
    SecondFactorRequired: "second factor required",
    UserBlocked: "user not active",
}
"""Why `Login.finish` refuses a good proof, for the audit log."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of a log-in: the user as the token names it, and the events in their order."""

    subject: TokenSubject
    events: tuple[Event, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What a method has verified, and what it does in the transaction that ends the log-in.

    That transaction may run again, so both functions change nothing outside of the database.
    """

    user_id: UUID
    is_enough: bool
    """Whether no second factor is asked for, even where the user has one."""
    use_up: Callable[[], Email | None]
    """Uses up the code, the challenge or the token. Of several callers one succeeds; for the others it
    raises an error of the method's. Returns the address that a caller without a session of the user's proves
    by it, if it does: the first time the log-ins of before are removed."""
    settle: Callable[[TokenSubject], Outcome] = Outcome
    """Writes what else changes by this log-in. Runs after all checks."""


@dataclass(frozen=True, slots=True)
class IssuedLogin:
    """What a log-in hands out: a session and, where it is configured, a token for Corbado's SDKs."""

    session: IssuedSession
    server_token: SessionToken | None


class Login:
    """Ends log-ins of every method. One transaction writes all or nothing; tokens are signed after it."""

    def __init__(
        self,
        database: Database,
        *,
        sessions: SessionIssuer,
        server_tokens: SessionTokens,
        first_proof: FirstProof,
        second_factor: SecondFactor,
        events: Events,
    ) -> None:
        self._database = database
        self._sessions = sessions
        self._server_tokens = server_tokens
        self._first_proof = first_proof
        self._second_factor = second_factor
        self._events = events

    def finish(self, proof: Proof, *, client: Client, is_for_browser: bool = True) -> IssuedLogin:
        """Start a session for the user of *proof*. Without *is_for_browser* there is no token for SDKs.

        Raises:
            UserNotFound: deleted in the meantime.
            UserBlocked: pending or disabled.
            SecondFactorRequired: *proof* is not enough.
            HankoCompatError: whatever else the functions of *proof* raise.
        """
        new = self._sessions.start(proof.user_id, client=client)

        def work() -> Outcome:
            # Other log-ins of this user wait: each counts the sessions of all.
            subject = subjects.lock(proof.user_id)
            email = proof.use_up()
            # Unlike Hanko 2.7.0. Before second factors are looked for: a stranger's may be among what goes.
            removed = () if email is None else self._first_proof.note(email, proof.user_id, client=client)
            if removed:
                subject = subjects.get(proof.user_id)
            if not proof.is_enough:
                self._second_factor.require_none(proof.user_id)
            settled = proof.settle(subject)
            outcome = replace(settled, events=(*removed, *settled.events))
            self._sessions.store(new)
            for event in outcome.events:
                self._events.record(event)
            return outcome

        outcome = self._database.transaction(work)
        return self._issue(new, outcome, is_for_browser=is_for_browser)

    def sign_up(
        self, subject: TokenSubject, created: Event, *, create: Callable[[], T]
    ) -> tuple[IssuedLogin, T]:
        """Start the first session of the user that *create* writes. Returns its result, too."""
        new = self._sessions.start(subject.user_id, client=created.client)

        def work() -> T:
            made = create()
            self._sessions.store_first(new)
            self._events.record(created)
            return made

        made = self._database.transaction(work)
        return self._issue(new, Outcome(subject, (created,)), is_for_browser=True), made

    def _issue(self, new: NewSession, outcome: Outcome, *, is_for_browser: bool) -> IssuedLogin:
        """Publish what was committed, and sign."""
        for event in outcome.events:
            self._events.publish(event)
        session = self._sessions.sign(new, outcome.subject)
        return IssuedLogin(session, self._server_tokens.issue(session) if is_for_browser else None)
