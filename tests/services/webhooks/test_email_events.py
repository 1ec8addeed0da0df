"""Hooks are told of mails with passcodes, and may be the only way that these go."""

from base64 import b64encode
from datetime import timedelta
from random import Random
from typing import Any
from uuid import uuid4

import pytest

from hanko_compat.app import create_app
from hanko_compat.services.delivery.queue import Channel
from hanko_compat.storage.models import Delivery, Passcode
from tests.backend.ceremonies import INFORMATION
from tests.backend.server import Server, basic
from tests.effects.caller import Caller
from tests.services.webhooks.told import HOOKED, names, read, taken

OFF = {"email_delivery.enabled": False}
LANGUAGES = {"X-Language": "fr", "Accept-Language": "de-AT, en;q=0.5"}


@pytest.fixture
def serve(make_services, inbox, clock):
    """An application with a hook."""

    def serve(changes: dict[str, Any] | None = None) -> Caller:
        services = make_services({"service.name": "Shop"} | HOOKED | (changes or {}))
        return Caller(create_app(services.config, now=clock, services=services), inbox, clock)

    return serve


def asked(caller: Caller, headers: dict[str, str] | None = None) -> dict[str, Any]:
    """Ask for a passcode: the answer."""
    person = caller.person()
    body = {"user_id": str(person.user_id)}
    answer = caller.client.post("/passcode/login/initialize", json=body, headers=headers)
    assert answer.status_code == 200
    return answer.json | {"address": person.address}


def finalized(caller: Caller, passcode: dict[str, Any], code: str) -> int:
    body = {"id": passcode["id"], "code": code}
    return caller.post("/passcode/login/finalize", body).status_code


def test_the_mail_and_its_code(serve, clock):
    caller = serve({"email.passcode_ttl": 120})
    passcode = asked(caller)
    (mail,) = caller.inbox.messages(passcode["address"])
    code = caller.inbox.passcode(passcode["address"])
    ((name, data),) = taken(caller.services)
    parts = {part.get_content_type(): part.get_content() for part in mail.iter_parts()}
    assert name == "email.send"
    texts = {key: data.pop(key) for key in ("subject", "body_plain", "body")}
    assert texts["subject"] == mail["Subject"]
    assert texts["body_plain"].split() == parts["text/plain"].split()
    assert texts["body"].split() == parts["text/html"].split()
    assert all(code in text for text in texts.values())
    assert data == {
        "to_email_address": passcode["address"],
        "delivered_by_hanko": True,
        "accept_language": "",
        "language": "",
        "type": "passcode",
        "data": {
            "service_name": "Shop",
            "otp_code": code,
            "ttl": 120,
            "valid_until": int((clock() + timedelta(seconds=120)).timestamp()),
        },
    }


def test_a_hook_alone_gets_the_code(serve):
    caller = serve(OFF)
    passcode = asked(caller)
    ((_, data),) = taken(caller.services)
    assert caller.inbox.messages() == []
    assert data["delivered_by_hanko"] is False
    assert finalized(caller, passcode, data["data"]["otp_code"]) == 200


@pytest.mark.parametrize(
    ("headers", "accepted", "language", "word"),
    [
        (LANGUAGES, LANGUAGES["Accept-Language"], "fr", "minutes"),
        ({"Accept-Language": "de-AT, en;q=0.5"}, "de-AT, en;q=0.5", "de-AT, en;q=0.5", "Minuten"),
        ({"X-Language": "de"}, "", "de", "Minuten"),
        ({"Accept-Language": "x" * 1000}, "", "", "minutes"),
    ],
)
def test_languages(serve, headers, accepted, language, word):
    caller = serve(OFF)
    asked(caller, headers)
    ((_, data),) = taken(caller.services)
    assert (data["accept_language"], data["language"]) == (accepted, language)
    assert word in data["body_plain"]


def test_it_waits_encrypted_and_no_longer_than_the_code(serve):
    caller = serve(OFF)
    asked(caller)
    with caller.services.database.connection():
        row, passcode = Delivery.get(Delivery.channel == Channel.HOOK), Passcode.get()
    code = read(caller.services, row)["data"]["otp_code"]
    assert (row.kind, row.lane) == ("email.send", "")
    assert abs(row.expires_at - (passcode.created_at + timedelta(seconds=300))) <= timedelta(seconds=1)
    assert code not in row.payload


@pytest.mark.parametrize("off", [{}, OFF], ids=["mailed", "not mailed"])
def test_a_hook_that_does_not_want_it(serve, off):
    hook = {"callback": "http://127.0.0.1:9/", "events": ["user"]}
    caller = serve({"webhooks": {"enabled": True, "hooks": [hook]}} | off)
    asked(caller)
    assert names(caller.services) == []


def test_a_passcode_that_is_not_stored_is_not_told(serve):
    caller = serve()
    body = {"user_id": str(caller.person().user_id), "email_id": str(uuid4())}
    assert caller.post("/passcode/login/initialize", body).status_code == 400
    assert names(caller.services) == []


def test_texts_that_can_not_be_rendered_keep_nobody_from_the_code(serve, tmp_path, caplog):
    """A template may be right for the values that it is tried with at the start, and wrong for others."""
    (tmp_path / "passcode.txt").write_text("{{ code }} {{ 1 // (minutes | int - 2) }}")
    caller = serve({"hanko_compat.mail.templates": str(tmp_path), "email.passcode_ttl": 120} | OFF)
    caller.services.delivery.renderer.check()
    passcode = asked(caller)
    ((_, data),) = taken(caller.services)
    assert (data["subject"], data["body_plain"], data["body"]) == ("", "", "")
    assert finalized(caller, passcode, data["data"]["otp_code"]) == 200
    (line,) = [record for record in caplog.records if record.getMessage() == "email_event_not_rendered"]
    assert "ZeroDivisionError" in line.reason
    assert data["data"]["otp_code"] not in line.reason


def test_texts_that_no_column_holds_keep_nobody_from_the_code(serve, tmp_path, caplog):
    """A template may bring its pictures with it."""
    picture = b64encode(Random(1).randbytes(60_000)).decode()
    (tmp_path / "passcode.html").write_text(f'{{{{ code }}}} <img src="data:image/png;base64,{picture}">')
    caller = serve({"hanko_compat.mail.templates": str(tmp_path)} | OFF)
    passcode = asked(caller)
    ((_, data),) = taken(caller.services)
    assert (data["subject"], data["body_plain"], data["body"]) == ("", "", "")
    assert (data["to_email_address"], data["type"]) == (passcode["address"], "passcode")
    assert finalized(caller, passcode, data["data"]["otp_code"]) == 200
    assert [each.getMessage() for each in caplog.records].count("hook_event_too_long") == 1


@pytest.mark.parametrize("off", [{}, OFF], ids=["mailed", "not mailed"])
def test_challenges_and_notices_are_not_told(serve, off):
    """The server that asks for a challenge has its code, and changes have events of their own."""
    caller = serve({"hanko_compat.mail.security_notifications": True} | off)
    new = caller.services.api_secrets.create()
    backend = Server(caller.app.test_client(use_cookies=False), basic(new.project_id, new.secret))
    user_id = backend.user()
    backend.identifier(user_id, "jane@example.test", status="primary")
    body = {
        "identifierValue": "jane@example.test",
        "challengeType": "email_otp",
        "clientInformation": INFORMATION,
    }
    assert backend.post(f"/users/{user_id}/challenges", body).status_code == 200
    jane = caller.person()
    caller.set_password(jane, "correct horse")
    caller.set_password(jane, "battery horse")
    assert "email.send" not in names(caller.services)
