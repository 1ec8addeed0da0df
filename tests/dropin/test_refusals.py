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

from hanko_compat.config.safety import KNOWN_SECRET
from hanko_compat.jose.encryption import encrypt
from hanko_compat.storage import server_time
from tests.cli.terminal import run, write_config
from tests.dropin.dump import Dump
from tests.servers.process import own_name
from tests.servers.run import Run

pytestmark = pytest.mark.servers

ACCOUNT = own_name("refused")
TENANT = "INSERT INTO tenants (id, created_at, updated_at) VALUES (gen_random_uuid(), now(), now())"


@pytest.fixture(scope="module", params=["postgres-2.7", "mariadb-2.7", "postgres-3.0"])
def dump(request: pytest.FixtureRequest, test_run: Run) -> Dump:
    """A dump with our own tables: ready to serve."""
    made = Dump(request.param, test_run)
    made.restore("refusals")
    assert run("migrate", "up", "--config", str(made.config), DATABASE_URL=made.url).exit_code == 0
    return made


@contextmanager
def damaged(dump: Dump, damage: str, mend: str) -> Iterator[None]:
    for statement in damage.split("; "):
        dump.execute(statement)
    yield
    for statement in mend.split("; "):
        dump.execute(statement)


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


def test_keys_under_the_built_in_secret_of_hanko_3(dump: Dump, tmp_path: Path) -> None:
    """What a 2.7 configuration under 3 comes to, as that ignores ``secrets.keys``."""
    before = dump.rows("jwks")["jwks"]
    for row, key in zip(before, dump.signing_keys, strict=True):
        dump.execute("UPDATE jwks SET key_data = %s WHERE id = %s", (sealed(key), row["id"]))
    words = ("built-in secret", KNOWN_SECRET, "ignores secrets.keys", "hanko_compat.allow_weak_secrets: true")
    is_refused(serve(dump), *words)
    assert "built-in secret" in failures(doctor(dump))["keys"]

    secrets = {"keys": [*dump.fixture["secrets_current"], KNOWN_SECRET]}
    weak = changed_config(dump, tmp_path, secrets=secrets, secret_keys=None)
    assert "public" in serve(dump, weak).stderr
    allowed = changed_config(
        dump, tmp_path, secrets=secrets, secret_keys=None, hanko_compat={"allow_weak_secrets": True}
    )
    healed = doctor(dump, allowed)
    assert healed.exit_code == 0, healed.stdout
    for row in before:
        dump.execute("UPDATE jwks SET key_data = %s WHERE id = %s", (row["key_data"], row["id"]))


def sealed(key: dict[str, Any]) -> str:
    return encrypt(json.dumps(key).encode(), secret=KNOWN_SECRET)


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


def test_a_clock_that_is_off(dump: Dump, monkeypatch: pytest.MonkeyPatch) -> None:
    find = server_time.find

    def find_later(database: Any) -> datetime:
        return find(database) + timedelta(minutes=5)  # type: ignore[operator]

    monkeypatch.setattr(server_time, "find", find_later)
    is_refused(serve(dump), "the clock is off", "at the database", "NTP")
    assert "the clock is off" in failures(doctor(dump))["clock"]


def test_a_key_of_tomorrow(dump: Dump) -> None:
    """More than any zone is ahead of UTC: Hanko writes local time there."""
    (before,) = (row["created_at"] for row in dump.rows("jwks")["jwks"] if row["id"] == 2)
    tomorrow = (datetime.now(UTC) + timedelta(hours=20)).replace(tzinfo=None, microsecond=0)
    dump.execute("UPDATE jwks SET created_at = %s WHERE id = 2", (tomorrow,))
    is_refused(serve(dump), "the clock is off", "signing key")
    assert failures(doctor(dump)).keys() == {"clock"}
    dump.execute("UPDATE jwks SET created_at = %s WHERE id = 2", (before,))


def test_doctor_tells_of_all_of_it_at_once(
    dump: Dump, restricted: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_time, "find", lambda _: datetime.now(UTC) + timedelta(minutes=5))
    if dump.is_v3:
        dump.execute(TENANT)
    told = failures(doctor(dump, DATABASE_URL=restricted, SECRETS_KEYS="another-secret-0123456789"))
    assert told.keys() == {"rights", "keys", "clock"} | ({"schema"} if dump.is_v3 else set())
    if dump.is_v3:
        assert "2 tenants of Hanko 3" in told["schema"]
        is_refused(serve(dump), "2 tenants of Hanko 3", "single tenant")


def test_version_3_is_read_in_its_own_format(dump: Dump) -> None:
    """One file for both servers: the keys that moved to the top level are read there, too."""
    settings = yaml.safe_load(dump.config.read_text())
    assert ("secret_keys" in settings, "secrets" in settings) == (dump.is_v3, not dump.is_v3)
    shown = yaml.safe_load(run("config", "show", "--config", str(dump.config)).stdout)
    assert len(shown["secrets"]["keys"]) == 2
    assert shown["server"]["public"]["cors"]["allow_origins"] == ["http://localhost:8888"]
