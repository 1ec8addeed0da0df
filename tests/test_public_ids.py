from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanko_compat import public_ids


@given(st.uuids())
def test_an_id_is_a_reversible_form_of_the_uuid(uuid):
    assert public_ids.decode("user_id", public_ids.encode("user_id", uuid)) == uuid
    assert public_ids.decode("user_id", str(uuid)) == uuid
    assert public_ids.decode("user_id", str(uuid.int), needs_prefix=False) == uuid
    session = public_ids.encode("session_id", uuid)
    assert public_ids.SESSION_ID.fullmatch(session)
    assert public_ids.decode("session_id", session) == public_ids.decode("session_id", str(uuid)) == uuid


@given(st.text(max_size=50))
def test_any_text_is_read_or_names_nothing(text):
    for found in (
        public_ids.decode("user_id", text),
        public_ids.decode("user_id", text, needs_prefix=False),
        public_ids.decode("session_id", text),
    ):
        assert found is None or isinstance(found, UUID)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "usr-",
        "usr-x",
        "usr--1",
        "usr-01",
        "ide-1",
        "1",
        f"usr-{1 << 128}",
        "usr-1 ",
        "usr-\u0661",
        "USR-1",
        "z" * 30,
    ],
)
def test_what_is_no_id(text):
    assert public_ids.decode("user_id", text) is None


@pytest.mark.parametrize("text", ["", "a" * 29, "z" * 30, "é" * 30])
def test_what_is_no_id_of_a_session(text):
    assert public_ids.decode("session_id", text) is None
