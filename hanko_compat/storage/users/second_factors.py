"""Whether a user has a second factor, from the two tables that hold some."""

from uuid import UUID

from peewee import fn

from hanko_compat.storage.models import OtpSecret, User, WebauthnCredential


def exist(user_id: UUID) -> bool:
    """Whether the user has an authenticator app, or a key that is a second factor only."""
    apps = OtpSecret.select(OtpSecret.id).where(OtpSecret.user == user_id)
    keys = WebauthnCredential.select(WebauthnCredential.id).where(
        WebauthnCredential.user == user_id,
        WebauthnCredential.mfa_only == True,  # noqa: E712
    )
    has_any = fn.EXISTS(apps) | fn.EXISTS(keys)
    return User.select(User.id).where((User.id == user_id) & has_any).exists()
