"""The table ``hanko_compat_social_accounts``: what ``identities`` has no column for."""

import peewee

from hanko_compat.storage.models.base import Row
from hanko_compat.storage.models.identities import Identity
from hanko_compat.storage.models.references import reference


class SocialAccount(Row):
    """The name and the picture that a server gave for an account at another provider."""

    identity = reference(Identity, "identity_id", primary_key=True)
    identifier_value = peewee.CharField()
    avatar_url = peewee.TextField()
    full_name = peewee.CharField()

    class Meta:
        table_name = "hanko_compat_social_accounts"
