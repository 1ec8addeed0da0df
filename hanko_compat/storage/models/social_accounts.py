"""The table ``hanko_compat_social_accounts``: what ``identities`` has no column for."""

import peewee

from hanko_compat.storage.models.base import Row
from hanko_compat.storage.models.identities import Identity


class SocialAccount(Row):
    """The name and the picture that a server gave for an account at another provider."""

    identity = peewee.ForeignKeyField(
        Identity, column_name="identity_id", on_delete="CASCADE", primary_key=True, backref="+"
    )
    identifier_value = peewee.CharField()
    avatar_url = peewee.TextField()
    full_name = peewee.CharField()

    class Meta:
        table_name = "hanko_compat_social_accounts"
