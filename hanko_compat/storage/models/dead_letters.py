"""The table ``hanko_compat_dead_letters``: what could not be delivered, kept for a while."""

import peewee

from hanko_compat.storage.engine.fields import UtcDateTimeField, UUIDField
from hanko_compat.storage.models.base import Row


class DeadLetter(Row):
    """A delivery that was given up; the columns are those of ``hanko_compat_deliveries``.

    ``reason`` is what the last attempt failed of, or why there was none. ``turn`` is 0 in the lane "", and in
    what a server of an earlier release gave up.
    """

    id = UUIDField(primary_key=True)
    channel = peewee.CharField(max_length=16)
    kind = peewee.CharField(max_length=64)
    recipient = peewee.CharField(max_length=64)
    lane = peewee.CharField(max_length=96)
    turn = peewee.BigIntegerField(default=0, constraints=[peewee.SQL("DEFAULT 0")])
    payload = peewee.TextField()
    attempts = peewee.IntegerField()
    reason = peewee.CharField(max_length=255)
    expires_at = UtcDateTimeField(null=True)
    created_at = UtcDateTimeField()
    died_at = UtcDateTimeField()

    class Meta:
        table_name = "hanko_compat_dead_letters"


DeadLetter.add_index(
    DeadLetter.channel,
    DeadLetter.recipient,
    DeadLetter.died_at,
    name="hanko_compat_dead_letters_channel_recipient_idx",
)
DeadLetter.add_index(DeadLetter.died_at, name="hanko_compat_dead_letters_died_at_idx")
