"""WSGI in front of another application (PEP 3333): what lies below a prefix goes to ours, all else passes.

So a path below the prefix never meets hooks, error handlers, limits and CSRF checks of the other application,
as it would in a blueprint, and no other path meets ours. What is true of the server by itself is true here.
"""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from hanko_compat.embedding.process import RETRY_AFTER, EmbeddedApp
from hanko_compat.errors.embedding import NotReady
from hanko_compat.web import refused_head, request_target

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class Mount:
    """Serves an application of ours at a prefix of *host*."""

    def __init__(self, host: "WSGIApplication", embedded: EmbeddedApp, *, prefix: str) -> None:
        self._host = host
        self._embedded = embedded
        self._prefix = prefix

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer a request."""
        if not is_at(environ.get("PATH_INFO", ""), self._prefix):
            return self._host(environ, start_response)
        inner = below(environ, self._prefix)
        try:
            app = self._embedded.ready()
        except NotReady:
            app = self._embedded.app
            inner[refused_head.STATUS] = 503  # in the words of the door, with CORS headers
            start_response = with_retry_after(start_response)
        return app(inner, start_response)


def with_retry_after(start_response: "StartResponse") -> "StartResponse":
    """Begin an answer as *start_response* does, and say when to come again (RFC 9110 s. 10.2.3)."""

    def begin(status: str, headers: list[tuple[str, str]], *rest: Any) -> Callable[[bytes], object]:
        return start_response(status, [*headers, ("Retry-After", str(RETRY_AFTER))], *rest)

    return begin


def is_at(path: str, mount: str) -> bool:
    """Whether *path* is *mount* or lies below it."""
    return path == mount or path.startswith(f"{mount}/")


def below(environ: "WSGIEnvironment", prefix: str) -> "WSGIEnvironment":
    """*environ* as an application gets it that is mounted at *prefix* of this one."""
    inner, outer = dict(environ), environ.get("SCRIPT_NAME", "")
    inner["SCRIPT_NAME"] = outer + prefix
    inner["PATH_INFO"] = environ["PATH_INFO"].removeprefix(prefix)
    whole = request_target.path_of({**environ, "SCRIPT_NAME": ""})
    if outer and is_at(whole, prefix) and not is_at(whole, outer + prefix):
        # A proxy has taken the outer part out of the path, and names it in a header (ProxyFix's x_prefix).
        inner["RAW_URI"] = outer + whole
    return inner
