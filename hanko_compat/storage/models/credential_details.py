"""The table ``hanko_compat_credential_details``: the IDs and tags of passkeys."""

from uuid import uuid4

import peewee

from hanko_compat.storage.engine.fields import UtcDateTimeField, UUIDField
from hanko_compat.storage.models.base import Row
from hanko_compat.storage.models.references import reference
from hanko_compat.storage.models.webauthn_credentials import WebauthnCredential


class CredentialDetail(Row):
    """What servers see of a passkey beyond Hanko's columns; made when it is first needed.

    ``id`` is its ``cre-`` ID. ``tags`` is a list, JSON; ``username`` is what the server called its user,
    ``source_os`` and ``source_browser`` say where the passkey was made: "" where it is not known.
    """

    id = UUIDField(primary_key=True, default=uuid4)
    credential = reference(WebauthnCredential, "credential_id")
    tags = peewee.TextField()
    username = peewee.CharField()
    source_os = peewee.CharField()
    source_browser = peewee.CharField()
    created_at = UtcDateTimeField()

    class Meta:
        table_name = "hanko_compat_credential_details"


CredentialDetail.add_index(
    CredentialDetail.credential, unique=True, name="hanko_compat_credential_details_credential_id_idx"
)
