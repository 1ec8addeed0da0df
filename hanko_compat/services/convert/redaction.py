"""Records without what is secret in them, so that operators can look at those that were refused."""

import math
import re
from collections.abc import Mapping
from typing import Any

SECRET_NAME = re.compile(
    r"pass|pwd|hash|salt|secret|token|digest|credential|otp|mfa|factor|key|code", re.IGNORECASE
)
SECRET_TEXT = re.compile(r"\$\w+\$|\{S?SHA|scrypt:|otpauth:|eyJ|^[0-9A-Fa-f]{32,}$", re.IGNORECASE)
LEFT_OUT = "(left out)"
DEEPEST = 20
LONGEST = 500  # characters of a text


def redacted(value: Any, *, depth: int = 0) -> Any:
    """*value* without members that sound secret, texts that look like hashes, and all that is deep."""
    if depth >= DEEPEST:
        return LEFT_OUT
    if isinstance(value, Mapping):
        return {
            name: LEFT_OUT if SECRET_NAME.search(name) and inner else redacted(inner, depth=depth + 1)
            for name, inner in value.items()
        }
    if isinstance(value, list):
        return [redacted(inner, depth=depth + 1) for inner in value]
    if isinstance(value, str):
        return LEFT_OUT if SECRET_TEXT.search(value) else value[:LONGEST]
    is_plain = value is None or isinstance(value, int) or (isinstance(value, float) and math.isfinite(value))
    return value if is_plain else LEFT_OUT
