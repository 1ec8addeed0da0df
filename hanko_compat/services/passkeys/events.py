"""What servers note of their users' passkeys: kept as it is given, and without any effect."""

from uuid import UUID, uuid4

from hanko_compat.clock import Clock
from hanko_compat.errors.passkeys import PasskeyEventNotFound
from hanko_compat.errors.users import UserNotFound
from hanko_compat.services.paging import Page, Query, Totals
from hanko_compat.storage.engine.database import Database, IntegrityError
from hanko_compat.storage.models.passkey_events import PasskeyEventType
from hanko_compat.storage.passkeys import events as rows
from hanko_compat.storage.passkeys.events import PasskeyEventRecord
from hanko_compat.storage.users import users

__all__ = ["PasskeyEventType", "PasskeyEvents"]


class PasskeyEvents:
    """A log of passkeys, by user."""

    def __init__(self, database: Database, *, totals: Totals, now: Clock) -> None:
        self._database = database
        self._totals = totals
        self._now = now

    def create(
        self,
        user_id: UUID,
        *,
        type_: PasskeyEventType,
        process_id: str | None,
        client_env_id: str | None,
        credential_id: str | None,
        challenge: str | None,
        expires: int | None,
    ) -> PasskeyEventRecord:
        """Add a note.

        Raises:
            UserNotFound: no user has this id.
        """
        record = PasskeyEventRecord(
            uuid4(),
            user_id,
            type_,
            process_id,
            client_env_id,
            credential_id,
            challenge,
            expires,
            self._now(),
        )
        try:
            return self._database.transaction(lambda: rows.create(record))
        except IntegrityError as error:
            raise UserNotFound from error

    def list(self, user_id: UUID, query: Query) -> Page[PasskeyEventRecord]:
        """A page of the user's notes; columns: created, type.

        Raises:
            UserNotFound: no user has this id.
        """
        with self._database.connection():
            if not users.exists(user_id):
                raise UserNotFound
            found = rows.list_page(user_id, query)
            matching = rows.matching(user_id, query)
            total = self._totals.of(("passkey_events", user_id), query, len(found), matching.count)
        return Page(found, total)

    def delete(self, user_id: UUID, event_id: UUID) -> None:
        """Delete a note.

        Raises:
            UserNotFound: no user has this id.
            PasskeyEventNotFound: no such note, or another user's.
        """

        def work() -> None:
            if rows.delete(event_id, user_id=user_id):
                return
            if not users.exists(user_id):
                raise UserNotFound
            raise PasskeyEventNotFound

        self._database.transaction(work)
