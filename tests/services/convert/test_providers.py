import pytest

from hanko_compat.errors.convert import ConversionRefused
from hanko_compat.services.convert.providers import read_providers


def test_names_there_and_here():
    assert read_providers(("corp-oidc=custom_corp", "a=b=google")) == {
        "corp-oidc": "custom_corp",
        "a=b": "google",
    }


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("google", "THEIRS=OURS"),
        ("=google", "THEIRS=OURS"),
        ("x=gogle", "no provider 'gogle' here"),
        ("x=", "no provider"),
        ("x=custom_", "no provider"),
    ],
)
def test_what_is_wrong_is_told(text, told):
    with pytest.raises(ConversionRefused, match=told):
        read_providers((text,))
