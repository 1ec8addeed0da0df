"""The language of a mail, and that no text is missing in any."""

from string import Formatter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanko_compat.mail.languages import LANGUAGES, choose, texts

ENGLISH = texts("en")
NAMES = [(section, name) for section, named in ENGLISH.items() for name in named]


@pytest.mark.parametrize(
    ("accept_language", "language"),
    [
        (None, "en"),
        ("", "en"),
        ("de", "de"),
        ("DE", "de"),
        ("de-AT", "de"),
        ("de-Latn-AT-1996", "de"),
        ("de-AT, en;q=0.5", "de"),
        ("en;q=0.5, de-AT", "de"),
        ("en;q=0.5, fr;q=0.7, it;q=0.6", "fr"),
        ("sv, da;q=0.9, nl;q=0.8, en;q=0.7", "nl"),
        ("de;q=0, fr;q=0.1", "fr"),
        ("pt", "pt-BR"),
        ("pt-PT", "pt-BR"),
        ("pt-br", "pt-BR"),
        ("pt_BR", "pt-BR"),
        ("zh", "zh-CN"),
        ("zh-Hans-SG", "zh-CN"),
        ("zh-TW", "zh-CN"),
        ("bn-BD", "bn"),
        ("*", "en"),
        ("sv, *;q=0.1", "en"),
        ("sv", "en"),
        ("deu", "en"),
        (", ;q=, de;q=x, fr, \x00", "fr"),
        ("de" * 5000, "en"),
    ],
)
def test_accept_language_is_matched(accept_language, language):
    assert choose(None, accept_language) == language


@pytest.mark.parametrize(
    ("x_language", "accept_language", "language"),
    [
        ("fr", "de", "fr"),
        ("fr-CA", "de", "fr"),
        ("sv", "de", "de"),
        ("", "de", "de"),
        ("sv", None, "en"),
        ("en", "de", "en"),
    ],
)
def test_x_language_comes_first_where_it_is_known(x_language, accept_language, language):
    assert choose(x_language, accept_language) == language


@given(st.text(max_size=40) | st.none(), st.text(max_size=40) | st.none())
def test_any_headers_choose_a_language(x_language, accept_language):
    assert choose(x_language, accept_language) in LANGUAGES


def test_there_are_eight():
    assert LANGUAGES == ("en", "de", "fr", "it", "nl", "pt-BR", "zh-CN", "bn")


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_is_missing_and_none_is_left_over(language):
    here = texts(language)
    assert [(section, name) for section, named in here.items() for name in named] == NAMES
    assert all(text.strip() for named in here.values() for text in named.values())


@pytest.mark.parametrize(("section", "name"), NAMES)
def test_placeholders_agree(section, name):
    wanted = placeholders(ENGLISH[section][name])
    assert {
        language: placeholders(texts(language)[section][name]) for language in LANGUAGES
    } == dict.fromkeys(LANGUAGES, wanted)


def placeholders(text: str) -> list[str]:
    return sorted(name for _, name, _, _ in Formatter().parse(text) if name is not None)


@pytest.mark.parametrize("language", sorted(set(LANGUAGES) - {"en"}))
def test_texts_are_translated(language):
    same = [
        (section, name) for section, name in NAMES if texts(language)[section][name] == ENGLISH[section][name]
    ]
    assert same == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_readers_find_the_code_in_the_subject(language):
    """Whatever looks for six digits between word boundaries."""
    subject = texts(language)["passcode"]["subject"]
    assert "{service}" in subject
    assert f" {subject} ".count(" {code} ") == 1
