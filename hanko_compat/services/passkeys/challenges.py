"""Challenges of the ceremonies that servers begin: handed out, taken once, and kept as a record of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

from hanko_compat.base64url import encode
from hanko_compat.clock import Clock
from hanko_compat.errors.passkeys import (
    LoginChallengeUnknown,
    PasskeyChallengeFinished,
    PasskeyChallengeNotFound,
    RegistrationChallengeUnknown,
)
from hanko_compat.errors.users import UserNotFound
from hanko_compat.services.api_secrets import ApiSecrets
from hanko_compat.services.paging import Page, Query, Totals
from hanko_compat.services.passkeys.ceremonies import Ceremony, Operation, Terms
from hanko_compat.storage.engine.database import Database
from hanko_compat.storage.models.passkey_challenges import PasskeyChallengeStatus, PasskeyChallengeType
from hanko_compat.storage.passkeys import challenges as rows
from hanko_compat.storage.passkeys.challenges import PasskeyChallengeRecord
from hanko_compat.storage.users import users
from hanko_compat.webauthn.options import REQUIRED, new_challenge

__all__ = ["PasskeyChallengeStatus", "PasskeyChallenges", "TakenChallenge"]


TYPES = {
    Operation.REGISTRATION: PasskeyChallengeType.REGISTER,
    Operation.AUTHENTICATION: PasskeyChallengeType.AUTHENTICATE,
}
ORDER = tuple(PasskeyChallengeStatus)


@dataclass(frozen=True, slots=True)
class TakenChallenge:
    """A challenge that was taken, so that no other request can answer it, with what it is bound to."""

    id: UUID
    process_id: str
    username: str
    ceremony: Ceremony


class PasskeyChallenges:
    """Each challenge is bound to its operation, its user, the caller's process and its time.

    They are other challenges than those of the public door, in another table: neither door takes the other's.
    """

    def __init__(
        self,
        database: Database,
        *,
        terms: Mapping[Operation, Terms],
        api_secrets: ApiSecrets,
        totals: Totals,
        now: Clock,
    ) -> None:
        """Of *terms* the timeouts count: a log-in at this door always wants the user verified."""
        self._database = database
        self._terms = terms
        self._api_secrets = api_secrets
        self._totals = totals
        self._now = now

    def timeout(self, operation: Operation) -> int:
        """How long a ceremony may take, in milliseconds."""
        return self._terms[operation].timeout

    def begin(
        self, operation: Operation, *, user_id: UUID | None, process_id: str = "", username: str = ""
    ) -> bytes:
        """Store a new challenge and return it. Runs inside the caller's transaction."""
        challenge, now = new_challenge(), self._now()
        lifetime = timedelta(milliseconds=self.timeout(operation))
        rows.create(
            uuid4(),
            user_id=user_id,
            type_=TYPES[operation],
            value=encode(challenge),
            process_id=process_id,
            username=username,
            expires_at=now + lifetime,
            now=now,
        )
        return challenge

    def take(self, operation: Operation, challenge: bytes) -> TakenChallenge | None:
        """Use a challenge up, whatever then comes of it; None when there is none, or it was taken."""
        taken = self._database.transaction(lambda: rows.consume(encode(challenge), type_=TYPES[operation]))
        if taken is None:
            return None
        ceremony = Ceremony(
            operation=operation,
            challenge=challenge,
            user_id=taken.user_id,
            credential_ids=(),  # any passkey of that user
            user_verification=REQUIRED,
            expires_at=taken.expires_at,
        )
        return TakenChallenge(taken.id, taken.process_id, taken.username, ceremony)

    def complete(self, taken: TakenChallenge, *, user_id: UUID, credential_id: str) -> None:
        """Note who has answered with what. Runs inside the caller's transaction, which has locked the user.

        Raises:
            RegistrationChallengeUnknown: the challenge is gone, as somebody has proved to own the account.
            LoginChallengeUnknown: the same of a log-in.
        """
        if rows.complete(taken.id, user_id=user_id, credential_id=credential_id):
            return
        is_login = taken.ceremony.operation == Operation.AUTHENTICATION
        raise LoginChallengeUnknown if is_login else RegistrationChallengeUnknown

    def list(self, user_id: UUID, query: Query) -> Page[PasskeyChallengeRecord]:
        """A page of the user's challenges; columns: user_id, project_id, status, type.

        Raises:
            UserNotFound: no user has this id.
        """
        project_id = self._api_secrets.project_id()
        with self._database.connection():
            if not users.exists(user_id):
                raise UserNotFound
            found = rows.list_page(user_id, project_id, query)
            matching = rows.matching(user_id, project_id, query)
            total = self._totals.of(("passkey_challenges", user_id), query, len(found), matching.count)
        return Page(found, total)

    def update(
        self, user_id: UUID, challenge_id: UUID, *, status: PasskeyChallengeStatus
    ) -> PasskeyChallengeRecord:
        """Set the status, which only goes forward: what was answered is never open again.

        Of several who set it to consumed one succeeds: whoever trusts a completed log-in can make sure that
        it counts once.

        Raises:
            UserNotFound: no user has this id.
            PasskeyChallengeNotFound: no such challenge, or another user's.
            PasskeyChallengeFinished: the challenge has left this status behind, or is consumed already.
        """

        def work() -> PasskeyChallengeRecord:
            if not users.lock(user_id):
                raise UserNotFound
            challenge = rows.find(challenge_id)
            if challenge is None or challenge.user_id != user_id:
                raise PasskeyChallengeNotFound
            is_behind = ORDER.index(status) < ORDER.index(challenge.status)
            if is_behind or challenge.status == PasskeyChallengeStatus.CONSUMED:
                raise PasskeyChallengeFinished
            if status != challenge.status and not rows.advance(
                challenge_id, before=challenge.status, after=status
            ):
                raise PasskeyChallengeFinished
            return challenge._replace(status=status)

        return self._database.transaction(work)
