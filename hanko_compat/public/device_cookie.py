"""The page behind the link of a notice: its button gives the browser the device cookie of the account."""

from flask import Blueprint, Response, make_response, render_template, request
from flask.typing import ResponseReturnValue

from hanko_compat.context import services
from hanko_compat.errors.device_links import DeviceLinkExpired, DeviceLinkInvalid
from hanko_compat.public.session import remember_device
from hanko_compat.services.device_links import PATH, page_texts
from hanko_compat.web import page_parts
from hanko_compat.web.body import read_form
from hanko_compat.web.client_address import client

bp = Blueprint("device_cookie", __name__, template_folder="templates")

EXPIRED, INVALID = "expired", "invalid"
STATUS = {EXPIRED: 410, INVALID: 400}
STYLE = page_parts.read("hanko_compat.public", "device_cookie.css")
HEADERS = {
    "Content-Type": "text/html; charset=UTF-8",
    "Content-Security-Policy": (
        f"default-src 'none'; style-src {page_parts.source(STYLE)}; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    # Not no-referrer, with which browsers send the form with `Origin: null` (Fetch standard s. 3.1). Neither
    # policy shows the token to anybody.
    "Referrer-Policy": "strict-origin",
}


@bp.get(PATH)
def device_page() -> ResponseReturnValue:
    """Show the button. Programs that look into mails follow links, too, so this uses nothing up."""
    services().rate_limits.look_up(client())
    token = request.args.get("token", "")
    try:
        services().device_links.check(token)
    except DeviceLinkInvalid:
        return _page(INVALID)
    except DeviceLinkExpired:
        return _page(EXPIRED)
    return _page("explain", token=token)


@bp.post(PATH)
def remember() -> ResponseReturnValue:
    """Use the link up, and let limits tell this browser from strangers to the account."""
    services().rate_limits.look_up(client())
    try:
        user_id = services().device_links.use_up(read_form().get("token", ""))
    except DeviceLinkInvalid:
        return _page(INVALID)
    except DeviceLinkExpired:
        return _page(EXPIRED)
    response = _page("done")
    remember_device(response, user_id)
    return response


def _page(message: str, *, token: str | None = None) -> Response:
    """The page in the caller's language, with the button where there is a *token*."""
    service = services().config.service.name
    language, texts = page_texts(client())
    page = render_template(
        "device_cookie.html",
        language=language,
        service=service,
        style=STYLE,
        title=texts["title"],
        message=texts[message].format(service=service),
        button=texts["button"],
        token=token,
    )
    response = make_response(page, STATUS.get(message, 200))
    response.headers.update(HEADERS)
    return response
