"""The table ``hanko_compat_revoked_keys``: signing keys that leaked."""

import peewee

from hanko_compat.storage.engine.fields import UtcDateTimeField
from hanko_compat.storage.models.base import Row


class RevokedKey(Row):
    """A key that signs and verifies nothing any more; its row of ``jwks`` stays, as that table is Hanko's."""

    kid = peewee.CharField(primary_key=True)
    revoked_at = UtcDateTimeField()

    class Meta:
        table_name = "hanko_compat_revoked_keys"
