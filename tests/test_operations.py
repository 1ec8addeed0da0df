"""The page for operators, walked through command by command."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from hanko_compat import wiring
from hanko_compat.clock import utc_now
from hanko_compat.config import from_mapping
from hanko_compat.services.clean_up.kinds import AUDIT_LOG
from hanko_compat.storage.engine.database import open_database
from hanko_compat.storage.models import SpentToken
from tests.factories import write_to
from tests.markdown import FENCE, page
from tests.servers.postgres import FOLDERS
from tests.settings import settings_on

pytestmark = [pytest.mark.servers, pytest.mark.slow]

PAGE = page("docs/operations.md")
SETTINGS = {"email.require_verification": False, "hanko_compat.jwk.algorithm": "EdDSA"}


def commands(heading):
    """The blocks of shell commands below a heading, up to the next one."""
    _, found, rest = PAGE.text.partition(f"\n{heading}\n")
    assert found, heading
    section = re.split(r"^#+ ", rest, maxsplit=1, flags=re.MULTILINE)[0]
    return [body for _, language, body in FENCE.findall(section) if language == "sh"]


class Operator:
    """Somebody at a terminal, in a folder with the configuration."""

    def __init__(self, folder, url, **environment):
        self.folder = folder
        self.url = url
        settings = settings_on(url, SETTINGS)
        (folder / "config.yaml").write_text(yaml.safe_dump(settings))
        (folder / "config.yaml").chmod(0o640)
        places = [str(Path(sys.executable).parent), *FOLDERS, os.environ["PATH"]]
        clean = {name: value for name, value in os.environ.items() if name not in {"HANKO_CONFIG"}}
        self.environment = clean | {"PATH": ":".join(places), "DATABASE_URL": url, **environment}

    def run(self, script):
        """Run a block of commands, of which none may fail; return what it printed."""
        done = subprocess.run(
            ["bash", "-e", "-o", "pipefail", "-c", script],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, f"{script}\n{done.stdout}{done.stderr}"
        return done.stdout


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "operator").mkdir()
    return tmp_path / "operator"


@pytest.fixture
def operator(folder):
    """One whose server keeps an SQLite database."""
    operator = Operator(folder, f"sqlite:///{folder}/var/hanko_compat.sqlite3")
    operator.run("hanko-compat migrate up")
    return operator


def test_clean_up(operator):
    database = write_to(open_database(operator.url))
    with database.connection():
        SpentToken.create(id="used", expires_at=utc_now().replace(year=2020))
    ((script),) = commands("## Clean-up")
    counted, deleted = operator.run(script).splitlines()[-1], operator.run(script).splitlines()[-1]
    assert (counted, deleted) == ("1 rows deleted", "0 rows deleted")
    database.close_all()


def test_page_names_every_kind_that_is_deleted(operator):
    services = wiring.build(
        from_mapping(
            settings_on(operator.url, {"hanko_compat.cleanup.unverified_sign_ups": "24h"}), environ={}
        )
    )
    rows = re.findall(r"^\| (`.*`) \|.*\|.*\|$", PAGE.text, re.MULTILINE)
    named = [name for row in rows for name in re.findall(r"`(\w+)`", row)]
    assert sorted(named) == sorted(services.clean_up.runs.kinds)
    assert AUDIT_LOG in named
