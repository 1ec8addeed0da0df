"""The handle: transactions that are refused, connections that break, and what callers notice of it."""

import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from pathlib import Path
from threading import Barrier
from uuid import UUID, uuid4

import pytest
from peewee import InterfaceError

from hanko_compat.clock import utc_now
from hanko_compat.errors.database import DatabaseMissing, DatabaseUnavailable
from hanko_compat.errors.users import UserNotFound
from hanko_compat.storage.engine.database import Access, Database, DatabaseError, IntegrityError
from hanko_compat.storage.models import Email, User
from hanko_compat.storage.schema import migrate
from hanko_compat.storage.users import users as user_rows
from tests.servers.hanko_compat import wait_until
from tests.servers.mariadb import MariaDB
from tests.servers.postgres import Postgres
from tests.servers.process import PATIENCE, Server
from tests.servers.run import Run
from tests.storage.conftest import OpenDatabase

COUNT_UP = """
import sys
from hanko_compat.storage.engine.database import open_database
from hanko_compat.storage.models import User
database = open_database(sys.argv[1])
def add_one():
    user = User.get()
    User.update(name=str(int(user.name) + 1)).where(User.id == user.id).execute()
for _ in range(50):
    database.transaction(add_one)
"""


def add_user(name: str | None = None) -> UUID:
    now = utc_now()
    return User.create(created_at=now, updated_at=now, name=name).id


def add_email(address: str, *, user: UUID | None = None) -> UUID:
    now = utc_now()
    return Email.create(user=user, address=address, verified=False, created_at=now, updated_at=now).id


def users(database: Database) -> int:
    with database.connection():
        return User.select().count()


def test_a_transaction_stores_everything_or_nothing(database: Database) -> None:
    def work() -> None:
        add_user()
        raise UserNotFound

    with pytest.raises(UserNotFound):
        database.transaction(work)
    assert users(database) == 0
    database.transaction(add_user)
    assert users(database) == 1


def test_a_transaction_inside_another_joins_it(database: Database) -> None:
    def work() -> None:
        database.transaction(add_user)
        raise UserNotFound

    with pytest.raises(UserNotFound):
        database.transaction(work)
    assert users(database) == 0


def test_a_duplicate_in_a_savepoint_leaves_the_transaction_usable(database: Database) -> None:
    def work() -> int:
        add_email("a@example.test")
        with pytest.raises(IntegrityError), database.savepoint():
            add_email("a@example.test")
        add_email("b@example.test")
        return Email.select().count()

    assert database.transaction(work) == 2


def test_an_address_of_a_missing_user_is_refused(database: Database) -> None:
    with database.connection(), pytest.raises(IntegrityError):
        add_email("a@example.test", user=uuid4())


def test_an_update_counts_the_rows_it_found(database: Database) -> None:
    with database.connection():
        user = add_user("same")
        assert User.update(name="same").where(User.id == user).execute() == 1


@pytest.mark.servers
def test_a_value_too_long_is_not_shortened(server_database: Database) -> None:
    with server_database.connection(), pytest.raises(Exception, match="long"):
        add_user("x" * 256)
    assert users(server_database) == 0


def test_queries_outside_a_unit_of_work_are_refused(database: Database) -> None:
    with pytest.raises(InterfaceError, match=r"outside of Database\.connection"):
        User.select().count()


def test_one_of_fifty_racing_inserts_wins(database: Database) -> None:
    gate = Barrier(50)

    def claim(_: int) -> bool:
        gate.wait()
        try:
            database.transaction(lambda: add_email("a@example.test", user=add_user()))
        except IntegrityError:
            return False
        return True

    with ThreadPoolExecutor(50) as pool:
        assert sorted(pool.map(claim, range(50))) == [False] * 49 + [True]
    assert users(database) == 1


@pytest.mark.servers
def test_the_winner_is_visible_to_the_loser(server_database: Database) -> None:
    """Also after a first query, with which MySQL's default isolation would fix what a transaction sees."""

    def lose() -> bool:
        assert Email.select().count() == 0
        with ThreadPoolExecutor(1) as pool:
            pool.submit(server_database.transaction, lambda: add_email("a@example.test")).result()
        with pytest.raises(IntegrityError), server_database.savepoint():
            add_email("a@example.test")
        return Email.select().where(Email.address == "a@example.test").exists()

    assert server_database.transaction(lose)


@pytest.mark.servers
@pytest.mark.parametrize("in_savepoint", [False, True])
def test_a_deadlock_is_run_again(server_database: Database, *, in_savepoint: bool) -> None:
    """Two transactions that change the same two rows in opposite orders."""
    around_the_second = server_database.savepoint if in_savepoint else nullcontext
    with server_database.connection():
        rows = [add_user("0"), add_user("0")]
    gate, runs = Barrier(2), []

    def touch(order: list[UUID]) -> None:
        is_first_run = len(runs) < 2
        runs.append(order)
        User.update(name=User.name.concat("x")).where(User.id == order[0]).execute()
        if is_first_run:
            gate.wait()
        with around_the_second():
            User.update(name=User.name.concat("x")).where(User.id == order[1]).execute()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda order: server_database.transaction(lambda: touch(order)), [rows, rows[::-1]]))
    with server_database.connection():
        assert [user.name for user in User.select()] == ["0xx", "0xx"]
    assert len(runs) > 2


