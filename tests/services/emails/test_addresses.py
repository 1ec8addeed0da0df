import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hanko_compat.errors.emails import AddressInvalid, AddressTooLong
from hanko_compat.services.emails.addresses import LONGEST, accepted, normalise, stored_form

ORDINARY = [
    "alice@example.test",
    "alice.b+tag@sub.example.com",
    "o'brien_2=x@example.com",
    "user%example.com@example.org",
    "a@b.co",
    "mail@intranet.local",
    "x@bücher.example",
    "x@xn--bcher-kva.example",
    "用户@例え.テスト",
    "josé@example.com",
    "ß@example.com",
]

NOT_ONE_ADDRESS = [
    "",
    " ",
    "alice",
    "alice@",
    "@example.test",
    "alice@localhost",
    "alice@example.123",
    "alice@example.test.",
    "alice@example..test",
    ".alice@example.test",
    "al..ice@example.test",
    "alice@-example.test",
    "alice@exam ple.test",
    " alice@example.test",
    "alice@example.test ",
    "alice@example.test\n",
    "alice@example.test\r\nBcc: eve@example.test",
    "alice\0@example.test",
    "alice@example.test\0",
    "alice\x7f@example.test",
    "alice\x85@example.test",
    "alice\u200b@example.test",
    "alice\u202e@example.test",
    "alice\u00a0@example.test",
    "alice@bob@example.test",
    "alice@example.test,eve@example.test",
    "alice@example.test;eve@example.test",
    "Alice <alice@example.test>",
    "<alice@example.test>",
    '"alice bob"@example.test',
    "alice@[127.0.0.1]",
    "alice@127.0.0.1",
    "alice(comment)@example.test",
    "\ud800@example.test",
    "alice@\ud800.test",
]


@pytest.mark.parametrize("address", ORDINARY)
def test_ordinary_addresses_stay_as_they_are(address):
    assert normalise(address) == address


@pytest.mark.parametrize(
    ("typed", "stored"),
    [("ALICE@EXAMPLE.TEST", "alice@example.test"), ("Ärger@Example.Test", "ärger@example.test")],
)
def test_letters_become_lower_case(typed, stored):
    assert normalise(typed) == stored


@pytest.mark.parametrize("text", NOT_ONE_ADDRESS, ids=repr)
def test_what_is_not_exactly_one_address_is_refused(text):
    with pytest.raises(AddressInvalid):
        normalise(text)


@pytest.mark.parametrize(
    "lookalike",
    [
        "\u212aelly@example.test",  # Kelvin sign: lower-casing makes k of it
        "\u0130rma@example.test",  # I with dot: lower-casing makes i and a combining dot of it
        "alice@\uff45xample.test",  # full-width e: IDNA maps it to e
        "alice@exa\u00admple.test",  # soft hyphen: IDNA drops it
        "alice@example\u3002test",  # ideographic full stop: IDNA maps it to a dot
        "jose\u0301@example.test",  # e and a combining accent: the same text as with one letter
    ],
    ids=ascii,
)
def test_what_could_be_taken_for_another_address_is_refused(lookalike):
    with pytest.raises(AddressInvalid):
        normalise(lookalike)


def test_the_limit_counts_characters():
    longest = "a" * 10 + "@example.test"
    assert normalise(longest, max_length=23) == longest
    with pytest.raises(AddressTooLong) as caught:
        normalise("a" + longest, max_length=23)
    assert caught.value.max_length == 23


@pytest.mark.parametrize("length", [LONGEST + 1, 1_000_000])
def test_what_no_mail_server_takes_is_refused_before_anything_else(length):
    with pytest.raises(AddressTooLong):
        normalise("@" * length)


letters = st.characters(exclude_categories=["Cs"])
locals_ = st.text(letters | st.sampled_from("abcAB.+-_'"), min_size=1, max_size=20)
domains = st.from_regex(r"[A-Za-z0-9ÄÖüéß]{1,8}(\.[A-Za-z0-9Äé]{1,8}){0,2}\.[a-zA-Zé]{2,5}", fullmatch=True)


