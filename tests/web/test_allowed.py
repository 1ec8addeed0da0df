from typing import Any

import pytest

from hanko_compat.errors.users import SignUpDisabled
from hanko_compat.web.allowed import allowed
from hanko_compat.web.body import returns


def view(**arguments: Any) -> str:
    """Of the view."""
    return f"seen {arguments}"


def test_what_is_allowed_is_done():
    checked = allowed(lambda **_: None)(view)
    assert checked(name="x") == "seen {'name': 'x'}"


def test_what_is_not_allowed_is_not_done():
    done = []

    def refuse(**_: Any) -> None:
        raise SignUpDisabled

    with pytest.raises(SignUpDisabled):
        allowed(refuse)(lambda: done.append("done") or "")()
    assert done == []


def test_the_check_learns_the_arguments_so_far():
    told: list[dict[str, Any]] = []
    allowed(lambda **arguments: told.append(arguments))(view)(session="s", name="x")
    assert told == [{"session": "s", "name": "x"}]


def test_notes_and_docstring_of_the_view_are_kept():
    checked = allowed(lambda **_: None)(returns(None, status=204)(view))
    assert checked.__doc__ == "Of the view."
    assert vars(checked)["__openapi__"]["responses"] == {204: None}
