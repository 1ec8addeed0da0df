"""The table ``hanko_compat_email_claims``: who stands for an unverified address."""

from hanko_compat.storage.engine.fields import UtcDateTimeField
from hanko_compat.storage.models.base import Row
from hanko_compat.storage.models.emails import Email
from hanko_compat.storage.models.references import reference


class EmailClaim(Row):
    """That a server gave an unverified address to its user.

    ``proved_at`` is when its user first showed to read its mail, by a challenge of the backend door. Such a
    challenge does not verify an address, so Hanko's table has no place for it.
    """

    email = reference(Email, "email_id", primary_key=True)
    proved_at = UtcDateTimeField(null=True)

    class Meta:
        table_name = "hanko_compat_email_claims"
