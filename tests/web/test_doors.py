import pytest

from hanko_compat.web.doors import is_backend


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/v2", True),
        ("/v2/", True),
        ("/v2/users", True),
        ("/v2users", False),
        ("/users", False),
        ("/V2/users", False),
    ],
)
def test_servers_call_below_one_prefix(path, expected):
    assert is_backend(path) is expected
