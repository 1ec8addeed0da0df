"""What users log in with, as servers manage it: addresses, phone numbers, usernames.

An address is a row of Hanko's ``emails``, and a user's first username one of ``usernames``; both doors know
them. The rest lies in a table of ours.
"""

import re
from collections.abc import Callable, Sequence
from uuid import UUID, uuid4

from hanko_compat.casefold import hides_ascii, username_form, username_forms
from hanko_compat.client import Client
from hanko_compat.clock import Clock
from hanko_compat.errors.emails import EmailAlreadyTaken
from hanko_compat.errors.identifiers import (
    IdentifierAlreadyTaken,
    IdentifierNotFound,
    PhoneNumberInvalid,
    UsernameInvalid,
)
from hanko_compat.errors.users import UserNotFound
from hanko_compat.services.emails.addresses import normalise
from hanko_compat.services.emails.emails import store_address
from hanko_compat.services.events import Event, Events, EventType, UserChange
from hanko_compat.services.paging import Page, Totals
from hanko_compat.storage import identifiers as rows
from hanko_compat.storage.emails import claims, emails, primary_emails
from hanko_compat.storage.engine.database import Database, IntegrityError
from hanko_compat.storage.engine.paging import Query
from hanko_compat.storage.identifiers import IdentifierRecord
from hanko_compat.storage.models import Email
from hanko_compat.storage.models.identifiers import IdentifierStatus, IdentifierType
from hanko_compat.storage.users import users

__all__ = ["IdentifierStatus", "IdentifierType", "Identifiers", "fold"]

PHONE_NUMBER = re.compile(r"\+[0-9]{8,15}")  # ITU-T E.164 s. 6; whether it is in use does not matter here
TAKE_OVER_ATTEMPTS = 3  # when others change an address at the same moment
LONGEST = 255  # characters of a username, as wide as the column

CHANGES = {
    (EventType.IDENTIFIER_CREATED, IdentifierType.EMAIL): UserChange.EMAIL_CREATED,
    (EventType.IDENTIFIER_DELETED, IdentifierType.EMAIL): UserChange.EMAIL_DELETED,
    (EventType.IDENTIFIER_CREATED, IdentifierType.USERNAME): UserChange.USERNAME_CREATED,
    (EventType.IDENTIFIER_UPDATED, IdentifierType.USERNAME): UserChange.USERNAME_UPDATED,
    (EventType.IDENTIFIER_DELETED, IdentifierType.USERNAME): UserChange.USERNAME_DELETED,
}
"""How Hanko's webhooks name what servers do; it is an ordinary update of the user where they have no name."""


def fold(type_: IdentifierType, value: str) -> str:
    """The form of a value by which it is unique and is found.

    Raises:
        AddressInvalid: no e-mail address.
        AddressTooLong: more than 254 characters.
        PhoneNumberInvalid: not ``+`` and 8 to 15 digits.
        UsernameInvalid: more than 255 characters, as it is or folded, with blanks around it, a control
            character, or a letter that lower-casing turns into an ASCII one.
    """
    if type_ == IdentifierType.EMAIL:
        return normalise(value)
    if type_ == IdentifierType.PHONE:
        if not PHONE_NUMBER.fullmatch(value):
            raise PhoneNumberInvalid
        return value
    name = username_form(value)
    is_plain = all(each == each.strip() and each.isprintable() for each in (value, name))
    if max(len(value), len(name)) > LONGEST or not is_plain or hides_ascii(value):
        raise UsernameInvalid
    return name


