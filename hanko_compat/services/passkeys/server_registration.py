"""Registration of passkeys through a server of the customer's (WebAuthn s. 7.1)."""

from dataclasses import dataclass, replace
from typing import NoReturn
from uuid import UUID, uuid4

from hanko_compat.base64url import encode
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
from hanko_compat.errors.users import UserBlocked, UserNotFound
from hanko_compat.services.events import Event, Events, EventType
from hanko_compat.services.passkeys.ceremonies import Operation
from hanko_compat.services.passkeys.challenges import PasskeyChallenges, TakenChallenge
from hanko_compat.services.passkeys.credential_records import AuthenticatorKind, Source
from hanko_compat.services.passkeys.passkey_data import PasskeyData, ceremony_type, event_passkey
from hanko_compat.services.passkeys.registration import Attestation, PasskeyRegistration, user_handle
from hanko_compat.storage import profiles
from hanko_compat.storage.emails import emails
from hanko_compat.storage.engine.database import Database
from hanko_compat.storage.models.user_states import UserStatus
from hanko_compat.storage.passkeys import credential_details
from hanko_compat.storage.users import records as user_records
from hanko_compat.storage.users import users
from hanko_compat.storage.users.records import UserRecord
from hanko_compat.webauthn.client_data import ClientData, read_client_data
from hanko_compat.webauthn.options import (
    REQUIRED,
    CreationOptions,
    CredentialDescriptor,
    creation_options,
    creation_text,
)
from hanko_compat.webauthn.registration import VerifiedCredential
from hanko_compat.webauthn.relying_party import RelyingParty


@dataclass(frozen=True, slots=True)
class RegistrationOffer:
    """Options to make a passkey, as JSON; "" where the device can keep none."""

    options: str
    has_passkeys: bool


