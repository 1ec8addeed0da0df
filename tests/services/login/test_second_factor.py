import pytest

from hanko_compat.errors.login import SecondFactorRequired
from hanko_compat.services.login.second_factor import SecondFactor
from tests.factories import make_otp_secret, make_user
from tests.queries import assert_query_count


def test_a_second_factor_bars_the_log_in_with_one(services):
    guard, user = SecondFactor(is_enabled=True), make_user()
    with services.database.connection():
        guard.require_none(user.id)
        make_otp_secret(user=user)
        with pytest.raises(SecondFactorRequired):
            guard.require_none(user.id)


def test_where_it_is_off_one_factor_is_enough(services):
    user = make_otp_secret().user
    with services.database.connection(), assert_query_count(0):
        SecondFactor(is_enabled=False).require_none(user.id)
