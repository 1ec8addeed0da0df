import json
from io import StringIO
from uuid import uuid4

import pytest

from hanko_compat.client import Client
from hanko_compat.services.audit.audit_log import AuditConsole, AuditTable, mask
from hanko_compat.services.events import Event, EventType
from hanko_compat.storage.models import AuditLog

CALLER = Client(ip_address="203.0.113.7", user_agent='curl/8 "quoted"\n', request_id="request-1")


@pytest.mark.parametrize(
    ("address", "masked"),
    [
        ("alice@example.test", "ali**@example.test"),
        ("bob@example.test", "bob@example.test"),
        ("al@example.test", "al@example.test"),
        ("ärger.im.büro@example.test", "ärg**********@example.test"),
        ("+4915091234567", "+49***********"),
    ],
)
def test_masking_leaves_three_characters_and_the_domain(address, masked):
    assert mask(address) == masked


def happened(**changes):
    facts = {"type": EventType.USER_DELETED, "user_id": uuid4(), "email": "alice@example.test"}
    return Event(client=CALLER, **(facts | changes))


def written(services, event, *, masked=True):
    with services.database.connection():
        AuditTable(masked=masked, now=services.now)(event)
        return AuditLog.get()


def test_a_row_tells_who_did_what_from_where(services, clock):
    event = happened()
    row = written(services, event)
    assert (row.type, row.error, row.details) == ("user_deleted", None, "null")
    assert (row.actor_user_id, row.actor_email) == (event.user_id, "ali**@example.test")
    assert (row.meta_source_ip, row.meta_http_request_id) == ("203.0.113.7", "request-1")
    assert row.meta_user_agent == CALLER.user_agent
    assert row.created_at.replace(microsecond=0) == clock().replace(microsecond=0)


def test_an_address_is_shown_in_full_where_masking_is_off(services):
    assert written(services, happened(), masked=False).actor_email == "alice@example.test"


def test_a_row_without_an_actor(services):
    row = written(services, happened(user_id=None, email=None))
    assert (row.actor_user_id, row.actor_email) == (None, None)


def test_texts_are_cut_to_their_columns_and_details_are_json(services):
    row = written(services, happened(error="x" * 300, details={"tries": 3, "name": "Jörg"}))
    assert row.error == "x" * 255
    assert row.details == '{"name":"Jörg","tries":3}'


def test_the_console_gets_one_line_of_json_whatever_the_caller_sent(clock):
    stream, event = StringIO(), happened()
    AuditConsole(stream, masked=True, now=clock)(event)
    assert stream.getvalue().count("\n") == 1
    line = json.loads(stream.getvalue())
    assert line["type"] == "user_deleted"
    assert (line["actor_user_id"], line["actor_email"]) == (str(event.user_id), "ali**@example.test")
    assert line["user_agent"] == CALLER.user_agent
    assert line["time"].endswith("Z")
