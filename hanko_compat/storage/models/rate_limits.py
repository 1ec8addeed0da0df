"""The table ``hanko_compat_rate_limits``."""

import peewee

from hanko_compat.storage.models.base import Row


class RateLimit(Row):
    """The count of a rate limit in its present window; our own table.

    ``name`` holds no address and no id, only their digest. ``expires_at`` is in microseconds since 1970:
    MySQL's times have whole seconds here, and a window would end too early or too late.
    """

    name = peewee.CharField(max_length=96, primary_key=True)
    hits = peewee.BigIntegerField()
    expires_at = peewee.BigIntegerField()

    class Meta:
        table_name = "hanko_compat_rate_limits"


RateLimit.add_index(RateLimit.expires_at, name="hanko_compat_rate_limits_expires_at_idx")