class Identifiers:
    """Changes of one user's identifiers run one after the other."""

    def __init__(self, database: Database, *, events: Events, totals: Totals, now: Clock) -> None:
        self._database = database
        self._events = events
        self._totals = totals
        self._now = now

    def create(
        self, user_id: UUID, *, type_: IdentifierType, value: str, status: IdentifierStatus, client: Client
    ) -> IdentifierRecord:
        """Give a user an identifier; as the primary one it takes that from the one that was.

        Raises:
            UserNotFound: no user has this id.
            IdentifierAlreadyTaken: somebody has it. An address that somebody has signed up with, and that
                neither a proof nor a server has confirmed, is free.
            AddressInvalid: no e-mail address.
            AddressTooLong: more than 254 characters.
            PhoneNumberInvalid: no telephone number.
            UsernameInvalid: no username.
        """
        form = fold(type_, value)

        def work() -> tuple[IdentifierRecord, list[Event]]:
            identifier, events = self.write(user_id, type_=type_, value=value, status=status, client=client)
            self._record(events)
            return identifier, events

        def attempt() -> IdentifierRecord:
            return self._told(work)

        try:
            return (
                store_address(self._database, form, attempt) if type_ == IdentifierType.EMAIL else attempt()
            )
        except (EmailAlreadyTaken, IntegrityError) as error:
            raise IdentifierAlreadyTaken from error

    def write(
        self, user_id: UUID, *, type_: IdentifierType, value: str, status: IdentifierStatus, client: Client
    ) -> tuple[IdentifierRecord, list[Event]]:
        """Write an identifier as `create` does, as a part of the caller's transaction.

        Returns it with what is to be told of it: what another user has lost by it comes first.

        Raises:
            IntegrityError: somebody has it, or got it at this moment: then another transaction may succeed.
        """
        form = fold(type_, value)
        new = IdentifierRecord(uuid4(), user_id, type_, value, status)
        self._lock(user_id)
        if type_ == IdentifierType.EMAIL:
            made, former_id = self._create_email(new, form)
        else:
            self._create_own(new, form)
            made, former_id = new, None
        events = [_event(EventType.IDENTIFIER_CREATED, made, client)]
        if former_id is not None:
            lost = made._replace(user_id=former_id)
            events.insert(0, _event(EventType.IDENTIFIER_DELETED, lost, client))
        return made, events

    def update(
        self, user_id: UUID, identifier_id: UUID, *, status: IdentifierStatus, client: Client
    ) -> IdentifierRecord:
        """Set the status of an identifier; any may follow any other.

        Raises:
            UserNotFound: no user has this id.
            IdentifierNotFound: no such identifier, or another user's.
        """
        before: list[IdentifierRecord] = []

        def work() -> IdentifierRecord:
            before[:] = [self._locked(user_id, identifier_id)]
            (identifier,) = before
            if identifier.type == IdentifierType.EMAIL:
                self._set_email_status(identifier, status)
            else:
                self._set_own_status(identifier, status)
            return identifier._replace(status=status)

        return self._change(EventType.IDENTIFIER_UPDATED, work, client, before=before)

    def delete(self, user_id: UUID, identifier_id: UUID, *, client: Client) -> None:
        """Delete an identifier, with the passcodes and third-party accounts that hang on an address.

        Raises:
            UserNotFound: no user has this id.
            IdentifierNotFound: no such identifier, or another user's.
        """

        def work() -> IdentifierRecord:
            identifier = self._locked(user_id, identifier_id)
            if identifier.type == IdentifierType.EMAIL:
                if identifier.status == IdentifierStatus.PRIMARY:
                    primary_emails.delete(user_id)
                emails.delete(identifier_id)
            else:
                rows.delete(identifier_id)
                self._promote_username(user_id)
            users.settle(user_id)  # it may have been the only difference from a fresh sign-up
            return identifier

        self._change(EventType.IDENTIFIER_DELETED, work, client)

    def list(self, query: Query) -> Page[IdentifierRecord]:
        """A page of the identifiers of all users; columns: user_id, type, value.

        Values are compared without letter case. Addresses that belong to no user yet are left out.
        """
        with self._database.connection():
            found = rows.list_page(query)
            matching = rows.matching(query)
            total = self._totals.of(
                "identifiers", query, len(found), matching.count, estimate=matching.estimate
            )
        return Page(found, total)

    def _change(
        self,
        type_: EventType,
        work: Callable[[], IdentifierRecord],
        client: Client,
        *,
        before: Sequence[IdentifierRecord] = (),
    ) -> IdentifierRecord:
        """Run *work* in a transaction that reports it.

        *before* has the identifier as it was, where that is known then.
        """

        def reported() -> tuple[IdentifierRecord, list[Event]]:
            identifier = work()
            former = before[0].status if before else None
            events = [_event(type_, identifier, client, former=former)]
            self._record(events)
            return identifier, events

        return self._told(reported)

    def _told(self, work: Callable[[], tuple[IdentifierRecord, Sequence[Event]]]) -> IdentifierRecord:
        """Run *work* in a transaction, and publish the events that it has recorded."""
        identifier, events = self._database.transaction(work)
        for event in events:
            self._events.publish(event)
        return identifier

    def _record(self, events: Sequence[Event]) -> None:
        for event in events:
            self._events.record(event)

    def _lock(self, user_id: UUID) -> None:
        if not users.lock(user_id):
            raise UserNotFound

    def _locked(self, user_id: UUID, identifier_id: UUID) -> IdentifierRecord:
        self._lock(user_id)
        identifier = rows.find(identifier_id, user_id=user_id)
        if identifier is None:
            raise IdentifierNotFound
        return identifier

    def _create_email(self, new: IdentifierRecord, address: str) -> tuple[IdentifierRecord, UUID | None]:
        """Write the address, or take it from a sign-up; then the ID is that of its row, and of who had it."""
        now, email = self._now(), self._unconfirmed(new, address)
        if email is None:
            rows.create_email(
                new.id,
                user_id=new.user_id,
                address=address,
                value=new.value,
                is_verified=new.status != IdentifierStatus.PENDING,
                now=now,
            )
        else:
            new = new._replace(id=email.id)
            rows.keep_value(email.id, address=address, value=new.value)
        if new.status == IdentifierStatus.PRIMARY:
            primary_emails.replace(user_id=new.user_id, email_id=new.id, now=now)
        elif new.status == IdentifierStatus.PENDING:
            claims.create(new.id)
        return new, None if email is None else email.user_id

    def _unconfirmed(self, new: IdentifierRecord, address: str) -> Email | None:
        """The row of an address that a sign-up had and that is the user's now; None when there is no row.

        Raises:
            IdentifierAlreadyTaken: its user has confirmed it, or has it by the word of a server.
        """
        for _ in range(TAKE_OVER_ATTEMPTS):
            email = emails.find(address)
            if email is None:
                return None
            if email.user_id is not None:
                # What that user changes, or proves, at this moment comes before or after this.
                users.lock(email.user_id)
                if email.user_id == new.user_id or email.verified or claims.exists(email.id):
                    raise IdentifierAlreadyTaken
            is_verified = new.status != IdentifierStatus.PENDING
            if claims.take_over(email, user_id=new.user_id, is_verified=is_verified, now=self._now()):
                if email.user_id is not None:
                    users.settle(email.user_id)  # it may have been the only difference from a fresh sign-up
                return email
        raise IdentifierAlreadyTaken

    def _create_own(self, new: IdentifierRecord, form: str) -> None:
        now, is_hankos = self._now(), False
        if new.type == IdentifierType.USERNAME:
            # The unique keys decide, but for what Hanko wrote, and what is stored in an older form.
            if rows.is_username(*username_forms(new.value)):
                raise IdentifierAlreadyTaken
            is_hankos = rows.find_username(new.user_id) is None
            if is_hankos:
                rows.create_username(new.id, user_id=new.user_id, folded=form, now=now)
        rows.create(
            new.id,
            user_id=new.user_id,
            type_=new.type,
            value=new.value,
            folded=form,
            status=new.status,
            is_hankos=is_hankos,
            now=now,
        )
        if new.status == IdentifierStatus.PRIMARY:
            rows.demote(new.user_id, type_=new.type, but=new.id, now=now)

    def _set_email_status(self, email: IdentifierRecord, status: IdentifierStatus) -> None:
        """The former primary address stays what it is: verified, or not."""
        now = self._now()
        if status == IdentifierStatus.PENDING:
            row = emails.find_by_id(email.id)
            claims.create(email.id)
            if row is not None and row.verified:
                claims.prove(email.id, now=now)  # what was verified is not proved for the first time again
        rows.update_email(email.id, is_verified=status != IdentifierStatus.PENDING, now=now)
        if status == IdentifierStatus.PRIMARY:
            primary_emails.replace(user_id=email.user_id, email_id=email.id, now=now)
        elif email.status == IdentifierStatus.PRIMARY:
            primary_emails.delete(email.user_id)

    def _set_own_status(self, identifier: IdentifierRecord, status: IdentifierStatus) -> None:
        now = self._now()
        if not rows.update(identifier.id, status=status, now=now):
            # A username that Hanko made, and that no server has touched yet.
            # Hanko may have made two that look alike: then this one is known by the name it has there.
            form = username_form(identifier.value)
            is_taken = rows.is_username(form) and form != identifier.value
            rows.create(
                identifier.id,
                user_id=identifier.user_id,
                type_=identifier.type,
                value=identifier.value,
                folded=identifier.value.lower() if is_taken else form,
                status=status,
                is_hankos=True,
                now=now,
            )
        if status == IdentifierStatus.PRIMARY:
            rows.demote(identifier.user_id, type_=identifier.type, but=identifier.id, now=now)

    def _promote_username(self, user_id: UUID) -> None:
        """Let Hanko know the user's oldest username, when the one that it knew is gone."""
        if rows.find_username(user_id) is not None:
            return
        spare = rows.find_oldest_spare(user_id)
        if spare is not None:
            rows.create_username(spare.id, user_id=user_id, folded=spare.folded, now=self._now())
            rows.note_username(spare.id)


def _event(
    type_: EventType, identifier: IdentifierRecord, client: Client, *, former: IdentifierStatus | None = None
) -> Event:
    """What is told of an identifier; *former* is the status that an update has replaced."""
    details = {"identifier_id": str(identifier.id), "type": identifier.type}
    change: UserChange | None = CHANGES.get((type_, identifier.type), UserChange.UPDATED)
    if former is not None:
        change = _change_of_status(identifier, former)
    return Event(type=type_, client=client, user_id=identifier.user_id, change=change, details=details)


def _change_of_status(identifier: IdentifierRecord, former: IdentifierStatus) -> UserChange | None:
    if identifier.status == former:
        return None
    if identifier.type != IdentifierType.EMAIL:
        return CHANGES.get((EventType.IDENTIFIER_UPDATED, identifier.type), UserChange.UPDATED)
    if IdentifierStatus.PRIMARY in (former, identifier.status):
        return UserChange.PRIMARY_EMAIL_CHANGED
    # As when a passcode has verified an address.
    is_verified = identifier.status == IdentifierStatus.VERIFIED
    return UserChange.EMAIL_CREATED if is_verified else UserChange.UPDATED
