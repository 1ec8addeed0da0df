"""What options of a MySQL URL do to a connection with a real server, and with one that is up to no good."""

import re
import socket
import struct
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from urllib.parse import quote
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from hanko_compat.errors.database import DatabaseUnavailable
from hanko_compat.storage.engine import mysql_connection, server_time
from hanko_compat.storage.engine.database import Database
from hanko_compat.storage.models import User
from hanko_compat.storage.schema import migrate
from hanko_compat.storage.users import users
from tests.servers.mariadb import MariaDB, TlsMariaDB
from tests.servers.run import Run
from tests.storage.conftest import OpenDatabase

PASSWORD = "pass-w0rd"


@pytest.fixture(scope="module")
def plain(mariadb: MariaDB) -> MariaDB:
    """A server without TLS."""
    return mariadb


@pytest.fixture(scope="module")
def secure(test_run: Run) -> Iterator[TlsMariaDB]:
    """A server with a certificate for localhost."""
    server = TlsMariaDB(test_run, "tls_mariadb")
    server.start()
    yield server
    server.remove()


@pytest.fixture
def trust(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Path], None]]:
    """Let the system trust the authority in a file, and no other."""

    def only(file: Path) -> None:
        monkeypatch.setenv("SSL_CERT_FILE", str(file))
        monkeypatch.setenv("SSL_CERT_DIR", str(file.parent / "none"))
        mysql_connection.verified_tls.cache_clear()

    yield only
    mysql_connection.verified_tls.cache_clear()


def ask(database: Database, question: str) -> str:
    with database.connection():
        return str(database.peewee.execute_sql(question).fetchone()[-1])


def cipher(database: Database) -> str:
    """The cipher of the connection; "" in the clear."""
    return ask(database, "SHOW STATUS LIKE 'Ssl_cipher'")


@pytest.mark.servers
@pytest.mark.parametrize(
    ("host", "options", "is_encrypted"),
    [
        ("127.0.0.1", "tls=skip-verify", True),
        ("127.0.0.1", "tls=preferred", True),
        ("127.0.0.1", "tls=Skip-Verify&parseTime=true", True),
        ("localhost", "tls=true", True),
        ("localhost", "tls=1", True),
        ("127.0.0.1", "tls=false", False),
    ],
)
def test_tls_as_asked_for(
    secure: TlsMariaDB,
    open_database: OpenDatabase,
    trust: Callable[[Path], None],
    host: str,
    options: str,
    is_encrypted: bool,
) -> None:
    trust(secure.authority.file)
    database = open_database(f"mysql://hanko:hanko@({host}:{secure.port})/mysql?{options}")
    assert bool(cipher(database)) == is_encrypted


@pytest.mark.servers
def test_a_certificate_for_another_host_or_from_a_stranger_is_refused(
    secure: TlsMariaDB, open_database: OpenDatabase, trust: Callable[[Path], None]
) -> None:
    trust(secure.authority.file)
    other_host = open_database(f"mysql://hanko:hanko@127.0.0.1:{secure.port}/mysql?tls=true")
    with pytest.raises(DatabaseUnavailable, match=r"^database\.url: tls: .*SSL_CERT_FILE"):
        other_host.ping()
    trust(secure.folder / "tls" / "nobody.pem")
    with pytest.raises(DatabaseUnavailable, match=r"^database\.url: tls: "):
        open_database(f"mysql://hanko:hanko@localhost:{secure.port}/mysql?tls=true").ping()


@pytest.mark.servers
def test_a_server_without_tls(plain: MariaDB, open_database: OpenDatabase) -> None:
    address = f"hanko:hanko@tcp(127.0.0.1:{plain.port})/mysql"
    for mode in ("true", "skip-verify"):
        with pytest.raises(DatabaseUnavailable, match=r"^database\.url: tls: "):
            open_database(f"mysql://{address}?tls={mode}").ping()
    for mode in ("preferred", "true&allowFallbackToPlaintext=true", "false"):
        assert cipher(open_database(f"mysql://{address}?tls={mode}")) == ""


