"""Signed passkey data: what one server learned of a log-in, for another one to have verified, once."""

from collections.abc import Callable
from typing import NoReturn, TypeVar

from hanko_compat import random_secrets
from hanko_compat.client import Client
from hanko_compat.clock import Clock
from hanko_compat.errors.passkeys import PasskeyDataRefused, PasskeyDataResult
from hanko_compat.errors.users import UserBlocked, UserNotFound
from hanko_compat.jose import passkey_token
from hanko_compat.jose.passkey_token import LIFETIME, PasskeyClaims
from hanko_compat.services.api_secrets import ApiSecrets
from hanko_compat.services.keys.keys import Keys
from hanko_compat.services.login.finish import IssuedLogin, Login, Proof
from hanko_compat.services.passkeys.passkey_data import PasskeyData, is_known_by, is_same
from hanko_compat.services.sessions import subjects
from hanko_compat.storage import spent_tokens
from hanko_compat.storage.emails.claims import list_unconfirmed
from hanko_compat.storage.engine.database import Database, IntegrityError
from hanko_compat.storage.models.passkey_challenges import PasskeyChallengeStatus
from hanko_compat.storage.passkeys import challenges as passkey_challenges
from hanko_compat.storage.passkeys import credential_details

T = TypeVar("T")

TOKEN_ID_LENGTH = 30  # characters


class SignedPasskeyData:
    """Counts once, for some minutes, and only while user and passkey are what they were."""

    def __init__(
        self, database: Database, *, login: Login, keys: Keys, api_secrets: ApiSecrets, now: Clock
    ) -> None:
        self._database = database
        self._login = login
        self._keys = keys
        self._api_secrets = api_secrets
        self._now = now

    def sign(self, data: PasskeyData, *, is_conditional: bool) -> str:
        """Sign the outcome of a log-in; *is_conditional* where no user was named before."""
        claims = PasskeyClaims(
            token_id=random_secrets.text(TOKEN_ID_LENGTH),
            project_id=self._api_secrets.project_id(),
            user_id=data.user_id,
            username=data.username,
            process_id=data.process_id,
            credential_id=data.id,
            challenge_id=data.challenge_id,
            webauthn_id=data.webauthn_id,
            is_conditional=is_conditional,
        )
        return passkey_token.sign(claims, key=self._keys.current(), now=self._now())

    def verify(self, token: str, *, username: str | None) -> PasskeyDataResult:
        """What the token is worth: ``success``, which uses it up, or why not.

        Where there is a *username* it has to be one of the user's.
        """

        def work(claims: PasskeyClaims) -> None:
            subjects.lock(claims.user_id)
            if username is not None and not _is_username(claims, username):
                _refuse(PasskeyDataResult.USER_MISMATCH)
            self._use_up(claims)

        try:
            self._spend(token, lambda claims: self._database.transaction(lambda: work(claims)))
        except PasskeyDataRefused as refused:
            return refused.reason
        return PasskeyDataResult.SUCCESS

    def log_in(self, token: str, *, client: Client) -> IssuedLogin:
        """Start a session for the user of a token, which uses it up.

        Raises:
            PasskeyDataRefused: whatever is wrong with it; its reason is a result of `verify`.
        """

        def finish(claims: PasskeyClaims) -> IssuedLogin:
            # At this door authenticators always verify their user, which makes two factors of a passkey.
            proof = Proof(user_id=claims.user_id, is_enough=True, use_up=lambda: self._use_up(claims))
            return self._login.finish(proof, client=client, is_for_browser=False)

        return self._spend(token, finish)

    def _spend(self, token: str, work: Callable[[PasskeyClaims], T]) -> T:
        """Do *work*, in whose transaction the token is used up."""
        project_id = self._api_secrets.project_id()
        claims = passkey_token.verify(
            token, find_key=self._keys.find_unrevoked, project_id=project_id, now=self._now()
        )
        try:
            done = work(claims)
        except (IntegrityError, UserNotFound):
            _refuse(PasskeyDataResult.INVALID_CHALLENGE)
        except UserBlocked:
            _refuse(PasskeyDataResult.GENERIC_ERROR)
        return done

    def _use_up(self, claims: PasskeyClaims) -> None:
        """Note that token and challenge are used, both or neither."""
        user_id = claims.user_id
        completed, consumed = PasskeyChallengeStatus.COMPLETED, PasskeyChallengeStatus.CONSUMED
        challenge = passkey_challenges.find(claims.challenge_id)
        if challenge is None or (challenge.user_id, challenge.status) != (user_id, completed):
            _refuse(PasskeyDataResult.INVALID_CHALLENGE)
        if credential_details.find_credential_id(claims.credential_id, user_id=user_id) is None:
            _refuse(PasskeyDataResult.INVALID_CHALLENGE)
        if not passkey_challenges.advance(claims.challenge_id, before=completed, after=consumed):
            _refuse(PasskeyDataResult.INVALID_CHALLENGE)
        spent_tokens.create(claims.token_id, expires_at=self._now() + LIFETIME)


def _is_username(claims: PasskeyClaims, username: str) -> bool:
    # Where addresses are not verified, anybody can sign up with somebody else's.
    if any(is_same(each, username) for each in list_unconfirmed(claims.user_id)):
        return False
    is_told = username != "" and is_same(claims.username, username)
    return is_told or is_known_by(claims.user_id, username)


def _refuse(reason: PasskeyDataResult) -> NoReturn:
    raise PasskeyDataRefused(reason=reason)
