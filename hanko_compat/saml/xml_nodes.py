"""XML as SAML needs it: elements, attributes, text, and nothing else.

There is one parser, and what another program has to see of a document is written from what that parser read:
so no two parsers can read two things in one document, which is how signed documents were forged before.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NoReturn
from xml.parsers import expat

from hanko_compat.errors.saml import XmlRefused

MAX_DEPTH = 32
MAX_ELEMENTS = 20_000
MAX_ATTRIBUTES = 64
MAX_PREFIXES = 64
"""Known at one place: each element that declares one keeps all of them."""
XML = "http://www.w3.org/XML/1998/namespace"
XMLNS = "http://www.w3.org/2000/xmlns/"

# How a character is written that would end the text, or that parsers normalise (XML s. 2.11, 3.3.3).
_IN_TEXT = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})
_IN_VALUE = str.maketrans(
    {"&": "&amp;", "<": "&lt;", '"': "&quot;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;"}
)

Name = tuple[str, str]
"""A namespace ("" for none) and a local name."""


@dataclass(slots=True)
class Node:
    """An element. ``content`` has its texts and children in order; ``scope`` every prefix it knows."""

    name: Name
    qualified_name: str
    attributes: Mapping[Name, str]
    qualified_attributes: Mapping[str, str]
    declared: Mapping[str, str]
    scope: Mapping[str, str]
    content: "list[str | Node]" = field(default_factory=list)

    @property
    def children(self) -> "list[Node]":
        """The elements directly below."""
        return [part for part in self.content if isinstance(part, Node)]

    @property
    def text(self) -> str:
        """All text directly below, as one. Where there are elements, too, this is what stands around them."""
        return "".join(part for part in self.content if isinstance(part, str))

    def get(self, attribute: str) -> str | None:
        """The value of an attribute that has no namespace; None where there is none."""
        return self.attributes.get(("", attribute))

    def all(self, name: Name) -> "list[Node]":
        """The children of that name."""
        return [child for child in self.children if child.name == name]

    def first(self, name: Name) -> "Node | None":
        """The first child of that name; None where there is none."""
        return next(iter(self.all(name)), None)

    def walk(self) -> "Iterator[Node]":
        """The element itself and every one below, in the document's order."""
        yield self
        for child in self.children:
            yield from child.walk()


def parse(document: bytes, *, allow_remarks: bool = False) -> Node:
    """Read a document in UTF-8 and return its root.

    *allow_remarks*: whether comments and processing instructions are skipped instead of refused; never where
    something is signed, as canonicalisation drops comments.

    Raises:
        XmlRefused: not well-formed, another encoding, a document type, an entity, too deep, too long.
    """
    return _Reader(allow_remarks=allow_remarks).read(document)


def serialise(node: Node) -> str:
    """Write *node* as a document of its own, in the plainest form: tags, attributes, escaped text.

    Prefixes stay as they are, those from outside are declared on the root; its exclusive canonical form
    (xml-exc-c14n) is the one that it has inside of its document.
    """
    pieces: list[str] = []
    _write(node, node.scope, pieces)
    return "".join(pieces)


def _write(node: Node, declared: Mapping[str, str], pieces: list[str]) -> None:
    pieces.append(f"<{node.qualified_name}")
    for prefix, uri in declared.items():
        attribute = f"xmlns:{prefix}" if prefix else "xmlns"
        pieces.append(f' {attribute}="{uri.translate(_IN_VALUE)}"')
    for name, value in node.qualified_attributes.items():
        pieces.append(f' {name}="{value.translate(_IN_VALUE)}"')
    pieces.append(">")
    for part in node.content:
        if isinstance(part, str):
            pieces.append(part.translate(_IN_TEXT))
        else:
            _write(part, part.declared, pieces)
    pieces.append(f"</{node.qualified_name}>")


