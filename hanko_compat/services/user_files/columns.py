"""How long a text may be that the database stores, and how an object becomes one."""

import json
from collections.abc import Mapping
from typing import Any

LONGEST = 255
"""Characters, as wide as most columns."""
LONGEST_METADATA = 3000
"""Characters of the JSON text, as wide as the columns."""


def object_text(value: Mapping[str, Any]) -> str:
    """An object as JSON text, whose letters are not escaped: it may have some that no database stores.

    Raises:
        ValueError: it is nested too deeply, or has a number that is none in JSON.
    """
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    except RecursionError as error:
        raise ValueError("too many objects in one another") from error
