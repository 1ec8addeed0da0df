"""Log-in with passkeys: options, then what an authenticator answers to them (WebAuthn s. 7.2)."""

import hmac
from dataclasses import dataclass, replace
from typing import NoReturn, Self
from uuid import UUID

from hanko_compat.base64url import decode, encode
from hanko_compat.client import Client
from hanko_compat.clock import Clock
from hanko_compat.errors import HankoCompatError
from hanko_compat.errors.login import SecondFactorRequired
from hanko_compat.errors.passkeys import (
    AssertionInvalid,
    CredentialMalformed,
    LoginChallengeUnknown,
    PasskeyUserIdMalformed,
    PasskeyUserUnknown,
    SignCountNotGrown,
    UserHandleMalformed,
    UserHandleUnknown,
    UserVerificationMissing,
)
from hanko_compat.errors.users import UserBlocked, UserNotFound
from hanko_compat.jose.session_token import TokenSubject
from hanko_compat.services.events import Event, Events, EventType
from hanko_compat.services.login.finish import REASONS, IssuedLogin, Login, Outcome, Proof
from hanko_compat.services.passkeys.ceremonies import Ceremonies, Ceremony, Operation
from hanko_compat.services.rate_limits.rate_limits import RateLimits
from hanko_compat.storage.emails import emails
from hanko_compat.storage.engine.database import Database
from hanko_compat.storage.passkeys import webauthn_credentials as rows
from hanko_compat.storage.sessions import token_subjects
from hanko_compat.storage.users import users
from hanko_compat.uuid_text import read_uuid
from hanko_compat.webauthn.authentication import VerifiedAssertion, verify_assertion
from hanko_compat.webauthn.authenticator_data import read_authenticator_data
from hanko_compat.webauthn.client_data import ClientData, read_client_data
from hanko_compat.webauthn.options import RequestOptions, request_options
from hanko_compat.webauthn.relying_party import RelyingParty

UUID_BYTES = 16


@dataclass(frozen=True, slots=True)
class Assertion:
    """An authenticator's answer; ``user_handle`` is empty when it names no user."""

    credential_id: bytes
    client_data: bytes
    authenticator_data: bytes
    signature: bytes
    user_handle: bytes

    @classmethod
    def from_base64url(
        cls,
        *,
        credential_id: str,
        client_data: str,
        authenticator_data: str,
        signature: str,
        user_handle: str,
    ) -> Self:
        """Decode what came as text.

        Raises:
            Base64urlMalformed: not base64url.
        """
        return cls(*map(decode, (credential_id, client_data, authenticator_data, signature, user_handle)))


@dataclass(frozen=True, slots=True)
class PasskeyLogIn:
    """A log-in, and the credential (base64url) that brought it."""

    credential_id: str
    issued: IssuedLogin


