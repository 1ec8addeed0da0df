"""Which request ids are taken over."""

import re

import pytest

from hanko_compat.web.request_id import choose


@pytest.mark.parametrize(
    "sent", ["my-own-request-id", "Root=1-67891233-abcdef012345678912345678", "a" * 64, "0"]
)
def test_a_short_and_harmless_one_is_taken_over(sent):
    assert choose(sent) == sent


@pytest.mark.parametrize(
    "sent",
    [None, "", "a" * 65, "two words", "a\nb", "a\r", "<b>", '"', "\x1b[31m", "\u00e4", "a;b", "a,b", "a\n"],
)
def test_another_is_replaced_by_32_letters_and_digits(sent):
    assert re.fullmatch(r"[0-9A-Za-z]{32}", choose(sent))


def test_made_ones_differ():
    assert len({choose(None) for _ in range(1000)}) == 1000
