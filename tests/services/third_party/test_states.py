"""States: in the format of the original, bound to a browser, for five minutes, once."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote_plus

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hanko_compat.errors import HankoCompatError
from hanko_compat.errors.third_party import (
    ExpectedStateMalformed,
    ExpectedStateMissing,
    StateExpired,
    StateInvalid,
    StateMalformed,
    StateMissing,
    StateUsed,
)
from hanko_compat.jose.encryption import decrypt, encrypt
from hanko_compat.services.third_party.states import LIFETIME, State, States
from hanko_compat.storage import spent_tokens
from hanko_compat.storage.models import SpentToken
from hanko_compat.wiring import Services
from tests.calls import outcome
from tests.clock import FakeClock
from tests.queries import recorded_queries

NEW, OLD = "a-new-secret-of-the-tests", "an-old-secret-of-the-tests"
MADE = {"provider": "custom_stub", "redirect_to": "https://example.test/done", "with_pkce": True}
# As Hanko 2.7.0 writes it.
RECORDED = {
    "provider": "custom_stub",
    "redirect_to": "https://example.test/done",
    "issued_at": "2126-01-02T03:04:05.123456789Z",
    "expires_at": "2126-01-02T03:09:05.123456789Z",
    "nonce": "a nonce of theirs",
    "is_flow": False,
}


@pytest.fixture
def states(services: Services, clock: FakeClock) -> States:
    return States(services.database, secrets=[NEW, OLD], now=clock)


@pytest.fixture
def state(states: States) -> State:
    return states.make(**MADE)


def sealed(members: Any, *, secret: str = NEW) -> str:
    return encrypt(json.dumps(members).encode(), secret=secret)


def test_a_state_comes_back_to_its_browser(states: States, state: State) -> None:
    text = states.seal(state)
    assert states.take_back(text, cookies=[text]) == state
    assert state.expires_at - state.issued_at == timedelta(minutes=5)


def test_it_has_the_members_that_the_original_reads(states: States) -> None:
    for with_pkce in (True, False):
        text = states.seal(states.make(**{**MADE, "with_pkce": with_pkce}))
        members = json.loads(decrypt(text, secret=NEW) or b"")
        assert members.keys() == RECORDED.keys() | ({"code_verifier"} if with_pkce else set())
        assert members["is_flow"] is False
        assert members["issued_at"].endswith("Z")
        assert members["nonce"] != ""


@pytest.mark.parametrize("length", range(3))
def test_no_url_has_to_escape_anything_of_it(states: States, length: int) -> None:
    made = states.make(**MADE | {"redirect_to": f"https://example.test/{'a' * length}"})
    text = states.seal(made)
    assert quote_plus(text) == text
    assert states.take_back(text, cookies=[text]) == made


@pytest.mark.parametrize("secret", [NEW, OLD])
@pytest.mark.parametrize(
    ("changes", "read"),
    [
        ({}, {}),
        ({"code_verifier": "v" * 43}, {"code_verifier": "v" * 43}),
        ({"code_verifier": ""}, {}),
        ({"user_id": "00000000-0000-0000-0000-000000000000", "new_member": [1]}, {}),
        ({"issued_at": 4922991845, "expires_at": 4922992145}, {}),
        ({"issued_at": "2126-01-02T04:04:05+01:00", "expires_at": "2126-01-01T22:09:05-05:00"}, {}),
    ],
    ids=["plain", "verifier", "empty verifier", "more members", "numbers", "other zones"],
)
def test_states_of_the_original_are_read(
    states: States, changes: dict[str, Any], read: dict[str, Any], secret: str
) -> None:
    text = sealed(RECORDED | changes, secret=secret)
    state = states.take_back(text, cookies=[text])
    assert (state.provider, state.redirect_to, state.nonce, state.code_verifier) == (
        "custom_stub",
        "https://example.test/done",
        "a nonce of theirs",
        read.get("code_verifier"),
    )
    assert abs((state.expires_at - state.issued_at).total_seconds() - 300) < 1


def test_cookie_and_state_need_not_be_equal(states: States, state: State) -> None:
    other = states.seal(replace(state, redirect_to="https://example.test/other"))
    assert states.take_back(states.seal(state), cookies=[other]) == state


def test_cookies_that_another_host_has_set_do_no_harm(states: States, state: State) -> None:
    text, foreign = states.seal(state), states.seal(states.make(**MADE))
    assert states.take_back(text, cookies=["", "nonsense", foreign, text]) == state


def test_what_is_refused_has_its_own_error(states: States, state: State) -> None:
    text, foreign = states.seal(state), states.seal(states.make(**MADE))
    of_a_flow = states.seal(replace(state, is_flow=True))
    cases: list[tuple[str, list[str], type[HankoCompatError]]] = [
        ("", [text], StateMissing),
        ("nonsense", [text], StateMalformed),
        ("nonsense", [], StateMalformed),
        (sealed(RECORDED, secret="a secret of strangers"), [text], StateMalformed),
        (text, [], ExpectedStateMissing),
        (text, [""], ExpectedStateMissing),
        (text, ["nonsense"], ExpectedStateMalformed),
        (text, [foreign], StateInvalid),
        (foreign, [text], StateInvalid),
        (of_a_flow, [of_a_flow], StateInvalid),
    ]
    for given_text, cookies, expected in cases:
        assert outcome(lambda: states.take_back(given_text, cookies=cookies)) is expected  # noqa: B023


@pytest.mark.parametrize(
    "members",
    [
        None,
        [],
        "text",
        {},
        RECORDED | {"provider": None},
        RECORDED | {"redirect_to": 1},
        RECORDED | {"nonce": ""},
        RECORDED | {"code_verifier": 1},
        RECORDED | {"expires_at": None},
        RECORDED | {"expires_at": "soon"},
        RECORDED | {"expires_at": 1e300},
        {"kty": "RSA"},
    ],
)
def test_what_else_the_secrets_encrypt_is_no_state(states: States, members: Any) -> None:
    text = sealed(members)
    assert outcome(lambda: states.take_back(text, cookies=[text])) is StateMalformed


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(st.text(max_size=80), st.binary(max_size=80))
def test_no_text_breaks_it(states: States, text: str, plain: bytes) -> None:
    for given_text in (text, encrypt(plain, secret=NEW)):
        with pytest.raises((StateMissing, StateMalformed)):
            states.take_back(given_text, cookies=[given_text])


def test_any_changed_character_is_noticed(states: States, state: State) -> None:
    text = states.seal(state)
    for place in range(0, len(text) - 2, 7):
        changed = text[:place] + ("B" if text[place] == "A" else "A") + text[place + 1 :]
        assert outcome(lambda: states.take_back(changed, cookies=[text])) is StateMalformed  # noqa: B023


def test_it_lives_five_minutes(states: States, state: State, clock: FakeClock) -> None:
    text = states.seal(state)
    clock.advance(minutes=4, seconds=59)
    assert states.take_back(text, cookies=[text]) == state
    clock.advance(seconds=1)
    assert outcome(lambda: states.take_back(text, cookies=[text])) is StateExpired


def test_twenty_at_once_use_a_state_up_once(states: States, state: State) -> None:
    with ThreadPoolExecutor(20) as threads:
        outcomes = list(threads.map(lambda _: outcome(lambda: states.use_up(state)), range(20)))
    assert sorted(outcomes, key=str) == sorted([None, *[StateUsed] * 19], key=str)


def test_what_was_used_is_forgotten(
    states: States, state: State, services: Services, clock: FakeClock
) -> None:
    states.use_up(state)
    clock.advance(seconds=LIFETIME.total_seconds() + 3601)
    states.use_up(states.make(**MADE))
    services.clean_up.runs.run()
    with services.database.connection():
        assert SpentToken.select().count() == 1
    assert outcome(lambda: states.use_up(state)) is None  # which its time forbids by now


def test_the_nonce_of_openid_tells_nothing_of_the_state(states: States, state: State) -> None:
    text = states.seal(state)
    assert states.take_back(text, cookies=[text]).openid_nonce == state.openid_nonce
    assert state.nonce not in state.openid_nonce
    for secret in (state.nonce, state.code_verifier or ""):
        assert secret not in repr(state)


def test_a_state_is_used_up_by_one_statement_without_a_transaction(
    states: States, state: State, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen, real = [], spent_tokens.create

    def create(name: str, *, expires_at: datetime) -> None:
        seen.append(services.database.peewee.in_transaction())
        real(name, expires_at=expires_at)

    monkeypatch.setattr(spent_tokens, "create", create)
    with recorded_queries() as statements:
        states.use_up(state)
    assert (len(statements), seen) == (1, [False])
