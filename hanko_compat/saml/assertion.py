"""What a verified response of an identity provider says."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Assertion:
    """Who has logged in, as the signed assertion of a response has it.

    ``subject`` is the text of the ``NameID``, ``subject_format`` its format ("" where none is given).
    ``attributes`` maps the name of each attribute to all its values, in order, from every ``<Attribute>`` of
    that name. From ``not_on_or_after`` (aware, UTC, without leeway) on the assertion is refused, and its IDs
    need not be remembered any longer than `conditions.LEEWAY` after that.
    """

    response_id: str
    assertion_id: str
    issuer: str
    subject: str = field(repr=False)
    subject_format: str = ""
    attributes: Mapping[str, tuple[str, ...]] = field(repr=False)
    not_on_or_after: datetime
    session_index: str = ""
