"""The recorded order of checks: the rows "(c)" and "(d)" of what the keys of the original do."""

import csv
from collections.abc import Callable, Iterator
from itertools import cycle, islice
from typing import Any, NamedTuple
from uuid import uuid4

import pytest
from werkzeug.test import TestResponse

from tests.contract.traces import DATA
from tests.factories import make_token
from tests.public.world import GOOD, Call, World

LIMITED = {"rate_limiter.enabled": True}
TOKENS = {"/passcode/login/initialize": 3, "/password/login": 5}
EXCHANGE = "POST /token"
BOTH = "user_id is a required field and password is a required field"


class Row(NamedTuple):
    """One line of the file."""

    key: str
    value: str
    request: str
    status: str
    message: str
    note: str


def rows() -> Iterator[Row]:
    with (DATA / "config-effects.tsv").open(newline="", encoding="utf-8") as file:
        for cells in csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            if cells[0].startswith(("(c)", "(d)")):
                yield Row(*cells)


RATES = [row for row in rows() if row.key.startswith("(c)") and row.request != EXCHANGE]
EXCHANGES = [row for row in rows() if row.key.startswith("(c)") and row.request == EXCHANGE]
PASSWORDS = [row for row in rows() if row.key.startswith("(d)")]


def label(row: Row) -> str:
    return f"{row.key}, {row.value}, {row.request}"


def told(answer: TestResponse) -> tuple[int, str]:
    return answer.status_code, answer.json["message"]


# Rate limits: what is wrong with a request, by the words of the file.

Spoil = Callable[[World, Call], Any]


def with_member(name: str, value: Any) -> Spoil:
    return lambda world, call: call.body.update({name: value(world) if callable(value) else value})


WRONG: dict[str, tuple[Spoil, ...]] = {
    "malformed JSON": (lambda _, call: setattr(call, "body", b"{"),),
    "{} or no body": (
        lambda _, call: setattr(call, "body", {}),
        lambda _, call: setattr(call, "body", None),
        lambda _, call: setattr(call, "body", b"null"),
    ),
    "user_id no uuid": (
        with_member("user_id", "nonsense"),
        with_member("user_id", lambda world: str(world.alice).upper()),
        with_member("user_id", lambda world: world.alice.hex),
    ),
    "wrong member type": (with_member("user_id", 1), with_member("user_id", ["x"])),
    "text/plain or no Content-Type": (
        lambda _, call: setattr(call, "content_type", "text/plain"),
        lambda _, call: setattr(call, "content_type", None),
    ),
    "unknown user_id": (with_member("user_id", str(uuid4())),),
    "unknown email_id": (with_member("email_id", str(uuid4())),),
    "email_id no uuid": (with_member("email_id", "nonsense"), with_member("email_id", "")),
    "session of another user": (lambda world, call: setattr(call, "headers", world.session_of(world.bob)),),
    "73 bytes": (with_member("password", "x" * 73),),
}
# The file has one text for two kinds; that of the other is in passcode_initialize_bodies.
SAID = {"email_id no uuid": "failed to parse emailId as uuid"}


def variants(row: Row) -> Iterator[tuple[Spoil, str]]:
    """Each way in which a request of the row is wrong, with the text that is recorded for it."""
    kinds, texts = row.value.split("; "), row.message.split("; ")
    for number, kind in enumerate(kinds):
        text = texts[number] if len(texts) == len(kinds) else texts[0]
        for spoil in WRONG[kind]:
            yield spoil, SAID.get(kind, text)


def good(world: World, path: str) -> Call:
    body = {"user_id": str(world.alice)} | ({"password": GOOD} if path == "/password/login" else {})
    return Call("POST", path, body)


def is_recorded(answer: TestResponse, status: int, text: str) -> bool:
    whole = text.removesuffix(" ...")
    said = answer.json["message"]
    return answer.status_code == status and (said == whole if whole == text else said.startswith(whole))


def wrong(world: World, path: str, spoil: Spoil) -> TestResponse:
    call = good(world, path)
    spoil(world, call)
    return call.send(world.client)


@pytest.mark.parametrize("row", RATES, ids=label)
def test_what_is_counted_and_what_is_answered_before_the_limit(make_app, row):
    path = row.request.removeprefix("POST ").partition(",")[0]
    statuses = [int(status) for status in row.status.split(" then ")]
    for spoil, text in variants(row):
        world = World(make_app(LIMITED))
        for _ in range(TOKENS[path]):
            answer = wrong(world, path, spoil)
            assert is_recorded(answer, statuses[0], text), (row, answer.json)
            assert ("X-RateLimit-Remaining" in answer.headers) == (len(statuses) == 2)
        # Either all tokens are gone now, or none is.
        assert wrong(world, path, spoil).status_code == statuses[-1]
        is_counted_for_alice = len(statuses) == 2 and "unknown user_id" not in row.value
        answers = [good(world, path).send(world.client).status_code for _ in range(TOKENS[path])]
        assert answers == [429 if is_counted_for_alice else 200] * TOKENS[path]
        assert good(world, path).send(world.client).status_code == 429
        if len(statuses) == 1:
            assert is_recorded(wrong(world, path, spoil), statuses[0], text)


