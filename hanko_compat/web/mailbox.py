"""The mailbox of ``serve --dev``: mails as pages, so that a newcomer finds the passcode in a browser."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from flask import Blueprint, Response, abort, render_template, request
from flask.typing import ResponseReturnValue

REFRESH = 2
"""Seconds after which the list shows what is new."""

LIST_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"
# A mail may hold untrusted text: it runs nothing, loads nothing and belongs to no origin.
MAIL_POLICY = f"{LIST_POLICY}; form-action 'none'; sandbox"


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


def mailbox_pages(mailbox: Mailbox) -> Blueprint:
    """Make the blueprint of the list and of each mail's HTML part."""
    bp = Blueprint("mailbox", __name__, template_folder="templates", url_prefix="/dev/mailbox")

    @bp.get("")
    def mails() -> ResponseReturnValue:
        refresh = None if "still" in request.args else REFRESH
        page = render_template("mailbox.html", mails=mailbox.list(), refresh=refresh)
        return _page(page, LIST_POLICY)

    @bp.get("/<name>")
    def mail(name: str) -> ResponseReturnValue:
        found = mailbox.find(name)
        if found is None:
            abort(404)
        return _page(found.html, MAIL_POLICY)

    return bp


def _page(page: str, policy: str) -> Response:
    headers = {"Content-Security-Policy": policy, "Cache-Control": "no-store"}
    return Response(page, content_type="text/html; charset=utf-8", headers=headers)