class Listener:
    """Greets a client of MySQL, asks it for its password by a *plugin*, and keeps what it says."""

    def __init__(self, *, plugin: bytes, has_tls: bool) -> None:
        self._plugin, self._has_tls = plugin, has_tls
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self.heard = b""
        self._thread = Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        connection, _ = self._listening.accept()
        with connection:
            connection.settimeout(20)
            low = 0x0200 | 0x8000 | (0x0800 if self._has_tls else 0)  # protocol 4.1, salted passwords, TLS
            high = 0x0008 | 0x0020  # plug-ins, with data of any length
            greeting = b"\x0a8.0.0\0" + struct.pack("<I", 7) + b"12345678\0" + struct.pack("<H", low)
            greeting += b"\x2d" + struct.pack("<HHB", 2, high, 21) + bytes(10) + b"123456789012\0"
            greeting += b"mysql_native_password\0"
            connection.sendall(struct.pack("<I", len(greeting))[:3] + b"\0" + greeting)
            self._listen_to(connection)
            switch = b"\xfe" + self._plugin + b"\0" + b"12345678901234567890\0"
            try:
                connection.sendall(struct.pack("<I", len(switch))[:3] + b"\x02" + switch)
                self._listen_to(connection)
            except OSError:
                return

    def _listen_to(self, connection: socket.socket) -> None:
        try:
            self.heard += connection.recv(65536)
        except OSError:
            return

    def wait(self) -> bytes:
        self._thread.join(30)
        self._listening.close()
        return self.heard


@pytest.mark.parametrize("mode", ["true", "skip-verify"])
def test_nothing_is_said_to_a_server_that_hides_its_tls(open_database: OpenDatabase, mode: str) -> None:
    listener = Listener(plugin=b"mysql_clear_password", has_tls=False)
    url = f"mysql://user:{PASSWORD}@127.0.0.1:{listener.port}/x?tls={mode}&allowCleartextPasswords=true"
    with pytest.raises(DatabaseUnavailable, match=r"^database\.url: tls: "):
        open_database(url).ping()
    assert listener.wait() == b""


def test_only_the_wish_for_tls_is_said_before_it_is_up(open_database: OpenDatabase) -> None:
    listener = Listener(plugin=b"mysql_clear_password", has_tls=True)
    with pytest.raises(DatabaseUnavailable):
        open_database(f"mysql://user:{PASSWORD}@127.0.0.1:{listener.port}/x?tls=true").ping()
    heard = listener.wait()
    assert b"user" not in heard
    assert PASSWORD.encode() not in heard


@pytest.mark.parametrize("plugin", [b"mysql_clear_password", b"dialog", b"mysql_old_password"])
def test_the_server_does_not_choose_to_get_the_password_in_clear_text(
    open_database: OpenDatabase, plugin: bytes
) -> None:
    listener = Listener(plugin=plugin, has_tls=False)
    with pytest.raises(DatabaseUnavailable) as caught:
        open_database(f"mysql://user:{PASSWORD}@127.0.0.1:{listener.port}/x").ping()
    assert PASSWORD.encode() not in listener.wait()
    assert re.search(r"takes allow(Cleartext|Old)Passwords=true", str(caught.value.__cause__))


def test_the_password_is_sent_in_clear_text_where_the_url_allows_that(open_database: OpenDatabase) -> None:
    listener = Listener(plugin=b"mysql_clear_password", has_tls=False)
    url = f"mysql://user:{PASSWORD}@127.0.0.1:{listener.port}/x?allowCleartextPasswords=true"
    with pytest.raises(DatabaseUnavailable):
        open_database(url).ping()
    assert PASSWORD.encode() in listener.wait()


def test_native_passwords_may_be_forbidden(open_database: OpenDatabase) -> None:
    listener = Listener(plugin=b"mysql_native_password", has_tls=False)
    with pytest.raises(DatabaseUnavailable) as caught:
        open_database(
            f"mysql://user:{PASSWORD}@127.0.0.1:{listener.port}/x?allowNativePasswords=false"
        ).ping()
    assert "allowNativePasswords=true" in str(caught.value.__cause__)
    assert listener.wait() == b""


@pytest.mark.servers
def test_system_variables_are_set_but_for_those_of_the_server(
    plain: MariaDB, open_database: OpenDatabase
) -> None:
    options = (
        "max_statement_time=7&lock_wait_timeout=9&sql_mode=%27%27&time_zone=%27%2B05%3A00%27&autocommit=0"
    )
    database = open_database(f"mysql://hanko:hanko@127.0.0.1:{plain.port}/mysql?{options}")
    assert ask(database, "SELECT concat_ws(' ', @@max_statement_time, @@lock_wait_timeout)") == "7.000000 9"
    assert ask(database, "SELECT concat_ws(' ', @@time_zone, @@autocommit)") == "+00:00 ON"
    assert "STRICT_ALL_TABLES" in ask(database, "SELECT @@sql_mode")


