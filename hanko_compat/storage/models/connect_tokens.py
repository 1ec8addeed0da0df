"""The table ``hanko_compat_connect_tokens``: tokens for one operation in a browser."""

from enum import StrEnum
from uuid import uuid4

import peewee

from hanko_compat.storage.engine.fields import EnumField, UtcDateTimeField, UUIDField
from hanko_compat.storage.models.base import Row


class ConnectTokenType(StrEnum):
    """What the page may do with a token."""

    APPEND = "passkey-append"
    DELETE = "passkey-delete"
    LIST = "passkey-list"
    LOGIN = "passkey-login"


class ConnectTokenStatus(StrEnum):
    """Whether a token is used up; stored as ``is_consumed``."""

    INITIAL = "initial"
    CONSUMED = "consumed"


class ConnectToken(Row):
    """A token that a server handed to a page; ``secret_hash`` is SHA-256 in hexadecimal."""

    id = UUIDField(primary_key=True, default=uuid4)
    secret_hash = peewee.CharField(max_length=64)
    type = EnumField(ConnectTokenType, max_length=16)
    identifier = peewee.CharField()
    display_name = peewee.CharField(null=True)
    is_consumed = peewee.BooleanField()
    expires_at = UtcDateTimeField()
    created_at = UtcDateTimeField()

    class Meta:
        table_name = "hanko_compat_connect_tokens"


ConnectToken.add_index(
    ConnectToken.secret_hash, unique=True, name="hanko_compat_connect_tokens_secret_hash_idx"
)
# The orders in which tokens are listed, with the columns they are filtered by; text last, as for users.
ConnectToken.add_index(
    ConnectToken.created_at,
    ConnectToken.id,
    ConnectToken.expires_at,
    ConnectToken.is_consumed,
    ConnectToken.type,
    name="hanko_compat_connect_tokens_created_at_id_idx",
)
ConnectToken.add_index(
    ConnectToken.id,
    ConnectToken.expires_at,
    ConnectToken.is_consumed,
    ConnectToken.type,
    name="hanko_compat_connect_tokens_id_expires_at_is_consumed_type_idx",
)
ConnectToken.add_index(
    ConnectToken.expires_at,
    ConnectToken.id,
    ConnectToken.is_consumed,
    ConnectToken.type,
    name="hanko_compat_connect_tokens_expires_at_id_is_consumed_type_idx",
)
ConnectToken.add_index(
    ConnectToken.type,
    ConnectToken.created_at,
    ConnectToken.id,
    ConnectToken.expires_at,
    ConnectToken.is_consumed,
    name="hanko_compat_connect_tokens_type_created_at_id_idx",
)
ConnectToken.add_index(
    ConnectToken.is_consumed,
    ConnectToken.created_at,
    ConnectToken.id,
    ConnectToken.expires_at,
    ConnectToken.type,
    name="hanko_compat_connect_tokens_is_consumed_created_at_id_idx",
)
