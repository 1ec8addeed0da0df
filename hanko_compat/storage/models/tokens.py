"""The table ``tokens``."""

from uuid import uuid4

import peewee

from hanko_compat.storage.engine.fields import UtcDateTimeField, UUIDField
from hanko_compat.storage.models.base import Row
from hanko_compat.storage.models.identities import Identity
from hanko_compat.storage.models.references import reference
from hanko_compat.storage.models.users import User


class Token(Row):
    """A one-time token that completes a third-party log-in; it expires after a minute."""

    id = UUIDField(primary_key=True, default=uuid4)
    user = reference(User, "user_id")
    value = peewee.CharField()
    expires_at = UtcDateTimeField()
    created_at = UtcDateTimeField()
    updated_at = UtcDateTimeField()
    identity = reference(
        Identity, "identity_id", null=True, on_update="CASCADE", constraint_name="tokens_identities_id_fk"
    )
    is_flow = peewee.BooleanField(default=False, constraints=[peewee.SQL("DEFAULT false")])
    user_created = peewee.BooleanField(default=False, constraints=[peewee.SQL("DEFAULT false")])
    code_verifier = peewee.CharField(null=True)
    link_user = peewee.BooleanField(null=True, default=False, constraints=[peewee.SQL("DEFAULT false")])

    class Meta:
        table_name = "tokens"


Token.add_index(Token.value, unique=True, name="tokens_value_idx")
# Not in Hanko's own layout on PostgreSQL; MySQL makes it with the foreign key.
Token.add_index(Token.user, name="tokens_user_id_idx")
Token.add_index(Token.identity, name="tokens_identity_id_idx")
# Not in Hanko's own layout: old ones are deleted.
Token.add_index(Token.is_flow, Token.created_at, name="tokens_is_flow_created_at_idx")
