"""What keeps the server from starting on a database of Hanko's: one clear message, and exit code 1.

``doctor`` says the same, and all of it at once.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import Result

from hanko_compat.cli.checks import Level
from hanko_compat.cli.doctor import judge
from hanko_compat.config.safety import KNOWN_SECRET
from hanko_compat.errors import OperatorError
from hanko_compat.jose.encryption import encrypt
from hanko_compat.services import clock_skew
from hanko_compat.storage.engine.database import open_database
from tests.cli.terminal import run, write_config
from tests.clock import FakeClock
from tests.dropin.dump import Dump
from tests.servers.process import own_name
from tests.servers.run import Run
from tests.storage.restored import FOLDERS

pytestmark = pytest.mark.servers

ACCOUNT = own_name("refused")
SECOND = "00000000-0000-0000-0000-000000000002"


@pytest.fixture(scope="module", params=FOLDERS)
def dump(request: pytest.FixtureRequest, test_run: Run) -> Dump:
    """A dump with our own tables: ready to serve."""
    made = Dump(request.param, test_run)
    made.restore("refusals")
    assert run("migrate", "up", "--config", str(made.config), DATABASE_URL=made.url).exit_code == 0
    return made


@contextmanager
def damaged(dump: Dump, damage: str, mend: str) -> Iterator[None]:
    dump.execute(damage)
    try:
        yield
    finally:
        dump.execute(mend)


def serve(dump: Dump, config: Path | None = None, **environ: str) -> Result:
    arguments = ("serve", "--bind", "127.0.0.1:0", "--config", str(config or dump.config))
    return run(*arguments, DATABASE_URL=environ.pop("DATABASE_URL", dump.url), **environ)


def doctor(dump: Dump, config: Path | None = None, **environ: str) -> Result:
    arguments = ("doctor", "--config", str(config or dump.config))
    return run(*arguments, DATABASE_URL=environ.pop("DATABASE_URL", dump.url), **environ)


def is_refused(result: Result, *words: str) -> None:
    """Exit code 1, and one line on stderr that says all the *words*."""
    assert result.exit_code == 1, result.output
    lines = [line for line in result.stderr.splitlines() if line.startswith("Error: ")]
    assert len(lines) == 1, result.stderr
    assert not [word for word in words if word not in lines[0]], lines[0]


def failures(result: Result) -> dict[str, str]:
    """What ``doctor`` says of each subject that fails."""
    assert result.exit_code == 1, result.output
    lines = [line.split(maxsplit=2) for line in result.stdout.splitlines() if line.startswith("FAIL")]
    assert len({subject for _, subject, _ in lines}) == len(lines), lines
    return {subject: text for _, subject, text in lines}


def changed_config(dump: Dump, folder: Path, **changes: Any) -> Path:
    """The dump's configuration with other top-level keys."""
    return write_config(folder / "config.yaml", yaml.safe_load(dump.config.read_text()) | changes)


def test_an_untouched_dump_is_fit(dump: Dump) -> None:
    result = doctor(dump)
    assert result.exit_code == 0, result.stdout
    assert "Hanko's own, version 2.7 or 3" in result.stdout


def test_a_secret_that_is_missing(dump: Dump) -> None:
    words = ("signing key 1 (table jwks)", "none of the 1 secrets", "secret_keys")
    is_refused(serve(dump, SECRETS_KEYS="another-secret-0123456789"), *words)
    told = failures(doctor(dump, SECRETS_KEYS="another-secret-0123456789"))
    assert told.keys() == {"keys"}
    assert "none of the 1 secrets" in told["keys"]


@pytest.fixture
def sealed_by_hanko_3(dump: Dump) -> Iterator[None]:
    """The keys as 3 encrypts them with a configuration of 2.7: it ignores ``secrets.keys``."""
    before = dump.rows("jwks")["jwks"]
    for row, key in zip(before, dump.signing_keys, strict=True):
        sealed = encrypt(json.dumps(key).encode(), secret=KNOWN_SECRET)
        dump.execute("UPDATE jwks SET key_data = %s WHERE id = %s", (sealed, row["id"]))
    yield
    for row in before:
        dump.execute("UPDATE jwks SET key_data = %s WHERE id = %s", (row["key_data"], row["id"]))


def test_keys_under_the_built_in_secret_of_hanko_3(
    dump: Dump, sealed_by_hanko_3: None, tmp_path: Path
) -> None:
    words = ("built-in secret", KNOWN_SECRET, "ignores secrets.keys", "hanko_compat.allow_weak_secrets: true")
    is_refused(serve(dump), *words)
    assert "built-in secret" in failures(doctor(dump))["keys"]

    secrets = {"secrets": {"keys": [*dump.fixture["secrets_current"], KNOWN_SECRET]}, "secret_keys": None}
    assert "which is public" in serve(dump, changed_config(dump, tmp_path, **secrets)).stderr
    allowed = changed_config(dump, tmp_path, **secrets, hanko_compat={"allow_weak_secrets": True})
    healed = doctor(dump, allowed)
    assert healed.exit_code == 0, healed.stdout


