"""Log-ins that servers report."""

import json

import pytest

from hanko_compat.services.audit.auth_events import AuthEventStatus, AuthEventType, AuthMethod
from hanko_compat.storage.models import AuditLog
from tests.backend.ceremonies import INFORMATION, NO_USER, uuid_of
from tests.backend.server import Server, basic, problems

BLANK, NOT_VALID = "cannot be blank", "must be a valid value"
BODY = {
    "username": "jane@example.test",
    "eventType": "login",
    "method": "password",
    "status": "success",
    "clientInformation": INFORMATION,
}


@pytest.fixture
def audited(make_app):
    """A server whose audit log is kept, and the services."""
    app = make_app({"audit_log.storage.enabled": True, "audit_log.mask": True})
    services = app.extensions["hanko_compat"]
    new = services.api_secrets.create()
    return Server(app.test_client(use_cookies=False), basic(new.project_id, new.secret)), services


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *[("eventType", value) for value in AuthEventType],
        *[("method", value) for value in AuthMethod],
        *[("status", value) for value in AuthEventStatus],
    ],
)
def test_a_report_is_a_row_of_the_audit_log(audited, clock, name, value):
    backend, services = audited
    user_id, sent = backend.user(), BODY | {name: value}
    made = backend.post(f"/users/{user_id}/authEvents", sent).json
    del sent["clientInformation"]
    assert made == sent | {
        "authEventID": made["authEventID"],
        "userID": user_id,
        "created": made["created"],
        "createdMs": made["createdMs"],
    }
    assert made["authEventID"].startswith("aev-")
    assert made["created"] == f"{clock():%Y-%m-%dT%H:%M:%S}"
    assert made["createdMs"] // 1000 == int(clock().timestamp())
    with services.database.connection():
        (row,) = AuditLog.select().where(AuditLog.type == "auth_event_reported")
    assert (row.actor_user_id, row.actor_email) == (uuid_of(user_id), "jan*@example.test")
    assert (row.meta_source_ip, row.meta_user_agent) == ("198.51.100.7", INFORMATION["userAgent"])
    assert (row.error is None) == (sent["status"] == "success")
    assert json.loads(row.details) == {
        "auth_event_id": str(uuid_of(made["authEventID"])),
        "event_type": sent["eventType"],
        "method": sent["method"],
        "status": sent["status"],
    }


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        (dict.fromkeys(BODY), {(name, BLANK) for name in BODY}),
        ({"eventType": "logout"}, {("eventType", NOT_VALID)}),
        ({"method": "magic"}, {("method", NOT_VALID)}),
        ({"status": "maybe"}, {("status", NOT_VALID)}),
        ({"status": 1}, {("status", NOT_VALID)}),
        ({"username": ""}, {("username", BLANK)}),
        ({"clientInformation": []}, {("clientInformation", NOT_VALID)}),
    ],
)
def test_a_report_that_is_refused(audited, changes, told):
    backend, services = audited
    assert problems(backend.post(f"/users/{backend.user()}/authEvents", BODY | changes)) == told
    assert problems(backend.post("/users/usr-17/authEvents", BODY | changes)) == NO_USER
    with services.database.connection():
        assert AuditLog.select().where(AuditLog.type == "auth_event_reported").count() == 0


def test_a_report_on_nobody(audited):
    backend, services = audited
    assert problems(backend.post("/users/usr-17/authEvents", BODY)) == NO_USER
    with services.database.connection():
        assert AuditLog.select().where(AuditLog.type == "auth_event_reported").count() == 0


def test_there_is_a_report_without_an_audit_log_too(backend):
    assert backend.post(f"/users/{backend.user()}/authEvents", BODY).status_code == 200
