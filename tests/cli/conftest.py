"""Commands run in an empty folder, without the configuration of whoever runs the tests."""

import os
from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "folder"
    folder.mkdir()
    monkeypatch.chdir(folder)
    for name in {"HANKO_CONFIG", "SECRETS_KEYS", "DATABASE_URL"} & set(os.environ):
        monkeypatch.delenv(name)
    return folder
