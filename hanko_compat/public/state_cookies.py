"""Cookies that bind a log-in with another provider to the browser that has begun it."""

from flask import Response, request

from hanko_compat.context import services
from hanko_compat.public.session import write_cookie
from hanko_compat.services.third_party.states import LIFETIME
from hanko_compat.web.request_target import mount_of


def set_state_cookie(response: Response, name: str, value: str, *, same_site: str) -> None:
    """Give the caller's browser the state of a log-in; "" takes it back.

    As Hanko 2.7.0: with the domain, ``Secure`` and ``HttpOnly`` of the session's cookie, not its SameSite.
    """
    settings = services().config.session.cookie
    max_age = int(LIFETIME.total_seconds()) if value else 0
    path = mount_of(request.environ)
    cookie = write_cookie(settings, name, value, same_site=same_site, path=path, max_age=max_age)
    response.headers.add("Set-Cookie", cookie)
