"""Challenges: a server has a code or a link sent to a user, and checks what comes back.

A challenge that is completed changes nothing of the identifier: the server does that, when it is satisfied.
But it proves who reads the mail of an address, and nothing here says that this was in a session of the
account: the first time, the log-ins of before are removed (`services/first_proof.py`).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

from hanko_compat import public_ids, random_secrets
from hanko_compat.client import Client
from hanko_compat.clock import Clock
from hanko_compat.errors import HankoCompatError
from hanko_compat.errors.challenges import (
    ChallengeCompleted,
    ChallengeExpired,
    ChallengeMismatch,
    ChallengeNotFound,
    ChallengeRecipientUnknown,
    ChallengeTypeUnavailable,
    CodeLengthWrong,
    LinkTokenLengthWrong,
)
from hanko_compat.errors.users import UserNotFound
from hanko_compat.hashing.hasher import Hasher
from hanko_compat.mail import languages
from hanko_compat.services.delivery.mails import Mails
from hanko_compat.services.delivery.sms import SmsMessages
from hanko_compat.services.emails.addresses import stored_form
from hanko_compat.services.events import Event, Events, EventType
from hanko_compat.services.first_proof import FirstProof
from hanko_compat.services.identifiers import fold
from hanko_compat.services.one_time_codes import LENGTH, OneTimeCodes, Verdict, new_code
from hanko_compat.services.rate_limits.guesses import Guess, Guesses
from hanko_compat.services.rate_limits.rate_limits import RateLimits
from hanko_compat.storage import challenges as rows
from hanko_compat.storage import identifiers
from hanko_compat.storage.emails import emails
from hanko_compat.storage.engine.database import Database, IntegrityError
from hanko_compat.storage.models import Challenge as Row
from hanko_compat.storage.models.challenges import ChallengeStatus, ChallengeType
from hanko_compat.storage.models.identifiers import IdentifierType
from hanko_compat.storage.users import users

__all__ = ["ChallengeRecord", "ChallengeRequest", "ChallengeStatus", "ChallengeType", "Challenges"]

LIFETIME = timedelta(minutes=5)
LONGEST_LIFETIME = timedelta(days=1)
TOKEN_LENGTH = 64  # characters of the secret in a link; log2(62) bits each


@dataclass(frozen=True, slots=True)
class ChallengeRequest:
    """What a server wants to be sent where; ``details`` is kept for whoever looks into the database."""

    type: ChallengeType
    identifier_value: str
    lifetime: timedelta = LIFETIME
    details: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class ChallengeRecord:
    """A challenge; ``value`` is the secret when it is made, and "" ever after."""

    id: UUID
    user_id: UUID
    type: ChallengeType
    identifier_value: str
    value: str
    expires_at: datetime  # in whole seconds
    status: ChallengeStatus


class _Rows:
    """Challenges, for `OneTimeCodes`."""

    def count_try(self, code_id: UUID, *, limit: int) -> int | None:
        return rows.count_try(code_id, limit=limit)

    def give_try_back(self, code_id: UUID) -> None:
        rows.give_try_back(code_id)

    def end(self, code_id: UUID) -> None:
        rows.close(code_id, status=ChallengeStatus.EXPIRED)


class Challenges:
    """Makes challenges and checks what comes back."""

    def __init__(
        self,
        database: Database,
        *,
        events: Events,
        first_proof: FirstProof,
        hasher: Hasher,
        rate_limits: RateLimits,
        guesses: Guesses,
        mails: Mails,
        sms: SmsMessages,
        link_url: str,
        now: Clock,
    ) -> None:
        """*link_url* is the page that links lead to; "" for no links."""
        self._database = database
        self._events = events
        self._first_proof = first_proof
        self._codes = OneTimeCodes(database, hasher=hasher, rows=_Rows(), now=now)
        self._rate_limits = rate_limits
        self._guesses = guesses
        self._mails = mails
        self._sms = sms
        self._link_url = link_url
        self._now = now

    def create(self, user_id: UUID, wanted: ChallengeRequest, *, client: Client) -> ChallengeRecord:
        """Send a code or a link to an identifier of the user. *client* is the user, not the server.

        Raises:
            UserNotFound: no user has this id.
            ChallengeTypeUnavailable: nothing is configured that could deliver it.
            ChallengeRecipientUnknown: the user has no such address or phone number.
            AddressInvalid: no e-mail address.
            AddressTooLong: more than 254 characters.
            PhoneNumberInvalid: no telephone number.
            RateLimited: too many mails and messages to this identifier, for this client or altogether.
            Overloaded: too many hashes wait to be computed.
        """
        self._require_carrier(wanted.type)
        to = self._recipient(user_id, wanted)
        self._rate_limits.mail(to, client)
        is_link = wanted.type == ChallengeType.EMAIL_LINK
        secret = random_secrets.text(TOKEN_LENGTH) if is_link else new_code()
        secret_hash, now = self._codes.hash(secret, client=str(user_id)), self._now()
        challenge = ChallengeRecord(
            id=uuid4(),
            user_id=user_id,
            type=wanted.type,
            identifier_value=wanted.identifier_value,
            value=secret,
            # In whole seconds as in answers, so that every database keeps it.
            expires_at=(now + wanted.lifetime).replace(microsecond=0),
            status=ChallengeStatus.PENDING,
        )
        created = _event(EventType.CHALLENGE_CREATED, challenge, client)

        def work() -> None:
            rows.create(
                challenge.id,
                user_id=user_id,
                type_=challenge.type,
                identifier_value=challenge.identifier_value,
                secret_hash=secret_hash,
                details=None if wanted.details is None else json.dumps(wanted.details),
                expires_at=challenge.expires_at,
                now=now,
            )
            self._events.record(created)
            self._send(challenge, to=to, ttl=wanted.lifetime, client=client)

        try:
            self._database.transaction(work)
        except IntegrityError as error:
            raise UserNotFound from error
        self._events.publish(created)
        self._mails.wake()
        return challenge

    def verify(self, user_id: UUID, challenge_id: UUID, value: str, *, client: Client) -> ChallengeRecord:
        """Complete a challenge with the right *value*, which works once.

        Raises:
            ChallengeNotFound: no such challenge, or another user's.
            ChallengeExpired: too old, or tried three times.
            ChallengeCompleted: somebody was faster.
            CodeLengthWrong: no code.
            LinkTokenLengthWrong: not the secret of a link.
            ChallengeMismatch: a wrong value.
            RateLimited: too many guesses at secrets of this user, at both doors together.
            Overloaded: too many hashes wait to be computed.
        """
        with self._database.connection():
            row = rows.find(challenge_id, user_id=user_id)
        if row is None:
            self._codes.compare_with_none(value, client=str(user_id))
            raise ChallengeNotFound
        self._require_open(row)
        _check_length(row.type, value)
        with self._guesses.by_server(user_id, client) as guess:
            self._compare(row, value, guess=guess, client=client)
            self._complete(row, client=client)
        return ChallengeRecord(
            row.id, user_id, row.type, row.identifier_value, "", row.expires_at, ChallengeStatus.COMPLETED
        )

    def _require_carrier(self, type_: ChallengeType) -> None:
        if type_ == ChallengeType.SMS_CODE and not self._sms.is_enabled:
            raise ChallengeTypeUnavailable
        if type_ == ChallengeType.EMAIL_LINK and not self._link_url:
            raise ChallengeTypeUnavailable

    def _recipient(self, user_id: UUID, wanted: ChallengeRequest) -> str:
        """The identifier as it is stored: no message goes to what was typed."""
        if wanted.type == ChallengeType.SMS_CODE:
            type_ = IdentifierType.PHONE
            folded = fold(type_, wanted.identifier_value)
        else:
            type_ = IdentifierType.EMAIL
            folded = stored_form(wanted.identifier_value)
        with self._database.connection():
            known = identifiers.list_of_users([user_id])
        if not any(each.type == type_ and each.value.lower() == folded for each in known):
            raise ChallengeRecipientUnknown
        return folded

    def _send(self, challenge: ChallengeRecord, *, to: str, ttl: timedelta, client: Client) -> None:
        language = languages.choose(client.x_language, client.accept_language)
        facts: dict[str, Any] = {
            "to": to,
            "ttl": ttl,
            "language": language,
            "expires_at": challenge.expires_at,
        }
        if challenge.type == ChallengeType.SMS_CODE:
            self._sms.send_code(code=challenge.value, **facts)
        elif challenge.type == ChallengeType.EMAIL_LINK:
            self._mails.send_challenge_link(link=self._link(challenge), **facts)
        else:
            self._mails.send_challenge_code(code=challenge.value, **facts)

    def _link(self, challenge: ChallengeRecord) -> str:
        """The link in the mail: made from the configuration, never from a request."""
        query = {
            "userID": public_ids.encode("user_id", challenge.user_id),
            "challengeID": public_ids.encode("challenge_id", challenge.id),
            "value": challenge.value,
        }
        return f"{self._link_url}?{urlencode(query)}"

    def _require_open(self, row: Row) -> None:
        if row.status == ChallengeStatus.COMPLETED:
            raise ChallengeCompleted
        if row.status == ChallengeStatus.EXPIRED:
            raise ChallengeExpired
        if self._codes.is_over(row.expires_at):
            self._database.transaction(lambda: rows.close(row.id, status=ChallengeStatus.EXPIRED))
            raise ChallengeExpired

    def _compare(self, row: Row, value: str, *, guess: Guess, client: Client) -> None:
        """Let pass the right value; another one costs a try."""
        verdict = self._codes.compare(
            value,
            code_id=row.id,
            hashed=row.secret_hash,
            guess=guess,
            # Servers ask for all of their users, so it is the user whose turn it is.
            client=str(row.user_id),
        )
        match verdict:
            case Verdict.GONE | Verdict.NO_TRY_LEFT:
                self._refuse(row, client, "no try left")
                raise self._why_closed(row)
            case Verdict.WRONG | Verdict.LAST_WRONG:
                self._refuse(row, client, "wrong value")
                raise ChallengeMismatch

    def _complete(self, row: Row, *, client: Client) -> None:
        """Note that the right value came, which of several callers only one can do."""
        completed = _event(EventType.CHALLENGE_COMPLETED, row, client)

        def work() -> tuple[Event, ...]:
            # Of several proofs at once one is the first.
            users.lock(row.user_id)
            if not rows.close(row.id, status=ChallengeStatus.COMPLETED):
                return ()
            happened = (completed, *self._note_proof(row, client))
            for event in happened:
                self._events.record(event)
            return happened

        happened = self._database.transaction(work)
        if not happened:
            self._refuse(row, client, "used already")
            raise self._why_closed(row)
        for event in happened:
            self._events.publish(event)

    def _note_proof(self, row: Row, client: Client) -> tuple[Event, ...]:
        """Note that the user reads the mail of an address; returns the events of what that removes."""
        if row.type == ChallengeType.SMS_CODE:
            return ()
        email = emails.find(stored_form(row.identifier_value))
        if email is None:
            return ()
        return self._first_proof.note(email, row.user_id, client=client)

    def _why_closed(self, row: Row) -> HankoCompatError:
        """What to tell whoever came too late."""
        with self._database.connection():
            present = rows.find(row.id, user_id=row.user_id)
        is_completed = present is not None and present.status == ChallengeStatus.COMPLETED
        return ChallengeCompleted() if is_completed else ChallengeExpired()

    def _refuse(self, row: Row, client: Client, error: str) -> None:
        failed = replace(_event(EventType.CHALLENGE_FAILED, row, client), error=error)
        self._events.report(failed, self._database)


def _event(type_: EventType, challenge: Row | ChallengeRecord, client: Client) -> Event:
    details = {"challenge_id": str(challenge.id), "type": challenge.type}
    return Event(type=type_, client=client, user_id=challenge.user_id, details=details)


def _check_length(type_: ChallengeType, value: str) -> None:
    """Let pass what may be a secret: nothing else costs a try."""
    if type_ == ChallengeType.EMAIL_LINK and len(value) != TOKEN_LENGTH:
        raise LinkTokenLengthWrong
    if type_ != ChallengeType.EMAIL_LINK and len(value) != LENGTH:
        raise CodeLengthWrong