@pytest.mark.servers
def test_a_serialization_failure_is_run_again(open_database: OpenDatabase, postgres: Postgres) -> None:
    url = postgres.create_database("serializable")
    name = url.rpartition("/")[2]
    postgres.execute(f"ALTER DATABASE {name} SET default_transaction_isolation = 'serializable'")
    database = open_database(url)
    migrate.up(database)
    with database.connection():
        user = add_user("0")
    gate, runs = Barrier(2), []

    def add_one() -> None:
        is_first_run = len(runs) < 2
        runs.append(None)
        name = User.get_by_id(user).name
        if is_first_run:
            gate.wait()
        User.update(name=str(int(name) + 1)).where(User.id == user).execute()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: database.transaction(add_one), range(2)))
    with database.connection():
        assert User.get_by_id(user).name == "2"
    assert len(runs) > 2


@pytest.mark.slow
def test_processes_that_write_one_sqlite_file_lose_no_update(
    open_database: OpenDatabase, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path / 'shared.sqlite3'}"
    database = open_database(url)
    migrate.up(database)
    with database.connection():
        user = add_user("0")
    running = [subprocess.Popen([sys.executable, "-c", COUNT_UP, url]) for _ in range(4)]
    assert [process.wait(PATIENCE) for process in running] == [0] * 4
    with database.connection():
        assert User.get_by_id(user).name == "200"


def test_a_writer_that_never_ends_makes_the_database_unavailable(
    open_database: OpenDatabase, tmp_path: Path
) -> None:
    database = open_database(f"sqlite:///{tmp_path / 'busy.sqlite3'}", attempts=2)
    migrate.up(database)
    database.close_all()
    database.peewee.timeout = 0.05

    def hold() -> None:
        add_user()
        with ThreadPoolExecutor(1) as pool, pytest.raises(DatabaseUnavailable):
            pool.submit(database.transaction, add_user).result()

    database.transaction(hold)
    assert users(database) == 1


def test_an_sqlite_file_is_for_its_owner_only(open_database: OpenDatabase, tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path / 'var' / 'file.sqlite3'}")
    database.ping()
    assert [(tmp_path / name).stat().st_mode & 0o777 for name in ("var", "var/file.sqlite3")] == [
        0o700,
        0o600,
    ]
    with database.connection():
        migrate.up(database)
        add_user()
        modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "var").iterdir()}
        assert set(modes.values()) == {0o600}
        pragmas = {
            name: database.peewee.pragma(name) for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 1, "foreign_keys": 1}


def test_a_file_that_is_only_read_stays_as_it_is(open_database: OpenDatabase, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'read.sqlite3'}"
    with pytest.raises(DatabaseMissing, match=f"there is no database at {tmp_path}/read"):
        open_database(url, access=Access.READ).ping()
    with pytest.raises(DatabaseMissing, match="there is no database at"):
        open_database(url, access=Access.WRITE).ping()
    assert list(tmp_path.iterdir()) == []
    made = open_database(url)
    migrate.up(made)
    made.close_all()
    database = open_database(url, access=Access.READ)
    with pytest.raises(DatabaseError, match="readonly"):
        database.transaction(add_user)
    assert users(database) == 0
    database.close_all()
    assert [path.name for path in tmp_path.iterdir()] == ["read.sqlite3"]


def test_a_file_that_cannot_be_opened_is_unavailable(open_database: OpenDatabase, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(DatabaseUnavailable):
        open_database(f"sqlite:///{tmp_path / 'file' / 'x.sqlite3'}").ping()


@pytest.fixture(params=[Postgres, MariaDB], ids=["postgres", "mariadb"])
def own_server(request: pytest.FixtureRequest, test_run: Run):
    server = request.param(test_run, f"storage_{request.param.name}_{os.getpid()}")
    server.start()
    yield server
    server.remove()


def answers(database: Database) -> bool:
    try:
        database.ping()
    except DatabaseUnavailable:
        return False
    return True


@pytest.mark.servers
@pytest.mark.slow
@pytest.mark.parametrize("end", [Server.stop, Server.kill], ids=["stopped", "killed"])
def test_a_restarted_server_costs_no_request(
    open_database: OpenDatabase, own_server, end: Callable[[Server], None]
) -> None:
    database = open_database(own_server.create_database("restarted"))
    migrate.up(database)
    gate = Barrier(3)

    def hold(_: int) -> None:
        with database.connection():
            gate.wait()

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(hold, range(3)))  # three connections idle from here on
    end(own_server)
    # The processes of PostgreSQL that hold connections outlive the one that was killed for a moment.
    wait_until(lambda: not answers(database), why=lambda: "a server that has ended answers")
    own_server.start()
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(hold, range(3)))
    database.transaction(add_user)
    assert users(database) == 1


