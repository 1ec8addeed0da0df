"""Subject and attributes, in the forms that servers write."""

import pytest

from hanko_compat.errors.saml import SamlResponseRefused
from hanko_compat.saml.statements import read_attributes, read_name_id, read_session_index
from hanko_compat.saml.xml_nodes import Node, parse
from tests.saml.identity_provider import A


def assertion(inside: str) -> Node:
    return parse(f'<saml:Assertion xmlns:saml="{A}">{inside}</saml:Assertion>'.encode())


def subject(name_ids: str) -> Node:
    return assertion(f"<saml:Subject>{name_ids}</saml:Subject>")


def test_a_name_with_its_format() -> None:
    assert read_name_id(subject('<saml:NameID Format="urn:f"> a b </saml:NameID>')) == ("a b", "urn:f")
    assert read_name_id(subject("<saml:NameID>a</saml:NameID>")) == ("a", "")


@pytest.mark.parametrize(
    "inside",
    [
        "",
        "<saml:NameID/>",
        "<saml:NameID> </saml:NameID>",
        "<saml:NameID>a<saml:b/>c</saml:NameID>",
        "<saml:NameID>a</saml:NameID><saml:NameID>b</saml:NameID>",
        f"<saml:NameID>{'a' * 256}</saml:NameID>",
    ],
    ids=range(6),
)
def test_no_name_is_refused(inside: str) -> None:
    with pytest.raises(SamlResponseRefused):
        read_name_id(subject(inside))
    with pytest.raises(SamlResponseRefused):
        read_name_id(assertion(""))


def test_no_statement_is_not_an_empty_one() -> None:
    assert read_attributes(assertion("")) is None
    assert read_attributes(assertion("<saml:AttributeStatement/>")) == {}


def test_values_come_from_everywhere_in_order() -> None:
    one = '<saml:Attribute Name="a"><saml:AttributeValue>1</saml:AttributeValue></saml:Attribute>'
    two = (
        '<saml:Attribute Name="a"><saml:AttributeValue>2</saml:AttributeValue><saml:AttributeValue/>'
        '</saml:Attribute><saml:Attribute Name="b"><saml:AttributeValue><saml:NameID>x</saml:NameID>'
        "</saml:AttributeValue></saml:Attribute>"
    )
    statements = "".join(f"<saml:AttributeStatement>{part}</saml:AttributeStatement>" for part in (one, two))
    assert read_attributes(assertion(statements)) == {"a": ("1", "2", ""), "b": ()}


def test_a_session_may_have_a_name() -> None:
    assert read_session_index(assertion('<saml:AuthnStatement SessionIndex="s"/>')) == "s"
    assert read_session_index(assertion("<saml:AuthnStatement/>")) == ""
    assert read_session_index(assertion("")) == ""
