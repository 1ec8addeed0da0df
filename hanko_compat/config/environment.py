"""Environment variables: each overrides its key of the file. An empty one counts as not set."""

import json
from collections.abc import Mapping
from typing import Any

from marshmallow.fields import Field

from hanko_compat.config.documents import parse
from hanko_compat.config.draft import Draft
from hanko_compat.config.extensions import SwitchOrAuto
from hanko_compat.config.fields import Json, ListOf, MapOf, Switch, Whole
from hanko_compat.config.secret_kinds import Secret
from hanko_compat.config.settings import Entry, leaves
from hanko_compat.config.suggestions import nearest
from hanko_compat.errors.config import ConfigError, Problem

# As Go reads them (strconv.ParseBool).
SWITCHES = dict.fromkeys(("1", "t", "T", "TRUE", "true", "True"), True) | dict.fromkeys(
    ("0", "f", "F", "FALSE", "false", "False"), False
)

# Names with fewer letters are too often those of others.
SHORTEST_MISTYPED = 10


def apply(draft: Draft, environ: Mapping[str, str], cls: type) -> None:
    """Put what the environment says about the keys of *cls* over what the file says."""
    for leaf in leaves(cls):
        text = environ.get(leaf.environment)
        if not text:
            continue
        draft.origins[leaf.path] = leaf.environment
        try:
            draft.put(leaf.path, value_of(leaf.kind, text))
        except ConfigError:
            draft.report(leaf.path, "Can't be read as YAML or JSON.")


def wrongly_divided(environ: Mapping[str, str], cls: type) -> list[Problem]:
    """Variables that are one of *cls* but for the underscores, such as ``ACCOUNT_ALLOW_SIGNUP``.

    Nobody else has a variable of such a name, and what it was meant to forbid stays allowed, as by a mistyped
    key of the file. One that stands beside the right one does no harm.
    """
    meant: dict[str, str] = {}
    sections = set()
    for leaf in leaves(cls):
        for name in (leaf.environment, "_".join(map(str, leaf.path)).upper()):
            meant[name.replace("_", "")] = leaf.environment
            sections.add(name.partition("_")[0])
    known = set(meant.values())
    return [
        Problem(name, f"A variable that does nothing: did you mean {meant[letters]}?")
        for name, text in environ.items()
        if text and name not in known and name.partition("_")[0] in sections
        if (letters := name.replace("_", "")) in meant and not environ.get(meant[letters])
    ]


def mistyped(environ: Mapping[str, str], cls: type) -> list[Problem]:
    """Warnings about variables that are almost one of *cls*, such as ``ACCOUNT_ALLOWSINGUP``, or below one.

    No more than warnings, since an environment has variables of others.
    """
    known = {leaf.environment.lower() for leaf in leaves(cls)}
    # Of some keys Hanko spells the variable otherwise: SAML_ENDPOINT for saml.endpoint_url.
    by_key = {"_".join(map(str, leaf.path)).lower(): leaf.environment for leaf in leaves(cls)}
    wholes = _wholes(cls)
    found = []
    for name, text in environ.items():
        whole = next((meant for above, meant in wholes.items() if name.lower().startswith(above)), None)
        if text and whole and name.lower() not in known:
            told = f"A variable that does nothing: {whole} holds all of these, in JSON."
            found.append(Problem(name, told))
            continue
        is_candidate = text and name.lower() not in known and len(name) >= SHORTEST_MISTYPED
        near = by_key.get(name.lower()) if is_candidate else None
        if is_candidate and not near:
            near = nearest(name, [each for each in known if each[0] == name[0].lower()])
        if near or (text and name.lower() in known and not name.isupper()):
            meant = (near or name).upper()
            found.append(Problem(name, f"A variable that does nothing: did you mean {meant}?"))
    return found


def _wholes(cls: type) -> dict[str, str]:
    """Variables that hold a list or a map of sections, by how variables of its parts would begin."""
    many = [
        leaf
        for leaf in leaves(cls)
        if isinstance(leaf.kind, ListOf | MapOf) and isinstance(leaf.kind.kind, Entry)
    ]
    names = [(leaf.environment, leaf.environment) for leaf in many]
    names += [("_".join(map(str, leaf.path)), leaf.environment) for leaf in many]
    return {f"{name.lower()}_": meant for name, meant in names}


def value_of(kind: Field[Any], text: str) -> object:
    """Read a variable's text as the YAML value it stands for.

    Lists are separated by commas; lists and maps of mappings are written in YAML or JSON, the former
    also as JSON objects with semicolons between them.

    Raises:
        ConfigError: a structure that is no YAML.
    """
    if isinstance(kind, Switch | SwitchOrAuto):
        return SWITCHES.get(text.strip(), text)
    if isinstance(kind, Whole):
        return _number(text.strip())
    if isinstance(kind, ListOf) and isinstance(kind.kind, Entry):
        return _objects(text.strip())
    if isinstance(kind, ListOf) and isinstance(kind.kind, Secret):
        # As Hanko 2.7.0: a line end belongs to a secret. Blanks next to commas are only for the eye.
        return [part.strip(" ") for part in text.split(",") if part.strip()]
    if isinstance(kind, ListOf):
        return [part.strip() for part in text.split(",") if part.strip()]
    return parse(text) if isinstance(kind, Json | MapOf) else text


def _number(text: str) -> int | str:
    sign = text[:1] if text[:1] in {"-", "+"} else ""
    digits = text.removeprefix(sign)
    return int(text) if digits.isascii() and digits.isdigit() and len(digits) < 20 else text


def _objects(text: str) -> object:
    if not text.startswith("{"):
        return parse(text)
    decoder, found, position = json.JSONDecoder(), [], 0
    try:
        while position < len(text):
            item, position = decoder.raw_decode(text, position)
            found.append(item)
            position += len(text[position:]) - len(text[position:].lstrip("; \n\t"))
    except (ValueError, RecursionError):
        raise ConfigError([Problem("", "Broken JSON.")]) from None
    return found