KILLS = {
    "postgres": "SELECT pg_terminate_backend({})",
    "mysql": "KILL CONNECTION {}",
}
OWN_IDS = {"postgres": "SELECT pg_backend_pid()", "mysql": "SELECT connection_id()"}


@pytest.fixture
def kill(server_database: Database) -> Callable[[], None]:
    """Have the server end the connection that this thread holds."""
    peewee = server_database.peewee

    def end() -> None:
        (number,) = peewee.execute_sql(OWN_IDS[server_database.dialect]).fetchone()

        def from_elsewhere() -> None:
            with server_database.connection():
                peewee.execute_sql(KILLS[server_database.dialect].format(number))

        with ThreadPoolExecutor(1) as pool:
            pool.submit(from_elsewhere).result()

    return end


@pytest.mark.servers
def test_a_connection_lost_while_idle_costs_no_request(
    server_database: Database, kill: Callable[[], None]
) -> None:
    with server_database.connection():
        kill()
    server_database.transaction(add_user)
    assert users(server_database) == 1


@pytest.mark.servers
def test_a_connection_lost_before_the_commit_is_run_again(
    server_database: Database, kill: Callable[[], None]
) -> None:
    runs = []

    def work() -> None:
        runs.append(None)
        add_user()
        if len(runs) == 1:
            kill()
        add_user()

    server_database.transaction(work)
    assert (users(server_database), len(runs)) == (2, 2)


@pytest.mark.servers
def test_a_connection_lost_during_the_commit_is_not_run_again(
    server_database: Database, kill: Callable[[], None]
) -> None:
    """Nobody knows whether it was stored, so storing it twice is a risk."""
    runs = []

    def work() -> None:
        runs.append(None)
        add_user()
        kill()

    with pytest.raises(DatabaseUnavailable):
        server_database.transaction(work)
    assert (users(server_database), len(runs)) == (0, 1)


@pytest.mark.servers
def test_a_connection_lost_in_a_unit_of_work_is_unavailable(
    server_database: Database, kill: Callable[[], None]
) -> None:
    def count() -> None:
        with server_database.connection():
            kill()
            User.select().count()

    with pytest.raises(DatabaseUnavailable):
        count()
    assert users(server_database) == 0


def test_no_error_shows_the_password(open_database: OpenDatabase) -> None:
    for scheme in ("postgres", "mysql", "cockroach"):
        database = open_database(f"{scheme}://user:pass-w0rd@127.0.0.1:1/name?sslmode=disable")
        with pytest.raises(DatabaseUnavailable) as caught:
            database.ping()
        texts, cause = [database.name], caught.value
        while cause is not None:
            texts.append(f"{cause} {cause!r}")
            cause = cause.__cause__ or cause.__context__
        assert "pass-w0rd" not in " ".join(texts)
        assert "127.0.0.1" in database.name


def test_one_statement_is_written_at_once_or_as_part_of_a_transaction(database: Database) -> None:
    kept, undone = uuid4(), uuid4()

    def fail() -> None:
        database.write(lambda: user_rows.create(undone, now=utc_now()))
        raise ZeroDivisionError

    database.write(lambda: user_rows.create(kept, now=utc_now()))
    with pytest.raises(ZeroDivisionError):
        database.transaction(fail)
    with database.connection():
        assert [user_rows.exists(kept), user_rows.exists(undone)] == [True, False]


@pytest.mark.servers
@pytest.mark.parametrize(
    ("setting", "statement"),
    [
        ("statement_timeout = '50ms'", "SELECT pg_sleep(%s)"),
        ("default_transaction_read_only = on", "CREATE TABLE made_by_nobody (id integer DEFAULT %s)"),
    ],
)
def test_a_limit_of_the_operators_asks_to_come_back(
    open_database: OpenDatabase, postgres: Postgres, setting: str, statement: str
) -> None:
    url = postgres.create_database("limited")
    name = url.rpartition("/")[2]
    postgres.execute(f"ALTER DATABASE {name} SET {setting}")
    database = open_database(url, attempts=2)
    with pytest.raises(DatabaseUnavailable):
        database.transaction(lambda: database.peewee.execute_sql(statement.replace("%s", "20")))


@pytest.mark.servers
def test_who_lost_one_connection_trusts_none_of_the_others(
    open_database: OpenDatabase, postgres: Postgres
) -> None:
    """After a failover they lead to a server that still answers, but is read-only."""
    database = open_database(postgres.create_database("demoted"), attempts=2)
    gate = Barrier(5)

    def hold(_: int) -> None:
        with database.connection():
            database.peewee.execute_sql("SET default_transaction_read_only = on")
            gate.wait()

    migrate.up(database)
    with ThreadPoolExecutor(5) as pool:
        list(pool.map(hold, range(5)))  # five connections to what is a standby now
    database.transaction(add_user)
    assert users(database) == 1


@pytest.mark.servers
def test_a_probe_reads_a_table(server_database: Database) -> None:
    server_database.ping(table="jwks")
    server_database.ping()
    with server_database.connection():
        server_database.peewee.execute_sql("DROP TABLE jwks")
    server_database.ping()
    with pytest.raises(DatabaseUnavailable):
        server_database.ping(table="jwks")
