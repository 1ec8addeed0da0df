"""UUIDs as texts (RFC 9562 s. 4): in the one canonical form, or in any of those that people write."""

import re
from uuid import UUID

CANONICAL = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_DIGITS = r"(?:[0-9A-Fa-f]{32}|[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})"
_FORMS = re.compile(rf"(?:urn:uuid:)?({_DIGITS})|\{{({_DIGITS})\}}")


def is_canonical(text: str) -> bool:
    """Whether *text* is a UUID in lower case and with its dashes, as those in bodies have to be."""
    return CANONICAL.fullmatch(text) is not None


def read_uuid(text: str) -> UUID:
    """The UUID in *text*, in letters of any case: with dashes or without, in braces, or as a URN.

    As the original reads ids in paths, in cookies and in ``email_id``. Python's own `UUID` takes far more,
    such as dashes anywhere.

    Raises:
        ValueError: none of these forms.
    """
    found = _FORMS.fullmatch(text)
    if found is None:
        raise ValueError("no UUID")
    return UUID(found[1] or found[2])
