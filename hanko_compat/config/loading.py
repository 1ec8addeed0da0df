"""From a file and the environment to a checked configuration."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path as FilePath
from typing import Any, cast

from marshmallow import ValidationError

from hanko_compat.config import (
    conversions,
    documents,
    environment,
    former_keys,
    legacy,
    repairs,
    requirements,
    safety,
)
from hanko_compat.config.advice import advice
from hanko_compat.config.database import warnings_of
from hanko_compat.config.database_url import PORTS
from hanko_compat.config.development import with_playground
from hanko_compat.config.draft import Draft, draft_of
from hanko_compat.config.effect import has_effect
from hanko_compat.config.model import Config
from hanko_compat.config.origin_advice import origin_advice
from hanko_compat.config.problems import Path, dotted
from hanko_compat.config.settings import loader_of
from hanko_compat.errors.config import ConfigError, Problem

DEFAULT_FILE = FilePath("config.yaml")


def find_file(environ: Mapping[str, str]) -> FilePath | None:
    """The file to `load` where none is named: ``$HANKO_CONFIG``, else ``./config.yaml``, if it is there."""
    named = environ.get("HANKO_CONFIG")
    if named:
        return FilePath(named)
    return DEFAULT_FILE if DEFAULT_FILE.is_file() else None


def load(path: FilePath | None, *, environ: Mapping[str, str], dev: bool = False) -> Config:
    """Read the configuration from a file, or the built-in defaults, with the environment over it.

    *dev* allows what is unsafe to serve, and makes cookies that work on http://localhost.

    Raises:
        ConfigError: with every problem found.
    """
    data = documents.read(path) if path else {}
    return replace(from_mapping(data, environ=environ, dev=dev), source=path)


def from_mapping(
    data: Mapping[Any, Any], *, environ: Mapping[str, str] | None = None, dev: bool = False
) -> Config:
    """Check a configuration that is already in memory; as ``load``, without a file.

    Raises:
        ConfigError: with every problem found.
    """
    draft = draft_of(data, Config)
    environment.apply(draft, environ or {}, Config)
    divided = environment.wrongly_divided(environ or {}, Config)
    variables = [each for each in _on_variables(environ or {}) if each not in divided]
    draft.warnings += variables
    conversions.convert(draft, Config)
    repairs.repair(draft)
    given = tuple(map(dotted, draft.given(Config)))
    legacy.convert(draft, Config)
    if dev and draft.get(("session", "cookie", "secure")) is None:
        draft.put(("session", "cookie", "secure"), False)
    config = _with_mail_server(_with_database_url(_build(draft), draft), draft)
    found = safety.unserved(config)
    if not dev:
        found += [*safety.refusals(config), *requirements.missing(config)]
    problems = [*draft.problems, *_beyond(draft.problems, found), *divided]
    if problems:
        raise ConfigError([*problems, *variables])  # one that does nothing may be why something is missing
    without_effect = tuple(key for key in given if not has_effect(key))
    served = with_playground(config) if dev else config
    warnings = (*draft.warnings, *advice(served, draft), *origin_advice(config, draft))
    return replace(served, dev=dev, warnings=warnings, without_effect=without_effect)


def _on_variables(environ: Mapping[str, str]) -> list[Problem]:
    """Warnings about variables that are none, of former keys or mistyped."""
    former = former_keys.warnings(environ)
    names = {warning.path for warning in former}
    return former + [each for each in environment.mistyped(environ, Config) if each.path not in names]


def _build(draft: Draft) -> Config:
    """Make the dataclasses. What is wrong is reported and left out, so that the rest can be checked too."""
    schema = loader_of(Config)
    try:
        return cast("Config", schema.load(draft.tree))
    except ValidationError as error:
        for path, message in flatten(error.messages):
            draft.report(path, message)
            draft.drop(path)
    return cast("Config", schema.load(draft.tree))


def flatten(messages: object, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Turn marshmallow's nested messages into paths, each with what is wrong there."""
    if isinstance(messages, dict):
        for name, inner in messages.items():
            yield from flatten(inner, (*path, name))
    elif isinstance(messages, list):
        yield path, " ".join(map(str, messages))
    else:
        yield path, str(messages)


def _beyond(known: list[Problem], found: list[Problem]) -> list[Problem]:
    """The *found* problems of sections where nothing else is wrong: others may only be its consequence."""
    faulty = {problem.path.rpartition(".")[0] for problem in known}
    return [problem for problem in found if problem.path.rpartition(".")[0] not in faulty]


def _with_database_url(config: Config, draft: Draft) -> Config:
    """Fill in ``database.resolved_url``; with no key of the database given it stays the embedded one."""
    database, given = config.database, draft.get(("database",)) or {}
    if database.url:
        database = replace(database, resolved_url=database.url)
        draft.warnings += [Problem("database.url", text) for text in warnings_of(database.url)]
    elif given.keys() - {"url"}:
        if "port" not in given:
            # Unlike Hanko 2.7.0: another dialect than postgres has its own usual port.
            database = replace(database, port=PORTS[database.dialect])
        try:
            database = replace(database, resolved_url=database.parts().url())
        except ValueError:
            draft.report(
                ("database", "host"),
                "Must be a host, an IP address or the path of a Unix socket; several with commas between them"
                " for PostgreSQL.",
            )
    return replace(config, database=database)


def _with_mail_server(config: Config, draft: Draft) -> Config:
    """Note whether a mail server was named: without one, development needs none."""
    has_smtp = bool(draft.get(("email_delivery", "smtp")))
    return replace(config, email_delivery=replace(config.email_delivery, has_smtp=has_smtp))