class PasskeyLogin:
    """Both halves of the ceremony. The challenge is taken before anything is computed."""

    def __init__(
        self,
        database: Database,
        *,
        ceremonies: Ceremonies,
        rate_limits: RateLimits,
        login: Login,
        events: Events,
        rp: RelyingParty,
        now: Clock,
    ) -> None:
        self._database = database
        self._ceremonies = ceremonies
        self._rate_limits = rate_limits
        self._login = login
        self._events = events
        self._rp = rp
        self._now = now

    def start(self, user_id: str | None, *, client: Client) -> RequestOptions:
        """Options for ``navigator.credentials.get()``: for one user's passkeys, or, with None, for anybody's.

        Those for a user without a passkey name none, and anybody's may answer.

        Raises:
            PasskeyUserIdMalformed: no UUID.
            PasskeyUserUnknown: no such user.
            RateLimited: this client began too many ceremonies.
        """
        self._rate_limits.passkey_challenge(client)
        begun = Event(type=EventType.WEBAUTHN_AUTHENTICATION_INIT_SUCCEEDED, client=client)
        failed = replace(begun, type=EventType.WEBAUTHN_AUTHENTICATION_INIT_FAILED)
        try:
            wanted = None if user_id is None else read_uuid(user_id)
        except ValueError:
            self._refuse(failed, PasskeyUserIdMalformed(), "user_id is not a uuid")

        def work() -> tuple[bytes, list[str], Event]:
            done = begun if wanted is None else _named(wanted, begun)
            ids = [] if wanted is None else rows.list_passkey_ids(wanted)
            # As Hanko 2.7.0: a user without a passkey is as good as none.
            whose = wanted if ids else None
            challenge = self._ceremonies.begin(Operation.AUTHENTICATION, user_id=whose, credential_ids=ids)
            self._events.record(done)
            return challenge, ids, done

        # For anybody there is nothing to read, and perhaps one row to write.
        is_single = wanted is None and not self._events.are_stored
        run = self._database.write if is_single else self._database.transaction
        try:
            challenge, ids, done = run(work)
        except PasskeyUserUnknown as error:
            self._refuse(failed, error, "unknown user")
        self._events.publish(done)
        terms = self._ceremonies.terms(Operation.AUTHENTICATION)
        return request_options(
            self._rp,
            challenge=challenge,
            credential_ids=ids,
            timeout=terms.timeout,
            user_verification=terms.user_verification,
        )

    def finish(self, answer: Assertion, *, client: Client) -> PasskeyLogIn:
        """Start a session for the user of a passkey.

        Raises:
            CredentialMalformed: the answer can't be read.
            LoginChallengeUnknown: no such challenge, or it was used.
            UserHandleMalformed: the answer has to say who logs in, by a user's id, and does not.
            UserHandleUnknown: there is no such user.
            AssertionInvalid: too late, or the answer proves nothing: not by a passkey of that user, for one.
            SignCountNotGrown: the passkey may be a copy.
            SecondFactorRequired: the user has a second factor, and the authenticator did not verify its user.
            UserBlocked: the user is pending or disabled.
            RateLimited: instead of any of these, where too many ceremonies of this client have failed.
        """
        client_data = read_client_data(answer.client_data)
        failed = Event(type=EventType.WEBAUTHN_AUTHENTICATION_FINAL_FAILED, client=client)
        ceremony = self._ceremonies.take(Operation.AUTHENTICATION, client_data.challenge)
        if ceremony is None:
            # The spelling is the original's, as in the other reasons that the audit log shows.
            self._refuse(failed, _malformed(answer) or LoginChallengeUnknown(), "received unkown challenge")
        failed = replace(failed, user_id=ceremony.user_id)
        credential = self.find(answer, ceremony)
        if credential is None:
            objection = _malformed(answer) or self._objection(answer, ceremony)
            is_nobody = isinstance(objection, UserHandleUnknown)
            self._refuse(failed, objection, "unknown user" if is_nobody else "assertion validation failed")
        failed = replace(failed, user_id=credential.user_id)
        try:
            assertion = self.verify(ceremony, client_data, answer, credential)
            issued = self._login.finish(self._proof(credential, assertion, client), client=client)
        except (AssertionInvalid, CredentialMalformed, SignCountNotGrown) as error:
            self._refuse(failed, error, "assertion validation failed")
        except UserNotFound:
            self._refuse(failed, AssertionInvalid(), "assertion validation failed")
        except UserVerificationMissing:
            # As Hanko 2.7.0: whoever is then asked for a PIN answers the same challenge again.
            self._ceremonies.give_back(ceremony)
            self._refuse(failed, AssertionInvalid(), "assertion validation failed")
        except (SecondFactorRequired, UserBlocked) as error:
            self._refuse(failed, error, REASONS[type(error)])
        return PasskeyLogIn(credential.id, issued)

    def find(self, answer: Assertion, ceremony: Ceremony) -> rows.Credential | None:
        """The passkey that answers, if it is one that was asked for; second factors never are."""
        with self._database.connection():
            credential = rows.find(encode(answer.credential_id))
        is_it = credential is not None and _fits(credential, answer, ceremony)
        return credential if is_it else None

    def verify(
        self,
        ceremony: Ceremony,
        client_data: ClientData,
        answer: Assertion,
        credential: rows.Credential,
    ) -> VerifiedAssertion:
        """Check an answer to a challenge that was taken; whether the sign count has grown is seen later.

        Raises:
            CredentialMalformed: the answer can't be read.
            AssertionInvalid: too late, or the answer proves nothing.
            UserVerificationMissing: all is well, but the user was not verified.
        """
        if self._ceremonies.is_over(ceremony):
            raise _malformed(answer) or AssertionInvalid()
        return verify_assertion(
            client_data,
            answer.authenticator_data,
            answer.signature,
            rp=self._rp,
            public_key=credential.public_key,
            requires_user_verification=ceremony.requires_user_verification,
        )

    def _proof(self, credential: rows.Credential, assertion: VerifiedAssertion, client: Client) -> Proof:
        """What an answer is good for, once: a sign count that has not grown is that of a copy."""

        def use_up() -> None:
            is_used = rows.update_use(
                credential.id,
                sign_count=assertion.sign_count,
                # As Hanko 2.7.0: whatever is stored, unlike s. 7.2 step 19. Rows from before this column, and
                # imported ones, say that no passkey may be backed up.
                backup_eligible=assertion.is_backup_eligible,
                backup_state=assertion.is_backed_up,
                now=self._now(),
            )
            if not is_used:
                raise SignCountNotGrown

        def settle(subject: TokenSubject) -> Outcome:
            done = Event(
                type=EventType.WEBAUTHN_AUTHENTICATION_FINAL_SUCCEEDED,
                client=client,
                user_id=credential.user_id,
                email=subject.address,
                passkey={"credential_id": credential.id},
            )
            return Outcome(subject, (done,))

        # A passkey whose authenticator has verified its user is two factors in one.
        is_enough = assertion.is_user_verified
        return Proof(user_id=credential.user_id, is_enough=is_enough, use_up=use_up, settle=settle)

    def _objection(self, answer: Assertion, ceremony: Ceremony) -> HankoCompatError:
        """What to say of a credential that does not fit."""
        if ceremony.user_id is not None:
            return AssertionInvalid()
        # As Hanko 2.7.0: what the user handle says comes before whose the passkey is.
        if len(answer.user_handle) != UUID_BYTES:
            return UserHandleMalformed()
        with self._database.connection():
            is_known = users.exists(UUID(bytes=answer.user_handle))
        return AssertionInvalid() if is_known else UserHandleUnknown()

    def _refuse(self, event: Event, error: HankoCompatError, reason: str) -> NoReturn:
        """Tell of the failure, with the address of the user that *event* names, and raise *error*."""
        self._rate_limits.failed_passkey(event.client)
        address = None
        if event.user_id is not None:
            with self._database.connection():
                address = emails.find_primary_address(event.user_id)
        self._events.report(replace(event, email=address, error=reason), self._database)
        raise error


