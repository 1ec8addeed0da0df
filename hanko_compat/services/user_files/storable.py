"""What the database can store of a text or an object: how long it may be, and of which characters."""

import json
import re
from collections.abc import Mapping
from typing import Any

LONGEST = 255
"""Characters, as wide as most columns."""
LONGEST_METADATA = 3000
"""Characters of the JSON text, as wide as the columns."""
UNSTORABLE = re.compile("[\0\ud800-\udfff]")


def is_storable(text: str) -> bool:
    """Whether databases take it: no NUL, and no half of a pair of UTF-16."""
    return UNSTORABLE.search(text) is None


def object_text(value: Mapping[str, Any]) -> str:
    """An object as JSON text, whose letters are not escaped: it may have some that no database stores.

    Raises:
        ValueError: it is nested too deeply, or has a number that is none in JSON.
    """
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    except RecursionError as error:
        raise ValueError("too many objects in one another") from error
