"""Who an assertion is about, and what it says of them (core s. 2.2.3, 2.7)."""

from collections.abc import Mapping

from hanko_compat.errors.saml import SamlResponseRefused
from hanko_compat.saml import names
from hanko_compat.saml.xml_nodes import Node

MAX_NAME_ID = 255
"""As the column ``identities.provider_user_id``; SAML allows 256 (core s. 8.3.7)."""


def read_name_id(assertion: Node) -> tuple[str, str]:
    """The name of the subject and its format ("" where none is given).

    Raises:
        SamlResponseRefused: there is none, or one that is empty or too long.
    """
    subject = assertion.first(names.SUBJECT)
    name_ids = subject.all(names.NAME_ID) if subject is not None else []
    if len(name_ids) != 1 or name_ids[0].children:
        raise SamlResponseRefused("there is not one name of the subject")
    text = name_ids[0].text.strip()
    if not text or len(text) > MAX_NAME_ID:
        raise SamlResponseRefused("the name of the subject is empty, or too long")
    return text, name_ids[0].get("Format") or ""


def read_attributes(assertion: Node) -> Mapping[str, tuple[str, ...]] | None:
    """The values by name, in order, over all statements and elements; None where there is no statement.

    A value that has elements in it is left out.
    """
    statements = assertion.all(names.ATTRIBUTE_STATEMENT)
    values: dict[str, tuple[str, ...]] = {}
    for statement in statements:
        for attribute in statement.all(names.ATTRIBUTE):
            name = attribute.get("Name") or ""
            found = [node.text for node in attribute.all(names.ATTRIBUTE_VALUE) if not node.children]
            values[name] = values.get(name, ()) + tuple(found)
    return values if statements else None


def read_session_index(assertion: Node) -> str:
    """The identity provider's name of its session; "" where it tells none."""
    statement = assertion.first(names.AUTHN_STATEMENT)
    return (statement.get("SessionIndex") or "") if statement is not None else ""
