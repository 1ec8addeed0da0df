"""The style sheets and scripts that a page has inside itself, and what its policy calls them."""

import base64
import hashlib
from functools import cache
from importlib.resources import files

from markupsafe import Markup


@cache
def read(package: str, name: str) -> Markup:
    """The style sheet or script in the folder of templates of *package*."""
    text = files(package).joinpath("templates", name).read_text(encoding="utf-8")
    return Markup(text)  # noqa: S704 - our own file


def source(text: str) -> str:
    """What a Content-Security-Policy calls an element with this text (CSP Level 3, s. 2.3.1)."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
