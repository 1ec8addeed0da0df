"""Passkeys of users, as servers see them."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from uuid import UUID

import pytest

from hanko_compat.storage.models import (
    CredentialDetail,
    WebauthnCredential,
    WebauthnCredentialTransport,
)
from tests.authenticator import BE, BS, Authenticator
from tests.backend.ceremonies import DEVICE, NO_USER, information, uuid_of
from tests.backend.server import problems
from tests.factories import make_credential, now
from tests.passkeys import Browser, bearer

UNKNOWN = {("credentialID", "does not exist")}


@pytest.fixture
def user_id(backend):
    return backend.user()


def path(user_id, credential_id=None):
    return f"/users/{user_id}/credentials" + (f"/{credential_id}" if credential_id else "")


def listed(backend, user_id, *filters, **parameters):
    response = backend.get(path(user_id), *filters, **parameters)
    assert response.status_code == 200, response.json
    return response.json["credentials"]


def test_a_passkey_of_the_public_door(services, backend, user_id):
    moment = now() - timedelta(days=3)
    row = make_credential(
        user=uuid_of(user_id),
        aaguid=UUID("fbfc3007-154e-4ecc-8c0b-6e020557d7bd"),
        transports=("cable", "internal", "smart-card"),
        attestation_type="packed",
        created_at=moment,
    )
    (credential,) = listed(backend, user_id)
    milliseconds = int(moment.timestamp()) * 1000
    assert credential == {
        "id": credential["id"],
        "credentialID": row.id,
        "attestationType": "packed",
        "transport": ["internal", "smart-card"],
        "backupEligible": False,
        "backupState": False,
        "authenticatorAAGUID": "fbfc3007-154e-4ecc-8c0b-6e020557d7bd",
        "aaguidDetails": {
            "aaguid": "fbfc3007-154e-4ecc-8c0b-6e020557d7bd",
            "name": "iCloud Keychain",
            "iconLight": "",
            "iconDark": "",
        },
        "sourceOS": "",
        "sourceBrowser": "",
        "lastUsed": f"{moment:%Y-%m-%dT%H:%M:%S}",
        "lastUsedMs": milliseconds,
        "created": f"{moment:%Y-%m-%dT%H:%M:%S}",
        "createdMs": milliseconds,
        "status": "active",
        "tags": [],
    }
    # The ID is made once.
    assert listed(backend, user_id) == [credential]
    with services.database.connection():
        assert CredentialDetail.select().count() == 1


def test_an_id_is_made_once_however_many_ask(services, backend, user_id):
    for _ in range(3):
        make_credential(user=uuid_of(user_id))
    gate = Barrier(6)

    def race(_):
        gate.wait()
        return [each["id"] for each in listed(backend, user_id)]

    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(race, range(6)))
    assert all(each == found[0] and len(each) == 3 for each in found)
    with services.database.connection():
        assert CredentialDetail.select().count() == 3


def test_second_factors_and_passkeys_of_others_are_not_listed(backend, user_id):
    make_credential(user=uuid_of(user_id), mfa_only=True)
    make_credential()
    assert listed(backend, user_id) == []
    assert backend.get(path(user_id)).json["paging"]["totalItems"] == 0


@pytest.fixture
def made(backend, passkeys, user_id, clock):
    """Three passkeys, of several browsers, one of them synchronised."""
    for browser, system, flags in (
        ("Chrome", "MacOS", BE | BS),
        ("Safari", "Android", 0),
        ("Edge", "Windows", 0),
    ):
        told = DEVICE | {"browserName": browser, "osName": system}
        options = passkeys.creation_options(user_id)
        answer = Authenticator(flags=flags).create(options)
        passkeys.finish_append(user_id, answer, clientInformation=information(parsedDeviceInfo=told))
        clock.advance(days=1)
    return listed(backend, user_id)


@pytest.mark.parametrize(
    ("filters", "numbers"),
    [
        (["status:eq:active"], [0, 1, 2]),
        (["status:eq:pending"], []),
        (["backupState:eq:true"], [0]),
        (["backupState:eq:false"], [1, 2]),
        (["browserName:eq:Safari"], [1]),
        (["browserName:eq:Safari 133.0.0"], [1]),
        (["browserName:eq:Saf"], []),
        (["browserName:eq:safari"], []),
        (["browserName:eq:safari 133.0.0"], []),
        (["browserName:eq:Safari "], []),
        (["browserName:eq:%"], []),
        (["browserName:gt:Edge"], [1, 2]),
        (["browserName:lt:Edge"], [0]),
        (["osName:eq:Windows"], [2]),
        (["osName:eq:Windows", "browserName:eq:Edge"], [2]),
        (["osName:eq:Windows", "browserName:eq:Chrome"], []),
        (["created:gt:2001-01-01T00:00:00"], [0, 1, 2]),
        (["created:lt:2001-01-01T00:00:00"], []),
    ],
)
def test_filters(backend, user_id, made, filters, numbers):
    assert listed(backend, user_id, *filters) == [made[number] for number in numbers]


@pytest.mark.parametrize(
    ("sort", "numbers"),
    [
        ("", [0, 1, 2]),
        ("created", [0, 1, 2]),
        ("created:desc", [2, 1, 0]),
        ("browserName", [0, 2, 1]),
        ("browserName:desc", [1, 2, 0]),
        ("osName:asc", [1, 0, 2]),
        ("backupState:desc", [0]),
        ("status", [0, 1, 2]),
    ],
)
def test_orders(backend, user_id, made, sort, numbers):
    found = listed(backend, user_id, sort=sort)
    assert found[: len(numbers)] == [made[number] for number in numbers]
    assert len(found) == 3


def test_filters_and_orders_by_user_and_time(backend, user_id, made):
    assert listed(backend, user_id, f"userID:eq:{user_id}") == made
    assert listed(backend, user_id, "userID:eq:17") == []
    assert sorted(listed(backend, user_id, sort="userID"), key=made.index) == made
    assert listed(backend, user_id, f"created:eq:{made[1]['created']}") == [made[1]]
    assert listed(backend, user_id, f"created:gt:{made[1]['created']}") == [made[2]]
    assert listed(backend, user_id, page=2, pageSize=2) == made[2:]
    response = backend.get(path(user_id), includeAllStatus="true", pageSize=2).json
    assert response["paging"] == {"page": 1, "totalPages": 2, "totalItems": 3}


@pytest.mark.parametrize(
    ("filters", "parameters", "told"),
    [
        (["credentialID:eq:x"], {}, {("credentialID", "not filterable by this column")}),
        (["backupState:eq:perhaps"], {}, {("backupState", "must be a valid value")}),
        ([], {"sort": "lastUsed"}, {("lastUsed", "not sortable by this column")}),
        ([], {"page": "x"}, {("page", "must be a valid value")}),
    ],
)
def test_a_list_that_is_refused(backend, user_id, filters, parameters, told):
    assert problems(backend.get(path(user_id), *filters, **parameters)) == told
    assert problems(backend.get(path("usr-17"), *filters, **parameters)) == NO_USER


def test_a_passkey_is_deleted_once(services, backend, user_id, made):
    assert problems(backend.delete(path(backend.user(), made[0]["id"]))) == UNKNOWN
    assert backend.delete(path(user_id, made[0]["id"])).json["message"] == "OK"
    for unknown in (made[0]["id"], "cre-17", made[1]["credentialID"], "non-existent-id"):
        assert problems(backend.delete(path(user_id, unknown))) == UNKNOWN
    assert problems(backend.delete(path("usr-17", made[1]["id"]))) == NO_USER
    assert listed(backend, user_id) == made[1:]
    uuid = uuid_of(made[1]["id"])
    assert backend.delete(path(user_id, uuid)).status_code == 200
    with services.database.connection():
        counts = [
            table.select().count()
            for table in (WebauthnCredential, CredentialDetail, WebauthnCredentialTransport)
        ]
    assert counts == [1, 1, 0]


def test_of_two_deletions_at_once_one_succeeds(backend, user_id, made):
    gate = Barrier(4)

    def race(_):
        gate.wait()
        return backend.delete(path(user_id, made[0]["id"])).status_code

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(race, range(4))) == [200, 400, 400, 400]


def test_a_deleted_passkey_is_gone_at_the_public_door(services, client, backend, passkeys, user_id):
    device = passkeys.append(user_id)
    browser = Browser(client, bearer(services, uuid_of(user_id)))
    assert [each["id"] for each in browser.credentials()] == [device.id]
    (credential,) = listed(backend, user_id)
    backend.delete(path(user_id, credential["id"]))
    assert browser.credentials() == []
    assert browser.log_in(device.get(browser.request_options())).status_code == 401


def test_a_second_factor_is_not_deleted(backend, services, user_id):
    row = make_credential(user=uuid_of(user_id), mfa_only=True)
    services.passkeys.credential_records.identify(row.id)
    with services.database.connection():
        detail = CredentialDetail.get()
    assert problems(backend.delete(path(user_id, detail.id))) == UNKNOWN