class _Reader:
    """Builds nodes of what expat reports, and refuses everything beyond elements and text."""

    def __init__(self, *, allow_remarks: bool) -> None:
        # Without its own handling of namespaces, expat reports names as they are written.
        self._parser = parser = expat.ParserCreate("utf-8")
        parser.buffer_text = True
        parser.ordered_attributes = True
        parser.XmlDeclHandler = self._on_declaration
        parser.StartDoctypeDeclHandler = self._on_doctype
        parser.StartElementHandler = self._on_start
        parser.EndElementHandler = self._on_end
        parser.CharacterDataHandler = self._on_text
        if not allow_remarks:
            parser.CommentHandler = self._on_comment
            parser.ProcessingInstructionHandler = self._on_instruction
        self._open: list[Node] = []
        self._root: Node | None = None
        self._elements = 0

    def read(self, document: bytes) -> Node:
        try:
            self._parser.Parse(document, True)
        except expat.ExpatError as error:
            raise XmlRefused(f"not well-formed: {expat.ErrorString(error.code)}") from None
        if self._root is None:
            raise XmlRefused("there is no element")
        return self._root

    def _on_declaration(self, version: str, encoding: str | None, _standalone: int) -> None:
        if version != "1.0" or (encoding or "utf-8").lower() not in {"utf-8", "us-ascii"}:
            raise XmlRefused("another version or encoding of XML than 1.0 and UTF-8")

    def _on_doctype(self, *_: object) -> NoReturn:
        raise XmlRefused("there is a document type declaration")

    def _on_comment(self, _text: str) -> NoReturn:
        raise XmlRefused("there is a comment")

    def _on_instruction(self, _target: str, _text: str) -> NoReturn:
        raise XmlRefused("there is a processing instruction")

    def _on_start(self, qualified_name: str, attributes: list[str]) -> None:
        self._elements += 1
        if self._elements > MAX_ELEMENTS or len(self._open) >= MAX_DEPTH:
            raise XmlRefused("too many elements, or too deep")
        if len(attributes) > 2 * MAX_ATTRIBUTES:
            raise XmlRefused("too many attributes")
        pairs = dict(zip(attributes[::2], attributes[1::2], strict=True))
        declared = {
            name.partition(":")[2]: uri
            for name, uri in pairs.items()
            if name == "xmlns" or name.startswith("xmlns:")
        }
        outer = self._open[-1].scope if self._open else {}
        scope = {**outer, **_checked(declared)} if declared else outer
        if len(scope) > MAX_PREFIXES:
            raise XmlRefused("too many prefixes")
        plain = {
            name: value for name, value in pairs.items() if name != "xmlns" and not name.startswith("xmlns:")
        }
        resolved = {_resolve(name, scope, is_attribute=True): value for name, value in plain.items()}
        if len(resolved) < len(plain):
            raise XmlRefused("an attribute is given twice")
        name = _resolve(qualified_name, scope)
        node = Node(name, qualified_name, resolved, plain, declared, scope)
        if self._open:
            self._open[-1].content.append(node)
        else:
            self._root = node
        self._open.append(node)

    def _on_end(self, _name: str) -> None:
        self._open.pop()

    def _on_text(self, text: str) -> None:
        self._open[-1].content.append(text)


def _checked(declared: Mapping[str, str]) -> Mapping[str, str]:
    """*declared*, without what the recommendation forbids (Namespaces in XML s. 3)."""
    for prefix, uri in declared.items():
        if prefix in {"xml", "xmlns"} or uri in {XML, XMLNS} or (prefix and not uri) or ":" in prefix:
            raise XmlRefused("a prefix is declared wrongly")
    return declared


def _resolve(qualified_name: str, scope: Mapping[str, str], *, is_attribute: bool = False) -> Name:
    prefix, colon, local = qualified_name.partition(":")
    if not colon:
        return ("" if is_attribute else scope.get("", ""), prefix)
    if ":" in local or not local or not prefix:
        raise XmlRefused("a name is malformed")
    if prefix == "xml":
        return (XML, local)
    if prefix not in scope:
        raise XmlRefused("a prefix is not declared")
    return (scope[prefix], local)
