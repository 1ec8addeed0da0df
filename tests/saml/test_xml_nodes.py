"""One strict reader of XML, and a writer that changes nothing in what was signed."""

import tracemalloc
from contextlib import suppress
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanko_compat.errors.saml import XmlRefused
from hanko_compat.saml.xml_nodes import (
    MAX_ATTRIBUTES,
    MAX_DEPTH,
    MAX_ELEMENTS,
    MAX_PREFIXES,
    parse,
    serialise,
)

BOMB = "<!DOCTYPE a [<!ENTITY b 'x'><!ENTITY c '&b;&b;&b;'>]>"


@pytest.mark.parametrize(
    "document",
    [
        "",
        "text",
        "<a>",
        "<a></b>",
        "<a/><b/>",
        "<!DOCTYPE a><a/>",
        f"{BOMB}<a>&c;</a>",
        "<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>",
        "<a>&unknown;</a>",
        "<a>x<!-- y -->z</a>",
        "<!-- y --><a/>",
        "<a><?instruction?></a>",
        "<a b='1' b='2'/>",
        "<a xmlns:x='urn:1' xmlns:y='urn:1' x:b='1' y:b='2'/>",
        "<x:a/>",
        "<a x:b='1'/>",
        "<a xmlns:x=''/>",
        "<a xmlns:xml='urn:1'/>",
        "<a xmlns:x='http://www.w3.org/2000/xmlns/'/>",
        "<a:b:c xmlns:a='urn:1'/>",
        "<:a/>",
        "<a>\0</a>",
        "<a>\ud800</a>",
        "<?xml version='1.1'?><a/>",
        "<?xml version='1.0' encoding='iso-8859-1'?><a/>",
        "<a>" * (MAX_DEPTH + 1) + "</a>" * (MAX_DEPTH + 1),
        f"<a>{'<b/>' * MAX_ELEMENTS}</a>",
        "<a " + " ".join(f"b{n}='1'" for n in range(MAX_ATTRIBUTES + 1)) + "/>",
        "<a " + " ".join(f"xmlns:b{n}='urn:1'" for n in range(MAX_PREFIXES + 1)) + "/>",
        "".join(f"<a xmlns:b{n}='u' xmlns:c{n}='u' xmlns:d{n}='u'>" for n in range(22)) + "</a>" * 22,
    ],
    ids=lambda document: repr(document[:40]),
)
def test_what_no_honest_sender_uses_is_refused(document: str) -> None:
    with pytest.raises(XmlRefused):
        parse(document.encode("utf-8", "surrogatepass"))


@pytest.mark.parametrize("encoding", ["utf-16", "utf-7", "latin-1"])
def test_another_encoding_is_refused(encoding: str) -> None:
    with pytest.raises(XmlRefused):
        parse(f"<?xml version='1.0' encoding='{encoding}'?><a>ä</a>".encode(encoding))


@pytest.mark.slow
def test_a_document_takes_no_memory_out_of_proportion() -> None:
    """Though every element knows many prefixes: this took a gigabyte when there was no bound."""
    known = " ".join(f"xmlns:p{n}='u'" for n in range(MAX_PREFIXES - 1))
    document = f"<a {known}>" + "<b xmlns:q='u'/>" * (MAX_ELEMENTS - 1) + "</a>"
    tracemalloc.start()
    try:
        parse(document.encode())
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 128 * 1024 * 1024


def test_names_and_texts() -> None:
    root = parse(b"<?xml version='1.0' encoding='UTF-8'?><x:a xmlns:x='urn:1' xmlns='urn:2' c='&lt;' x:c='2'>"
                 b"one<b/><![CDATA[<two>]]>&#65;</x:a>")  # fmt: skip
    assert root.name == ("urn:1", "a")
    assert root.attributes == {("", "c"): "<", ("urn:1", "c"): "2"}
    assert [child.name for child in root.children] == [("urn:2", "b")]
    assert root.text == "one<two>A"
    assert root.get("c") == "<"
    assert root.get("d") is None


def test_remarks_are_skipped_where_nothing_is_signed() -> None:
    root = parse(b"<?a?><!-- b --><a>x<!-- c -->y<?d?>z</a>", allow_remarks=True)
    assert root.text == "xyz"
    with pytest.raises(XmlRefused):
        parse(b"<!DOCTYPE a><a/>", allow_remarks=True)


def test_a_part_stands_alone_with_the_prefixes_from_outside() -> None:
    root = parse(b"<a xmlns='urn:1' xmlns:x='urn:2'><b x:c='1'><x:d xmlns=''><e/></x:d></b></a>")
    text = serialise(root.children[0])
    assert text == '<b xmlns="urn:1" xmlns:x="urn:2" x:c="1"><x:d xmlns=""><e></e></x:d></b>'


PREFIXES = {"": "urn:1", "p": "urn:2"}
TEXTS = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], include_characters="\t\n\r<>&\"']"), max_size=8
)
NAMES = st.sampled_from(["a", "b", "p:c"])
TREES = st.recursive(
    TEXTS,
    lambda inner: st.tuples(NAMES, st.dictionaries(NAMES, TEXTS, max_size=2), st.lists(inner, max_size=3)),
    max_leaves=12,
)


def build(tree: object) -> ElementTree.Element:
    """An element of what hypothesis has drawn."""
    name, attributes, parts = tree if isinstance(tree, tuple) else ("a", {}, [tree])
    element = ElementTree.Element(qualified(name, "urn:1"))
    for key, value in attributes.items():
        element.set(qualified(key, ""), value)
    last: ElementTree.Element | None = None
    for part in parts:
        if isinstance(part, tuple):
            last = build(part)
            element.append(last)
        elif last is None:
            element.text = (element.text or "") + part
        else:
            last.tail = (last.tail or "") + part
    return element


def qualified(name: str, default: str) -> str:
    prefix, _, local = name.rpartition(":")
    namespace = PREFIXES[prefix] if prefix else default
    return f"{{{namespace}}}{local}" if namespace else local


@given(TREES)
def test_what_is_written_is_canonically_the_same(tree: object) -> None:
    text = ElementTree.tostring(build(tree), encoding="unicode")
    # Another parser, and its canonical form, decide.
    try:
        expected = ElementTree.canonicalize(text)
    except ElementTree.ParseError:
        return
    assert ElementTree.canonicalize(serialise(parse(text.encode()))) == expected
    assert serialise(parse(serialise(parse(text.encode())).encode())) == serialise(parse(text.encode()))


@given(st.binary(max_size=200) | st.text("<>/!?-[]ab:='\"& ").map(str.encode))
def test_no_bytes_cause_another_error(document: bytes) -> None:
    with suppress(XmlRefused):
        assert parse(document).name
