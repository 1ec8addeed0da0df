"""Registration of passkeys: options, then what an authenticator answers to them (WebAuthn s. 7.1)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import NoReturn, Self
from uuid import UUID

from hanko_compat.base64url import decode, encode
from hanko_compat.client import Client
from hanko_compat.clock import Clock
from hanko_compat.errors import HankoCompatError
from hanko_compat.errors.passkeys import (
    AttestationInvalid,
    CredentialMalformed,
    PasskeyLimitReached,
    RegistrationChallengeUnknown,
    UserVerificationMissing,
)
from hanko_compat.errors.sessions import SessionInvalid
from hanko_compat.services.events import Event, Events, EventType
from hanko_compat.services.passkeys.ceremonies import Ceremonies, Ceremony, Operation
from hanko_compat.services.rate_limits.rate_limits import RateLimits
from hanko_compat.services.sessions.live import SessionInfo, lock_live
from hanko_compat.storage.emails import emails
from hanko_compat.storage.engine.database import Database, IntegrityError
from hanko_compat.storage.passkeys import webauthn_credentials as rows
from hanko_compat.storage.sessions import token_subjects
from hanko_compat.webauthn.aaguids import name_of
from hanko_compat.webauthn.client_data import ClientData, read_client_data
from hanko_compat.webauthn.options import CreationOptions, creation_options
from hanko_compat.webauthn.registration import (
    VerifiedCredential,
    read_attestation,
    verify_registration,
)
from hanko_compat.webauthn.relying_party import RelyingParty

TRANSPORT = re.compile(r"[a-z0-9-]{1,32}")  # the known ones and those to come (s. 5.8.4); others are dropped
MAX_TRANSPORTS = 16


@dataclass(frozen=True, slots=True)
class RegistrationRules:
    """What the configuration says of new passkeys; ``limit`` is how many a user may have."""

    limit: int
    attestation: str
    resident_key: str


@dataclass(frozen=True, slots=True)
class Attestation:
    """An authenticator's answer; ``transports`` as the browser names them.

    The credential's ID is the one that is attested. Where ``credential_id`` is given it has to be the same.
    """

    client_data: bytes
    attestation_object: bytes
    transports: tuple[str, ...]
    credential_id: bytes | None = None

    @classmethod
    def from_base64url(
        cls, *, credential_id: str, client_data: str, attestation_object: str, transports: Iterable[str]
    ) -> Self:
        """Decode what came as text.

        Raises:
            Base64urlMalformed: not base64url.
        """
        return cls(
            credential_id=decode(credential_id),
            client_data=decode(client_data),
            attestation_object=decode(attestation_object),
            transports=tuple(transports),
        )


class PasskeyRegistration:
    """Both halves of the ceremony. The challenge is taken before anything is computed."""

    def __init__(
        self,
        database: Database,
        *,
        ceremonies: Ceremonies,
        rate_limits: RateLimits,
        events: Events,
        rp: RelyingParty,
        rules: RegistrationRules,
        now: Clock,
    ) -> None:
        self._database = database
        self._ceremonies = ceremonies
        self._rate_limits = rate_limits
        self._events = events
        self._rp = rp
        self._rules = rules
        self._now = now

    def start(self, user_id: UUID, *, client: Client) -> CreationOptions:
        """Options for ``navigator.credentials.create()``.

        Raises:
            PasskeyLimitReached: the user has ``passkey.limit`` passkeys.
            SessionInvalid: the user was deleted.
            RateLimited: this client, or this user, began too many ceremonies.
        """
        self._rate_limits.passkey_registration(user_id, client)

        def work() -> tuple[bytes, bytes, str, Event]:
            subject = token_subjects.find(user_id)
            if subject is None:
                raise SessionInvalid
            self.check_room(user_id)
            challenge = self._ceremonies.begin(Operation.REGISTRATION, user_id=user_id)
            type_ = EventType.WEBAUTHN_REGISTRATION_INIT_SUCCEEDED
            done = Event(type=type_, client=client, user_id=user_id, email=subject.address)
            self._events.record(done)
            user_name = subject.address or subject.username or str(user_id)
            return challenge, user_handle(user_id, subject.webauthn_id), user_name, done

        challenge, handle, user_name, done = self._database.transaction(work)
        self._events.publish(done)
        terms = self._ceremonies.terms(Operation.REGISTRATION)
        return creation_options(
            self._rp,
            challenge=challenge,
            user_handle=handle,
            user_name=user_name,
            timeout=terms.timeout,
            user_verification=terms.user_verification,
            resident_key=self._rules.resident_key,
            attestation=self._rules.attestation,
        )

    def finish(self, session: SessionInfo, answer: Attestation, *, client: Client) -> str:
        """Store a passkey of the session's user, and return its ID in base64url.

        Raises:
            CredentialMalformed: the answer can't be read.
            RegistrationChallengeUnknown: no such challenge, or it was used, or it is somebody else's.
            AttestationInvalid: too late, or the answer proves nothing, or there is such a credential.
            UserVerificationMissing: ``passkey.user_verification`` is required, and there was none.
            PasskeyLimitReached: the user has ``passkey.limit`` passkeys.
            SessionInvalid: the session ended in the meantime.
        """
        user_id = session.user_id
        client_data = read_client_data(answer.client_data)
        failed = Event(type=EventType.WEBAUTHN_REGISTRATION_FINAL_FAILED, client=client)
        ceremony = self._ceremonies.take(Operation.REGISTRATION, client_data.challenge)
        # The spelling is the original's, as in the other reasons that the audit log shows.
        if ceremony is None:
            objection = _malformed(answer) or RegistrationChallengeUnknown()
            self._refuse(failed, objection, "received unkown challenge")
        failed = self._by(user_id, failed)
        if ceremony.user_id != user_id:
            objection = _malformed(answer) or RegistrationChallengeUnknown()
            self._refuse(failed, objection, "user session does not match sessionData subject")
        try:
            credential = self.verify(ceremony, client_data, answer)
            done = replace(
                failed,
                type=EventType.WEBAUTHN_REGISTRATION_FINAL_SUCCEEDED,
                passkey={"credential_id": encode(credential.id)},
            )
            self._database.transaction(lambda: self._finish(session, credential, answer, done))
        except (AttestationInvalid, CredentialMalformed) as error:
            self._refuse(failed, error, "failed to validate attestation")
        except UserVerificationMissing as error:
            # As Hanko 2.7.0: whoever is then asked for a PIN answers the same challenge again.
            self._ceremonies.give_back(ceremony)
            self._refuse(failed, error, "failed to validate attestation")
        except PasskeyLimitReached as error:
            self._refuse(failed, error, "passkey limit reached")
        self._events.publish(done)
        return encode(credential.id)

    def verify(self, ceremony: Ceremony, client_data: ClientData, answer: Attestation) -> VerifiedCredential:
        """Check an answer to a challenge that was taken.

        Raises:
            CredentialMalformed: the answer can't be read.
            AttestationInvalid: too late, or the answer proves nothing.
            UserVerificationMissing: all is well, but the user was not verified.
        """
        if self._ceremonies.is_over(ceremony):
            raise _malformed(answer) or AttestationInvalid()
        credential = verify_registration(
            client_data,
            answer.attestation_object,
            rp=self._rp,
            requires_user_verification=ceremony.requires_user_verification,
        )
        # Unlike Hanko 2.7.0: an empty ID, or one too long for its column, is refused, and no failure of ours.
        is_it = answer.credential_id in (None, credential.id)
        if not is_it or not 0 < len(encode(credential.id)) <= rows.MAX_ID:
            raise AttestationInvalid
        return credential

    def store(self, user_id: UUID, credential: VerifiedCredential, transports: tuple[str, ...]) -> None:
        """Write the passkey. Runs inside the caller's transaction.

        Raises:
            SessionInvalid: the user was deleted.
            PasskeyLimitReached: the user has ``passkey.limit`` passkeys.
            AttestationInvalid: there is such a credential.
        """
        # Locked, so that of many registrations at once each counts the ones before it.
        subject = token_subjects.lock(user_id)
        if subject is None:
            raise SessionInvalid
        self.check_room(user_id)
        try:
            with self._database.savepoint():
                rows.create(
                    encode(credential.id),
                    user_id=user_id,
                    public_key=encode(credential.public_key),
                    attestation_type=credential.attestation_type,
                    aaguid=credential.aaguid,
                    sign_count=credential.sign_count,
                    name=name_of(credential.aaguid),
                    backup_eligible=credential.is_backup_eligible,
                    backup_state=credential.is_backed_up,
                    transports=filter(TRANSPORT.fullmatch, transports[:MAX_TRANSPORTS]),
                    user_handle=subject.webauthn_id,
                    now=self._now(),
                )
        except IntegrityError as error:
            # There is such a credential: whoever brings it again has not made it for this ceremony.
            raise AttestationInvalid from error

    def check_room(self, user_id: UUID) -> None:
        """Let pass who may have one more. Runs on the caller's connection.

        Raises:
            PasskeyLimitReached: the user has ``passkey.limit`` passkeys.
        """
        if rows.count_passkeys(user_id) >= self._rules.limit:
            raise PasskeyLimitReached

    def _finish(
        self, session: SessionInfo, credential: VerifiedCredential, answer: Attestation, done: Event
    ) -> None:
        lock_live(session)
        self.store(session.user_id, credential, answer.transports)
        self._events.record(done)

    def _by(self, user_id: UUID, event: Event) -> Event:
        with self._database.connection():
            return replace(event, user_id=user_id, email=emails.find_primary_address(user_id))

    def _refuse(self, event: Event, error: HankoCompatError, reason: str) -> NoReturn:
        self._events.report(replace(event, error=reason), self._database)
        raise error


def user_handle(user_id: UUID, webauthn_id: str | None) -> bytes:
    """What authenticators call the user (WebAuthn s. 5.4.3): what a server chose, or its ID."""
    return user_id.bytes if webauthn_id is None else webauthn_id.encode()


def _malformed(answer: Attestation) -> CredentialMalformed | None:
    """The objection to an answer that can't be read, which comes before all others."""
    try:
        read_attestation(answer.attestation_object)
    except CredentialMalformed as error:
        return error
    return None
