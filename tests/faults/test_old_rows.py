"""The clean-up beside sign-ups, and killed in the middle: nobody waits, and nothing is left by half."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from hanko_compat import wiring
from hanko_compat.clock import utc_now
from hanko_compat.config import from_mapping
from hanko_compat.services.clean_up.schedule import NAME
from hanko_compat.services.leases import LENGTH, Lease
from hanko_compat.storage.engine.database import Database, open_database
from hanko_compat.storage.models import SpentToken, WebauthnSessionData, WebauthnSessionDataAllowedCredential
from tests.cli.terminal import write_config
from tests.faults.conftest import Starter
from tests.faults.load import Load
from tests.servers.hanko_compat import HankoCompat, wait_until
from tests.settings import settings_on

pytestmark = pytest.mark.servers

LONG_AGO = timedelta(days=60)
CEREMONIES, SPENT = 3000, 2000  # rows; of each step a hundred


class Impatient(HankoCompat):
    """The same, but it looks at once whether a clean-up is due."""

    def command(self) -> Sequence[str]:
        """Return the command."""
        impatient = (
            "from hanko_compat.cli import main\n"
            "from hanko_compat.services.clean_up import schedule\n"
            "schedule.LOOK = 0.2\n"
            "main(prog_name='hanko-compat')\n"
        )
        return [sys.executable, "-c", impatient, "serve", *self.options()]


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = open_database(database_url)
    yield database
    database.close_all()


def fill(database: Database) -> None:
    """Ceremonies that nobody finished, each with a credential that might have answered, and used tokens."""
    moment = utc_now() - LONG_AGO
    ids = [uuid4() for _ in range(CEREMONIES)]
    times = {"created_at": moment, "updated_at": moment}
    ceremonies = [
        {"id": each, "challenge": str(each), "user_id": uuid4(), "operation": "authentication"}
        | {"user_verification": "preferred", "expires_at": moment}
        | times
        for each in ids
    ]
    allowed = [{"credential_id": "c", "webauthn_session_data": each} | times for each in ids]
    spent = [{"id": str(number), "expires_at": moment} for number in range(SPENT)]

    def work() -> None:
        tables = (
            (WebauthnSessionData, ceremonies),
            (WebauthnSessionDataAllowedCredential, allowed),
            (SpentToken, spent),
        )
        for table, rows in tables:
            for first in range(0, len(rows), 500):
                table.insert_many(rows[first : first + 500]).execute()

    database.transaction(work)


def left(database: Database) -> tuple[int, int, int]:
    """How many there are of ceremonies, of the credentials that belong to one, and of used tokens."""
    allowed = WebauthnSessionDataAllowedCredential
    with database.connection():
        return (
            WebauthnSessionData.select().count(),
            allowed.select().count(),
            SpentToken.select().count(),
        )


def test_servers_clean_up_beside_sign_ups_though_workers_are_killed(
    start: Starter, database: Database
) -> None:
    fill(database)
    server = start({"email.require_verification": False}, kind=Impatient)
    with Load(server) as load:
        wait_until(lambda: left(database)[0] < CEREMONIES, why=lambda: server.log.read_text()[-2000:])
        victims = server.worker_pids()
        # Whoever has the lease is among them. Another one need not wait for two minutes in a test.
        for victim in victims[:3]:
            os.kill(victim, signal.SIGKILL)
        load.wait_for(10)
        ceremonies, allowed, _ = left(database)
        assert ceremonies == allowed
        free_lease(database)
        wait_until(lambda: left(database) == (0, 0, 0), why=lambda: str(left(database)))
        load.wait_for(5)
    assert not [answer for answer in load.others if not isinstance(answer, Exception)]


def free_lease(database: Database) -> None:
    """Have the lease end that a killed process has, if there is one."""
    with database.connection():
        moment = (utc_now() - LENGTH).strftime("%Y-%m-%d %H:%M:%S")
        database.peewee.execute_sql(f"UPDATE hanko_compat_leases SET ends_at = '{moment}'")


def test_a_killed_command_leaves_nothing_by_half_and_another_one_goes_on(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    fill(database)
    config = write_config(tmp_path / "config.yaml", settings_on(database_url))
    command = [sys.executable, "-m", "hanko_compat", "cleanup", "--config", str(config)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    wait_until(lambda: left(database)[0] < CEREMONIES, why=lambda: f"{left(database)}")
    process.kill()
    assert process.wait(60) == -signal.SIGKILL
    ceremonies, allowed, _ = left(database)
    assert 0 < ceremonies < CEREMONIES
    assert ceremonies == allowed
    assert not Lease(database, NAME, now=utc_now).take(may_be_early=True)

    free_lease(database)
    assert Lease(database, NAME, now=utc_now).take(may_be_early=True)
    services = wiring.build(from_mapping(settings_on(database_url), environ={}))
    try:
        services.clean_up.runs.run()
    finally:
        services.database.close_all()
    assert left(database) == (0, 0, 0)
