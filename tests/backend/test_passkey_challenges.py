"""Challenges of passkeys, as servers see them."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from tests.authenticator import Authenticator
from tests.backend.ceremonies import BAD_ATTESTATION, NO_USER
from tests.backend.server import problems

UNKNOWN = {("passkeyChallengeID", "does not exist")}
BAD_STATUS = {("status", "must be a valid value")}


@pytest.fixture
def user_id(backend):
    return backend.user()


def path(user_id, challenge_id=None):
    return f"/users/{user_id}/passkeyChallenges" + (f"/{challenge_id}" if challenge_id else "")


def listed(backend, user_id, *filters, **parameters):
    response = backend.get(path(user_id), *filters, **parameters)
    assert response.status_code == 200, response.json
    return response.json["passkeyChallenges"]


def test_a_challenge_is_a_record_of_its_ceremony(backend, passkeys, user_id, clock):
    options = passkeys.creation_options(user_id)
    (challenge,) = listed(backend, user_id)
    begun = int(clock().timestamp())
    assert challenge == {
        "challengeID": challenge["challengeID"],
        "type": "register",
        "value": options["publicKey"]["challenge"],
        "status": "pending",
        "created": begun,
        "createdMs": challenge["createdMs"],
        "expires": begun + 600,
    }
    assert challenge["createdMs"] // 1000 == begun
    passkeys.finish_append(user_id, Authenticator().create(options, origin="https://evil.test"))
    assert listed(backend, user_id) == [challenge | {"status": "consumed"}]


def test_lists(backend, passkeys, user_id, clock):
    device = passkeys.append(user_id)
    clock.advance(seconds=1)
    passkeys.log_in(user_id, device)
    clock.advance(seconds=1)
    passkeys.request_options(user_id)
    passkeys.append(backend.user())
    made = listed(backend, user_id)
    told = [(each["type"], each["status"]) for each in made]
    assert told == [("register", "completed"), ("authenticate", "completed"), ("authenticate", "pending")]
    assert listed(backend, user_id, "type:eq:authenticate", "status:eq:pending") == made[2:]
    assert listed(backend, user_id, "type:gt:authenticate") == made[:1]
    assert {each["type"] for each in listed(backend, user_id, sort="type")[:2]} == {"authenticate"}
    assert listed(backend, user_id, sort="status:desc")[0] == made[2]
    assert listed(backend, user_id, pageSize=1, page=2) == made[1:2]
    for name in ("userID", "projectID"):
        assert sorted(listed(backend, user_id, sort=name), key=made.index) == made


@pytest.mark.parametrize("prefix", ["", "pro-"])
def test_filters_by_ids(services, backend, passkeys, user_id, prefix):
    passkeys.append(user_id)
    number = services.api_secrets.project_id().removeprefix("pro-")
    assert len(listed(backend, user_id, f"projectID:eq:{prefix}{number}")) == 1
    assert listed(backend, user_id, f"projectID:eq:{prefix}17") == []
    assert len(listed(backend, user_id, f"userID:eq:{user_id}")) == 1
    assert len(listed(backend, user_id, f"userID:eq:{user_id.removeprefix('usr-')}")) == 1
    assert listed(backend, user_id, "userID:eq:17") == []


@pytest.mark.parametrize(
    ("filters", "parameters", "told"),
    [
        (["value:eq:x"], {}, {("value", "not filterable by this column")}),
        ([], {"sort": "created"}, {("created", "not sortable by this column")}),
        (["userID:eq:x"], {}, {("userID", "must be a valid value")}),
        ([], {"pageSize": 0}, {("pageSize", "must be no less than 1")}),
    ],
)
def test_a_list_that_is_refused(backend, user_id, filters, parameters, told):
    assert problems(backend.get(path(user_id), *filters, **parameters)) == told
    assert problems(backend.get(path("usr-17"), *filters, **parameters)) == NO_USER


def test_an_empty_list(backend, user_id):
    response = backend.get(path(user_id)).json
    assert response["paging"] == {"page": 1, "totalPages": 0, "totalItems": 0}
    assert problems(backend.get(path("usr-17"))) == NO_USER


@pytest.mark.parametrize("is_finished", [False, True])
def test_a_status_only_goes_forward(backend, passkeys, user_id, is_finished):
    if is_finished:
        passkeys.append(user_id)
    else:
        passkeys.creation_options(user_id)
    (challenge,) = listed(backend, user_id)
    where = path(user_id, challenge["challengeID"])
    statuses = ["completed", "completed", "consumed"]
    for status in statuses if is_finished else ["pending", *statuses]:
        assert backend.update(where, {"status": status}).json == challenge | {"status": status}
    for status in ("pending", "completed", "consumed"):
        assert problems(backend.update(where, {"status": status})) == BAD_STATUS
    assert listed(backend, user_id) == [challenge | {"status": "consumed"}]


def test_of_several_servers_one_consumes_a_challenge(backend, passkeys, user_id):
    """So a log-in that each of them found completed counts at one of them."""
    passkeys.append(user_id)
    (challenge,) = listed(backend, user_id)
    where, gate = path(user_id, challenge["challengeID"]), Barrier(3)

    def consume(_):
        gate.wait()
        return backend.update(where, {"status": "consumed"}).status_code

    with ThreadPoolExecutor(3) as pool:
        assert sorted(pool.map(consume, range(3))) == [200, 400, 400]


@pytest.mark.parametrize("status", ["completed", "consumed"])
def test_what_a_server_closes_nobody_answers(backend, passkeys, user_id, status):
    answer = Authenticator().create(passkeys.creation_options(user_id))
    (challenge,) = listed(backend, user_id)
    backend.update(path(user_id, challenge["challengeID"]), {"status": status})
    assert problems(passkeys.finish_append(user_id, answer)) == BAD_ATTESTATION
    assert listed(backend, user_id) == [challenge | {"status": status}]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({}, {("status", "cannot be blank")}),
        ({"status": ""}, {("status", "cannot be blank")}),
        ({"status": "expired"}, BAD_STATUS),
        ({"status": True}, BAD_STATUS),
    ],
)
def test_an_update_that_is_refused(backend, passkeys, user_id, body, told):
    passkeys.creation_options(user_id)
    (challenge,) = listed(backend, user_id)
    assert problems(backend.update(path(user_id, challenge["challengeID"]), body)) == told
    assert problems(backend.update(path("usr-17", challenge["challengeID"]), body)) == NO_USER
    assert listed(backend, user_id) == [challenge]


def test_a_challenge_that_does_not_exist(backend, passkeys, user_id):
    passkeys.creation_options(user_id)
    (challenge,) = listed(backend, user_id)
    body = {"status": "consumed"}
    for unknown in ("was-17", "cre-17", "x", "7d0f5b1a-5b2c-4a77-9d4e-0a1b2c3d4e5f"):
        assert problems(backend.update(path(user_id, unknown), body)) == UNKNOWN
    assert problems(backend.update(path(backend.user(), challenge["challengeID"]), body)) == UNKNOWN
    assert problems(backend.update(path("usr-17", challenge["challengeID"]), body)) == NO_USER
    assert listed(backend, user_id) == [challenge]


def test_an_update_that_races_with_an_answer(backend, passkeys, user_id):
    device, gate = passkeys.append(user_id), Barrier(2)
    options = passkeys.request_options(user_id)
    (challenge,) = listed(backend, user_id, "status:eq:pending")
    answer = device.get(options)

    def close():
        gate.wait()
        return backend.update(path(user_id, challenge["challengeID"]), {"status": "completed"}).status_code

    def log_in():
        gate.wait()
        return passkeys.finish_login(user_id, answer).status_code

    with ThreadPoolExecutor(2) as pool:
        outcomes = [each.result() for each in (pool.submit(close), pool.submit(log_in))]
    assert 200 in outcomes
    assert set(outcomes) <= {200, 400}
    (after,) = [each for each in listed(backend, user_id) if each["challengeID"] == challenge["challengeID"]]
    assert after["status"] == "completed"
