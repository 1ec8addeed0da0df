"""An OpenAPI document as plain rows, the way the page /docs shows it."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Json = Mapping[str, Any]

EXAMPLES = {
    "email": "alice@example.com",
    "uuid": "0191e7d4-6a5c-4e0b-9c41-3c7f6f0b8a52",
    "date-time": "2026-01-31T12:00:00Z",
    "JWT": "eyJhbGciOi...",
    "string": "text",
    "integer": 0,
    "number": 0,
    "boolean": True,
    "object": {},
    "null": None,
    "password": "correct horse battery",
}


@dataclass(frozen=True, slots=True)
class Member:
    """One member of a JSON object; nested ones are named like ``emails[].address``."""

    name: str
    type: str
    required: bool
    description: str


@dataclass(frozen=True, slots=True)
class Body:
    """What is sent or answered: its media type, members and an example."""

    media_type: str
    members: list[Member]
    example: str


@dataclass(frozen=True, slots=True)
class Answer:
    """One status of an operation with its headers (name -> meaning)."""

    status: str
    meaning: str
    headers: dict[str, str]
    body: Body | None


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path."""

    id: str
    method: str
    path: str
    summary: str
    paragraphs: list[str]
    needs_session: bool
    parameters: list[Member]
    body: Body | None
    successes: list[Answer]
    errors: list[Answer]
    curl: str


@dataclass(frozen=True, slots=True)
class Section:
    """The operations of one tag."""

    name: str
    description: str
    operations: list[Operation]


def sections(document: Json, *, base_url: str) -> list[Section]:
    """Lay *document* out by tags, in their order; *base_url* is what the curl lines call."""
    reader = _Reader(document, base_url)
    found: dict[str, list[Operation]] = {tag["name"]: [] for tag in document.get("tags", ())}
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method != "parameters":
                found[operation["tags"][0]].append(reader.operation(method, path, item))
    descriptions = {tag["name"]: tag["description"] for tag in document.get("tags", ())}
    return [Section(name, descriptions[name], operations) for name, operations in found.items()]


class _Reader:
    """Reads operations out of one document, whose references it follows."""

    def __init__(self, document: Json, base_url: str) -> None:
        self._document = document
        self._base_url = base_url

    def operation(self, method: str, path: str, item: Json) -> Operation:
        source = item[method]
        answers = [
            self._answer(status, self._follow(answer)) for status, answer in source["responses"].items()
        ]
        body = self._body(source.get("requestBody", {}))
        return Operation(
            id=source["operationId"],
            method=method.upper(),
            path=path,
            summary=source["summary"],
            paragraphs=source.get("description", "").split("\n\n") if source.get("description") else [],
            needs_session="security" in source,
            parameters=[
                self._parameter(each) for each in [*item.get("parameters", ()), *source.get("parameters", ())]
            ],
            body=body,
            successes=[answer for answer in answers if int(answer.status) < 400],
            errors=[answer for answer in answers if int(answer.status) >= 400],
            curl=self._curl(method.upper(), path, body, needs_session="security" in source),
        )

    def _parameter(self, parameter: Json) -> Member:
        where, meaning = f"in the {parameter['in']}", parameter.get("description")
        return Member(
            parameter["name"],
            self._type(parameter["schema"]),
            required=parameter.get("required", False),
            description=f"{where}: {meaning}" if meaning else where,
        )

    def _answer(self, status: str, answer: Json) -> Answer:
        answer = self._follow(answer)
        headers = {
            name: self._follow(header)["description"] for name, header in answer.get("headers", {}).items()
        }
        return Answer(status, answer["description"], headers, self._body(answer))

    def _body(self, holder: Json) -> Body | None:
        for media_type, content in holder.get("content", {}).items():
            if media_type != "application/json":
                return Body(media_type, [], "")
            example = json.dumps(self._example(content["schema"]), indent=2)
            return Body(media_type, list(self._members(content["schema"])), example)
        return None

    def _curl(self, method: str, path: str, body: Body | None, *, needs_session: bool) -> str:
        url = self._base_url + path.replace("{", "$").replace("}", "")
        lines = [f"curl {url}"]
        if method != ("POST" if body else "GET"):
            lines[0] = f"curl -X {method} {url}"
        if needs_session:
            lines.append('-H "Authorization: Bearer $token"')
        if "security" in self._document:
            lines.append('-u "$PROJECT_ID:$API_SECRET"')
        if body:
            lines.append(f"--json '{json.dumps(json.loads(body.example))}'")
        return " \\\n  ".join(lines)

    def _follow(self, node: Json) -> Json:
        while "$ref" in node:
            target: Any = self._document
            for part in node["$ref"].removeprefix("#/").split("/"):
                target = target[part]
            node = target
        return node

    def _plain(self, schema: Json) -> Json:
        """Follow references, and note null, which may be one of several types or schemas, as ``nullable``."""
        schema = self._follow(schema)
        kind = schema.get("type")
        if isinstance(kind, list):
            return {
                **schema,
                "type": next(each for each in kind if each != "null"),
                "nullable": "null" in kind,
            }
        for choices in (schema.get("allOf", ()), schema.get("anyOf", ())):
            real = [each for each in choices if each.get("type") != "null"]
            if len(real) == 1:
                return {**schema, **self._plain(real[0]), "nullable": len(choices) > len(real)}
        return schema

    def _members(self, schema: Json, prefix: str = "") -> Iterator[Member]:
        schema = self._plain(schema)
        if schema.get("type") == "array":
            yield from self._members(schema["items"], f"{prefix}[].")
        required = schema.get("required", ())
        for name, member in schema.get("properties", {}).items():
            path, plain = f"{prefix}{name}", self._plain(member)
            yield Member(path, self._type(plain), name in required, plain.get("description", ""))
            if plain.get("type") == "array":
                yield from self._members(plain["items"], f"{path}[].")
            else:
                yield from self._members(plain, f"{path}.")

    def _type(self, schema: Json) -> str:
        schema = self._plain(schema)
        words = schema.get("format", schema.get("type", "any"))
        if words == "array":
            words = f"array of {self._type(schema['items'])}"
        return f"{words} or null" if schema.get("nullable") else words

    def _example(self, schema: Json) -> Any:
        schema = self._plain(schema)
        if schema.get("type") == "array":
            return [self._example(schema["items"])]
        if "properties" in schema:
            return {name: self._example(member) for name, member in schema["properties"].items()}
        kind = schema.get("type", "object")
        return EXAMPLES.get(schema.get("format", kind), EXAMPLES[kind])
