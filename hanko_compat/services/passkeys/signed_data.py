"""Signed passkey data: what one server learned of a log-in, for another one to have verified, once."""

from typing import NoReturn
from uuid import UUID

from hanko_compat import random_secrets
from hanko_compat.clock import Clock
from hanko_compat.errors.passkeys import PasskeyDataRefused
from hanko_compat.jose import passkey_token
from hanko_compat.jose.passkey_token import LIFETIME, MALFORMED, PasskeyClaims
from hanko_compat.services.api_secrets import ApiSecrets
from hanko_compat.services.keys.keys import Keys
from hanko_compat.services.passkeys.passkey_data import PasskeyData, is_known_by, is_same
from hanko_compat.storage.engine.database import Database, IntegrityError
from hanko_compat.storage.passkeys import challenges as passkey_challenges
from hanko_compat.storage.passkeys import credential_details, spent_tokens
from hanko_compat.storage.passkeys.challenges import COMPLETED, CONSUMED
from hanko_compat.storage.users import records as user_records
from hanko_compat.storage.users import users
from hanko_compat.storage.users.records import BLOCKED

SUCCESS, INVALID_CHALLENGE, USER_MISMATCH = "success", "invalid_challenge", "user_mismatch"
TOKEN_ID_LENGTH = 30  # characters


class SignedPasskeyData:
    """Counts once, for some minutes, and only while user and passkey are what they were."""

    def __init__(self, database: Database, *, keys: Keys, api_secrets: ApiSecrets, now: Clock) -> None:
        self._database = database
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

    def verify(self, token: str, *, username: str | None) -> str:
        """What the token is worth: ``success``, which uses it up, or why not."""
        try:
            self.spend(token, username=username)
        except PasskeyDataRefused as refused:
            return refused.reason
        return SUCCESS

    def spend(self, token: str, *, username: str | None) -> UUID:
        """Use the token up, and return whose it is; a *username* has to be one of that user's.

        Raises:
            PasskeyDataRefused: whatever is wrong with it; its reason is a result of `verify`.
        """
        project_id = self._api_secrets.project_id()
        claims = passkey_token.verify(token, find_key=self._keys.find, project_id=project_id, now=self._now())
        try:
            self._database.transaction(lambda: self._spend(claims, username))
        except IntegrityError:
            _refuse(INVALID_CHALLENGE)
        return claims.user_id

    def _spend(self, claims: PasskeyClaims, username: str | None) -> None:
        """Note that token and challenge are used, both or neither."""
        user_id = claims.user_id
        if not users.lock(user_id):
            _refuse(INVALID_CHALLENGE)
        user = user_records.find(user_id)
        if user is None or user.status in BLOCKED:
            _refuse(MALFORMED)
        if username is not None and not _is_username(claims, username):
            _refuse(USER_MISMATCH)
        challenge = passkey_challenges.find(claims.challenge_id)
        if challenge is None or (challenge.user_id, challenge.status) != (user_id, COMPLETED):
            _refuse(INVALID_CHALLENGE)
        if credential_details.find_credential_id(claims.credential_id, user_id=user_id) is None:
            _refuse(INVALID_CHALLENGE)
        if not passkey_challenges.advance(claims.challenge_id, before=COMPLETED, after=CONSUMED):
            _refuse(INVALID_CHALLENGE)
        spent_tokens.create(claims.token_id, expires_at=self._now() + LIFETIME)


def _is_username(claims: PasskeyClaims, username: str) -> bool:
    is_told = username != "" and is_same(claims.username, username)
    return is_told or is_known_by(claims.user_id, username)


def _refuse(reason: str) -> NoReturn:
    raise PasskeyDataRefused(reason=reason)
