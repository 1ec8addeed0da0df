"""Where the settings of an embedded server come from."""

import stat
from pathlib import Path

import pytest
import yaml

from hanko_compat.config import ConfigError, from_mapping
from hanko_compat.embedding.configuration import Source, read
from hanko_compat.errors import OperatorError
from hanko_compat.secret_file import SECRET_FILE

SECRET = "a secret of 26 characters."
SETTINGS = {"secrets": {"keys": [SECRET]}, "service": {"name": "Shop"}}


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("HANKO_CONFIG", "SECRETS_KEYS", "DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)


def name_in(source: Source, *, dev: bool = False) -> str:
    return read(source, dev=dev, backend_door=False).service.name


def write(path: Path, name: str) -> Path:
    path.write_text(yaml.safe_dump(SETTINGS | {"service": {"name": name}}))
    return path


def test_each_source_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert name_in(SETTINGS) == name_in(from_mapping(SETTINGS)) == "Shop"
    named = write(tmp_path / "named.yaml", "named")
    assert name_in(named) == name_in(str(named)) == "named"
    write(Path("config.yaml"), "found")
    assert name_in(None) == "found"
    monkeypatch.setenv("HANKO_CONFIG", str(write(tmp_path / "other.yaml", "by variable")))
    assert name_in(None) == "by variable"


def test_variables_count_over_a_file_and_not_over_a_mapping(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`DATABASE_URL`, for one, may be that of the other application."""
    monkeypatch.setenv("SERVICE_NAME", "by variable")
    assert name_in(write(tmp_path / "named.yaml", "named")) == "by variable"
    assert name_in(SETTINGS) == "Shop"


@pytest.mark.parametrize("source", [{}, None])
def test_the_secret_of_a_first_look_is_made_during_development_only(source: Source) -> None:
    with pytest.raises(ConfigError, match=r"secrets\.keys"):
        read(source, dev=False, backend_door=False)
    assert not SECRET_FILE.exists()
    first, second = (read(source, dev=True, backend_door=False).secrets.keys for _ in range(2))
    assert first == second == (SECRET_FILE.read_text().strip(),)
    assert stat.S_IMODE(SECRET_FILE.stat().st_mode) == 0o600


def test_every_problem_is_named() -> None:
    with pytest.raises(ConfigError) as raised:
        read({"session": {"limt": 3}, "secrets": {"keys": ["short"]}}, dev=False, backend_door=False)
    assert [problem.path for problem in raised.value.problems] == ["session.limt"]


def test_an_address_of_the_backend_door_is_refused() -> None:
    settings = SETTINGS | {"hanko_compat": {"backend_api": {"bind": "127.0.0.1:8001"}}}
    with pytest.raises(OperatorError, match=r"backend_api\.bind"):
        read(settings, dev=False, backend_door=True)
