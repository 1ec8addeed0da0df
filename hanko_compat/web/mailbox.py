"""The mailbox of ``serve --dev``: mails as pages, so that a newcomer finds the passcode in a browser."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from flask import Blueprint, Response, abort, request
from flask.typing import ResponseReturnValue

from hanko_compat.web import pages

REFRESH = 2
"""Seconds after which the list shows what is new."""

# A mail may hold untrusted text: it runs nothing, loads nothing and belongs to no origin.
MAIL_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'; "
    "form-action 'none'; sandbox"
)
NOT_KEPT = {"Cache-Control": "no-store"}


class StoredMail(Protocol):
    """One mail."""

    @property
    def name(self) -> str:
        """What its page is called."""

    @property
    def to(self) -> str:
        """The address it went to."""

    @property
    def subject(self) -> str:
        """Its subject."""

    @property
    def text(self) -> str:
        """The plain part."""

    @property
    def html(self) -> str:
        """The HTML part, a whole document."""

    @property
    def written_at(self) -> datetime:
        """When it was written, aware."""


class Mailbox(Protocol):
    """Where the mails are."""

    def list(self) -> Sequence[StoredMail]:
        """Every mail, the newest first."""

    def find(self, name: str) -> StoredMail | None:
        """The mail of that name."""


def mailbox_pages(mailbox: Mailbox, *, service_name: str) -> Blueprint:
    """Make the blueprint of the list and of each mail's HTML part, which is shown as it was sent."""
    bp = Blueprint("mailbox", __name__, template_folder="templates", url_prefix="/dev/mailbox")

    @bp.get("")
    def mails() -> ResponseReturnValue:
        page = pages.render(
            "mailbox.html",
            service_name=service_name,
            style="mailbox.css",
            script="mailbox.js",
            loads={"connect-src": "'self'"},  # itself, again
            mails=mailbox.list(),
            refresh=None if "still" in request.args else REFRESH,
        )
        page.headers.update(NOT_KEPT)
        return page

    @bp.get("/<name>")
    def mail(name: str) -> ResponseReturnValue:
        found = mailbox.find(name)
        if found is None:
            abort(404)
        headers = {"Content-Security-Policy": MAIL_POLICY, **NOT_KEPT}
        return Response(found.html, content_type="text/html; charset=utf-8", headers=headers)

    return bp
