"""Reading URLs: what is written comes back, and nothing but ValueError is raised for what is none."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanko_compat.config.database_url import Host, Parts, parse, resolve

TEXT = st.text(
    alphabet=st.characters(codec="utf-8", categories=["L", "N", "P", "S"]), min_size=1, max_size=12
)
PORT = st.integers(1, 65535).map(str)
HOST = st.one_of(
    st.from_regex(r"[a-z][a-z0-9.-]{0,20}", fullmatch=True),
    st.ip_addresses(v=4).map(str),
    st.ip_addresses(v=6).map(str),
    st.from_regex(r"(/[a-z. ]{1,8}){1,3}", fullmatch=True),
)


@given(
    user=TEXT,
    password=TEXT,
    hosts=st.lists(st.builds(Host, HOST, PORT), min_size=1, max_size=3).map(tuple),
    name=TEXT,
)
def test_every_part_comes_back(user: str, password: str, hosts: tuple[Host, ...], name: str) -> None:
    parts = Parts("postgres", user, password, hosts, name, "sslmode=disable")
    assert parse(parts.url()) == parts
    assert resolve(parts.url()) == parts.url()


@given(user=TEXT.filter(lambda text: ":" not in text), password=TEXT)
def test_go_escapes_nothing(user: str, password: str) -> None:
    parts = parse(f"mysql://{user}:{password}@tcp(db.test:3307)/hanko")
    assert parts == Parts("mysql", user, password, (Host("db.test", "3307"),), "hanko")


@given(st.text())
def test_any_text(text: str) -> None:
    for url in (text, f"postgres://{text}", f"mysql://u:p@{text}/x", f"host={text}"):
        with suppress(ValueError):
            resolved = resolve(url)
            assert resolve(resolved) == resolved


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("postgres://u:p@h", "u"),
        ("postgres://u:p%40@h:5433/", "u"),
        ("postgresql://u@[::1]:5433?sslmode=disable", "u"),
        ("cockroach://h,i/?user=v", "v"),
        ("postgres://u@/?host=/tmp&database=x", "x"),
    ],
)
def test_a_database_without_a_name_has_that_of_its_user(url: str, name: str) -> None:
    parts = parse(url)
    assert parts is not None
    assert parts.name == name
    again = parse(resolve(url))
    assert again is not None
    assert (again.name, again.user, again.hosts) == (name, parts.user, parts.hosts)


def test_of_two_options_with_one_name_the_first_counts() -> None:
    parts = parse("postgres://h/x?a=1&a=2&b=%20+")
    assert parts is not None
    assert parts.options == {"a": "1", "b": "  "}
