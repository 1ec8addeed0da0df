"""A sign count has to grow, unless it stays at zero (``config-effects.tsv``, part (a); WebAuthn s. 6.1.1)."""

import re

import pytest

from tests.authenticator import Authenticator
from tests.passkeys import ASSERTION, MISMATCH, Browser, challenges, error, make_passkey, rows, stored
from tests.services.passkeys.recorded_effects import Effect, effects

RECORDED = effects("(a)")
SAME_CHALLENGE, NOT_RECORDED = "refused with 7, then 8 for the same challenge", "must hold: "
WITHOUT_COUNTER = "assertion with 0, again 0, then 4"
# The rows of one log-in each; the tests below hold the three others.
SINGLE = [each for each in RECORDED if each.sent.partition(", options")[1]]


def test_every_recorded_row_is_held_here():
    others = [each.sent for each in RECORDED if each not in SINGLE]
    assert others == [SAME_CHALLENGE, "assertion with 0", WITHOUT_COUNTER]
    assert len(SINGLE) == 4


def numbers(text: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", text)]


@pytest.mark.parametrize("effect", SINGLE, ids=lambda effect: effect.sent)
def test_a_count_has_to_be_beyond_the_stored_one(services, client, effect: Effect):
    (before,) = numbers(effect.stored.removeprefix("(a)"))
    for sent in numbers(effect.sent):
        device, row = make_passkey(Authenticator(sign_count=before))
        browser, counts = Browser(client), rows(services)
        options = browser.request_options(row.user_id if effect.sent.endswith("with user_id") else None)
        response = browser.log_in(device.get(options, sign_count=sent))
        assert response.status_code == int(effect.status)
        after = stored(services, device)
        if response.status_code == 200:
            assert set(response.json) == set(effect.told.split(", "))
            assert after.sign_count == sent
            assert after.last_used_at is not None
        else:
            assert response.json == error(400, effect.told)
            assert "Set-Cookie" not in response.headers
            assert (after.sign_count, after.last_used_at, rows(services)) == (before, None, counts)


@pytest.mark.parametrize("is_named", [True, False])
@pytest.mark.parametrize("before", [1, 7, 2**31 - 1])
def test_zero_is_a_count_like_others_where_one_is_stored(services, client, before, is_named):
    (effect,) = (each for each in RECORDED if each.told.startswith(NOT_RECORDED))
    assert (effect.stored, effect.sent) == ("(a) stored sign_count N>0", "assertion with 0")
    device, row = make_passkey(Authenticator(sign_count=before))
    browser, counts = Browser(client), rows(services)
    options = browser.request_options(row.user_id if is_named else None)
    response = browser.log_in(device.get(options, sign_count=0))
    assert (response.status_code, response.json) == (400, error(400, ASSERTION))
    assert (stored(services, device).sign_count, rows(services)) == (before, counts)


@pytest.mark.parametrize("is_named", [True, False])
def test_an_authenticator_without_a_counter_may_get_one(services, client, is_named):
    (effect,) = (each for each in RECORDED if each.sent == WITHOUT_COUNTER)
    device, row = make_passkey()
    browser = Browser(client)
    for sent, status, after in zip(
        numbers(effect.sent), numbers(effect.status), numbers(effect.note)[-3:], strict=True
    ):
        options = browser.request_options(row.user_id if is_named else None)
        assert browser.log_in(device.get(options, sign_count=sent)).status_code == status
        assert stored(services, device).sign_count == after


@pytest.mark.parametrize("is_named", [True, False])
def test_a_refusal_uses_its_challenge_up(services, client, is_named):
    """Unlike the original, where the second answer is 200: see docs/differences.md."""
    (effect,) = (each for each in RECORDED if each.sent == SAME_CHALLENGE)
    device, row = make_passkey(Authenticator(sign_count=7))
    browser = Browser(client)
    options = browser.request_options(row.user_id if is_named else None)
    refused = browser.log_in(device.get(options, sign_count=7))
    assert refused.status_code == numbers(effect.status)[0]
    assert challenges(services) == 0
    again = browser.log_in(device.get(options, sign_count=8))
    assert (again.status_code, again.json) == (401, error(401, MISMATCH))
    options = browser.request_options(row.user_id if is_named else None)
    assert browser.log_in(device.get(options, sign_count=8)).status_code == 200


def test_what_does_not_prove_anything_says_nothing_of_its_count(client):
    device, row = make_passkey(Authenticator(sign_count=7))
    browser = Browser(client)
    answer = device.get(browser.request_options(row.user_id), sign_count=7, signed=lambda _: b"x")
    response = browser.log_in(answer)
    assert (response.status_code, response.json) == (401, error(401, ASSERTION))
