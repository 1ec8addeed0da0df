"""docs/embedding.md: its example is run as a reader would, and its settings are loaded."""

import sys
from importlib import import_module
from pathlib import Path

import pytest
import yaml

from hanko_compat.config import from_mapping
from tests.markdown import page

MANUAL = page("docs/embedding.md")


def test_the_example_of_ten_lines_serves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = MANUAL.blocks("python")[0]
    assert len([line for line in text.splitlines() if line]) <= 10
    (tmp_path / "shop.py").write_text(text)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    for name, value in (
        ("EMAIL_REQUIRE_VERIFICATION", "false"),
        ("HANKO_COMPAT_JWK_ALGORITHM", "ES256"),
        ("HANKO_CONFIG", ""),
        ("DATABASE_URL", ""),
    ):
        monkeypatch.setenv(name, value)
    app = import_module("shop").app
    client = app.test_client()
    try:
        assert client.get("/orders").status_code == 401
        user = client.post("/auth/users", json={"email": "alice@example.test"}).json
        assert client.get("/orders").json == {"user": user["user_id"]}
        body = {"user_id": user["user_id"], "email_id": user["email_id"]}
        assert client.post("/auth/passcode/login/initialize", json=body).status_code == 200
        assert client.get("/auth/dev/mailbox").status_code == 200
    finally:
        (hanko,) = app.extensions["hanko_compat"]
        hanko.close()
        del sys.modules["shop"]


@pytest.mark.parametrize("text", MANUAL.blocks("yaml"))
def test_the_settings_can_be_served(text: str) -> None:
    settings = yaml.safe_load(text)
    settings["secrets"]["keys"] = ["a secret of 26 characters."]
    config = from_mapping(settings)
    assert [str(warning) for warning in config.warnings] == []