# Requests to exchange a one-time token, by the words of the file.

UNUSABLE: dict[str, Call] = {
    "malformed JSON": Call("POST", "/token", b"{"),
    "{}": Call("POST", "/token", {}),
    "wrong member type": Call("POST", "/token", {"value": 1}),
    "text/plain": Call("POST", "/token", {"value": "x"}, content_type="text/plain"),
    "no Content-Type": Call("POST", "/token", {"value": "x"}, content_type=None),
    "unknown value": Call("POST", "/token", {"value": "unknown"}),
}


@pytest.mark.parametrize("row", EXCHANGES, ids=label)
def test_every_request_to_exchange_a_token_is_counted_before_it_is_read(make_app, clock, row):
    texts, world = row.message.split("; "), World(make_app(LIMITED))
    for number, kind in enumerate(row.value.split("; ")):
        text = texts[min(number, len(texts) - 1)]
        call = UNUSABLE[kind]
        status = 415 if text == "Unsupported Media Type" else int(row.status[:3])
        for left in (2, 1, 0):
            answer = call.send(world.client)
            assert is_recorded(answer, status, text), (kind, answer.json)
            assert answer.headers["X-RateLimit-Remaining"] == str(left)
        assert told(call.send(world.client)) == (429, "Too Many Requests")
        good = Call("POST", "/token", {"value": make_token().value})
        assert told(good.send(world.client)) == (429, "Too Many Requests")
        clock.advance(minutes=2)


# Passwords: what the words of the file stand for.

OTHERS = "own, foreign or unknown user_id"


def put(world: World, body: Any, **changes: Any) -> tuple[int, str]:
    answer = Call("PUT", "/password", body, **({"headers": world.headers} | changes)).send(world.client)
    return told(answer) if isinstance(answer.json, dict) else (answer.status_code, "null")


def log_in(world: World, user_id: Any, password: str) -> tuple[int, str]:
    body = {"user_id": str(user_id), "password": password}
    return told(Call("POST", "/password/login", body).send(world.client))


def of(user_id: Any, password: Any = GOOD) -> dict[str, Any]:
    return {"user_id": str(user_id), "password": password}


def without_session(world: World) -> list[tuple[int, str]]:
    bodies = [of(world.alice), of(world.bob, "x"), {}, None, b"null", b"{", []]
    return [
        *(put(world, body, headers={}) for body in bodies),
        put(world, of(world.alice), headers={}, content_type="text/plain"),
    ]


def each_user(world: World, password: str) -> list[tuple[int, str]]:
    return [put(world, of(user_id, password)) for user_id in (world.alice, world.bob, uuid4())]


def first_and_second(world: World) -> list[tuple[int, str]]:
    headers = world.session_of(world.bob)
    return [put(world, of(world.bob), headers=headers) for _ in range(2)]


def bad_uuids(world: World) -> list[tuple[int, str]]:
    ids = [
        "nonsense",
        str(world.alice).upper(),
        world.alice.hex,
        f"urn:uuid:{world.alice}",
        f"{{{world.alice}}}",
    ]
    return [put(world, of(id_, password)) for id_ in ids for password in (GOOD, "x", "x" * 73)]


CASES: dict[str, Callable[[World], list[tuple[int, str]]]] = {
    "no session; any body, malformed JSON, text/plain": without_session,
    "session; text/plain / malformed JSON": lambda world: [
        put(world, of(world.alice), content_type="text/plain"),
        put(world, b"{"),
    ],
    "session; {} or no body": lambda world: [put(world, body) for body in ({}, None, b"null")],
    'session; password missing or "" / user_id missing': lambda world: [
        put(world, {"user_id": str(world.alice)}),
        put(world, {"password": GOOD}),
    ],
    "session; bad uuid, whatever the password": bad_uuids,
    f"session; too short; {OTHERS}": lambda world: each_user(world, "1234567"),
    f"session; 73 bytes; {OTHERS}": lambda world: each_user(world, "x" * 73),
    "session; good password; unknown user_id": lambda world: [put(world, of(uuid4()))],
    "session; good password; foreign user_id": lambda world: [put(world, of(world.bob))],
    "session; good password; own user_id": first_and_second,
    "73 bytes; known user, with or without a password set": lambda world: [
        log_in(world, user_id, "x" * 73) for user_id in (world.alice, world.bob)
    ],
    "73 bytes; unknown user": lambda world: [log_in(world, uuid4(), "x" * 73)],
    "wrong; none set; unknown user": lambda world: [
        log_in(world, user_id, "wrong") for user_id in (world.alice, world.bob, uuid4())
    ],
}


@pytest.mark.parametrize("row", PASSWORDS, ids=label)
def test_passwords_are_judged_in_the_recorded_order(make_app, row):
    answers = CASES[row.value](World(make_app()))
    statuses, texts = [int(status) for status in row.status.split(" / ")], row.message.split(" / ")
    if len(statuses) == len(texts) == 1:
        assert answers == [(statuses[0], texts[0])] * len(answers)
    else:
        assert answers == list(islice(zip(cycle(statuses), cycle(texts), strict=False), 2))
