"""Cross-origin resource sharing (Fetch standard s. 3.2): who may read our answers from a browser."""

import re
from collections.abc import Mapping
from typing import Any

from werkzeug.datastructures import Headers

from hanko_compat.config import Config
from hanko_compat.web.origins import Origins

METHODS = "GET,HEAD,PUT,PATCH,POST,DELETE"
MAX_AGE = "7200"  # seconds
EXPOSED = (
    "Retry-After",
    "X-RateLimit-Limit",
    "X-RateLimit-Remaining",
    "X-RateLimit-Reset",
    "X-Session-Lifetime",
    "X-Session-Retention",
)
# Names of header fields (RFC 9110 s. 5.1) with commas: what a browser sends; nothing else is sent back.
HEADER_NAMES = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~, -]{1,1024}")


class CORS:
    """Writes the headers of one application's answers."""

    def __init__(self, config: Config) -> None:
        settings = config.server.public.cors
        self._origins = Origins(settings.allow_origins, allow_any=settings.unsafe_wildcard_origin_allowed)
        exposed = (*EXPOSED, "X-Auth-Token") if config.session.enable_auth_token_header else EXPOSED
        self._exposed = ",".join(exposed)

    def write(self, headers: Headers, environ: Mapping[str, Any]) -> None:
        """Add what the caller's ``Origin`` calls for to the *headers* of an answer.

        ``Vary`` is always there: a cache must not give one origin's answer to another.
        """
        headers.add("Vary", "Origin")
        origin = environ.get("HTTP_ORIGIN")
        if origin is None or not self._origins.match(origin):
            return
        headers.add("Access-Control-Allow-Origin", origin)
        headers.add("Access-Control-Allow-Credentials", "true")
        if environ["REQUEST_METHOD"] == "OPTIONS":
            _allow_preflight(headers, environ)
        else:
            headers.add("Access-Control-Expose-Headers", self._exposed)


def _allow_preflight(headers: Headers, environ: Mapping[str, Any]) -> None:
    headers.add("Vary", "Access-Control-Request-Method")
    headers.add("Vary", "Access-Control-Request-Headers")
    headers.add("Access-Control-Allow-Methods", METHODS)
    headers.add("Access-Control-Max-Age", MAX_AGE)
    wanted = environ.get("HTTP_ACCESS_CONTROL_REQUEST_HEADERS")
    if wanted is not None and HEADER_NAMES.fullmatch(wanted):
        headers.add("Access-Control-Allow-Headers", wanted)