@given(st.builds("{}@{}".format, locals_, domains) | st.text(st.characters(), max_size=300))
@example("ΑΣ@example.test")
@example("ẞ@example.test")
def test_a_normal_form_is_safe_and_final(text):
    try:
        address = normalise(text)
    except (AddressInvalid, AddressTooLong):
        return
    assert normalise(address) == address
    assert address == text.lower()
    assert address.count("@") == 1
    assert not any(
        character.isspace() or unicodedata.category(character) in ("Cc", "Cf") for character in address
    )


@given(locals_, locals_)
def test_two_addresses_never_merge_unless_they_differ_in_case_alone(one, other):
    try:
        first, second = normalise(f"{one}@example.test"), normalise(f"{other}@example.test")
    except (AddressInvalid, AddressTooLong):
        return
    if first == second:
        assert one.lower() == other.lower()
        assert [letter.isascii() for letter in one] == [letter.isascii() for letter in other]


TAKEN_BY_HANKO = [
    *ORDINARY,
    '"alice bob"@example.test',
    r'"alice\"bob@x, y"@example.test',
    "x" * 70 + "@example.test",
    "alice@\uff45xample.test",
    "alice@exa\u00admple.test",
    "alice@example\u3002co.test",
    "alice@foo~bar.test",
    "alice@a-.x.test",
    "jose\u0301@example.com",
    "a\u00a0b@example.com",
]


# No letters, but the original takes them for some.
TAKEN_FOR_LETTERS = re.compile("[\u00a0\u200b\u202e]")


@pytest.mark.parametrize("address", TAKEN_BY_HANKO, ids=ascii)
def test_what_the_original_took_is_found(address):
    assert stored_form(address) == address
    assert stored_form(address.upper()) == address.upper().lower()


@pytest.mark.parametrize(
    "text",
    [
        *(
            text
            for text in NOT_ONE_ADDRESS
            if not TAKEN_FOR_LETTERS.search(text) and text not in TAKEN_BY_HANKO
        ),
        *("a@ex_ample.test", "a@example.test1", "a@b.c1", "a@-b.test", "\u212aelly@example.test"),
        *('"a"b"@example.test', '"a@example.test', '"a\x07b"@example.test', '"a\\"@example.test'),
    ],
    ids=ascii,
)
def test_what_the_original_never_took_is_no_address(text):
    with pytest.raises(AddressInvalid):
        stored_form(text)


@given(st.builds("{}@{}".format, locals_, domains) | st.text(st.characters(), max_size=300))
def test_what_is_taken_now_is_found_later(text):
    try:
        address = normalise(text)
    except (AddressInvalid, AddressTooLong):
        return
    assert stored_form(text) == address
    assert accepted(text, max_length=LONGEST, is_stored=lambda _: False) == address


@given(st.from_regex(r'("[^"]*"|[a-z".@]+)@[a-z.@-]+\.test', fullmatch=True))
def test_another_form_is_accepted_only_where_it_is_stored(text):
    try:
        address = normalise(text)
    except (AddressInvalid, AddressTooLong) as refusal:
        with pytest.raises(type(refusal)):
            accepted(text, max_length=LONGEST, is_stored=lambda _: False)
    else:
        assert accepted(text, max_length=LONGEST, is_stored=lambda _: False) == address


def test_what_is_stored_is_accepted_beyond_the_limit():
    address = "alice@example.test"
    assert accepted(address, max_length=5, is_stored=lambda found: found == address) == address
    with pytest.raises(AddressTooLong):
        accepted(address, max_length=5, is_stored=lambda _: False)
    with pytest.raises(AddressTooLong):
        accepted(address.rjust(256, "x"), max_length=5, is_stored=lambda _: True)