class ServerRegistration:
    """Both halves of the ceremony. The challenge is taken before anything is computed."""

    def __init__(
        self,
        database: Database,
        *,
        challenges: PasskeyChallenges,
        registration: PasskeyRegistration,
        events: Events,
        rp: RelyingParty,
        now: Clock,
    ) -> None:
        self._database = database
        self._challenges = challenges
        self._registration = registration
        self._events = events
        self._rp = rp
        self._now = now

    def start(
        self,
        user_id: UUID,
        *,
        process_id: str,
        username: str,
        has_platform_authenticator: bool,
        is_forced: bool,
        client: Client,
    ) -> RegistrationOffer:
        """Options for ``navigator.credentials.create()``; with *is_forced* for any device.

        Raises:
            UserNotFound: no user has this id.
            UserBlocked: the user is disabled; one that is pending may have passkeys, and log in later.
            PasskeyLimitReached: the user has ``passkey.limit`` passkeys.
        """
        begun = Event(
            type=EventType.WEBAUTHN_REGISTRATION_INIT_SUCCEEDED,
            client=client,
            user_id=user_id,
            email=username,
        )

        def work() -> tuple[UserRecord, list[CredentialDescriptor], bytes | None]:
            user = _locked(user_id)
            known = [
                CredentialDescriptor(row.id, transports=tuple(each.name for each in transports))
                for row, transports in profiles.list_credentials(user_id)
            ]
            if not (has_platform_authenticator or is_forced):
                return user, known, None
            self._registration.check_room(user_id)
            challenge = self._challenges.begin(
                Operation.REGISTRATION, user_id=user_id, process_id=process_id, username=username
            )
            self._events.record(begun)
            return user, known, challenge

        user, known, challenge = self._database.transaction(work)
        if challenge is None:
            return RegistrationOffer("", bool(known))
        self._events.publish(begun)
        options = self._options(user, challenge, username)
        selection = replace(
            options.authenticator_selection,
            authenticator_attachment="platform" if has_platform_authenticator else None,
        )
        options = replace(options, exclude_credentials=tuple(known), authenticator_selection=selection)
        return RegistrationOffer(creation_text(options), bool(known))

    def finish(
        self,
        user_id: UUID,
        answer: Attestation,
        *,
        process_id: str,
        attachment: str | None,
        source: Source,
        client: Client,
    ) -> PasskeyData:
        """Store a passkey.

        Raises:
            UserNotFound: no user has this id.
            UserBlocked: the user is disabled.
            RegistrationChallengeUnknown: no such challenge, or used, or another user's or process's.
            AttestationInvalid: too late, or the answer can't be read or proves nothing, or there is such a
                credential, or the user was not verified.
            PasskeyLimitReached: the user has ``passkey.limit`` passkeys.
        """
        client_data = _read(answer)
        failed = self._by(user_id, client)
        taken = self._challenges.take(Operation.REGISTRATION, client_data.challenge)
        if taken is None or (taken.ceremony.user_id, taken.process_id) != (user_id, process_id):
            self._refuse(failed, RegistrationChallengeUnknown(), "received unknown challenge")
        detail_id = uuid4()
        try:
            credential = self._registration.verify(taken.ceremony, client_data, answer)
            credential_id = encode(credential.id)
            done = replace(
                failed,
                type=EventType.WEBAUTHN_REGISTRATION_FINAL_SUCCEEDED,
                passkey=event_passkey(credential_id, detail_id=detail_id, source=source),
            )
            self._database.transaction(
                lambda: self._store(taken, credential, answer, detail_id, source, done)
            )
        except (AttestationInvalid, CredentialMalformed, UserVerificationMissing):
            self._refuse(failed, AttestationInvalid(), "failed to validate attestation")
        except RegistrationChallengeUnknown as error:
            self._refuse(failed, error, "received unknown challenge")
        except PasskeyLimitReached as error:
            self._refuse(failed, error, "passkey limit reached")
        except UserBlocked as error:
            self._refuse(failed, error, "user not active")
        self._events.publish(done)
        return PasskeyData(
            id=detail_id,
            webauthn_id=credential_id,
            user_id=user_id,
            username=taken.username,
            ceremony_type=ceremony_type(attachment, answer.transports),
            challenge_id=taken.id,
            process_id=process_id,
            kind=AuthenticatorKind.of(credential.aaguid),
        )

    def _options(self, user: UserRecord, challenge: bytes, username: str) -> CreationOptions:
        options = creation_options(
            self._rp,
            challenge=challenge,
            user_handle=user_handle(user.id, user.webauthn_id),
            user_name=username,
            timeout=self._challenges.timeout(Operation.REGISTRATION),
            user_verification=REQUIRED,
            resident_key="preferred",
            attestation="none",
        )
        return replace(options, user=replace(options.user, display_name=user.name or username))

    def _store(
        self,
        taken: TakenChallenge,
        credential: VerifiedCredential,
        answer: Attestation,
        detail_id: UUID,
        source: Source,
        done: Event,
    ) -> None:
        """Write the passkey with its details, and that the challenge was answered. Runs in a transaction."""
        user, credential_id = _locked(taken.ceremony.user_id), encode(credential.id)
        self._registration.store(user.id, credential, answer.transports)
        credential_details.create(
            detail_id,
            credential_id=credential_id,
            username=taken.username,
            source_os=source.os,
            source_browser=source.browser,
            now=self._now(),
        )
        self._challenges.complete(taken, user_id=user.id, credential_id=credential_id)
        self._events.record(done)

    def _by(self, user_id: UUID, client: Client) -> Event:
        """The event of a failure of this user's."""
        with self._database.connection():
            if not users.exists(user_id):
                raise UserNotFound
            address = emails.find_primary_address(user_id)
        type_ = EventType.WEBAUTHN_REGISTRATION_FINAL_FAILED
        return Event(type=type_, client=client, user_id=user_id, email=address)

    def _refuse(self, event: Event, error: HankoCompatError, reason: str) -> NoReturn:
        self._events.report(replace(event, error=reason), self._database)
        raise error


def _read(answer: Attestation) -> ClientData:
    try:
        return read_client_data(answer.client_data)
    except CredentialMalformed as error:
        raise AttestationInvalid from error


def _locked(user_id: UUID | None) -> UserRecord:
    """The user, whom no other transaction changes until this one ends."""
    user = user_records.find(user_id) if user_id is not None and users.lock(user_id) else None
    if user is None:
        raise UserNotFound
    if user.status == UserStatus.DISABLED:
        raise UserBlocked
    return user
