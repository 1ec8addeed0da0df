"""The table ``hanko_compat_email_values``: how a server wrote an address."""

import peewee

from hanko_compat.storage.models.base import Row
from hanko_compat.storage.models.emails import Email


class EmailValue(Row):
    """An address with the letter case in which it came; no row where that is the stored one."""

    email = peewee.ForeignKeyField(
        Email, column_name="email_id", on_delete="CASCADE", primary_key=True, backref="+"
    )
    value = peewee.CharField()

    class Meta:
        table_name = "hanko_compat_email_values"
