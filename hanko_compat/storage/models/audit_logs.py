"""The table ``audit_logs``."""

from uuid import uuid4

import peewee

from hanko_compat.storage.engine.fields import UtcDateTimeField, UUIDField
from hanko_compat.storage.models.base import Row


class AuditLog(Row):
    """An audit event: what happened, to which user, from where.

    ``details`` is JSON as text: the four letters ``null``, or SQL NULL, when there is nothing.
    """

    id = UUIDField(primary_key=True, default=uuid4)
    type = peewee.CharField()
    error = peewee.CharField(null=True)
    meta_http_request_id = peewee.CharField()
    meta_source_ip = peewee.CharField()
    meta_user_agent = peewee.CharField()
    actor_user_id = UUIDField(null=True)
    actor_email = peewee.CharField(null=True)
    created_at = UtcDateTimeField()
    updated_at = UtcDateTimeField()
    details = peewee.TextField(null=True)

    class Meta:
        table_name = "audit_logs"


AuditLog.add_index(AuditLog.actor_email, name="audit_logs_actor_email_idx")
AuditLog.add_index(AuditLog.actor_user_id, name="audit_logs_actor_user_id_idx")
AuditLog.add_index(AuditLog.meta_http_request_id, name="audit_logs_meta_http_request_id_idx")
AuditLog.add_index(AuditLog.meta_source_ip, name="audit_logs_meta_source_ip_idx")
AuditLog.add_index(AuditLog.type, name="audit_logs_type_idx")
# Not in Hanko's own layout: old ones are deleted, and the latest are looked for.
AuditLog.add_index(AuditLog.created_at, name="audit_logs_created_at_idx")
