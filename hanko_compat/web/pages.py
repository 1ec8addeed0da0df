"""What all pages of a server share: a header that leads from each to the others, a style, and a policy."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Response, current_app, render_template, request
from markupsafe import Markup

from hanko_compat import __version__
from hanko_compat.web import page_parts
from hanko_compat.web.request_target import mount_of

# By the view that serves each. The backend door's page is not among them: it asks for credentials.
PAGES = {
    "playground.page": ("playground", "Playground"),
    "documents.docs": ("docs", "API reference"),
    "mailbox.mails": ("dev/mailbox", "Mailbox"),
    "public.status.status": ("", "Status"),
}
# The empty icon keeps browsers from asking for /favicon.ico.
POLICY = {
    "default-src": "'none'",
    "img-src": "data:",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
}


@dataclass(frozen=True, slots=True)
class Link:
    """A page that the header leads to."""

    href: str
    title: str
    is_current: bool


def render(
    template: str,
    *,
    service_name: str,
    style: str = "",
    script: str = "",
    loads: Mapping[str, str] | None = None,
    is_alone: bool = False,
    **values: Any,
) -> Response:
    """Render *template*, which extends ``page.html``, around *style* and *script*, files of our templates.

    *loads* has the sources that the page needs beside what it has inside itself, by directive. One that
    *is_alone* leads nowhere.
    """
    sheet, code = Markup().join(map(_read, ("page.css", style))), _read(script)
    page = render_template(
        template,
        service_name=service_name,
        version=__version__,
        links=[] if is_alone else links(),
        style=sheet,
        script=code,
        **values,
    )
    response = Response(page, content_type="text/html; charset=UTF-8")
    response.headers["Content-Security-Policy"] = _policy(sheet, code, loads or {})
    return response


def links() -> Sequence[Link]:
    """The pages that this server has, the one that is asked for among them."""
    root = root_of(request.environ.get("PATH_INFO", "/"), mount=mount_of(request.environ))
    return [
        Link(root + path, title, is_current=view == request.endpoint)
        for view, (path, title) in PAGES.items()
        if view in current_app.view_functions
    ]


def root_of(path: str, *, mount: str) -> str:
    """Where the server's paths begin, as seen from *path*, which is empty at the *mount* itself.

    Relative, since a proxy may have taken a prefix out of the path.
    """
    if not path:
        return f"{mount.rpartition('/')[2]}/"
    return "../" * (path.count("/") - 1) or "./"


def _read(name: str) -> Markup:
    return page_parts.read(__package__, name) if name else Markup()


def _policy(style: str, script: str, loads: Mapping[str, str]) -> str:
    """Allow what the page has inside itself, and what else it *loads*; it needs nothing more."""
    inside = {"style-src": page_parts.source(style)}
    if script:
        inside["script-src"] = page_parts.source(script)
    own = {
        directive: " ".join(filter(None, (inside.get(directive), loads.get(directive))))
        for directive in (*inside, *loads)
    }
    return "; ".join(f"{directive} {sources}" for directive, sources in (POLICY | own).items())
