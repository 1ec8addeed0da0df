"""Whoever has logged in at a provider comes in here: signs up, logs in, or is linked with an account.

An account at a provider is known by the provider and its subject, never by an address. An address says whose
it is when the account is new, and only if the provider has verified it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID, uuid4

from hanko_compat.client import Client
from hanko_compat.clock import Clock
from hanko_compat.errors.database import DatabaseUnavailable
from hanko_compat.errors.emails import AddressInvalid, AddressTooLong
from hanko_compat.errors.third_party import (
    AddressOnlyClaimed,
    EmailUnverified,
    EntryOutdated,
    LinkingNotAllowed,
    ProviderUserInvalid,
)
from hanko_compat.errors.users import SignUpDisabled
from hanko_compat.provider_user import ProviderUser
from hanko_compat.services.emails.addresses import accepted
from hanko_compat.services.events import Event, Events, EventType, UserChange
from hanko_compat.services.first_proof import FirstProof
from hanko_compat.services.identities.addresses import NewAddresses
from hanko_compat.services.identities.claims import StoredClaims, stored_claims
from hanko_compat.services.tokens import TTL, Tokens, new_value
from hanko_compat.storage import identities as rows
from hanko_compat.storage import tokens
from hanko_compat.storage.emails import claims, emails, primary_emails
from hanko_compat.storage.engine.database import Database, IntegrityError
from hanko_compat.storage.identities import IdentityRecord
from hanko_compat.storage.models import Email
from hanko_compat.storage.users import users

ATTEMPTS = 10
"""How often somebody may be faster."""

VERIFIED_ONCE = frozenset({"microsoft"})
"""Providers that need not say again of an account they know that its address is verified.

As Hanko 2.7.0: Microsoft's ``xms_edov`` is asked for with a new account only.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryRules:
    """What the configuration says of a provider.

    ``saml_domain`` is that of a SAML provider; accounts of ``saml_foreign_domains`` are those of other
    servers, which may call themselves by the same entity ID. ``requires_verified_email`` is
    ``email.require_verification``: nobody comes in without an address that the provider has verified.
    """

    allow_linking: bool
    requires_verified_email: bool
    saml_domain: str | None = None
    saml_foreign_domains: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Entry:
    """What came of it, about to be recorded."""

    user_id: UUID
    email_id: UUID | None
    identity: IdentityRecord | None
    type: EventType
    change: UserChange | None = None
    before: tuple[Event, ...] = ()
    """What happened on the way."""


@dataclass(frozen=True, slots=True)
class _Visitor:
    """Somebody at the door: ``user``, and what is stored of it, its address included."""

    user: ProviderUser
    rules: EntryRules
    address: str | None
    stored: StoredClaims
    client: Client
    code_verifier: str | None


