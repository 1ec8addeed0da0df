"""What a view gets hold of during a request."""

from typing import cast

from flask import current_app

from hanko_compat.wiring import Services

EXTENSION = "hanko_compat"


def services() -> Services:
    """The services of the application that answers the current request."""
    return cast(Services, current_app.extensions[EXTENSION])
