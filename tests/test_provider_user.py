"""What a provider tells of somebody is kept out of log lines."""

from hanko_compat.provider_user import ProviderUser


def test_claims_are_not_shown_with_the_user() -> None:
    user = ProviderUser(provider_id="google", subject="1", claims={"birthdate": "1970-01-01"})
    assert "1970" not in repr(user)
