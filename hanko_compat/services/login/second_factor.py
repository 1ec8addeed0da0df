"""Whether one factor is enough to log a user in."""

from uuid import UUID

from hanko_compat.errors.login import SecondFactorRequired
from hanko_compat.storage.users import second_factors


class SecondFactor:
    """Guards the log-ins with one factor, for users who have set up a second one."""

    def __init__(self, *, is_enabled: bool) -> None:
        """Without *is_enabled* (``mfa.enabled``) one factor is enough for everybody."""
        self._is_enabled = is_enabled

    def require_none(self, user_id: UUID) -> None:
        """Let pass who has no second factor. Runs on the caller's connection.

        Raises:
            SecondFactorRequired: an authenticator app or a security key is set up.
        """
        # Unlike Hanko 2.7.0: with `mfa.enabled` it has no route to log in with one factor.
        if self._is_enabled and second_factors.exist(user_id):
            raise SecondFactorRequired