@pytest.mark.parametrize(
    ("damage", "mend", "words"),
    [
        (
            "ALTER TABLE identities RENAME COLUMN user_id TO owner_id",
            "ALTER TABLE identities RENAME COLUMN owner_id TO user_id",
            ("older than that of Hanko 2.7", "missing: identities.user_id;", "hanko migrate up"),
        ),
        (
            "ALTER TABLE trusted_devices RENAME TO devices",
            "ALTER TABLE devices RENAME TO trusted_devices",
            ("older than that of Hanko 2.7", "missing: trusted_devices;"),
        ),
        (
            "ALTER TABLE sessions ADD COLUMN device_id varchar(36) NOT NULL",
            "ALTER TABLE sessions DROP COLUMN device_id",
            ("newer than that of Hanko 3.0", "sessions.device_id"),
        ),
        (
            "DROP TABLE hanko_compat_migrations",
            "SELECT 1",
            ("lacks 0004_rate_limits", "hanko-compat migrate up"),
        ),
    ],
    ids=["column", "table", "unknown", "ours"],
)
def test_a_schema_that_does_not_fit(dump: Dump, damage: str, mend: str, words: tuple[str, ...]) -> None:
    if damage.startswith("ALTER TABLE sessions"):
        dump.execute("DELETE FROM sessions")
    with damaged(dump, damage, mend):
        is_refused(serve(dump), *words)
        told = failures(doctor(dump))
        assert told.keys() == {"schema"}
        assert words[0] in told["schema"]
    assert run("migrate", "up", "--config", str(dump.config), DATABASE_URL=dump.url).exit_code == 0


@pytest.fixture
def restricted(dump: Dump) -> str:
    """The URL of an account that may only read."""
    if dump.is_mariadb:
        dump.execute(f"CREATE OR REPLACE USER {ACCOUNT}@localhost IDENTIFIED BY 'hanko'")
        dump.execute(f"GRANT SELECT ON {dump.name}.* TO {ACCOUNT}@localhost")
    else:
        if not dump.execute(f"SELECT 1 FROM pg_roles WHERE rolname = '{ACCOUNT}'"):
            dump.execute(f"CREATE ROLE {ACCOUNT} LOGIN")
        dump.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {ACCOUNT}")
    return dump.url.replace("hanko:hanko@", f"{ACCOUNT}:hanko@")


def test_an_account_that_may_only_read(dump: Dump, restricted: str) -> None:
    words = ("lacks rights", "as the owner of the tables", "GRANT INSERT, UPDATE, DELETE ON", "sessions")
    is_refused(serve(dump, DATABASE_URL=restricted), *words)
    told = failures(doctor(dump, DATABASE_URL=restricted))
    assert told.keys() == {"rights"}


@pytest.mark.parametrize("minutes", [-5, 5])
def test_a_clock_that_is_off(dump: Dump, minutes: int) -> None:
    here = FakeClock(datetime.now(UTC) + timedelta(minutes=minutes))
    database = open_database(dump.url)
    with pytest.raises(OperatorError, match=r"the clock is off: .* at the database: set it"):
        clock_skew.require_tolerable(database, now=here)
    level, text = judge(clock_skew.measure(database, now=here))
    assert (level, text[:17]) == (Level.FAILURE, "the clock is off:")
    database.close_all()


@pytest.fixture
def key_of_tomorrow(dump: Dump) -> Iterator[None]:
    """More than any zone is ahead of UTC: Hanko writes local time there."""
    (before,) = (row["created_at"] for row in dump.rows("jwks")["jwks"] if row["id"] == 2)
    tomorrow = (datetime.now(UTC) + timedelta(hours=20)).replace(tzinfo=None, microsecond=0)
    dump.execute("UPDATE jwks SET created_at = %s WHERE id = 2", (tomorrow,))
    yield
    dump.execute("UPDATE jwks SET created_at = %s WHERE id = 2", (before,))


def test_a_key_of_tomorrow(dump: Dump, key_of_tomorrow: None) -> None:
    is_refused(serve(dump), "the clock is off", "signing key")
    assert failures(doctor(dump)).keys() == {"clock"}


@pytest.fixture
def tenants(dump: Dump) -> Iterator[int]:
    """Where there may be several, there are two."""
    if dump.is_v3:
        dump.execute("INSERT INTO tenants (id, created_at, updated_at) VALUES (%s, now(), now())", (SECOND,))
    yield 2 if dump.is_v3 else 1
    if dump.is_v3:
        dump.execute("DELETE FROM tenants WHERE id = %s", (SECOND,))


def test_doctor_tells_of_all_of_it_at_once(
    dump: Dump, restricted: str, key_of_tomorrow: None, tenants: int
) -> None:
    told = failures(doctor(dump, DATABASE_URL=restricted, SECRETS_KEYS="another-secret-0123456789"))
    assert told.keys() == {"rights", "keys", "clock"} | ({"schema"} if tenants > 1 else set())


def test_several_tenants(dump: Dump, tenants: int) -> None:
    if tenants == 1:
        assert doctor(dump).exit_code == 0
    else:
        is_refused(serve(dump), "2 tenants of Hanko 3", "single tenant")
        assert "2 tenants of Hanko 3" in failures(doctor(dump))["schema"]


def test_version_3_is_read_in_its_own_format(dump: Dump) -> None:
    """One file for both servers: the keys that moved to the top level are read there, too."""
    settings = yaml.safe_load(dump.config.read_text())
    assert ("secret_keys" in settings, "secrets" in settings) == (dump.is_v3, not dump.is_v3)
    shown = yaml.safe_load(run("config", "show", "--config", str(dump.config)).stdout)
    assert len(shown["secrets"]["keys"]) == 2
    assert shown["server"]["public"]["cors"]["allow_origins"] == ["http://localhost:8888"]
