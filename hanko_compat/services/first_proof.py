"""The first proof of an address: whoever reads its mail gets the account, and nobody else is left in it.

Where addresses are not verified, anybody can sign up with somebody else's and set a password, passkeys and
more. All of that lets nobody in any more once the owner proves the address; only a caller with a session of
the account keeps what it has. An account of which somebody has proved another address goes to nobody else:
there it is the address that goes.
"""

from uuid import UUID

from hanko_compat.client import Client
from hanko_compat.clock import Clock
from hanko_compat.services import deleted_passkeys
from hanko_compat.services.events import Event, Events, EventType, UserChange
from hanko_compat.storage import first_proof as rows
from hanko_compat.storage.emails import claims, emails, primary_emails
from hanko_compat.storage.engine.database import Database
from hanko_compat.storage.models import Email
from hanko_compat.storage.users import users

CHANGES = {
    EventType.PRIMARY_EMAIL_CHANGED: UserChange.PRIMARY_EMAIL_CHANGED,
    EventType.EMAIL_DELETED: UserChange.EMAIL_DELETED,
}
"""What is told of the user when addresses go."""


class FirstProof:
    """What every way to prove an address calls, in the transaction that has locked the user."""

    def __init__(self, database: Database, *, events: Events, now: Clock) -> None:
        self._database = database
        self._events = events
        self._now = now

    def resets(self, email: Email) -> bool:
        """Whether a proof of this address without a session would leave nothing of the account's log-ins.

        It does where nobody has proved an address of the account, or this is the primary one: the account
        was made in its name. Then second factors don't guard the account from it; they go as well.
        """
        return self._is_due(email) and self._is_reset(email)

    def is_foreign(self, email: Email) -> bool:
        """Whether the account has an owner, who has proved another address and only claims this one.

        Whoever reads its mail may be a stranger to the account, and that owner a stranger to the address.
        """
        if not self._is_due(email) or claims.exists(email.id):
            return False
        return not self._is_reset(email)

    def release(self, email_id: UUID, user_id: UUID, *, client: Client) -> None:
        """Take a foreign address from its account, so that it is free for whoever reads its mail."""

        def work() -> Event | None:
            email = emails.find_by_id(email_id) if users.lock(user_id) else None
            if email is None or email.user_id != user_id or not self.is_foreign(email):
                return None
            claims.release(email, now=self._now())
            address = emails.find_primary_address(user_id)
            event = Event(
                type=EventType.EMAIL_DELETED,
                client=client,
                user_id=user_id,
                email=address,
                change=UserChange.EMAIL_DELETED,
            )
            self._events.record(event)
            return event

        released = self._database.transaction(work)
        if released is not None:
            self._events.publish(released)

    def note(self, email: Email, user_id: UUID, *, client: Client) -> tuple[Event, ...]:
        """Remove what was made before a proof without a session, if it is the first one of that address.

        Passwords, passkeys, identities, sessions, codes and ceremonies go, and the other addresses that
        nobody has proved; where it `resets`, second factors and all other addresses, too. Where the primary
        address goes, the proved one takes its place. Whether it is verified the caller writes, after this.

        Returns the events of it, to be recorded in the same transaction and published after it.
        """
        if email.user_id != user_id or not self._is_due(email):
            return ()
        is_reset = self._is_reset(email)
        claims.prove(email.id, now=self._now())
        gone = rows.list_credential_ids(user_id, mfa_only=False)
        if is_reset:
            gone += rows.list_credential_ids(user_id, mfa_only=True)
        passkeys = [deleted_passkeys.describe(credential_id) for credential_id in gone]
        removed = rows.delete_first_factors(user_id) | {"credentials": len(gone)}
        if is_reset:
            removed |= rows.delete_second_factors(user_id)
        rows.delete_credentials(gone)
        removed["challenges"] = rows.end_challenges(user_id, but=email.address)
        happened = self._remove_emails(email, is_reset=is_reset)
        removed["emails"] = happened.count(EventType.EMAIL_DELETED)
        return _events(user_id, happened, passkeys, removed, client)

    def _is_due(self, email: Email) -> bool:
        return email.user_id is not None and not claims.is_proved(email)

    def _is_reset(self, email: Email) -> bool:
        primary = emails.find_primary(email.user_id)
        is_primary = primary is not None and primary.id == email.id
        return is_primary or not any(is_proved for _, is_proved in rows.list_emails(email.user_id))

    def _remove_emails(self, email: Email, *, is_reset: bool) -> list[EventType]:
        """Delete the other addresses by which somebody could come in; returns what happened."""
        others = [each for each in rows.list_emails(email.user_id) if each[0] != email.id]
        gone = [email_id for email_id, is_proved in others if is_reset or not is_proved]
        happened = []
        primary = emails.find_primary(email.user_id)
        if primary is not None and primary.id in gone:
            primary_emails.replace(user_id=email.user_id, email_id=email.id, now=self._now())
            happened.append(EventType.PRIMARY_EMAIL_CHANGED)
        rows.delete_emails(gone)
        return happened + [EventType.EMAIL_DELETED] * len(gone)


def _events(
    user_id: UUID,
    happened: list[EventType],
    passkeys: list[dict[str, str]],
    removed: dict[str, int],
    client: Client,
) -> tuple[Event, ...]:
    """What is told of the removal: each address and passkey as when it is deleted by itself, and a sum."""
    address = emails.find_primary_address(user_id)
    told = [
        Event(type=each, client=client, user_id=user_id, email=address, change=CHANGES[each])
        for each in happened
    ]
    deleted = EventType.WEBAUTHN_CREDENTIAL_DELETED
    told += [
        Event(type=deleted, client=client, user_id=user_id, email=address, passkey=each) for each in passkeys
    ]
    counts = {kind: number for kind, number in sorted(removed.items()) if number}
    if counts:
        type_ = EventType.EARLIER_LOGINS_REMOVED
        told.append(Event(type=type_, client=client, user_id=user_id, email=address, details=counts))
    return tuple(told)
