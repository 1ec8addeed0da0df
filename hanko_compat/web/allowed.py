"""Declaration of a view: what has to be allowed, by the configuration or to the caller."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask.typing import ResponseReturnValue

View = Callable[..., ResponseReturnValue]


def allowed(check: Callable[..., None]) -> Callable[[View], View]:
    """Call *check* with the view's arguments so far: what it raises is the answer, and nothing else is done.

    Those are the path's and what decorators above have added, such as ``session``. Decorators below, such as
    `body`, have not run yet: a refusal is the same whatever they would say.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def checked(**arguments: Any) -> ResponseReturnValue:
            check(**arguments)
            return view(**arguments)

        return checked

    return decorate
