from hanko_compat.storage import audit as audit_logs
from hanko_compat.storage.models import AuditLog


def test_no_text_is_too_long_for_its_column(services, clock):
    long = "é" * 300
    with services.database.connection():
        audit_logs.create(
            type="user_created", error=long, request_id=long, source_ip="::1", user_agent=long,
            actor_user_id=None, actor_email=long, details="null", now=clock(),
        )  # fmt: skip
        row = AuditLog.get()
    assert row.error == row.meta_http_request_id == row.meta_user_agent == row.actor_email == "é" * 255
    assert row.meta_source_ip == "::1"
