"""Log-in with passkeys through a server of the customer's (WebAuthn s. 7.2): it learns who it was."""

from dataclasses import replace
from typing import NoReturn
from uuid import UUID

from hanko_compat.base64url import encode
from hanko_compat.client import Client
from hanko_compat.clock import Clock
from hanko_compat.errors import HankoCompatError
from hanko_compat.errors.passkeys import (
    AssertionInvalid,
    CredentialMalformed,
    CredentialNotFound,
    LoginChallengeUnknown,
    UserVerificationMissing,
)
from hanko_compat.errors.users import UserBlocked, UserNotFound
from hanko_compat.services.events import Event, Events, EventType
from hanko_compat.services.login.finish import REASONS
from hanko_compat.services.passkeys.ceremonies import Operation
from hanko_compat.services.passkeys.challenges import PasskeyChallenges, TakenChallenge
from hanko_compat.services.passkeys.credential_records import AuthenticatorKind, CredentialRecords, Source
from hanko_compat.services.passkeys.login import Assertion, PasskeyLogin
from hanko_compat.services.passkeys.passkey_data import (
    PasskeyData,
    ceremony_type,
    event_passkey,
    find_username,
)
from hanko_compat.services.rate_limits.rate_limits import RateLimits
from hanko_compat.services.sessions import subjects
from hanko_compat.storage import profiles
from hanko_compat.storage.emails import emails
from hanko_compat.storage.engine.database import Database
from hanko_compat.storage.passkeys import credential_details
from hanko_compat.storage.passkeys import webauthn_credentials as rows
from hanko_compat.storage.passkeys.credential_details import CredentialDetails, CredentialRow
from hanko_compat.storage.users import users
from hanko_compat.webauthn.authentication import VerifiedAssertion
from hanko_compat.webauthn.client_data import ClientData, read_client_data
from hanko_compat.webauthn.options import (
    REQUIRED,
    CredentialDescriptor,
    RequestOptions,
    request_options,
    request_text,
)
from hanko_compat.webauthn.relying_party import RelyingParty


