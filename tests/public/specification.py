"""OpenAPI documents of two hands, read into the same simple facts so that they can be compared."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from flask import Flask

from hanko_compat.app import create_app
from hanko_compat.config import Config, from_mapping
from tests.saml_visitor import provider, saml
from tests.settings import settings_on

Json = Mapping[str, Any]
METHODS = ("get", "put", "post", "delete", "patch")


class Specification:
    """An OpenAPI document and its references."""

    def __init__(self, document: Json) -> None:
        self.document = document

    def operations(self) -> dict[str, Json]:
        """Every operation by name, such as ``GET /users/{}``: what an argument is called does not matter."""
        return {
            f"{method.upper()} {_without_names(path)}": item[method]
            for path, item in self.document["paths"].items()
            for method in METHODS
            if method in item
        }

    def statuses(self, operation: Json) -> set[int]:
        return {int(status) for status in operation["responses"]}

    def request_fields(self, operation: Json) -> dict[str, str]:
        """The members of the request's body and their types: ``{"email": "string, required"}``."""
        return dict(self._fields(self._json_schema(operation.get("requestBody", {}))))

    def response_fields(self, operation: Json, status: int) -> dict[str, str]:
        """The members of an answer and their types; those within others as ``emails[].address``."""
        return dict(self._fields(self._json_schema(operation["responses"][str(status)])))

    def response_schema(self, operation: Json, status: int) -> Json | None:
        """The JSON Schema of an answer, with what it refers to; None for no JSON body."""
        schema = self._json_schema(operation["responses"][str(status)])
        return {**schema, "components": self.document["components"]} if schema else None

    def response_headers(self, operation: Json, status: int) -> set[str]:
        return set(self.follow(operation["responses"][str(status)]).get("headers", ()))

    def unexplained(self) -> Iterator[str]:
        """The operations, tags, headers, answers and schemas that nothing is said about."""
        for name, operation in self.operations().items():
            if not operation["summary"].endswith("."):
                yield name
        for tag in self.document["tags"]:
            if not tag["description"]:
                yield tag["name"]
        for group in ("headers", "responses", "schemas"):
            for name, component in self.document["components"][group].items():
                if not component["description"]:
                    yield f"{group}.{name}"

    def members(self) -> Iterator[tuple[str, str, Json]]:
        """Every member of a schema: the name of the schema, its own, and how it is described."""
        for name, schema in self.document["components"]["schemas"].items():
            for member, described in schema["properties"].items():
                yield name, member, described

    def unexplained_members(self) -> list[str]:
        """The members without a description, but for those that refer to a schema that has one."""
        return [
            f"{name}.{member}"
            for name, member, described in self.members()
            if not (described.get("description") or {"$ref", "anyOf"} & described.keys())
        ]

    def explanations(self) -> set[tuple[str, str | None]]:
        """What is said of members, by ``member`` and by ``schema.member``."""
        return {
            (place, described.get("description"))
            for name, member, described in self.members()
            for place in (member, f"{name}.{member}")
        }

    def follow(self, node: Json) -> Json:
        """Resolve a reference, and merge what a schema is put together from."""
        while "$ref" in node:
            target: Any = self.document
            for name in node["$ref"].removeprefix("#/").split("/"):
                target = target[name]
            node = target
        merged = dict(node)
        for part in [*node.get("allOf", ()), *node.get("anyOf", ())]:
            other = self.follow(part)
            if other.get("type") == "null":
                continue
            merged["properties"] = {**merged.get("properties", {}), **other.get("properties", {})}
            merged["required"] = [*merged.get("required", ()), *other.get("required", ())]
            merged.update({name: value for name, value in other.items() if name not in merged})
        return merged

    def _json_schema(self, holder: Json) -> Json:
        return self.follow(holder).get("content", {}).get("application/json", {}).get("schema", {})

    def _fields(self, schema: Json, prefix: str = "") -> Iterator[tuple[str, str]]:
        schema = self.follow(schema)
        for name, member in schema.get("properties", {}).items():
            member = self.follow(member)
            kind = self._type(member)
            yield f"{prefix}{name}", kind + (", required" if name in schema.get("required", ()) else "")
            if kind == "array":
                yield from self._fields(member["items"], f"{prefix}{name}[].")
            else:
                yield from self._fields(member, f"{prefix}{name}.")

    def _type(self, schema: Json) -> str:
        kind = schema.get("type", "object" if "properties" in schema else "any")
        if isinstance(kind, list):
            kind = next(each for each in kind if each != "null")
        return {"integer": "number"}.get(kind, kind)  # JSON has one kind of number


def everything(folder: Path, **changes: Any) -> Config:
    """A configuration with which everything is served. Its database is not needed for a description."""
    settings = settings_on(
        f"sqlite:///{folder}/unused.sqlite3", {**saml(provider("https://idp.test")), **changes}
    )
    return from_mapping(settings, environ={})


def describe(document: Callable[[Flask, Config], dict[str, Any]], folder: Path) -> Specification:
    """The document of a door of an application that serves everything."""
    config = everything(folder)
    return Specification(document(create_app(config), config))


def _without_names(path: str) -> str:
    return "/".join("{}" if part.startswith("{") else part for part in path.split("/"))
