"""What callers are told of the limits that the original has, as its traces show."""

from uuid import uuid4

import pytest
from flask.testing import FlaskClient

from tests.clock import FakeClock

ON = {"rate_limiter.enabled": True}
NAMES = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "Retry-After")


@pytest.fixture
def limited(make_app) -> FlaskClient:
    return make_app(ON).test_client(use_cookies=False)


def try_password(client: FlaskClient, user_id: object, **headers: str):
    body = {"user_id": str(user_id), "password": "wrong horse"}
    return client.post("/password/login", json=body, headers=headers)


def told(response) -> tuple[str | None, ...]:
    return tuple(response.headers.get(name) for name in NAMES)


def test_what_is_left_is_told_with_every_answer(limited: FlaskClient, clock: FakeClock) -> None:
    user_id = uuid4()
    answers = []
    for _ in range(7):
        answers.append(try_password(limited, user_id))
        clock.advance(seconds=5)
    assert [(answer.status_code, *told(answer)) for answer in answers] == [
        (401, "5", "4", "60", None),
        (401, "5", "3", "55", None),
        (401, "5", "2", "50", None),
        (401, "5", "1", "45", None),
        (401, "5", "0", "40", None),
        (429, "5", "0", "35", "35"),
        (429, "5", "0", "30", "30"),
    ]
    assert answers[-1].json == {"code": 429, "message": "Too Many Requests"}


def test_a_body_that_is_refused_takes_no_token(limited: FlaskClient) -> None:
    user_id = uuid4()
    refused = limited.post("/password/login", json={"user_id": str(user_id)})
    assert (refused.status_code, told(refused)) == (400, (None,) * 4)
    assert told(try_password(limited, user_id)) == ("5", "4", "60", None)


def test_the_next_request_is_told_nothing_of_this_one(limited: FlaskClient) -> None:
    try_password(limited, uuid4())
    assert told(limited.get("/.well-known/config")) == (None,) * 4


def test_an_unknown_user_takes_no_token_of_passcodes(limited: FlaskClient) -> None:
    for _ in range(5):
        answer = limited.post("/passcode/login/initialize", json={"user_id": str(uuid4())})
        assert (answer.status_code, told(answer)) == (400, (None,) * 4)


@pytest.mark.parametrize(("path", "key", "tokens"), [("/users", "signup", 3), ("/user", "lookup", 4)])
def test_limits_of_ours_are_silent_until_they_refuse(make_app, path: str, key: str, tokens: int) -> None:
    client = make_app({**ON, f"hanko_compat.limits.{key}.tokens": tokens}).test_client(use_cookies=False)
    answers = [client.post(path, json={"email": f"user{n}@example.test"}) for n in range(tokens + 1)]
    assert [answer.status_code for answer in answers] == [{"/users": 200, "/user": 404}[path]] * tokens + [
        429
    ]
    assert {told(answer) for answer in answers[:-1]} == {(None,) * 4}
    assert told(answers[-1]) == (str(tokens), "0", "60", "60")
    assert client.post(path, json={"email": "no address"}).status_code == 400


@pytest.mark.one_database
def test_where_limits_are_off_nothing_is_told(client: FlaskClient) -> None:
    user_id = uuid4()
    assert {told(try_password(client, user_id)) for _ in range(10)} == {(None,) * 4}


def test_browsers_may_read_it(limited: FlaskClient) -> None:
    answer = try_password(limited, uuid4(), Origin="http://localhost:8888")
    exposed = answer.headers["Access-Control-Expose-Headers"].split(",")
    assert set(NAMES) <= set(exposed)
