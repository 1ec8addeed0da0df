"""Signed texts hold for one purpose, whichever secret signed them."""

from datetime import timedelta

import pytest

from hanko_compat.services.timed_signatures import TimedSignatures


@pytest.fixture
def make(clock):
    return lambda *secrets: TimedSignatures(secrets=secrets, now=clock)


def test_a_text_comes_back_with_its_time(make, clock):
    signatures = make("secret")
    signed = signatures.sign("a text. With dots", purpose="one")
    text, signed_at = signatures.verify(signed, purpose="one")
    assert text == "a text. With dots"
    assert timedelta(0) <= clock() - signed_at < timedelta(seconds=1)


def test_a_signature_is_for_one_purpose(make):
    signed = make("secret").sign("text", purpose="one")
    assert make("secret").verify(signed, purpose="other") is None


def test_any_secret_verifies_and_the_first_signs(make):
    old = make("old").sign("text", purpose="one")
    assert make("new", "old").verify(old, purpose="one") is not None
    assert make("new").verify(old, purpose="one") is None
    assert make("new").verify(make("new", "old").sign("text", purpose="one"), purpose="one") is not None


@pytest.mark.parametrize("signed", ["", ".", "..", "text", "text.aaa.bbb", "\ud800.a.b", "é.é.é"])
def test_what_is_not_signed_is_nothing(make, signed):
    assert make("secret").verify(signed, purpose="one") is None
