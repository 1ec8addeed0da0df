"""The OpenAPI 3.1 document of a door, made from its views and their marshmallow schemas.

A view's docstring gives summary, description and operationId. Its decorators note the rest in
``view.__openapi__``, under these keys:

- ``body``: the Schema class of the request,
- ``parameters``: the names of those of the query,
- ``redirects``: whether a browser is told by a redirect what is wrong with them,
- ``responses``: status -> what `hanko_compat.web.body.returns` takes,
- ``headers``: the names of those of a success,
- ``errors``: statuses beyond those that follow from the decorators,
- ``session``: whether a session is needed.
"""

import inspect
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from flask import Flask
from marshmallow import EXCLUDE, Schema, fields
from werkzeug.routing import Rule, UUIDConverter

from hanko_compat.web.body import Answer, Null

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
WITH_RETRY_AFTER = frozenset({429, 503})
OPERATION_ID = re.compile(r"\s*\(operationId ([\w-]+)\)")
PATH_ARGUMENT = re.compile(r"<(?:[^:<>]+:)?([^<>]+)>")


@dataclass(frozen=True, slots=True)
class Door:
    """What the document says of a whole door; the rest it reads from the views."""

    blueprint: str
    title: str
    introduction: str
    error_schema: type[Schema]
    errors: Mapping[int, str]  # what each error status means here
    headers: Mapping[str, Mapping[str, Any]]
    security_schemes: Mapping[str, Mapping[str, Any]]
    glossary: Mapping[str, str]  # what members mean: by name, or by schema and name
    usual_errors: frozenset[int] = frozenset({500, 503})  # of every operation
    errors_of_changes: frozenset[int] = frozenset({403})  # of those that change something
    is_secured: bool = False  # whether every operation needs credentials
    prefix: str = ""  # of its routes; stands in the server's URL, and not in the paths
    arguments: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # of paths, by the views' names
    parameters: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # of queries, by name
    kinds: Mapping[type[fields.Field[Any]], str] = field(default_factory=dict)  # JSON types of own fields
    aliases: frozenset[str] = frozenset()  # routes that are served and not described
    whole: tuple[type[Schema], ...] = ()  # kinds of answers whose members are all there,
    optional: Mapping[str, frozenset[str]] = field(default_factory=dict)  # but for these, by schema


def describe(app: Flask, door: Door, *, version: str, server_url: str) -> dict[str, Any]:
    """Make the document of all routes of *door* that *app* serves (OpenAPI Specification 3.1.0)."""
    marshmallow = MarshmallowPlugin()
    spec = APISpec(
        title=door.title,
        version=version,
        openapi_version="3.1.0",
        info={"description": door.introduction, "license": {"name": "MIT", "identifier": "MIT"}},
        servers=[{"url": server_url}],
        plugins=[marshmallow],
    )
    converter = marshmallow.converter
    if converter is None:  # the specification has made it
        raise AssertionError
    # A copy: the mapping of the library's class is shared by all its instances.
    converter.field_mapping = dict(converter.field_mapping)
    converter.field_mapping.update((kind, (name, None)) for kind, name in door.kinds.items())
    _add_components(spec, door)
    tags: dict[str, str] = {}
    for rule, method in _routes(app, door):
        view = app.view_functions[rule.endpoint]
        tag = _tag(view)
        tags.setdefault(tag, _first_line(sys.modules[view.__module__].__doc__))
        operation = {"tags": [tag], **_operation(view, method=method, door=door)}
        spec.path(
            path=_path(rule, door),
            parameters=_path_parameters(rule, door),
            operations={method.lower(): operation},
        )
    for name, description in tags.items():
        spec.tag({"name": name, "description": description})
    document = spec.to_dict()
    if door.is_secured:
        document["security"] = [{name: []} for name in door.security_schemes]
    for key, name in converter.refs.items():
        _explain(document["components"]["schemas"][name], key[0], door)
    return document


def _explain(described: dict[str, Any], schema: type[Schema], door: Door) -> None:
    """Add what docstring, glossary and door say to the JSON Schema of *schema*."""
    described["description"] = _first_line(schema.__doc__)
    if issubclass(schema, door.whole):
        absent = door.optional.get(schema.__name__, frozenset())
        described["required"] = sorted(described["properties"].keys() - absent)
    for name, member in described["properties"].items():
        meaning = door.glossary.get(f"{schema.__name__}.{name}", door.glossary.get(name))
        # Nested schemas have descriptions of their own.
        if meaning and "description" not in member and not {"$ref", "anyOf"} & member.keys():
            member["description"] = meaning


def _add_components(spec: APISpec, door: Door) -> None:
    for name, scheme in door.security_schemes.items():
        spec.components.security_scheme(name, dict(scheme))
    for name, header in door.headers.items():
        spec.components.header(name, dict(header))
    for status, meaning in door.errors.items():
        response: dict[str, Any] = {"description": meaning, "content": _content(door.error_schema)}
        if status in WITH_RETRY_AFTER:
            response["headers"] = {"Retry-After": "Retry-After"}
        spec.components.response(_error_name(status), response)


