"""Users of Hanko who have a second factor: what ``mfa.enabled`` means on its databases."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from werkzeug.test import TestResponse

from tests.authenticator import UP
from tests.clock import FakeClock
from tests.dropin.dump import Dump
from tests.dropin.house import House
from tests.passkeys import Browser

pytestmark = pytest.mark.servers

AT = "2026-11-22 10:00:00"


@pytest.fixture(params=["true", "false"])
def enabled(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def one_is_enough(enabled: str) -> bool:
    return enabled == "false"


@pytest.fixture
def house(dump: Dump, clock: FakeClock, enabled: str) -> Iterator[House]:
    """dave has an authenticator app; frank's only passkey is a second factor, as if a flow had made it."""
    house = House(dump, clock, MFA_ENABLED=enabled)
    dave, frank = (dump.users[name]["id"] for name in ("dave", "frank"))
    dump.execute("DELETE FROM otp_secrets WHERE user_id = %s", (dave,))
    dump.execute(
        "INSERT INTO otp_secrets (id, user_id, secret, created_at, updated_at) VALUES (%s, %s, %s, %s, %s)",
        (str(uuid4()), dave, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", AT, AT),
    )
    dump.execute("UPDATE webauthn_credentials SET mfa_only = true WHERE user_id = %s", (frank,))
    yield house
    house.services.database.close_all()


def log_in_by_password(house: House, name: str) -> TestResponse:
    user = house.dump.users[name]
    return house.client.post("/password/login", json={"user_id": user["id"], "password": user["password"]})


def ask_for_passcode(house: House, name: str) -> TestResponse:
    body = {"user_id": house.dump.users[name]["id"]}
    return house.client.post("/passcode/login/initialize", json=body)


@pytest.mark.parametrize("name", ["dave", "frank"])
def test_one_factor_is_enough_where_it_is_off(house: House, name: str, one_is_enough: bool) -> None:
    status = 200 if one_is_enough else 403
    assert log_in_by_password(house, name).status_code == status
    assert ask_for_passcode(house, name).status_code == status


@pytest.mark.parametrize("name", ["alice", "erin"])
def test_who_has_no_second_factor_logs_in_with_one(house: House, name: str) -> None:
    assert log_in_by_password(house, name).status_code == 200
    assert ask_for_passcode(house, name).status_code == 200


def test_a_passkey_is_two_factors_where_it_verified_its_user(house: House, one_is_enough: bool) -> None:
    device, browser = house.dump.devices("dave")[1], Browser(house.client)
    assert browser.log_in(device.get(browser.request_options())).status_code == 200
    unverified = browser.log_in(device.get(browser.request_options(), flags=UP))
    assert unverified.status_code == (200 if one_is_enough else 403)


def test_a_second_factor_alone_logs_nobody_in(house: House) -> None:
    (device,), browser = house.dump.devices("frank"), Browser(house.client)
    device.sign_count = 100
    assert "allowCredentials" not in browser.request_options(house.id_of("frank"))["publicKey"]
    assert browser.log_in(device.get(browser.request_options())).status_code == 401