class IdentityEntries:
    """Lets users of providers in. Each gets a one-time token, for which a session is given."""

    def __init__(
        self,
        database: Database,
        *,
        first_proof: FirstProof,
        addresses: NewAddresses,
        tokens: Tokens,
        events: Events,
        allow_sign_up: bool,
        max_address_length: int,
        now: Clock,
    ) -> None:
        """*max_address_length* is in characters."""
        self._database = database
        self._first_proof = first_proof
        self._addresses = addresses
        self._tokens = tokens
        self._events = events
        self._allow_sign_up = allow_sign_up
        self._max_address_length = max_address_length
        self._now = now

    def enter(
        self, user: ProviderUser, rules: EntryRules, *, client: Client, code_verifier: str | None = None
    ) -> str:
        """Let the user of a provider in; return the value of its one-time token, 44 characters.

        All or nothing is written. *code_verifier* is kept with the token, as the original keeps it.

        Raises:
            ProviderUserInvalid: what the provider tells can't be stored, or a new account has no address.
            EmailUnverified: the provider does not vouch for the address, as it has to: by *rules*, or since
                the address belongs to somebody.
            LinkingNotAllowed: the address belongs to a user, and accounts of this provider are not linked.
            SignUpDisabled: a new user, while ``account.allow_signup`` is off.
            MultipleAccounts: the new address of a known account belongs to another user.
            EmailLimitReached: the user has ``email.limit`` addresses without that one.
        """
        stored = stored_claims(user)
        visitor = _Visitor(user, rules, self._address_of(user), stored, client, code_verifier)
        value = new_value()
        events = self._try(lambda: self._enter(visitor, value), visitor)
        for event in events:
            self._events.publish(event)
        *_, done = events
        if done.type == EventType.THIRDPARTY_SIGNIN_SUCCEEDED and done.change is not None:
            self._addresses.wake()  # its owner may be told of a new address; nobody else gets a mail here
        return value

    def _try(self, work: Callable[[], tuple[Event, ...]], visitor: _Visitor) -> tuple[Event, ...]:
        """Run *work* in a transaction, and again when somebody else was faster: it sees what they wrote."""
        for _ in range(ATTEMPTS):
            try:
                return self._database.transaction(work)
            except AddressOnlyClaimed as foreign:
                self._first_proof.release(foreign.email_id, foreign.user_id, client=visitor.client)
            except EntryOutdated:
                continue
            except IntegrityError:
                self._check_collisions(visitor)
        raise DatabaseUnavailable

    def _enter(self, visitor: _Visitor, value: str) -> tuple[Event, ...]:
        """One attempt, in a transaction; returns the events that were recorded."""
        entry = self._find_way(visitor)
        identity_id = self._store_identity(visitor, entry)
        self._store_token(visitor, entry, value, identity_id)
        if entry.type == EventType.THIRDPARTY_SIGNUP_SUCCEEDED:
            primary = visitor.address  # and described already
        else:
            if visitor.stored.profile:
                users.describe(entry.user_id, visitor.stored.profile, now=self._now())
            primary = emails.find_primary_address(entry.user_id)
        done = Event(
            type=entry.type, client=visitor.client, user_id=entry.user_id, email=primary, change=entry.change
        )
        events = (*entry.before, done)
        for event in events:
            self._events.record(event)
        return events

    def _find_way(self, visitor: _Visitor) -> _Entry:
        user = visitor.user
        identity = rows.find(user.provider_id, user.subject)
        is_known = identity is not None and identity.user_id is not None
        is_trusted = is_known and user.provider_id in VERIFIED_ONCE
        # As Hanko 2.7.0: also of an account that is known.
        if visitor.rules.requires_verified_email and not user.is_email_verified and not is_trusted:
            raise EmailUnverified
        if identity is not None:
            _require_own(identity, visitor.rules)
        if identity is not None and identity.user_id is not None:
            return self._sign_in(visitor, identity, identity.user_id)
        if visitor.address is None:
            raise ProviderUserInvalid("no address")
        email = emails.find(visitor.address)
        if email is not None and email.user_id is not None:
            return self._link(visitor, identity, email, email.user_id)
        return self._sign_up(visitor, identity, visitor.address, email)

    def _sign_in(self, visitor: _Visitor, identity: IdentityRecord, user_id: UUID) -> _Entry:
        """Log in with an account that is known, whatever has become of its address."""
        user = visitor.user
        if not users.lock(user_id) or rows.find(user.provider_id, user.subject) != identity:
            raise EntryOutdated
        email_id, change = identity.email_id, None
        # An address that is not verified changes nothing, here as elsewhere.
        if visitor.address is not None and user.is_email_verified:
            email_id, change = self._addresses.follow(visitor.address, user_id, client=visitor.client)
        type_ = EventType.THIRDPARTY_SIGNIN_SUCCEEDED
        return _Entry(user_id, email_id, identity, type_, change)

    def _link(
        self, visitor: _Visitor, identity: IdentityRecord | None, email: Email, user_id: UUID
    ) -> _Entry:
        """Link a new account with the user of its address, who loses what was there before a first proof."""
        # Unlike Hanko 2.7.0: whatever `email.require_verification` says.
        if not visitor.user.is_email_verified:
            raise EmailUnverified
        locked = emails.find_by_id(email.id) if users.lock(user_id) else None
        if locked is None or locked.user_id != user_id:
            raise EntryOutdated
        # Unlike Hanko 2.7.0: neither gets the other's account.
        if self._first_proof.is_foreign(locked):
            self._check_sign_up_allowed()
            raise AddressOnlyClaimed(locked.id, user_id)
        if not visitor.rules.allow_linking:
            raise LinkingNotAllowed
        before = self._prove(locked, user_id, visitor.client)
        domain = visitor.rules.saml_domain
        if domain is not None:
            # As Hanko 2.7.0: one account of a company for each address.
            rows.delete_of_domain(domain, email_id=locked.id, but=identity.id if identity else None)
        type_ = EventType.THIRDPARTY_LINKING_SUCCEEDED
        return _Entry(user_id, locked.id, identity, type_, before=before)

    def _sign_up(
        self, visitor: _Visitor, identity: IdentityRecord | None, address: str, email: Email | None
    ) -> _Entry:
        """Make a user, to whom the address belongs from now on."""
        self._check_sign_up_allowed()
        user_id, profile, now = uuid4(), visitor.stored.profile, self._now()
        users.create_described(user_id, profile, now=now)
        is_verified = visitor.user.is_email_verified
        if email is None:
            email_id = emails.create(address, user_id=user_id, is_verified=is_verified, now=now)
        else:
            take = emails.verify if is_verified else emails.claim
            if not take(email.id, user_id=user_id, now=now):
                raise EntryOutdated
            email_id = email.id
        primary_emails.create(user_id=user_id, email_id=email_id, now=now)
        type_ = EventType.THIRDPARTY_SIGNUP_SUCCEEDED
        return _Entry(user_id, email_id, identity, type_, UserChange.CREATED)

    def _prove(self, email: Email, user_id: UUID, client: Client) -> tuple[Event, ...]:
        """Note that the user reads the address, as the provider has seen; what was before goes."""
        if claims.is_proved(email):
            return ()
        events = self._first_proof.note(email, user_id, client=client)
        emails.verify(email.id, user_id=user_id, now=self._now())
        if emails.find_primary(user_id) is None:
            primary_emails.create(user_id=user_id, email_id=email.id, now=self._now())
        address = emails.find_primary_address(user_id)
        verified = Event(
            type=EventType.EMAIL_VERIFIED,
            client=client,
            user_id=user_id,
            email=address,
            change=UserChange.EMAIL_CREATED,
        )
        return (*events, verified)

    def _store_identity(self, visitor: _Visitor, entry: _Entry) -> UUID:
        now, data = self._now(), visitor.stored.data
        known = entry.identity
        # A first proof has deleted an old account of nobody's.
        if known is not None and rows.update(
            known.id, user_id=entry.user_id, email_id=entry.email_id, data=data, now=now
        ):
            identity_id = known.id
        else:
            identity_id = rows.create(
                provider_id=visitor.user.provider_id,
                subject=visitor.user.subject,
                user_id=entry.user_id,
                email_id=entry.email_id,
                data=data,
                now=now,
            )
        if visitor.rules.saml_domain is not None:
            rows.keep_domain(identity_id, visitor.rules.saml_domain, now=now)
        return identity_id

    def _store_token(self, visitor: _Visitor, entry: _Entry, value: str, identity_id: UUID) -> None:
        now = self._now()
        tokens.create(
            value,
            user_id=entry.user_id,
            identity_id=identity_id,
            user_created=entry.type == EventType.THIRDPARTY_SIGNUP_SUCCEEDED,
            link_user=False,
            code_verifier=visitor.code_verifier,
            expires_at=now + TTL,
            now=now,
        )

    def _check_sign_up_allowed(self) -> None:
        if not self._allow_sign_up:
            raise SignUpDisabled

    def _address_of(self, user: ProviderUser) -> str | None:
        """The form in which the provider's address is stored; None where it tells none."""
        if not user.email:
            return None
        try:
            return accepted(user.email, max_length=self._max_address_length, is_stored=self._is_stored)
        except (AddressInvalid, AddressTooLong) as error:
            raise ProviderUserInvalid(error.message) from error

    def _is_stored(self, address: str) -> bool:
        with self._database.connection():
            return emails.find(address) is not None

    def _check_collisions(self, visitor: _Visitor) -> None:
        """Refuse what the unique keys never take: their collation takes it for another address or account."""
        user, address = visitor.user, visitor.address
        with self._database.connection():
            if address and emails.has_collision(address):
                raise LinkingNotAllowed
            if rows.has_collision(user.provider_id, user.subject):
                raise ProviderUserInvalid("a subject that the database takes for another one")


def _require_own(identity: IdentityRecord, rules: EntryRules) -> None:
    """Refuse a SAML provider that has taken the entity ID of another one, whose account this is."""
    if rules.saml_domain is None:
        return
    domains = rows.list_domains(identity.id)
    if rules.saml_domain not in domains and domains & rules.saml_foreign_domains:
        raise ProviderUserInvalid("an account of another identity provider")
