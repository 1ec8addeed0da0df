"""The table ``primary_emails``."""

from uuid import uuid4

from hanko_compat.storage.engine.fields import UtcDateTimeField, UUIDField
from hanko_compat.storage.models.base import Row
from hanko_compat.storage.models.emails import Email
from hanko_compat.storage.models.references import reference
from hanko_compat.storage.models.users import User


class PrimaryEmail(Row):
    """Which of a user's addresses is the primary one.

    Delete this row before its address or, on MySQL, its user: the key to ``emails`` is RESTRICT.
    """

    id = UUIDField(primary_key=True, default=uuid4)
    email = reference(Email, "email_id", on_delete="RESTRICT", on_update="CASCADE")
    user = reference(User, "user_id", on_update="CASCADE")
    created_at = UtcDateTimeField()
    updated_at = UtcDateTimeField()

    class Meta:
        table_name = "primary_emails"


PrimaryEmail.add_index(PrimaryEmail.email, unique=True, name="primary_emails_email_id_idx")
PrimaryEmail.add_index(PrimaryEmail.user, unique=True, name="primary_emails_user_id_idx")
