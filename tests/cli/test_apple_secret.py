from datetime import UTC, datetime, timedelta
from pathlib import Path

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.cli.terminal import run

KEY = ec.generate_private_key(ec.SECP256R1())
IDS = ("--team-id", "TEAM123456", "--key-id", "KEY1234567", "--service-id", "com.example.login")


@pytest.fixture
def key_file(empty_folder: Path) -> Path:
    path = empty_folder / "AuthKey_KEY1234567.p8"
    pem = KEY.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(pem)
    return path


@pytest.mark.parametrize(("options", "days"), [((), 180), (("--days", "30"), 30), (("--days", "182"), 182)])
def test_the_secret_stands_alone_on_standard_output(
    key_file: Path, options: tuple[str, ...], days: int
) -> None:
    result = run("apple-secret", *IDS, "--key-file", str(key_file), *options)

    assert result.exit_code == 0
    claims = jwt.decode(
        result.stdout.strip(), KEY.public_key(), algorithms=["ES256"], audience="https://appleid.apple.com"
    )
    assert (claims["iss"], claims["sub"]) == ("TEAM123456", "com.example.login")
    assert claims["exp"] - claims["iat"] == timedelta(days=days).total_seconds()
    ends = datetime.fromtimestamp(claims["exp"], UTC)
    assert result.stderr == f"Apple takes it until {ends:%Y-%m-%d %H:%M} UTC\n"


def test_no_configuration_is_needed_and_no_file_but_the_key_is_touched(key_file: Path) -> None:
    run("apple-secret", *IDS, "--key-file", str(key_file))
    assert list(key_file.parent.iterdir()) == [key_file]


@pytest.mark.parametrize("days", ["0", "183", "x"])
def test_it_lives_for_half_a_year_at_most(key_file: Path, days: str) -> None:
    result = run("apple-secret", *IDS, "--key-file", str(key_file), "--days", days)
    assert result.exit_code == 2
    assert result.stdout == ""


def test_a_file_that_is_no_key_is_named_as_what_it_should_be(key_file: Path) -> None:
    key_file.write_text("no key")
    result = run("apple-secret", *IDS, "--key-file", str(key_file))
    assert result.exit_code == 1
    assert "take Apple's .p8 file" in result.stderr
    assert run("apple-secret", *IDS, "--key-file", "missing.p8").exit_code == 2
