"""Paths below one user: a user that does not exist is reported alone, before anything else is looked at."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from flask.typing import ResponseReturnValue
from marshmallow import ValidationError
from werkzeug.exceptions import HTTPException

from hanko_compat.context import services
from hanko_compat.errors import HankoCompatError

View = Callable[..., ResponseReturnValue]


def of_user(view: View) -> View:
    """Report an unknown user rather than what is wrong with the rest of the request.

    Asks for the user only when something is wrong: services find out by themselves otherwise. Goes on top of
    ``@body`` and ``@listed``.
    """

    @wraps(view)
    def checked(*, user_id: UUID, **kwargs: Any) -> ResponseReturnValue:
        try:
            return view(user_id=user_id, **kwargs)
        except (ValidationError, HTTPException, HankoCompatError):
            services().users.records.require(user_id)
            raise

    return checked
