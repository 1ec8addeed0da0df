"""The table ``hanko_compat_spent_tokens``: what is accepted once: signed data, states, SAML responses."""

import peewee

from hanko_compat.storage.engine.fields import UtcDateTimeField
from hanko_compat.storage.models.base import Row


class SpentToken(Row):
    """What was used; ``id`` is its ``jti`` or a digest. After ``expires_at`` the row is not needed."""

    id = peewee.CharField(max_length=64, primary_key=True)
    expires_at = UtcDateTimeField()

    class Meta:
        table_name = "hanko_compat_spent_tokens"


SpentToken.add_index(SpentToken.expires_at, name="hanko_compat_spent_tokens_expires_at_idx")