@pytest.mark.servers
@pytest.mark.parametrize(
    ("option", "name"),
    [("no_such_variable=1", "no_such_variable"), ("lock_wait_timeout=%27x%27", "lock_wait_timeout")],
)
def test_an_unknown_variable_is_reported_with_its_name(
    plain: MariaDB, open_database: OpenDatabase, option: str, name: str
) -> None:
    database = open_database(f"mysql://hanko:hanko@127.0.0.1:{plain.port}/mysql?{option}")
    with pytest.raises(DatabaseUnavailable, match=rf"^database\.url: {name}: .*{name}"):
        database.ping()


@pytest.mark.servers
@pytest.mark.parametrize("options", ["", "charset=latin1", "charset=utf8&collation=utf8_general_ci"])
def test_text_is_utf8mb4_whatever_the_url_says(
    plain: MariaDB, open_database: OpenDatabase, options: str
) -> None:
    database = open_database(f"mysql://hanko:hanko@127.0.0.1:{plain.port}/mysql?{options}")
    charsets = "@@character_set_client, @@character_set_connection, @@character_set_results"
    assert ask(database, f"SELECT concat_ws(' ', {charsets})") == "utf8mb4 utf8mb4 utf8mb4"
    assert ask(database, "SELECT '\N{GRINNING FACE}é'") == "\N{GRINNING FACE}é"


@pytest.mark.servers
def test_collation_and_timeouts_are_the_urls(plain: MariaDB, open_database: OpenDatabase) -> None:
    address = f"mysql://hanko:hanko@127.0.0.1:{plain.port}/mysql"
    database = open_database(f"{address}?collation=utf8mb4_unicode_ci")
    assert ask(database, "SELECT @@collation_connection") == "utf8mb4_unicode_ci"
    with pytest.raises(DatabaseUnavailable, match=r"^database\.url: collation: "):
        open_database(f"{address}?collation=utf8mb4_klingon_ci").ping()
    with pytest.raises(DatabaseUnavailable):
        ask(open_database(f"{address}?readTimeout=200ms"), "SELECT sleep(30)")


@pytest.mark.servers
@pytest.mark.parametrize("password", ["p@ss/w:rd(x)?#%41", "naïve€", "a b'\"\\"])
def test_any_character_of_a_password(plain: MariaDB, open_database: OpenDatabase, password: str) -> None:
    text = password.replace("\\", "\\\\").replace("'", "\\'")
    plain.execute_as_root(f"CREATE OR REPLACE USER odd@localhost IDENTIFIED BY '{text}'")
    # As Go's driver reads it, where nothing is escaped; and as a URL.
    for url in (
        f"mysql://odd:{password}@(127.0.0.1:{plain.port})/information_schema",
        f"mysql://odd:{quote(password, safe='')}@127.0.0.1:{plain.port}/information_schema",
    ):
        assert ask(open_database(url), "SELECT user()") == "odd@localhost"


@pytest.mark.servers
def test_a_unix_socket(plain: MariaDB, open_database: OpenDatabase) -> None:
    path = plain.folder / "socket"
    for url in (
        f"mysql://hanko:hanko@unix({path})/mysql?parseTime=true",
        f"hanko:hanko@unix({path})/mysql",
        f"mysql://hanko:hanko@/mysql?unix_socket={path}",
        f"mysql://hanko:hanko@{quote(str(path), safe='')}/mysql",
    ):
        database = open_database(url)
        database.ping()
        assert database.name == f"mysql://hanko@/mysql?unix_socket={path}"


@pytest.fixture
def in_tokyo(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "Asia/Tokyo")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.servers
@pytest.mark.usefixtures("in_tokyo")
@pytest.mark.parametrize("zone", ["Europe/Berlin", "Local", "UTC"])
def test_columns_have_the_zone_that_loc_names(plain: MariaDB, open_database: OpenDatabase, zone: str) -> None:
    url = plain.create_database("zones")
    database = open_database(f"{url}?parseTime=true&loc={quote(zone, safe='')}")
    with database.connection():
        migrate.up(database)
    now, user = datetime(2026, 7, 1, 22, 30, tzinfo=UTC), uuid4()
    with database.connection():
        users.create(user, now=now)
        assert User.get_by_id(user).created_at == now
        assert User.select().where(User.created_at == now).count() == 1
    # What Hanko would read, whose driver takes the text for a time of that zone.
    offset = {"Europe/Berlin": ZoneInfo("Europe/Berlin"), "Local": ZoneInfo("Asia/Tokyo"), "UTC": UTC}[zone]
    stored = ask(open_database(url), "SELECT CAST(created_at AS CHAR) FROM users")
    assert datetime.fromisoformat(stored).replace(tzinfo=offset) == now
    with database.connection():
        there = server_time.find(database)
    assert there is not None
    assert abs(there - datetime.now(UTC)) < timedelta(minutes=5)
