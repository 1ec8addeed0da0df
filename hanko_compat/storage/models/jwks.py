"""The table ``jwks``."""

import peewee

from hanko_compat.storage.engine.fields import UtcDateTimeField
from hanko_compat.storage.models.base import Row


class Jwk(Row):
    """A signing key: a private JWK, encrypted under the first secret.

    The newest row signs, every row verifies.
    """

    id = peewee.AutoField()
    key_data = peewee.TextField()
    created_at = UtcDateTimeField()

    class Meta:
        table_name = "jwks"
