"""The table ``hanko_compat_email_values``: how a server wrote an address."""

import peewee

from hanko_compat.storage.models.base import Row
from hanko_compat.storage.models.emails import Email
from hanko_compat.storage.models.references import reference


class EmailValue(Row):
    """An address with the letter case in which it came; no row where that is the stored one."""

    email = reference(Email, "email_id", primary_key=True)
    value = peewee.CharField()

    class Meta:
        table_name = "hanko_compat_email_values"
