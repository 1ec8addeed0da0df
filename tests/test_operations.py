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
from hanko_compat.storage.models import SpentToken, User
from hanko_compat.storage.schema import migrate
from tests.calls import CALLER
from tests.factories import write_to
from tests.markdown import FENCE, page
from tests.servers.mariadb import MariaDB
from tests.servers.postgres import FOLDERS, Postgres
from tests.servers.process import find_program, own_name
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

    def services(self, url=None):
        """What a server makes of the database, or of another one."""
        return wiring.build(from_mapping(settings_on(url or self.url, SETTINGS), environ={}))

    def sign_up(self):
        """Have a user sign up; return its token, and its id."""
        services = self.services()
        try:
            services.keys.ensure()
            made = services.users.accounts.sign_up("jané@example.test", client=CALLER)
            return made.issued.session.token, made.user_id
        finally:
            services.database.close_all()

    def is_logged_in(self, token, user_id, url=None):
        """Whether a session is good, and its user can be looked up by an address with an accent."""
        services = self.services(url)
        try:
            found = services.users.accounts.look_up("jané@example.test", client=CALLER)
            return services.sessions.live.inspect(token).user_id == user_id == found.user_id
        finally:
            services.database.close_all()


def empty(url):
    """Lose all users."""
    database = open_database(url)
    with database.connection():
        database.peewee.execute_sql("DELETE FROM primary_emails")
        User.delete().execute()
    database.close_all()


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


def test_backup_and_restore_of_sqlite(operator):
    session = operator.sign_up()
    back_up, restore = commands("### SQLite")
    operator.run(back_up)
    empty(operator.url)
    operator.run(restore)
    assert operator.is_logged_in(*session)
    assert (operator.folder / "var/hanko_compat.sqlite3").stat().st_mode & 0o777 == 0o600


def test_backup_and_restore_of_postgres(folder, test_run):
    server = Postgres(test_run)
    server.shared()
    find_program("pg_dump", *FOLDERS)
    url, name = server.create_database("operations"), own_name("restored")
    server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    check_restore(Operator(folder, url, RESTORED_URL=server.url(name)), "### PostgreSQL", name)


def test_backup_and_restore_of_mariadb(folder, test_run):
    server = MariaDB(test_run)
    server.shared()
    find_program("mariadb-dump")
    url, name = server.create_database("operations"), own_name("restored")
    server.execute(f"DROP DATABASE IF EXISTS {name}")
    account = f"[client]\nhost = 127.0.0.1\nport = {server.port}\nuser = hanko\npassword = hanko\n"
    (folder / "backup.cnf").write_text(account)
    check_restore(Operator(folder, url, RESTORED_URL=server.url(name)), "### MariaDB", name)


def check_restore(operator, heading, name):
    """Walk through the page with a database of the test's own, which is lost in between."""
    operator.run("hanko-compat migrate up")
    session = operator.sign_up()
    own = re.sub(r".*/", "", operator.url)
    back_up, restore = (
        re.sub(r"\brestored\b", name, re.sub(r"(?<=utf8mb4 )hanko\b", own, script))
        for script in commands(heading)
    )
    operator.run(back_up)
    (dump,) = (operator.folder / "backups").iterdir()
    assert dump.stat().st_mode & 0o077 == 0
    empty(operator.url)
    operator.run(restore)
    restored = operator.environment["RESTORED_URL"]
    assert operator.is_logged_in(*session, url=restored)
    database = open_database(restored)
    assert migrate.require_current(database).owner == "us"
    database.close_all()