class ServerLogin:
    """Both halves of the ceremony. The challenge is taken before anything is computed.

    The authenticator always has to verify its user, which makes two factors of a passkey; a key that is a
    second factor only is no passkey. Pending and disabled users can't log in. No session is made: that is
    the server's part.
    """

    def __init__(
        self,
        database: Database,
        *,
        challenges: PasskeyChallenges,
        credentials: CredentialRecords,
        login: PasskeyLogin,
        rate_limits: RateLimits,
        events: Events,
        rp: RelyingParty,
        now: Clock,
    ) -> None:
        self._database = database
        self._challenges = challenges
        self._credentials = credentials
        self._login = login
        self._rate_limits = rate_limits
        self._events = events
        self._rp = rp
        self._now = now

    def start(self, user_id: UUID, *, process_id: str, client: Client) -> str:
        """Options for ``navigator.credentials.get()`` as JSON; "" for a user without a passkey.

        Raises:
            UserNotFound: no user has this id.
            UserBlocked: the user is pending or disabled.
            RateLimited: this client began too many ceremonies.
        """
        self._rate_limits.passkey_challenge_of_server(client)
        begun = Event(type=EventType.WEBAUTHN_AUTHENTICATION_INIT_SUCCEEDED, client=client, user_id=user_id)

        def work() -> tuple[bytes | None, tuple[CredentialDescriptor, ...], Event]:
            subject = subjects.lock(user_id)
            known = tuple(
                CredentialDescriptor(row.id, transports=tuple(each.name for each in transports))
                for row, transports in profiles.list_credentials(user_id)
                if not row.mfa_only
            )
            done = replace(begun, email=subject.address)
            if not known:
                return None, known, done
            challenge = self._challenges.begin(
                Operation.AUTHENTICATION, user_id=user_id, process_id=process_id
            )
            self._events.record(done)
            return challenge, known, done

        challenge, known, done = self._database.transaction(work)
        if challenge is None:
            return ""
        self._events.publish(done)
        return request_text(replace(self._options(challenge), allow_credentials=known))

    def start_mediation(self, *, client: Client) -> str:
        """Options for ``navigator.credentials.get()`` with any passkey, of whoever it will be.

        Raises:
            RateLimited: this client began too many ceremonies.
        """
        self._rate_limits.passkey_challenge_of_server(client)
        begun = Event(type=EventType.WEBAUTHN_AUTHENTICATION_INIT_SUCCEEDED, client=client)

        def work() -> bytes:
            challenge = self._challenges.begin(Operation.AUTHENTICATION, user_id=None)
            self._events.record(begun)
            return challenge

        challenge = self._database.transaction(work)
        self._events.publish(begun)
        return request_text(self._options(challenge))

    def finish(
        self,
        user_id: UUID | None,
        answer: Assertion,
        *,
        process_id: str,
        attachment: str | None,
        client: Client,
    ) -> PasskeyData:
        """Find out who it was; *user_id* None after `start_mediation`.

        Raises:
            UserNotFound: no user has this id.
            UserBlocked: the user is pending or disabled.
            LoginChallengeUnknown: no such challenge, or it was used, or is another user's or process's.
            AssertionInvalid: too late, or the answer can't be read or proves nothing: not by a passkey of
                that user, for one, or the user was not verified.
            CredentialNotFound: after `start_mediation`, a passkey that was deleted here.
        """
        client_data = _read(answer)
        failed = Event(type=EventType.WEBAUTHN_AUTHENTICATION_FINAL_FAILED, client=client, user_id=user_id)
        if user_id is not None:
            self._require(user_id)
        taken = self._challenges.take(Operation.AUTHENTICATION, client_data.challenge)
        if taken is None or not _is_bound(taken, user_id, process_id):
            self._refuse(failed, LoginChallengeUnknown(), "received unknown challenge")
        credential = self._login.find(answer, taken.ceremony)
        if credential is None:
            self._refuse(failed, self._objection(answer, user_id), "assertion validation failed")
        failed = replace(failed, user_id=credential.user_id)
        try:
            assertion = self._login.verify(taken.ceremony, client_data, answer, credential)
            details = self._credentials.identify(credential.id)
            record, username, done = self._log_in(taken, credential, assertion, details, failed)
        except LoginChallengeUnknown as error:
            self._refuse(failed, error, "received unknown challenge")
        except UserBlocked as error:
            self._refuse(failed, error, REASONS[type(error)])
        except (
            AssertionInvalid,
            CredentialMalformed,
            UserVerificationMissing,
            UserNotFound,
            CredentialNotFound,
        ):
            self._refuse(failed, AssertionInvalid(), "assertion validation failed")
        self._events.publish(done)
        return PasskeyData(
            id=details.id,
            webauthn_id=credential.id,
            user_id=credential.user_id,
            username=username,
            ceremony_type=ceremony_type(attachment, record.transports),
            challenge_id=taken.id,
            process_id=process_id,
            kind=AuthenticatorKind.of(record.aaguid),
        )

    def _log_in(
        self,
        taken: TakenChallenge,
        credential: rows.Credential,
        assertion: VerifiedAssertion,
        details: CredentialDetails,
        failed: Event,
    ) -> tuple[CredentialRow, str, Event]:
        """Note the use, and that the challenge was answered, both or neither."""
        user_id = credential.user_id

        def work() -> tuple[CredentialRow, str, Event]:
            subject = subjects.lock(user_id)
            is_used = rows.update_use(
                credential.id,
                sign_count=assertion.sign_count,
                backup_eligible=assertion.is_backup_eligible,
                backup_state=assertion.is_backed_up,
                now=self._now(),
            )
            if not is_used:
                raise AssertionInvalid
            self._challenges.complete(taken, user_id=user_id, credential_id=credential.id)
            (record,) = credential_details.list_some([credential.id])
            source = Source(details.source_os, details.source_browser)
            done = replace(
                failed,
                type=EventType.WEBAUTHN_AUTHENTICATION_FINAL_SUCCEEDED,
                email=subject.address,
                passkey=event_passkey(credential.id, detail_id=details.id, source=source),
            )
            self._events.record(done)
            return record, find_username(user_id, details.username), done

        return self._database.transaction(work)

    def _options(self, challenge: bytes) -> RequestOptions:
        return request_options(
            self._rp,
            challenge=challenge,
            credential_ids=(),
            timeout=self._challenges.timeout(Operation.AUTHENTICATION),
            user_verification=REQUIRED,
        )

    def _require(self, user_id: UUID) -> None:
        with self._database.connection():
            if not users.exists(user_id):
                raise UserNotFound

    def _objection(self, answer: Assertion, user_id: UUID | None) -> HankoCompatError:
        """What to say of a credential that does not fit: an authenticator may have kept one that is gone."""
        with self._database.connection():
            is_gone = user_id is None and rows.find(encode(answer.credential_id)) is None
        return CredentialNotFound() if is_gone else AssertionInvalid()

    def _refuse(self, event: Event, error: HankoCompatError, reason: str) -> NoReturn:
        """Tell of the failure, with the address of the user that *event* names, and raise *error*."""
        address = None
        if event.user_id is not None:
            with self._database.connection():
                address = emails.find_primary_address(event.user_id)
        self._events.report(replace(event, email=address, error=reason), self._database)
        raise error


def _read(answer: Assertion) -> ClientData:
    try:
        return read_client_data(answer.client_data)
    except CredentialMalformed as error:
        raise AssertionInvalid from error


def _is_bound(taken: TakenChallenge, user_id: UUID | None, process_id: str) -> bool:
    """Whether a challenge was made for this user in this process; without a user, for anybody anywhere."""
    if taken.ceremony.user_id != user_id:
        return False
    return user_id is None or taken.process_id == process_id
