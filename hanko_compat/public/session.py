"""Sessions on the wire: which token a request carries, and the cookies and headers that hand one out."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import wraps
from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask import Response, after_this_request, request
from flask.typing import ResponseReturnValue

from hanko_compat.config.session import SAME_SITE, Cookie
from hanko_compat.context import services
from hanko_compat.errors.sessions import SessionInvalid
from hanko_compat.services.device_cookies import LIFETIME
from hanko_compat.services.login.finish import IssuedLogin
from hanko_compat.services.sessions.live import SessionInfo
from hanko_compat.web import device_cookie
from hanko_compat.web.body import annotate
from hanko_compat.web.client_address import client
from hanko_compat.web.header_lines import LINE_END
from hanko_compat.web.request_target import mount_of

View = Callable[..., ResponseReturnValue]

EMAIL_ID_COOKIE = "hanko_email_id"
TOKEN_COOKIE = "cbo_session_token"  # noqa: S105 - its name
SESSION_HEADERS = ("Set-Cookie", "X-Session-Lifetime", "X-Auth-Token")
"""What `hand_out` may add to an answer."""
DEVICE_HEADERS = ("Set-Cookie",)
"""What `remember_device` may add to an answer."""
# Unlike Hanko 2.7.0: so many bearer tokens are looked at, and so many cookies, not twenty of each. A parent
# domain and another path may have set theirs.
MAX_TOKENS = 3


def with_session(view: View) -> View:
    """Pass the caller's session to the view as ``session``.

    Raises:
        SessionInvalid: no token of the request is a session.
    """

    @wraps(view)
    def checked(*args: Any, **kwargs: Any) -> ResponseReturnValue:
        return view(*args, session=find_session(services().sessions.live.authenticate), **kwargs)

    return annotate(checked, session=True)


def with_caller(view: View) -> View:
    """Pass the user of the caller's session to the view as ``caller_id``; None without a valid one."""

    @wraps(view)
    def checked(*args: Any, **kwargs: Any) -> ResponseReturnValue:
        try:
            caller_id = find_session(services().sessions.live.authenticate).user_id
        except SessionInvalid:
            caller_id = None
        return view(*args, caller_id=caller_id, **kwargs)

    return checked


def ends_session(view: View) -> View:
    """Make the caller's browser forget its session when the view fails for a reason of ours, too.

    Nobody who asked for the end of a session should leave it behind in a browser that others use. The answer
    says that it failed: the session itself lives on until it expires.
    """

    @wraps(view)
    def checked(*args: Any, **kwargs: Any) -> ResponseReturnValue:
        take_back_on_failure()
        return view(*args, **kwargs)

    return checked


def take_back_on_failure() -> None:
    """Do for this request what `ends_session` does for all of a view."""

    @after_this_request
    def forget(response: Response) -> Response:
        if response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            take_back(response)
        return response


def find_session(check: Callable[[str], SessionInfo], *, cookie_name: str | None = None) -> SessionInfo:
    """The session of the current request: that of the first token which *check* lets pass.

    *cookie_name* is for requests of other applications than ours.

    Raises:
        SessionInvalid: no token of the request is a session. Where one has only just ended by lying idle, the
            error says so, for the answer to take the cookie back.
    """
    was_idle = False
    # As Hanko 2.7.0: a client may send bearer and cookie, and an old token in one does not spoil the other.
    for token in dict.fromkeys(_tokens(cookie_name or services().config.session.cookie.name)):
        try:
            return check(token)
        except SessionInvalid as error:
            was_idle |= error.was_idle
    raise SessionInvalid(was_idle=was_idle)


def _tokens(cookie_name: str) -> Iterator[str]:
    """The bearer tokens (RFC 6750 s. 2.1), then the cookies."""
    lines = request.headers.get("Authorization", "").split(LINE_END)
    for line in lines[:MAX_TOKENS]:
        scheme, _, credentials = line.partition(" ")
        if scheme.lower() == "bearer" and credentials:
            yield credentials
    yield from filter(None, request.cookies.getlist(cookie_name)[:MAX_TOKENS])


def hand_out(response: Response, login: IssuedLogin) -> None:
    """Give the caller its new session: as a cookie, or in a header where the configuration says so.

    The token for servers, where there is one, is a cookie in any case.
    """
    config, session, server_token = services().config.session, login.session, login.server_token
    lifetime = int(session.lifespan.total_seconds())
    response.headers["X-Session-Lifetime"] = str(lifetime)
    if config.enable_auth_token_header:
        response.headers["X-Auth-Token"] = session.token
    else:
        _set_session_cookie(response, session.token, max_age=lifetime)
    if server_token is not None:
        lifetime = int(server_token.lifespan.total_seconds())
        _set_session_cookie(response, server_token.token, max_age=lifetime, name=TOKEN_COOKIE)


def take_back(response: Response) -> None:
    """Make the caller's browser forget its session cookie, and the token for servers."""
    _set_session_cookie(response, "", max_age=0)
    if services().sessions.tokens.are_issued:
        _set_session_cookie(response, "", max_age=0, name=TOKEN_COOKIE)


def remember_device(response: Response, user_id: UUID, *, session_id: UUID | None = None) -> None:
    """Let limits tell this browser from strangers to the account from now on; without limits do nothing.

    *session_id* is the session with which it has earned that, unless it was by a link.
    """
    value = services().known_devices.remember(user_id, client(), session_id=session_id)
    if value is None:
        return
    # Log-out leaves it: it says who has logged in here, not who is. And no page has to read it.
    settings = replace(services().config.session.cookie, http_only=True)
    max_age = int(LIFETIME.total_seconds())
    name, same_site = device_cookie.COOKIE, settings.same_site
    path = mount_of(request.environ)
    cookie = write_cookie(settings, name, value, same_site=same_site, path=path, max_age=max_age)
    response.headers.add("Set-Cookie", cookie)


def remember_email_id(response: Response, email_id: UUID) -> None:
    """Tell the address of a sign-up to frontends that send no ``email_id`` with the passcode request."""
    # As Hanko 2.7.0: for the browser's session, without a path, and always for other sites as well.
    settings = services().config.session.cookie
    cookie = write_cookie(settings, EMAIL_ID_COOKIE, str(email_id), same_site="none")
    response.headers.add("Set-Cookie", cookie)


def _set_session_cookie(response: Response, value: str, *, max_age: int, name: str | None = None) -> None:
    """For the whole host, wherever we are mounted: others check the session, too."""
    settings = services().config.session.cookie
    name, same_site = name or settings.name, settings.same_site
    cookie = write_cookie(settings, name, value, same_site=same_site, path="/", max_age=max_age)
    response.headers.add("Set-Cookie", cookie)


def write_cookie(
    settings: Cookie,
    name: str,
    value: str,
    *,
    same_site: str,
    path: str | None = None,
    max_age: int | None = None,
) -> str:
    """Write a cookie (RFC 6265 s. 4.1) with the attributes in the order of the original.

    By hand: werkzeug has an order of its own and refuses a cookie without a path.
    """
    attributes = (
        f"Path={path}" if path else None,
        # As Hanko 2.7.0: without the dot that old browsers wanted at its beginning.
        f"Domain={settings.domain.removeprefix('.')}" if settings.domain else None,
        f"Max-Age={max_age}" if max_age is not None else None,
        "HttpOnly" if settings.http_only else None,
        "Secure" if settings.secure else None,
        # As Hanko 2.7.0: any other text leaves the attribute out, which browsers take for lax.
        f"SameSite={same_site.capitalize()}" if same_site in SAME_SITE else None,
    )
    return "; ".join([f"{name}={value}", *filter(None, attributes)])
