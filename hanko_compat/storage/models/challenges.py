"""The table ``hanko_compat_challenges``: one-time codes and links that servers ask for."""

from enum import StrEnum
from uuid import uuid4

import peewee

from hanko_compat.storage.engine.fields import EnumField, UtcDateTimeField, UUIDField
from hanko_compat.storage.models.base import Row
from hanko_compat.storage.models.references import reference
from hanko_compat.storage.models.users import User


class ChallengeType(StrEnum):
    """What is sent, and how."""

    EMAIL_CODE = "email_otp"
    EMAIL_LINK = "email_link"
    SMS_CODE = "sms_otp"


class ChallengeStatus(StrEnum):
    """A challenge is pending until the right value comes, or its time or its tries are over."""

    PENDING = "pending"
    COMPLETED = "completed"
    EXPIRED = "expired"


class Challenge(Row):
    """A code or link that was sent to an identifier of a user. ``secret_hash`` is never the code itself.

    ``tries`` counts comparisons; ``details`` is JSON that the server sent with the request.
    """

    id = UUIDField(primary_key=True, default=uuid4)
    user = reference(User, "user_id")
    type = EnumField(ChallengeType, max_length=16)
    identifier_value = peewee.CharField()
    secret_hash = peewee.CharField()
    status = EnumField(ChallengeStatus, max_length=16)
    tries = peewee.IntegerField()
    details = peewee.TextField(null=True)
    expires_at = UtcDateTimeField()
    created_at = UtcDateTimeField()

    class Meta:
        table_name = "hanko_compat_challenges"


Challenge.add_index(Challenge.user, name="hanko_compat_challenges_user_id_idx")
Challenge.add_index(Challenge.expires_at, name="hanko_compat_challenges_expires_at_idx")
