"""Documents that are well-formed, and of a shape that nobody meant."""

from random import Random

from hanko_compat.saml.xml_nodes import Node, parse, serialise

TEXTS = ["", " ", "x", "\n", "-1", "true", "ü", "#", "urn:x", "9" * 400, "2026-01-01T00:00:00Z"]
ATTRIBUTES = ["Foo", "xmlns:q", "Format", "NameQualifier", "Id", "Consent"]
TYPES = ["xs:integer", "xs:boolean", "xs:date", "xs:anyType", "xs:string", "xs:dateTime", "q:z", "", ":"]
SCHEMA = {
    "xmlns:xs": "http://www.w3.org/2001/XMLSchema",
    "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance",
}


def mutate(document: str, random: Random) -> str:
    """*document* with elements, attributes and texts that are gone, doubled, moved, or others."""
    root = parse(document.encode())
    nodes = list(root.walk())
    for _ in range(random.choice([1, 1, 2, 3])):
        random.choice([_drop, _double, _move, _write, _empty, _rename, _add, _type])(
            random.choice(nodes), nodes, random
        )
    return serialise(root)


def _drop(node: Node, _nodes: list[Node], random: Random) -> None:
    if node.children:
        node.content.remove(random.choice(node.children))


def _double(node: Node, _nodes: list[Node], random: Random) -> None:
    if node.children:
        node.content.append(random.choice(node.children))


def _move(node: Node, nodes: list[Node], random: Random) -> None:
    other = random.choice(nodes)
    if all(part is not node for part in other.walk()):
        node.content.append(other)


def _write(node: Node, _nodes: list[Node], random: Random) -> None:
    node.content.insert(0, random.choice(TEXTS))


def _empty(node: Node, _nodes: list[Node], _random: Random) -> None:
    node.content.clear()


def _rename(node: Node, _nodes: list[Node], random: Random) -> None:
    attributes = dict(node.qualified_attributes)
    if attributes:
        name = random.choice(list(attributes))
        value = attributes.pop(name)
        attributes[random.choice([name, "Other"])] = random.choice([*TEXTS, value])
    node.qualified_attributes = attributes


def _add(node: Node, _nodes: list[Node], random: Random) -> None:
    new = {random.choice(ATTRIBUTES): random.choice(TEXTS)}
    node.qualified_attributes = {**node.qualified_attributes, **new}


def _type(node: Node, _nodes: list[Node], random: Random) -> None:
    new = {**SCHEMA, "xsi:type": random.choice(TYPES)}
    node.qualified_attributes = {**node.qualified_attributes, **new}