def _routes(app: Flask, door: Door) -> Iterator[tuple[Rule, str]]:
    """Yield each route of the door with each of its methods, in the order in which they were added."""
    for rule in app.url_map.iter_rules():
        is_described = rule.endpoint.startswith(f"{door.blueprint}.") and rule.rule not in door.aliases
        if is_described and "__openapi__" in vars(app.view_functions[rule.endpoint]):
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                yield rule, method


def _path(rule: Rule, door: Door) -> str:
    def named(found: re.Match[str]) -> str:
        return "{" + str(door.arguments.get(found[1], {"name": found[1]})["name"]) + "}"

    return PATH_ARGUMENT.sub(named, rule.rule.removeprefix(door.prefix))


def _path_parameters(rule: Rule, door: Door) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": _argument_schema(rule, name),
            **door.arguments.get(name, {}),
        }
        for name in PATH_ARGUMENT.findall(rule.rule)
    ]


def _argument_schema(rule: Rule, name: str) -> dict[str, str]:
    # ``_converters`` is the only place where werkzeug keeps which converter an argument has.
    if isinstance(rule._converters.get(name), UUIDConverter) or name.endswith("id"):
        return {"type": "string", "format": "uuid"}
    return {"type": "string"}


def _operation(view: Callable[..., Any], *, method: str, door: Door) -> dict[str, Any]:
    notes: Mapping[str, Any] = vars(view)["__openapi__"]
    summary, description, operation_id = read_docstring(view)
    operation: dict[str, Any] = {"operationId": operation_id, "summary": summary}
    if description:
        operation["description"] = description
    if notes.get("session"):
        operation["security"] = [{name: []} for name in door.security_schemes]
    if notes.get("parameters"):
        operation["parameters"] = [
            {"name": name, "in": "query", **door.parameters[name]} for name in notes["parameters"]
        ]
    if notes.get("body"):
        # Members that the schema does not name are ignored, as the decorator loads it.
        content = _content(notes["body"](unknown=EXCLUDE))
        operation["requestBody"] = {"required": True, "content": content}
    operation["responses"] = _responses(notes, method=method, door=door)
    return operation


def _responses(notes: Mapping[str, Any], *, method: str, door: Door) -> dict[str, Any]:
    responses: dict[str, Any] = {}
    for status, answer in notes.get("responses", {}).items():
        responses[str(status)] = {"description": HTTPStatus(status).phrase}
        if answer is not None:
            responses[str(status)]["content"] = _content(answer)
        if status < 400 and notes.get("headers"):
            responses[str(status)]["headers"] = {name: name for name in notes["headers"]}
    for status in _error_statuses(notes, method=method, door=door):
        responses.setdefault(str(status), _error_name(status))
    return dict(sorted(responses.items()))


def _content(answer: Answer) -> dict[str, Any]:
    if answer is Null:
        return {"application/json": {"schema": {"type": "null"}}}
    if isinstance(answer, str):
        return {answer: {"schema": {"type": "string"}}}
    return {"application/json": {"schema": answer}}


def _error_statuses(notes: Mapping[str, Any], *, method: str, door: Door) -> set[int]:
    """Collect the errors a view declares and those that its decorators and the layers around it bring."""
    statuses = {*door.usual_errors, *notes.get("errors", ())}
    if notes.get("body"):
        statuses |= {400, 413, 415}
    if notes.get("session"):
        statuses.add(401)
    if notes.get("parameters") and not notes.get("redirects"):
        statuses.add(400)
    if method not in SAFE_METHODS:
        statuses |= door.errors_of_changes
    return statuses


def _error_name(status: int) -> str:
    return HTTPStatus(status).phrase.title().replace(" ", "")


def _tag(view: Callable[..., Any]) -> str:
    return view.__module__.rpartition(".")[2].replace("_", " ").capitalize()


def _first_line(text: str | None) -> str:
    return (text or "").strip().partition("\n")[0]


def read_docstring(view: Callable[..., Any]) -> tuple[str, str, str]:
    """Split a docstring into summary, description and operationId (by default the name in camelCase)."""
    text = inspect.getdoc(view) or ""
    named = OPERATION_ID.search(text)
    head, *tail = view.__name__.split("_")
    operation_id = named[1] if named else head + "".join(word.capitalize() for word in tail)
    summary, _, rest = OPERATION_ID.sub("", text).partition("\n")
    description = re.split(r"^(?:Args|Raises|Returns):", rest, maxsplit=1, flags=re.MULTILINE)[0]
    paragraphs = (" ".join(block.split()) for block in description.split("\n\n"))
    return summary.strip(), "\n\n".join(block for block in paragraphs if block), operation_id
