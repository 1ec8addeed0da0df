"""Which language a mail is written in, and the texts of each (``texts/*.toml``)."""

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from typing import Any

from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

LANGUAGES = ("en", "de", "fr", "it", "nl", "pt-BR", "zh-CN", "bn")
DEFAULT = LANGUAGES[0]

Texts = Mapping[str, Mapping[str, str]]
"""Of one language: by section (``passcode``, ``email_create``, ...), then by name."""

_KNOWN = {language.lower(): language for language in LANGUAGES}
_BY_PRIMARY_TAG = {language.split("-")[0].lower(): language for language in LANGUAGES}


def choose(x_language: str | None, accept_language: str | None) -> str:
    """The language that these two headers ask for: first ``X-Language``; English where nothing fits."""
    for header in (x_language, accept_language):
        for tag in _wanted(header):
            language = _lookup(tag)
            if language is not None:
                return language
    return DEFAULT


def _wanted(header: str | None) -> Iterator[str]:
    """The language tags of a header, the most wanted first (RFC 9110 s. 12.5.4)."""
    accepted = parse_accept_header(header, LanguageAccept)
    yield from (tag for tag, quality in accepted if quality > 0)


def _lookup(tag: str) -> str | None:
    """Cut a tag from its end until it fits (RFC 4647 s. 3.4); a bare language takes any region."""
    parts = tag.lower().replace("_", "-").split("-")
    for length in range(len(parts), 0, -1):
        found = _KNOWN.get("-".join(parts[:length]))
        if found is not None:
            return found
    return _BY_PRIMARY_TAG.get(parts[0])


@cache
def texts(language: str) -> Texts:
    """The texts of one of `LANGUAGES`; what stands in braces is filled in later."""
    file = resources.files(__package__).joinpath("texts", f"{language}.toml")
    parsed: dict[str, Any] = tomllib.loads(file.read_text(encoding="utf-8"))
    return parsed
