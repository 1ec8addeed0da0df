"""The table ``hanko_compat_passkey_challenges``: ceremonies that servers began."""

from enum import StrEnum
from uuid import uuid4

import peewee

from hanko_compat.storage.engine.fields import EnumField, UtcDateTimeField, UUIDField
from hanko_compat.storage.models.base import Row
from hanko_compat.storage.models.references import reference
from hanko_compat.storage.models.users import User


class PasskeyChallengeType(StrEnum):
    """What a ceremony is for."""

    REGISTER = "register"
    AUTHENTICATE = "authenticate"


class PasskeyChallengeStatus(StrEnum):
    """In the order in which they follow each other."""

    PENDING = "pending"
    COMPLETED = "completed"
    CONSUMED = "consumed"


class PasskeyChallenge(Row):
    """A WebAuthn challenge with what it is bound to; ``user`` is NULL where any passkey may answer.

    ``process_id`` and ``username``, which may be "", are as the server sent them. ``credential_id`` is the
    passkey that answered, once ``status`` was completed.
    """

    id = UUIDField(primary_key=True, default=uuid4)
    user = reference(User, "user_id", null=True)
    type = EnumField(PasskeyChallengeType, max_length=16)
    value = peewee.CharField()
    status = EnumField(PasskeyChallengeStatus, max_length=16)
    process_id = peewee.CharField(max_length=64)
    username = peewee.CharField()
    credential_id = peewee.CharField(null=True)
    expires_at = UtcDateTimeField()
    created_at = UtcDateTimeField()

    class Meta:
        table_name = "hanko_compat_passkey_challenges"


PasskeyChallenge.add_index(
    PasskeyChallenge.value, unique=True, name="hanko_compat_passkey_challenges_value_idx"
)
PasskeyChallenge.add_index(
    PasskeyChallenge.user,
    PasskeyChallenge.created_at,
    name="hanko_compat_passkey_challenges_user_id_created_at_idx",
)
PasskeyChallenge.add_index(PasskeyChallenge.expires_at, name="hanko_compat_passkey_challenges_expires_at_idx")
