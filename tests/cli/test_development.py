from pathlib import Path

import pytest

from hanko_compat.cli.development import local_url, prepare, snapshot
from hanko_compat.cli.settings import Settings
from hanko_compat.secret_file import SECRET_FILE
from tests.cli.terminal import write_config


def test_configured_secret_needs_no_file(empty_folder: Path) -> None:
    write_config(empty_folder / "config.yaml", {"secrets": {"keys": ["a secret that is configured"]}})

    prepare(Settings(), bind=None)

    assert not SECRET_FILE.exists()


@pytest.mark.parametrize(
    ("configured", "bind", "address"),
    [
        (":8000", None, "localhost:8000"),
        ("0.0.0.0:8000", None, "0.0.0.0:8000"),
        (":8000", "192.0.2.1:9000", "192.0.2.1:9000"),
    ],
)
def test_only_this_machine_is_served_unless_told_otherwise(
    empty_folder: Path, configured: str, bind: str | None, address: str
) -> None:
    write_config(empty_folder / "config.yaml", {"server": {"public": {"address": configured}}})

    assert prepare(Settings(), bind=bind) == address


@pytest.mark.parametrize(
    ("address", "url"),
    [
        ("127.0.0.1:8000", "http://localhost:8000"),
        ("0.0.0.0:80", "http://localhost:80"),
        ("[::]:80", "http://localhost:80"),
        ("[::1]:80", "http://localhost:80"),
        ("[2001:db8::1]:80", "http://[2001:db8::1]:80"),
        ("unix:/run/hanko-compat.sock", "unix:/run/hanko-compat.sock"),
        ("[::1]:8000", "http://localhost:8000"),
        ("192.0.2.1:8000", "http://192.0.2.1:8000"),
    ],
)
def test_url_for_a_browser(address: str, url: str) -> None:
    assert local_url(address) == url


def test_configuration_is_watched(empty_folder: Path) -> None:
    config = empty_folder / "config.yaml"
    before = snapshot(Settings())
    config.write_text("")

    assert set(snapshot(Settings())) - set(before) == {Path("config.yaml")}
