from pathlib import Path

import pytest

from hanko_compat.cli.settings import Settings
from hanko_compat.errors.config import ConfigError
from hanko_compat.secret_file import SECRET_FILE
from tests.cli.terminal import write_config

CONFIGURED = "a secret that is configured"
FOUND = "a secret that was found"


@pytest.fixture
def secret_file(empty_folder: Path) -> Path:
    SECRET_FILE.parent.mkdir()
    SECRET_FILE.write_text(f"{FOUND}\n")
    SECRET_FILE.chmod(0o600)
    return SECRET_FILE


def test_secret_of_the_folder_is_used_where_none_is_configured(secret_file: Path) -> None:
    assert Settings().read().secrets.keys == (FOUND,)


def test_configured_secret_comes_first(secret_file: Path) -> None:
    write_config(Path("config.yaml"), {"secrets": {"keys": [CONFIGURED]}})

    assert Settings().read().secrets.keys == (CONFIGURED,)


def test_without_any_secret_nothing_is_served() -> None:
    with pytest.raises(ConfigError, match=r"secrets\.keys"):
        Settings().read()


def test_additions_count_as_environment(secret_file: Path) -> None:
    settings = Settings(additions={"HANKO_COMPAT_PUBLIC_URL": "https://auth.example.com"})

    assert settings.read().hanko_compat.public_url == "https://auth.example.com"
