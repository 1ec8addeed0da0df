"""What other servers may make of a path."""

import posixpath
import re
from urllib.parse import unquote


def as_others_read(path: str) -> str:
    """What a path may become: decoded as often as can be, without parameters, and resolved."""
    while unquote(path) != path:
        path = unquote(path)
    segments = [re.split("[;#]", segment)[0] for segment in path.replace("\\", "/").split("/")]
    return "/" + posixpath.normpath("/".join(segments)).lstrip("/")
