"""``email_delivery.*``, ``service.*`` and ``audit_log.*``."""

from email.headerregistry import Address
from typing import Any

import pytest

from hanko_compat.storage.models import AuditLog, Passcode
from tests.effects.caller import Caller, Person
from tests.effects.conftest import Serve
from tests.effects.rows import differs, shows


def parts_of(caller: Caller, person: Person) -> dict[str, str]:
    """The last mail to somebody: its subject and the texts of its parts."""
    mail = caller.inbox.messages(person.address)[-1]
    parts = {part.get_content_type(): part.get_content() for part in mail.iter_parts()}
    return {"subject": mail["Subject"], "from": mail["From"], **parts}


@shows("email_delivery.enabled", "false", "POST /passcode/login/initialize")
def test_no_mail_goes_out_where_it_is_off(serve: Serve, alice: Person) -> None:
    caller = serve({"email_delivery.enabled": False})
    response = caller.ask_for_passcode(alice)
    assert (response.status_code, response.json.keys()) == (200, {"id", "ttl", "created_at"})
    assert caller.inbox.messages() == []
    with caller.services.database.connection():
        assert Passcode.get_by_id(response.json["id"]).user_id == alice.user_id


# With delivery on, and the same server, the original answers 500.
@differs(
    "email_delivery.enabled",
    "false",
    "POST /passcode/login/initialize, SMTP unreachable",
    page="A mail goes out after the answer",
)
def test_the_mail_server_may_be_unreachable(serve: Serve, alice: Person) -> None:
    smtp = {"email_delivery.smtp": {"host": "127.0.0.1", "port": "1"}}
    for enabled in (False, True):
        caller = serve({"email_delivery.enabled": enabled, **smtp})
        assert caller.ask_for_passcode(alice).status_code == 200


@shows("webhooks.enabled", "true, no hooks, email_delivery off")
def test_nobody_has_to_be_told_of_a_passcode(serve: Serve, alice: Person) -> None:
    caller = serve({"email_delivery.enabled": False, "webhooks": {"enabled": True, "hooks": []}})
    assert caller.ask_for_passcode(alice).status_code == 200


@shows("email_delivery.from_name, from_address", "Shop, shop@example.test")
@pytest.mark.parametrize("name", ["Shop", None])
def test_the_sender(serve: Serve, alice: Person, name: str | None) -> None:
    sender: dict[str, Any] = {"email_delivery.from_address": "shop@example.test", "service.name": "Service"}
    if name is None:
        sender["email_delivery"] = {"from_name": "Hanko"}  # the default
    else:
        sender["email_delivery.from_name"] = name
    caller = serve(sender)
    caller.ask_for_passcode(alice)
    expected = Address(name or "Hanko", addr_spec="shop@example.test")
    assert parts_of(caller, alice)["from"] == str(expected)


@differs("service.name", "Shop", page="A mail has a `Message-ID`")
def test_the_name_of_the_service(serve: Serve, alice: Person) -> None:
    caller = serve({"service.name": "Shop"})
    caller.ask_for_passcode(alice)
    mail = parts_of(caller, alice)
    assert "Shop" in mail["subject"]
    assert "Shop" in mail["text/html"]
    assert "Shop" not in mail["text/plain"] + mail["from"]
    assert caller.creation_options(alice).json["publicKey"]["rp"]["name"] == "Hanko Authentication Service"


@shows("audit_log.mask", "false")
@pytest.mark.parametrize("masked", [True, False])
def test_addresses_in_the_audit_log(serve: Serve, masked: bool) -> None:
    caller = serve({"audit_log": {"mask": masked, "storage": {"enabled": True}}})
    alice = caller.person(password=True)
    assert caller.log_in_by_password(alice).status_code == 200
    with caller.services.database.connection():
        shown = AuditLog.get(AuditLog.type == "password_login_succeeded").actor_email
    hidden = f"{alice.address[:3]}*"
    assert (shown == alice.address) is not masked
    assert shown.startswith(hidden) is masked
    assert shown.endswith("@example.test")
