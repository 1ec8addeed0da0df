"""What an option of a PostgreSQL URL does to a connection with a real server."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest

from hanko_compat.clock import utc_now
from hanko_compat.config.database_url import parse
from hanko_compat.errors import OperatorError
from hanko_compat.errors.database import DatabaseUnavailable
from hanko_compat.storage.engine import postgres_options
from hanko_compat.storage.engine.database import Database
from hanko_compat.storage.engine.postgres_options import connection_options
from hanko_compat.storage.models import User
from hanko_compat.storage.schema import migrate
from tests import factories
from tests.servers.postgres import Postgres, TlsPostgres
from tests.servers.process import free_port
from tests.servers.run import Run
from tests.storage.conftest import OpenDatabase

pytestmark = pytest.mark.servers


@pytest.fixture(scope="module")
def secure(test_run: Run) -> Iterator[TlsPostgres]:
    """A server with a certificate for localhost, a Unix socket, and both loopback addresses."""
    server = TlsPostgres(test_run, "tls_postgres")
    server.start()
    yield server
    server.remove()


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A user without certificates, and no environment variable that names any."""
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("PGHOST", "PGSSLMODE", "PGSSLROOTCERT", "SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def ask(database: Database, question: str) -> str:
    with database.connection():
        return str(database.peewee.execute_sql(question).fetchone()[0])


def test_parameters_of_the_server_are_handed_on(postgres: Postgres, open_database: OpenDatabase) -> None:
    options = {
        "search_path": 'auth,"my schema",public',
        "statement_timeout": "7s",
        "timezone": "Europe/Berlin",
        "datestyle": "German, DMY",
        "application_name": "log-in",
        "work_mem": "5MB",
        "options": "-c geqo=off",
    }
    query = "&".join(f"{name}={quote(value, safe='')}" for name, value in options.items())
    database = open_database(f"{postgres.url('postgres')}?{query}")
    expected = options | {"geqo": "off"}
    del expected["options"]
    assert {name: ask(database, f"SHOW {name}") for name in expected} == expected
    assert ask(database, "SELECT timestamp '2026-07-01 12:00:00.5'") == "2026-07-01 12:00:00.500000"


def test_a_whole_installation_lies_in_the_schema_of_the_search_path(
    postgres: Postgres, open_database: OpenDatabase
) -> None:
    url = postgres.create_database("search_path")
    with_path = open_database(f"{url}?search_path=auth")
    with with_path.connection():
        with_path.peewee.execute_sql("CREATE SCHEMA auth")
        migrate.up(with_path)
        factories.make_user()
        assert User.select().count() == 1
    assert ask(open_database(url), "SELECT count(*) FROM auth.users") == "1"
    assert ask(open_database(url), "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == "0"


@pytest.mark.parametrize(
    ("option", "name"),
    [
        ("no_such_parameter=1", "no_such_parameter"),
        ("statement_timeout=soon", "statement_timeout"),
        ("timezone=Mars", "timezone"),
        ("sslmode=perhaps", "sslmode"),
        ("target_session_attrs=perhaps", "target_session_attrs"),
        ("search_path=public&pool_max_connections=3", "pool_max_connections"),
    ],
)
def test_what_the_server_refuses_is_reported_with_its_name(
    postgres: Postgres, open_database: OpenDatabase, option: str, name: str
) -> None:
    with pytest.raises(DatabaseUnavailable, match=rf"^database\.url: {name}: .*(?i:{name})"):
        open_database(f"{postgres.url('postgres')}?{option}").ping()


def test_options_of_hankos_driver_do_nothing(postgres: Postgres, open_database: OpenDatabase) -> None:
    options = "pool_max_conns=4&statement_cache_capacity=0&default_query_exec_mode=simple_protocol"
    assert ask(open_database(f"{postgres.url('postgres')}?{options}"), "SELECT 1") == "1"


@pytest.mark.parametrize(
    ("host", "mode", "is_encrypted"),
    [
        ("127.0.0.1", "disable", False),
        ("127.0.0.1", "allow", False),
        ("127.0.0.1", "prefer", True),
        ("127.0.0.1", "require", True),
        ("127.0.0.1", "verify-ca", True),
        ("localhost", "verify-full", True),
        ("localhost", "verify-full&sslrootcert=system", True),
    ],
)
def test_the_systems_authorities_count_where_none_are_named(
    secure: TlsPostgres,
    open_database: OpenDatabase,
    monkeypatch: pytest.MonkeyPatch,
    host: str,
    mode: str,
    is_encrypted: bool,
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(secure.authority.file))
    database = open_database(f"postgres://hanko@{host}:{secure.port}/postgres?sslmode={mode}")
    encrypted = ask(database, "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
    assert encrypted == str(is_encrypted)


def test_a_server_that_cannot_be_verified_is_refused(
    secure: TlsPostgres, postgres: Postgres, open_database: OpenDatabase
) -> None:
    stranger = f"postgres://hanko@localhost:{secure.port}/postgres?sslmode=verify-full"
    named = f"{stranger}&sslrootcert={secure.authority.file}"
    for url in (
        stranger,  # the system knows other authorities
        named.replace("localhost", "127.0.0.1"),
        f"{postgres.url('postgres')}?sslmode=require",  # has no TLS
    ):
        with pytest.raises(DatabaseUnavailable, match=r"^database\.url: sslmode: "):
            open_database(url).ping()
    open_database(named).ping()


def test_what_the_user_has_in_his_home_comes_before_the_systems(secure: TlsPostgres, home: Path) -> None:
    parts = parse(f"postgres://hanko@localhost:{secure.port}/postgres?sslmode=verify-full")
    assert parts is not None
    assert Path(connection_options(parts)["sslrootcert"]).is_file()
    (home / ".postgresql").mkdir()
    (home / ".postgresql" / "root.crt").write_bytes(secure.authority.file.read_bytes())
    assert "sslrootcert" not in connection_options(parts)


def test_a_system_without_authorities(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres_options, "ROOT_FILES", ())
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere")
    parts = parse("postgres://hanko@db.test/hanko?sslmode=verify-full")
    assert parts is not None
    with pytest.raises(OperatorError, match=r"^database\.url: sslmode: .*ca-certificates"):
        connection_options(parts)


@pytest.mark.parametrize("encoding", ["SQL_ASCII", "LATIN1"])
def test_text_is_utf8_whatever_the_database_has(
    postgres: Postgres, open_database: OpenDatabase, encoding: str
) -> None:
    url, name = postgres.create_database("odd"), "odd_encoding"
    postgres.execute(f"DROP DATABASE IF EXISTS {name}")
    postgres.execute(f"CREATE DATABASE {name} ENCODING '{encoding}' TEMPLATE template0 LOCALE 'C'")
    postgres.execute(f"ALTER ROLE hanko IN DATABASE {name} SET client_encoding = 'LATIN2'")
    for query in ("", "?client_encoding=SQL_ASCII"):
        database = open_database(f"{url.rpartition('/')[0]}/{name}{query}")
        # A database of encoding SQL_ASCII converts nothing, and is not asked to check what it gives.
        assert ask(database, "SHOW client_encoding") == {"SQL_ASCII": "SQL_ASCII"}.get(encoding, "UTF8")
        with database.connection():
            migrate.up(database)
            user = factories.make_user(name="José Müller", created_at=utc_now())
            assert User.get(User.name == "José Müller", User.id == user.id).name == "José Müller"


@pytest.mark.parametrize("attribute", ["read-write", "primary", "any"])
def test_several_hosts(
    secure: TlsPostgres, postgres: Postgres, open_database: OpenDatabase, attribute: str
) -> None:
    """The first does not answer, the second is read-only."""
    secure.execute("ALTER SYSTEM SET default_transaction_read_only = on")
    secure.execute("SELECT pg_reload_conf()")
    hosts = f"127.0.0.1:{free_port()},localhost:{secure.port},127.0.0.1:{postgres.port}"
    try:
        database = open_database(f"postgres://hanko:hanko@{hosts}/postgres?target_session_attrs={attribute}")
        expected = secure.port if attribute != "read-write" else postgres.port
        assert ask(database, "SELECT inet_server_port()") == str(expected)
    finally:
        with psycopg.connect(secure.url("postgres"), autocommit=True) as connection:
            connection.execute("SET default_transaction_read_only = off")
            connection.execute("ALTER SYSTEM RESET default_transaction_read_only")
            connection.execute("SELECT pg_reload_conf()")


def test_no_host_answers(open_database: OpenDatabase) -> None:
    database = open_database(f"postgres://u:s3cret@127.0.0.1:{free_port()},127.0.0.1:{free_port()}/x")
    with pytest.raises(DatabaseUnavailable) as caught:
        database.ping()
    assert "s3cret" not in str(caught.value.__cause__)


def test_sockets_and_ipv6(secure: TlsPostgres, open_database: OpenDatabase) -> None:
    folder, port = secure.sockets, secure.port
    encoded = quote(str(folder), safe="")
    for url in (
        f"postgres://hanko@/postgres?host={folder}&port={port}",
        f"postgres:///postgres?host={folder}&port={port}&user=hanko",
        f"postgres://hanko@{encoded}:{port}/postgres",
        f"postgres://hanko@localhost/postgres?host={folder}&port={port}",
        f"host={folder} port={port} user=hanko dbname=postgres sslmode=disable",
    ):
        assert ask(open_database(url), "SELECT inet_server_addr()") == "None"
    for url in (
        f"postgres://hanko@[::1]:{port}/postgres",
        f"postgresql://hanko@127.0.0.1:{free_port()},[::1]:{port}/postgres",
        f"host=::1 port={port} user=hanko dbname=postgres",
    ):
        assert ask(open_database(url), "SELECT host(inet_server_addr())") == "::1"


def test_without_a_host_it_is_the_usual_socket(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(postgres_options, "SOCKET_FOLDERS", ("/nowhere", str(tmp_path)))
    parts = parse("postgres://hanko@/hanko")
    assert parts is not None
    assert connection_options(parts) == {"user": "hanko", "host": str(tmp_path)}
    monkeypatch.setenv("PGHOST", "db.test")
    assert "host" not in connection_options(parts)
