import pytest

from hanko_compat.storage.users import second_factors
from tests.factories import make_credential, make_otp_secret, make_user
from tests.queries import assert_query_count


@pytest.mark.parametrize(
    ("make", "changes", "expected"),
    [
        (make_otp_secret, {}, True),
        (make_credential, {"mfa_only": True}, True),
        (make_credential, {"mfa_only": False}, False),
    ],
)
def test_what_is_a_second_factor(services, make, changes, expected):
    user, somebody_else = make_user(), make_user()
    make(user=user, **changes)
    with services.database.connection():
        with assert_query_count(1):
            assert second_factors.exist(user.id) == expected
        assert not second_factors.exist(somebody_else.id)
