"""Database URLs: what each form connects to, and that no text shows a password."""

from pathlib import Path

import pytest

from hanko_compat import errors
from hanko_compat.storage.engine.urls import dialect_of, without_password


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("sqlite:///var/hanko_compat.sqlite3", "var/hanko_compat.sqlite3"),
        ("sqlite:////srv/a%20b.sqlite3", "/srv/a b.sqlite3"),
    ],
)
def test_sqlite_names_a_file(url: str, path: str) -> None:
    database = dialect_of(url)
    assert (database.dialect, Path(database.database)) == ("sqlite", Path(path))


@pytest.mark.parametrize(
    ("url", "dialect", "expected"),
    [
        (
            "postgres://u:p%40ss@db.test:5433/hanko?sslmode=require",
            "postgres",
            {"host": "db.test", "port": 5433, "user": "u", "password": "p@ss", "sslmode": "require"},
        ),
        ("postgresql:///hanko?host=/run/postgresql", "postgres", {"host": "/run/postgresql"}),
        ("cockroach://root@db.test:26257/hanko", "postgres", {"port": 26257, "user": "root"}),
        ("mysql://u:p@db.test/hanko", "mysql", {"host": "db.test", "user": "u", "password": "p"}),
        ("mysql://u:p@(db.test:3307)/hanko?parseTime=true", "mysql", {"host": "db.test", "port": 3307}),
        ("mysql://u:p@tcp(db.test:3307)/hanko", "mysql", {"host": "db.test", "port": 3307}),
        ("mariadb://u@/hanko?unix_socket=/run/mysqld.sock", "mysql", {"unix_socket": "/run/mysqld.sock"}),
        ("postgres://u:s3c/r@t@host/hanko", "postgres", {"password": "s3c/r@t", "host": "host"}),
        ("postgres://u@h1,[::1]:5433/hanko", "postgres", {"host": "h1,::1", "port": "5433,5433"}),
        ("host=h1,h2 port=1,2 dbname=hanko sslmode=disable", "postgres", {"host": "h1,h2", "port": "1,2"}),
        ("postgres://u@h/other?dbname=hanko&user=v", "postgres", {"user": "v"}),
    ],
)
def test_a_server_gets_each_part(url: str, dialect: str, expected: dict[str, object]) -> None:
    database = dialect_of(url)
    given = database.connect_params
    assert (database.dialect, database.database) == (dialect, "hanko")
    assert {key: given[key] for key in expected} == expected


@pytest.mark.parametrize(
    "url",
    [
        "",
        "hanko",
        "oracle://u:s3cret@host/db",
        "sqlite://",
        "sqlite:///",
        "sqlite:///:memory:",
        "sqlite://host/x",
        "postgres://u:s3c/ret@host:port/db",
        "postgres://u:s3cret@host:port/db",
        "postgres://u:s3cret@h1,[::1/db",
        "mysql://u:s3cret@h1,h2/db",
        "mysql://u:s3cret@unix(socket)/db",
        "mysql://u:s3cret@h/db?tls=s3cret",
        "mysql://u:s3cret@h/db?readTimeout=s3cret",
        "mysql://u:s3cret@h/db?sslmode=require",
        "host=h user=u password=s3cret dbname='db",
        "mysql://u:s3cret@[host/db",
    ],
)
def test_what_cannot_be_understood_is_the_operators_to_mend(url: str) -> None:
    with pytest.raises(errors.OperatorError, match=r"^database\.url: ") as caught:
        dialect_of(url)
    assert caught.value.__cause__ is None
    assert not any(part in str(caught.value) for part in ("s3cret", "s3c", "ret@"))


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgres://u:s3cret@h:5433/hanko?password=x", "postgres://u@h:5433/hanko"),
        ("mysql://u:s3cret@(h:3307)/hanko", "mysql://u@h:3307/hanko"),
        ("mysql://u:s3cret@[h/hanko", "database.url"),
        ("mysql://u:s3cret@unix(/run/m.sock)/hanko", "mysql://u@/hanko?unix_socket=/run/m.sock"),
        ("postgres://u:s3cret@h1,h2:5433/hanko?sslpassword=y", "postgres://u@h1:5433,h2:5433/hanko"),
        ("host=/tmp user=u password='s3 cret' dbname=hanko", "postgres://u@/hanko?host=/tmp"),
        ("host=h user=u password=s3cret dbname=hanko", "postgres://u@/hanko?host=h"),
        ("sqlite:///var/x.sqlite3", "sqlite:///var/x.sqlite3"),
    ],
)
def test_a_shown_url_has_no_password(url: str, shown: str) -> None:
    assert without_password(url) == shown
