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
        ("postgres://u:p@db.test:/hanko", "postgres://u:p@db.test:5432/hanko"),
        ("postgres://u:p@[::1]:,h2:/hanko", "postgres://u:p@[::1]:5432,h2:5432/hanko"),
        ("mysql://u:p@tcp(db.test:)/hanko", "mysql://u:p@db.test:3306/hanko"),
        ("cockroach://root@[::1]/defaultdb", "postgres://root@[::1]:26257/defaultdb"),
        ("mysql://u:p@db.test/hanko", "mysql://u:p@db.test:3306/hanko"),
        ("mariadb://u:p@db.test:3307/hanko", "mysql://u:p@db.test:3307/hanko"),
        ("mysql://u:p@(db.test:3306)/hanko?parseTime=true", "mysql://u:p@db.test:3306/hanko?parseTime=true"),
        ("mysql://u:p@tcp(db.test)/hanko", "mysql://u:p@db.test:3306/hanko"),
        ("postgres:///hanko?host=/run/postgresql", "postgres:///hanko?host=/run/postgresql"),
        ("mysql://u:p@/hanko?unix_socket=/run/mysqld.sock", "mysql://u:p@/hanko?unix_socket=/run/mysqld.sock"),
        ("postgres://u@/hanko", "postgres://u@/hanko"),
        ("postgres://u@/hanko?host=", "postgres://u@/hanko?host="),
        ("postgres://u@%2Frun%2Fpostgresql/hanko", "postgres://u@%2Frun%2Fpostgresql:5432/hanko"),
        ("postgres://u@h1:1,h2:2/hanko", "postgres://u@h1:1,h2:2/hanko"),
        ("postgres://u@h1,h2:5433/hanko", "postgres://u@h1:5433,h2:5433/hanko"),
        ("postgres://u@h1,[::1]/hanko?target_session_attrs=any", "postgres://u@h1:5432,[::1]:5432/hanko?target_session_attrs=any"),
        ("postgres://u@[fe80::1%25eth0]:5433/hanko", "postgres://u@[fe80::1%25eth0]:5433/hanko"),
        ("postgres://u:p@db.test/hanko?application_name=a@b/c", "postgres://u:p@db.test:5432/hanko?application_name=a@b/c"),
        ("host=db.test user=u password='a b\\'c' dbname=hanko", "postgres://u:a%20b%27c@/hanko?host=db.test"),
        ("host=/run user = u port= 5433", "postgres://u@/u?host=/run&port=5433"),
        ("mysql://u:p@/hanko", "mysql://u:p@127.0.0.1:3306/hanko"),
        ("postgres://u:p@(db.test:5433)/hanko?sslmode=disable", "postgres://u:p@db.test:5433/hanko?sslmode=disable"),
        ("cockroach://u:p@tcp(db.test)/hanko", "postgres://u:p@db.test:26257/hanko"),
        ("u:p@tcp/hanko", "mysql://u:p@127.0.0.1:3306/hanko"),
        ("u:p@tcp([::1]:3307)/hanko", "mysql://u:p@[::1]:3307/hanko"),
        ("mysql://u:p@tcp6([::1])/hanko", "mysql://u:p@[::1]:3306/hanko"),
        ("mysql://u:p@unix(/run/m.sock)/hanko?parseTime=true", "mysql://u:p@/hanko?unix_socket=/run/m.sock&parseTime=true"),
        ("u:p@(db.test)/hanko?loc=Europe%2FBerlin", "mysql://u:p@db.test:3306/hanko?loc=Europe%2FBerlin"),
        ("mysql://u:p@ss/w#%41@(db.test)/hanko", "mysql://u:p%40ss%2Fw%23%2541@db.test:3306/hanko"),
        ("mysql://me@server:p@(db.test)/hanko", "mysql://me%40server:p@db.test:3306/hanko"),
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
        "postgres://:hunter2@db.test",
        "mysql://u:hunter2@db.test",
        "postgres://u:hunter2@h1,/hanko",
        "postgres://u:hunter2@:/hanko",
        "postgres://u:hunter2@[::g]/hanko",
        "postgres://u:hunter2@[1.2.3.4.5]/hanko",
        "mysql://u:hunter2@h1,h2/hanko",
        "mysql://u:hunter2@unix(mysqld.sock)/hanko",
        "u:hunter2@db.test:3306/hanko",
        "oracle://u:hunter2@(db.test)/hanko",
        "postgres://u:hunter2@unix(/tmp)/hanko",
        "password=hunter2 user=u",
        "host=db.test password='hunter2",
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
        ({"host": "::1"}, "postgres://hanko:hanko@[::1]:5432/hanko"),
        ({"host": "[::1]", "port": 5433}, "postgres://hanko:hanko@[::1]:5433/hanko"),
        ({"host": "h1,h2:5433,/run"}, "postgres://hanko:hanko@h1:5433,h2:5433,%2Frun:5433/hanko"),
        ({"host": "/run/postgresql"}, "postgres://hanko:hanko@%2Frun%2Fpostgresql:5432/hanko"),
        ({"dialect": "mysql", "host": "/m.sock"}, "mysql://hanko:hanko@/hanko?unix_socket=/m.sock"),
        (
            {"dialect": "mysql", "host": "/m.sock", "port": "socket"},
            "mysql://hanko:hanko@/hanko?unix_socket=/m.sock",
        ),
    ],
)
def test_parts(parts, resolved):
    assert accepted({"database": parts}).database.resolved_url == resolved


@pytest.mark.parametrize(
    "parts",
    [
        {"host": "a b"},
        {"host": "u@db.test"},
        {"host": "db.test/x"},
        {"host": "h1,,h2"},
        {"host": "h:99999"},
        {"dialect": "mysql", "host": "h1,h2"},
        {"dialect": "mysql", "host": "db.test", "port": "socket"},
    ],
)
def test_what_is_no_host_is_refused(parts):
    wanted = "Must be a host, an IP address or the path of a Unix socket; several with commas between them"
    assert refused({"database": parts}) == [f"database.host: {wanted} for PostgreSQL."]


def test_an_option_that_cannot_be_taken_is_named():
    message = "database.url: tls: must be true, skip-verify, preferred or false; an authority of your own"
    (line,) = refused({"database.url": "mysql://u:hunter2@h/x?tls=my-config"})
    assert line.startswith(message)
    assert "my-config" not in line


def test_an_option_that_does_nothing_is_a_warning():
    of_pgx = accepted({"database.url": "postgres://u@h/x?pool_max_conns=4&search_path=a"})
    assert [str(warning) for warning in of_pgx.warnings] == [
        "database.url: pool_max_conns does nothing: it is about the connections of Hanko's own driver"
    ]
    of_mysql = accepted({"database.url": "mysql://u@h/x?charset=latin1&parseTime=true"})
    assert [warning.path for warning in of_mysql.warnings] == ["database.url"]


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
