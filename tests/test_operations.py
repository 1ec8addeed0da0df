"""The page for operators, walked through command by command, in a shell that has the package installed."""

import os
import re
import signal
import subprocess
from doctest import ELLIPSIS, NORMALIZE_WHITESPACE, OutputChecker
from itertools import pairwise
from threading import Timer

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
from tests.installation import install
from tests.markdown import CODE, FENCE, page
from tests.servers.mariadb import MariaDB
from tests.servers.postgres import FOLDERS, Postgres
from tests.servers.process import find_program, free_port, own_name
from tests.settings import settings_on
from tests.smtp import MailServer

pytestmark = [pytest.mark.servers, pytest.mark.slow]

PAGE = page("docs/operations.md")
SETTINGS = {"email.require_verification": False, "hanko_compat.jwk.algorithm": "EdDSA"}
PATIENCE = 300  # seconds that a block may take
ON_SERVERS = {"### PostgreSQL", "### MariaDB"}
"""Sections whose commands have a test of their own, as each needs another database."""
LEFT_OUT = {
    "sh install": "pip asks a registry: here a wheel is installed, and tests/test_locks.py reads the lock",
}
"""Blocks of commands that the walk leaves out, and why."""
MENTIONED = {
    "config example": "tests/test_package.py runs it",
    "migrate indexes": "is for a database that Hanko owns: tests/dropin runs it",
}
"""Commands that stand in the text and in no block, and why."""
COMMAND = re.compile(r"hanko-compat ([a-z][a-z-]*(?: [a-z][a-z-]*)?)")
VARYING = (
    (re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"), "ID"),
    (re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?Z?"), "TIME"),
)
"""What is other each time, and stands for itself in what the page shows."""


def sections():
    """Each heading, and what stands below it up to the next one."""
    parts = re.split(r"^(##+ .*)$", PAGE.text, flags=re.MULTILINE)
    return list(zip(parts[1::2], parts[2::2], strict=True))


def commands(heading):
    """The blocks of shell commands below a heading."""
    return [body for _, label, body in FENCE.findall(dict(sections())[heading]) if label.startswith("sh")]


def steps():
    """Every block of commands that needs no database server: its heading, label, lines, and what is shown."""
    for heading, text in sections():
        blocks = [(label, body) for _, label, body in FENCE.findall(text)]
        for (label, body), (next_label, shown) in pairwise([*blocks, ("", "")]):
            if heading not in ON_SERVERS and label.startswith("sh"):
                yield heading, label, body, shown if next_label == "text" else None


def plain(shown):
    """*shown* without what is other each time."""
    for pattern, name in VARYING:
        shown = pattern.sub(name, shown)
    return shown


class Terminal:
    """A shell that is given one block after the other, in a folder with a home that is empty at first."""

    def __init__(self, folder, environment):
        self.shell = subprocess.Popen(
            ["bash", "--norc"],
            cwd=folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self.run("set -euo pipefail")

    def run(self, block):
        """Type a block in, of which no command may fail; return what is shown."""
        timer = Timer(PATIENCE, os.killpg, [self.shell.pid, signal.SIGKILL])
        timer.start()
        try:
            self.shell.stdin.write(f"{{ {block}\n}} < /dev/null; printf '\\0'\n".encode())
            self.shell.stdin.flush()
            return self._shown(block)
        finally:
            timer.cancel()

    def _shown(self, block):
        shown = bytearray()
        while not shown.endswith(b"\0"):
            more = os.read(self.shell.stdout.fileno(), 10_000)
            assert more, f"{block}\n{shown.decode()}"
            shown += more
        return shown[:-1].decode()

    def close(self):
        """End the shell with all that it has started."""
        with self.shell:
            os.killpg(self.shell.pid, signal.SIGKILL)


class Operator:
    """Somebody at a terminal, in a folder with the environment *venv*."""

    def __init__(self, folder, venv, **environment):
        self.folder = folder
        (folder / "home").mkdir()
        (folder / "venv").symlink_to(venv)
        places = [str(venv / "bin"), *FOLDERS, os.environ["PATH"]]
        self.environment = {"PATH": ":".join(places), "HOME": str(folder / "home"), "LANG": "C.UTF-8"}
        self.environment |= environment
        self.terminal = Terminal(folder, self.environment)

    def run(self, block):
        return self.terminal.run(block)

    def close(self):
        self.terminal.close()


def sign_up(url):
    """Have a user sign up; return its token, and its id."""
    services = wiring.build(from_mapping(settings_on(url, SETTINGS), environ={}))
    try:
        services.keys.ensure()
        made = services.users.accounts.sign_up("jané@example.test", client=CALLER)
        return made.issued.session.token, made.user_id
    finally:
        services.database.close_all()


def is_logged_in(url, token, user_id):
    """Whether a session is good, and its user can be looked up by an address with an accent."""
    services = wiring.build(from_mapping(settings_on(url, SETTINGS), environ={}))
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


@pytest.fixture(scope="module")
def venv(tmp_path_factory):
    """The folder of an environment."""
    return install(tmp_path_factory.mktemp("venv"), tmp_path_factory.mktemp("wheels"))


@pytest.fixture
def make_operator(tmp_path, venv):
    """Make an operator in an empty folder."""
    made = []

    def make(**environment):
        folder = tmp_path / "operator"
        folder.mkdir()
        made.append(Operator(folder, venv, **environment))
        return made[-1]

    yield make
    for operator in made:
        operator.close()


class Walk:
    """The walk on SQLite, with a server and a mail server at ports of their own."""

    def __init__(self, operator, mail_port):
        self.operator = operator
        self.url = f"sqlite:///{operator.folder}/var/hanko_compat.sqlite3"
        self.site = f"127.0.0.1:{free_port()}"
        self.mail_port = mail_port

    def here(self, text):
        return re.sub(r"\b1025\b", str(self.mail_port), text.replace("127.0.0.1:8000", self.site))

    def serve(self, block):
        """Start what the page has in a second terminal, and wait until it answers."""
        self.operator.run(f"{{ {block}\n}} > server.log 2>&1 & server=$!")
        self.operator.run(
            f"until curl -s -o answer http://{self.site}/health/ready; do kill -0 $server; sleep 0.1; done"
        )

    def stop(self):
        self.operator.run("kill $server; wait $server || true")

    def step(self, heading, label, block):
        """Do a step; return what is shown."""
        if label == "sh server":
            return self.serve(block)
        if heading == "## Clean-up":
            self.make_old_row()
        if label == "sh stopped":
            self.stop()
            empty(self.url)
        shown = self.operator.run(block)
        if label == "sh stopped":
            self.serve(*commands("## Configure and start")[1:2])
        return shown

    def make_old_row(self):
        database = write_to(open_database(self.url))
        with database.connection():
            SpentToken.create(id="used", expires_at=utc_now().replace(year=2020))
        database.close_all()


def test_an_operator_walks_through_the_page(make_operator):
    operator = make_operator()
    with MailServer() as mails:
        walk = Walk(operator, mails.port)
        for heading, label, block, expected in steps():
            if label in LEFT_OUT:
                continue
            shown = walk.step(heading, label, walk.here(block))
            if expected is not None:
                wanted, got = plain(walk.here(expected)), plain(shown)
                is_same = OutputChecker().check_output(wanted, got, ELLIPSIS | NORMALIZE_WHITESPACE)
                assert is_same, f"{block}\nshows\n{shown}"
        assert mails.mails("you@example.com")
    assert operator.run('bash -c "source ~/.bashrc; complete -p hanko-compat"').startswith("complete ")
    secret = [
        *operator.folder.glob("*.json"),
        *operator.folder.glob("backups/*"),
        *operator.folder.glob("var/*3"),
    ]
    assert len(secret) >= 5
    assert all(path.stat().st_mode & 0o077 == 0 for path in secret)


def test_every_block_is_one_that_is_walked_through():
    labels = {label for _, label, _ in FENCE.findall(PAGE.text)}
    assert labels == {"sh", "sh server", "sh stopped", "text", "ini", *LEFT_OUT}
    assert {heading for heading, _ in sections()} > ON_SERVERS


def test_every_command_is_run():
    run = "\n".join(body for _, label, body in FENCE.findall(PAGE.text) if label.startswith("sh"))
    named = {found[1] for code in CODE.findall(PAGE.prose) if (found := COMMAND.match(code))}
    assert named
    assert {name for name in named if f"hanko-compat {name}" not in run} == set(MENTIONED)


def test_page_names_every_kind_that_is_deleted(tmp_path):
    settings = settings_on(
        f"sqlite:///{tmp_path}/unused.sqlite3", {"hanko_compat.cleanup.unverified_sign_ups": "24h"}
    )
    services = wiring.build(from_mapping(settings, environ={}))
    rows = re.findall(r"^\| (`.*`) \|.*\|.*\|$", dict(sections())["## Clean-up"], re.MULTILINE)
    named = [name for row in rows for name in re.findall(r"`(\w+)`", row)]
    assert sorted(named) == sorted(services.clean_up.runs.kinds)
    assert AUDIT_LOG in named


def test_backup_and_restore_of_postgres(make_operator, test_run):
    server = Postgres(test_run)
    server.shared()
    find_program("pg_dump", *FOLDERS)
    url, name = server.create_database("operations"), own_name("restored")
    server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    operator = make_operator(DATABASE_URL=url, RESTORED_URL=server.url(name))
    check_restore(operator, "### PostgreSQL", name)


def test_backup_and_restore_of_mariadb(make_operator, test_run):
    server = MariaDB(test_run)
    server.shared()
    find_program("mariadb-dump")
    url, name = server.create_database("operations"), own_name("restored")
    server.execute(f"DROP DATABASE IF EXISTS {name}")
    operator = make_operator(DATABASE_URL=url, RESTORED_URL=server.url(name))
    account = f"[client]\nhost = 127.0.0.1\nport = {server.port}\nuser = hanko\npassword = hanko\n"
    (operator.folder / "backup.cnf").write_text(account)
    check_restore(operator, "### MariaDB", name)


def check_restore(operator, heading, name):
    """Walk through a section with a database of the test's own, which is lost in between."""
    url, restored = operator.environment["DATABASE_URL"], operator.environment["RESTORED_URL"]
    write_settings(operator.folder / "config.yaml", url)
    operator.run("hanko-compat migrate up")
    session = sign_up(url)
    own = re.sub(r".*/", "", url)
    back_up, restore = (
        re.sub(r"\brestored\b", name, re.sub(r"(?<=utf8mb4 )hanko\b", own, script))
        for script in commands(heading)
    )
    operator.run(back_up)
    (dump,) = (operator.folder / "backups").iterdir()
    assert dump.stat().st_mode & 0o077 == 0
    empty(url)
    operator.run(restore)
    assert is_logged_in(restored, *session)
    database = open_database(restored)
    assert migrate.require_current(database).owner == "us"
    database.close_all()


def write_settings(path, url):
    path.write_text(yaml.safe_dump(settings_on(url, SETTINGS)))
    path.chmod(0o640)
