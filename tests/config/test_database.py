"""Where the database is: a URL, or parts as Hanko has them; special characters come out as they went in."""

from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanko_compat.config import load
from tests.config.example import accepted, refused

WANTED = "Must be sqlite:///path, or postgres, mysql or cockroach://user:password@host:port/name."


@pytest.mark.parametrize(
    ("url", "resolved"),
    [
        ("sqlite:///var/a.sqlite3", "sqlite:///var/a.sqlite3"),
        ("sqlite:////srv/a b@c.sqlite3", "sqlite:////srv/a b@c.sqlite3"),
        ("postgres://u:p@db.test/hanko", "postgres://u:p@db.test:5432/hanko"),
        ("postgresql://u@db.test:5433/hanko?sslmode=require", "postgres://u@db.test:5433/hanko?sslmode=require"),
        ("cockroach://root@[::1]/defaultdb", "postgres://root@[::1]:26257/defaultdb"),
        ("mysql://u:p@db.test/hanko", "mysql://u:p@db.test:3306/hanko"),
        ("mariadb://u:p@db.test:3307/hanko", "mysql://u:p@db.test:3307/hanko"),
        ("mysql://u:p@(db.test:3306)/hanko?parseTime=true", "mysql://u:p@db.test:3306/hanko?parseTime=true"),
        ("mysql://u:p@tcp(db.test)/hanko", "mysql://u:p@db.test:3306/hanko"),
        ("postgres:///hanko?host=/run/postgresql", "postgres:///hanko?host=/run/postgresql"),
        ("mysql://u:p@/hanko?unix_socket=/run/mysqld.sock", "mysql://u:p@/hanko?unix_socket=/run/mysqld.sock"),
        ("postgres://u:p@ss/w#rd?:%@db.test/hanko", "postgres://u:p%40ss%2Fw%23rd%3F%3A%25@db.test:5432/hanko"),
        ("postgres://u:p%40ss%2Fw%23rd@db.test/hanko", "postgres://u:p%40ss%2Fw%23rd@db.test:5432/hanko"),
    ],
)  # fmt: skip
def test_url(url, resolved):
    assert accepted({"database.url": url}).database.resolved_url == resolved
    assert accepted({}, {"DATABASE_URL": url}).database.resolved_url == resolved


@pytest.mark.parametrize(
    "url",
    [
        "hunter2",
        "mssql://u:hunter2@db.test/hanko",
        "postgres://u:hunter2@db.test",
        "postgres://u:hunter2@/hanko",
        "postgres://u:hunter2@/hanko?host=",
        "postgres://u:hunter2@db.test:99999/hanko",
        "postgres://u:hunter2@db.test:5432:1/hanko",
        "sqlite://",
        "sqlite:///",
        "sqlite:///:memory:",
        "sqlite:///a\nb",
        5,
        ["postgres://hunter2"],
    ],
)
def test_other_urls_are_refused_and_not_quoted(url):
    assert refused({"database.url": url}) == [f"database.url: {WANTED}"]


@pytest.mark.parametrize(
    ("parts", "resolved"),
    [
        ({}, "sqlite:///var/hanko_compat.sqlite3"),
        ({"url": ""}, "sqlite:///var/hanko_compat.sqlite3"),
        ({"host": "db.test"}, "postgres://hanko:hanko@db.test:5432/hanko"),
        ({"dialect": "postgres"}, "postgres://hanko:hanko@localhost:5432/hanko"),
        ({"dialect": "mysql"}, "mysql://hanko:hanko@localhost:3306/hanko"),
        ({"dialect": "mariadb", "port": 3307}, "mysql://hanko:hanko@localhost:3307/hanko"),
        ({"dialect": "mysql", "port": "5432"}, "mysql://hanko:hanko@localhost:5432/hanko"),
        ({"dialect": "cockroach", "password": ""}, "postgres://hanko@localhost:26257/hanko"),
        ({"url": "mysql://u@db.test/x", "host": "other.test"}, "mysql://u@db.test:3306/x"),
    ],
)
def test_parts(parts, resolved):
    assert accepted({"database": parts}).database.resolved_url == resolved


def test_one_part_from_the_environment_is_enough():
    config = load(None, environ={"DATABASE_HOST": "db.test", "DATABASE_PASSWORD": "a/b@c"}, dev=True)
    assert config.database.resolved_url == "postgres://hanko:a%2Fb%40c@db.test:5432/hanko"


PRINTABLE = st.text(
    alphabet=st.characters(codec="ascii", categories=["L", "N", "P", "S"]), min_size=1, max_size=20
)


@given(user=PRINTABLE, password=PRINTABLE, name=PRINTABLE)
def test_whatever_is_special_in_the_parts_comes_out_again(user, password, name):
    parts = {"user": user, "password": password, "database": name}
    url = accepted({"database": parts}).database.resolved_url
    split = urlsplit(url)
    assert [unquote(part or "") for part in (split.username, split.password, split.path[1:])] == [
        user,
        password,
        name,
    ]
    assert (split.hostname, split.port) == ("localhost", 5432)
    assert accepted({"database.url": url}).database.resolved_url == url
