"""Warnings about origins that match none, or not what was meant: Hanko starts with them, too."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from hanko_compat.config.draft import Draft
from hanko_compat.config.model import Config
from hanko_compat.config.origins import (
    WEB_PORTS,
    WILDCARDS,
    as_browsers_write,
    is_app,
    is_below,
    is_web,
    lets_all_of_a_scheme_in,
    matches_every_host,
    web_host,
    web_origin,
    with_slashes,
    without_slash,
)
from hanko_compat.config.problems import Path
from hanko_compat.errors.config import Problem

CORS = ("server", "public", "cors", "allow_origins")
PARTY = ("webauthn", "relying_party", "origins")

# What browsers send: no capitals, no user, and nothing after the port.
_PATTERN = re.compile(r"\*|[a-z0-9+.*?-]+://([a-z0-9._*?-]+|\[[0-9a-f:*?]+\])(:[0-9*?]+)?")
_APK_KEY = "android:apk-key-hash:"
_APK_KEY_HASH = re.compile(r"[A-Za-z0-9_-]{43}")


def origin_advice(config: Config, draft: Draft) -> Iterator[Problem]:
    """What to change in the lists of origins that were given."""
    yield from _each(draft, CORS, _on_cors)
    yield from _each(draft, PARTY, lambda text: _on_passkeys(text, config))


def _each(draft: Draft, path: Path, advice: Callable[[str], str | None]) -> Iterator[Problem]:
    given: Any = draft.get(path)
    for index, text in enumerate(given or ()):
        if remark := advice(text):
            yield Problem(draft.written_as((*path, index)), remark)


def _on_cors(text: str) -> str | None:
    """What to change in an origin that may call; None for nothing."""
    if text == "null":
        return (
            "Is what sandboxed pages and local files of any origin send, so it is never allowed: remove it."
        )
    if lets_all_of_a_scheme_in(text):
        return "Lets every app or extension of this scheme call with its users' cookies: name yours."
    if WILDCARDS & set(text) and not is_app(text) and _on_form(text) is None:
        return _on_pattern(text)
    return _on_form(text)


def _on_pattern(text: str) -> str | None:
    """What to change in a pattern of web origins."""
    scheme, _, rest = text.lower().partition("://")
    usual_port = f":{WEB_PORTS.get(scheme)}"
    right = f"{scheme}://{rest.removesuffix(usual_port)}"
    if text in {"*", right} and _PATTERN.fullmatch(text):
        return None
    is_usable = _PATTERN.fullmatch(right) and not matches_every_host(right)
    what = right if is_usable else "a pattern such as https://*.example.com"
    return f"Matches no origin: write {what}."


def _on_passkeys(text: str, config: Config) -> str | None:
    """What to change in an origin of passkeys; None for nothing."""
    if WILDCARDS & set(text):
        return "Is compared as it is, so it matches no origin: name each origin without * and ?."
    if text.startswith(_APK_KEY) and not _APK_KEY_HASH.fullmatch(text.removeprefix(_APK_KEY)):
        return (
            "Matches no app: Android sends the certificate's SHA-256 in base64url, which has 43 characters."
        )
    if remark := _on_form(as_browsers_write(text)):
        return remark
    domain, host = config.webauthn.relying_party.id, web_host(text)
    related = config.hanko_compat.webauthn.associations.related_origins
    if host is None or is_below(host, domain.lower()) or as_browsers_write(text) in related:
        return None
    return (
        f"Browsers make no passkeys for {domain} there, as {host} is neither that nor below it: remove it, "
        "or list it in hanko_compat.webauthn.associations.related_origins."
    )


def _on_app(text: str) -> str | None:
    """What to change in the origin of an app; those that name a page have too much."""
    scheme, separator, rest = text.partition("://")
    right = f"{scheme}://{rest.partition('/')[0]}"
    if not separator or right == text or rest.startswith("/"):
        return None
    if without_slash(text) == right:
        return f"Is read as {_without_user(right)}: leave out the slash."
    return f"Matches no origin, as clients send {_without_user(right)} for it: write that."


def _on_form(text: str) -> str | None:
    """What to change in what no client sends so; None for an origin as it should be."""
    if text != text.strip():
        return f"Has blanks around it, so it matches no origin: write {_without_user(text.strip())}."
    if meant := with_slashes(text):
        return f"Lacks a slash after its scheme, so it matches no origin: write {_without_user(meant)}."
    if WILDCARDS & set(text):
        return None
    if is_app(text):
        return _on_app(text)
    if not text:
        return "Is empty: remove it."
    if not is_web(text):
        meant = _without_user(f"https://{text.lstrip('/')}")
        return f"Has no scheme, so it matches no origin: write {meant}."
    right = web_origin(text)
    if right == text:
        return None
    if right is None:
        return "Is no origin, so it matches none: write one such as https://example.com."
    if without_slash(text) == right:
        return f"Is read as {right}: leave out the slash."
    return f"Matches no origin, as browsers send {right} for it: write that."


def _without_user(text: str) -> str:
    """A web address without the user and the password that may stand in it: a log must not have those."""
    scheme, separator, rest = text.partition("://")
    return f"{scheme}{separator}{rest.rpartition('@')[2]}"