def _named(user_id: UUID, event: Event) -> Event:
    """The *event* with its user. Runs on the caller's connection."""
    subject = token_subjects.find(user_id)
    if subject is None:
        raise PasskeyUserUnknown
    return replace(event, user_id=user_id, email=subject.address)


def _fits(credential: rows.Credential, answer: Assertion, ceremony: Ceremony) -> bool:
    """Whether this is a passkey of the user that is meant, and one of those that were offered."""
    if credential.mfa_only:
        return False
    if ceremony.user_id is not None and ceremony.user_id != credential.user_id:
        return False
    if ceremony.credential_ids and credential.id not in ceremony.credential_ids:
        return False
    if not answer.user_handle:
        return ceremony.user_id is not None
    return hmac.compare_digest(answer.user_handle, _user_handle(credential))


def _user_handle(credential: rows.Credential) -> bytes:
    """What the authenticator calls the user: its id, or what another system gave it before an import.

    An import may have left the column NULL or empty, where it knew of no handle.
    """
    imported = credential.user_handle
    return imported.encode() if imported else credential.user_id.bytes


def _malformed(answer: Assertion) -> CredentialMalformed | None:
    """The objection to an answer that can't be read, which comes before all others."""
    try:
        read_authenticator_data(answer.authenticator_data)
    except CredentialMalformed as error:
        return error
    return None
