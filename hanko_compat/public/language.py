"""The language in which a caller wants its mails."""

from flask import request

from hanko_compat.mail import languages


def language() -> str:
    """What ``X-Language`` of the current request asks for, else ``Accept-Language``; English by default."""
    return languages.choose(request.headers.get("X-Language"), request.headers.get("Accept-Language"))
