"""IDs in paths, as the original reads them."""

from uuid import UUID

from werkzeug.exceptions import BadRequest

from hanko_compat.uuid_text import read_uuid
from hanko_compat.web.request_target import value_in


def id_in(segment: str) -> UUID:
    """The UUID that a *segment* of a path is, in any written form (`read_uuid`).

    Raises:
        BadRequest: it is none.
    """
    try:
        return read_uuid(value_in(segment))
    except ValueError as error:
        raise BadRequest from error
