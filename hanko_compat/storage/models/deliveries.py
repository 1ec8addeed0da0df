"""The table ``hanko_compat_deliveries``: what waits to be delivered, whatever way it goes."""

from uuid import uuid4

import peewee

from hanko_compat.storage.engine.fields import UtcDateTimeField, UUIDField
from hanko_compat.storage.models.base import Row


class Delivery(Row):
    """A mail, text message or webhook that is not delivered yet.

    ``channel`` is the way it goes, ``kind`` what it is about, ``payload`` what is delivered, encrypted where
    it holds a code. ``recipient`` names whom the channel limits apart from others, such as an endpoint of
    webhooks; it is "" elsewhere. It is no foreign key: a process that writes an event must not fail when
    another one deletes the endpoint.

    ``attempts`` counts claims, so it also tells whose claim is the present one; ``failures`` counts the
    attempts that failed. Until ``next_attempt_at`` no process may claim the row; after ``expires_at``, where
    there is one, the delivery is of no use.

    What is in one ``lane`` is delivered in the order of ``turn``: a row waits until those before it are gone.
    The lane "" orders nothing; a server of a release that knows no lanes writes that.
    """

    id = UUIDField(primary_key=True, default=uuid4)
    channel = peewee.CharField(max_length=16)
    kind = peewee.CharField(max_length=64)
    recipient = peewee.CharField(max_length=64)
    lane = peewee.CharField(max_length=96, default="", constraints=[peewee.SQL("DEFAULT ''")])
    turn = peewee.BigIntegerField(default=0, constraints=[peewee.SQL("DEFAULT 0")])
    payload = peewee.TextField()
    attempts = peewee.IntegerField()
    failures = peewee.IntegerField()
    next_attempt_at = UtcDateTimeField()
    expires_at = UtcDateTimeField(null=True)
    created_at = UtcDateTimeField()

    class Meta:
        table_name = "hanko_compat_deliveries"


Delivery.add_index(
    Delivery.channel, Delivery.next_attempt_at, name="hanko_compat_deliveries_channel_next_attempt_at_idx"
)
Delivery.add_index(
    Delivery.channel,
    Delivery.recipient,
    Delivery.next_attempt_at,
    name="hanko_compat_deliveries_channel_recipient_idx",
)
Delivery.add_index(Delivery.lane, Delivery.turn, name="hanko_compat_deliveries_lane_idx")
