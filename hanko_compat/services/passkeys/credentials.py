"""The passkeys of a user, after they were registered: listed, renamed, deleted."""

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

from hanko_compat.client import Client
from hanko_compat.clock import Clock
from hanko_compat.errors.passkeys import CredentialNotFound, PasskeysDisabled
from hanko_compat.services import deleted_passkeys
from hanko_compat.services.events import Event, Events, EventType
from hanko_compat.services.profiles.profiles import ProfileCredential
from hanko_compat.storage import profiles
from hanko_compat.storage.emails import emails
from hanko_compat.storage.engine.database import Database
from hanko_compat.storage.passkeys import webauthn_credentials as rows


class Passkeys:
    """Credentials by their IDs, in base64url. A user sees and changes its own only."""

    def __init__(self, database: Database, *, events: Events, is_enabled: bool, now: Clock) -> None:
        self._database = database
        self._events = events
        self._is_enabled = is_enabled
        self._now = now

    def check_enabled(self) -> None:
        """Let pass where there are passkeys.

        Raises:
            PasskeysDisabled: ``passkey.enabled`` is off.
        """
        if not self._is_enabled:
            raise PasskeysDisabled

    def list(self, user_id: UUID) -> tuple[ProfileCredential, ...]:
        """The credentials of a user, oldest first; none when there is no such user."""
        with self._database.connection():
            found = profiles.list_credentials(user_id)
        return tuple(ProfileCredential(row, tuple(transports)) for row, transports in found)

    def rename(self, user_id: UUID, credential_id: str, name: str | None, *, client: Client) -> None:
        """Give a credential a new name; None leaves it as it is.

        Raises:
            CredentialNotFound: unknown ID, or somebody else's (same answer on purpose).
        """

        def change() -> None:
            if name is not None:
                rows.update_name(credential_id, name=name, now=self._now())

        renamed = Event(type=EventType.WEBAUTHN_CREDENTIAL_UPDATED, client=client, user_id=user_id)
        self._change(credential_id, change, renamed)

    def delete(self, user_id: UUID, credential_id: str, *, client: Client) -> None:
        """Delete a credential, the last one too.

        Raises:
            CredentialNotFound: unknown ID, or somebody else's (same answer on purpose).
        """

        def change() -> None:
            if not rows.delete(credential_id):
                raise CredentialNotFound

        deleted = Event(type=EventType.WEBAUTHN_CREDENTIAL_DELETED, client=client, user_id=user_id)
        self._change(credential_id, change, deleted)

    def _change(self, credential_id: str, change: Callable[[], None], event: Event) -> None:
        """Change a credential of the user that *event* names, and tell of it."""

        def work() -> Event:
            credential = rows.find(credential_id)
            if credential is None or credential.user_id != event.user_id:
                raise CredentialNotFound
            passkey = deleted_passkeys.describe(credential_id)
            change()
            address = emails.find_primary_address(credential.user_id)
            done = replace(event, email=address, passkey=passkey)
            self._events.record(done)
            return done

        self._events.publish(self._database.transaction(work))
