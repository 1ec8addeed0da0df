"""Problems as an operator reads them."""

import pytest

from hanko_compat.config import Problem
from hanko_compat.config.problems import dotted
from hanko_compat.errors.config import ConfigError


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ((), ""),
        (("session",), "session"),
        (("session", "limit"), "session.limit"),
        (("secrets", "keys", 0), "secrets.keys[0]"),
        (("saml", "identity_providers", 1, "name"), "saml.identity_providers[1].name"),
        (("a\nb", "c"), r"'a\nb'.c"),
    ],
)
def test_path(path, text):
    assert dotted(path) == text


def test_error_is_one_line_for_each_problem():
    error = ConfigError([Problem("a.b", "Wrong."), Problem("", "Broken.")])
    assert str(error) == "a.b: Wrong.\nBroken."
    assert error.problems == (("a.b", "Wrong."), ("", "Broken."))
