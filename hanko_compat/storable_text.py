"""Text that every database stores: PostgreSQL refuses NUL, and none has half a surrogate pair."""

import re

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


def is_storable(text: str) -> bool:
    """Whether databases take *text*: UTF-8 has no half of a surrogate pair (RFC 3629 s. 3)."""
    if text.isascii():  # as most are, which is known without a look at them
        return "\0" not in text
    return _UNSTORABLE.search(text) is None
