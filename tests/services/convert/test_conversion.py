"""Whatever a file has in it: each record becomes a user or a dead letter, and the conversion ends."""

import json
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hanko_compat.errors.user_files import UserFileUnreadable
from hanko_compat.services.convert.conversion import MOST_KINDS
from hanko_compat.services.convert.fields import read_json
from hanko_compat.services.convert.systems import SYSTEMS
from tests.services.convert.converting import BCRYPT, DATA, of_bytes, of_records
from tests.services.convert.test_firebase import CONFIG

TABLES = {"clerk", "csv"}
SAMPLES = sorted(
    (path.name, system)
    for path in DATA.iterdir()
    for system in SYSTEMS
    if path.name.split(".")[0].split("-")[0] == {"csv": "users"}.get(system, system) and path.suffix != ".txt"
)
SECRET = "s3cret-of-a-user"


def names_in(value):
    """All names of members in *value*, at any depth, and in texts that are JSON."""
    if isinstance(value, str):
        value = read_json(value)
    if isinstance(value, dict):
        yield from value
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from names_in(inner)


def names_of(system):
    """What members are called in the samples of *system*."""
    for sample, of in SAMPLES:
        text = (DATA / sample).read_text()
        if of == system and sample.endswith(".csv"):
            yield from text.splitlines()[0].split(",")
        elif of == system:
            yield from names_in(text.splitlines() if sample.endswith(".ndjson") else text)


NAMES = {system: sorted(set(names_of(system))) for system in SYSTEMS}
TEXTS = st.text(max_size=8) | st.sampled_from(
    [
        *(
            "alice@example.com",
            BCRYPT,
            "true",
            "1704067200000",
            "2024-01-01T00:00:00Z",
            "[{}]",
            "{}",
            "google",
            "\0",
        ),
        *(
            "$scrypt$ln=16384,r=8,p=1$AAAA$AAAA",
            "8d7c2a54-7c3a-4a0c-8f0e-0d4a6c9f1b22",
            "pbkdf2-sha256",
            "\ud800",
        ),
        *(
            "password",
            "otp",
            "email",
            "argon2",
            "pbkdf2",
            "scrypt",
            "https://example.com/x",
            '{"a": [1]}',
            "otpauth://x?secret=A",
        ),
    ]
)


def values(system):
    return st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS,
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(NAMES[system]) | st.text(max_size=3), inner, max_size=6)
        ),
        max_leaves=12,
    )


@pytest.mark.parametrize("system", sorted(SYSTEMS.keys() - TABLES))
@settings(max_examples=30, deadline=None)
@given(st.data())
def test_records_of_any_kind_become_a_user_or_a_dead_letter(system, data):
    written = data.draw(st.lists(values(system), max_size=3))
    if system == "django":
        written = [{"model": "auth.user", "fields": each} for each in written]
    outcome = of_records(system, *written, hash_config=CONFIG)
    assert outcome.summary.converted + outcome.summary.refused == len(written) or system == "django"
    for refusal in outcome.refusals:
        assert json.loads(refusal.as_json())["reason"]


@pytest.mark.parametrize("system", ["clerk", "cognito", "csv", "supabase"])
@settings(max_examples=30, deadline=None)
@given(st.data())
def test_rows_of_any_kind_become_a_user_or_a_dead_letter(system, data):
    columns = [name for name in NAMES[system] if name.replace(":", "").replace("_", "").isalnum()]
    cells = data.draw(st.lists(st.lists(TEXTS, min_size=1, max_size=len(columns)), max_size=3))
    table = [",".join(dict.fromkeys(["email", "username", *columns]))]
    table += [",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in cells]
    outcome = of_bytes(system, "\n".join(table).encode("utf-8", "surrogatepass"))
    assert outcome.summary.converted + outcome.summary.refused <= len(cells)


@pytest.mark.parametrize("system", SYSTEMS)
@settings(max_examples=30, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_come_to_an_end(system, content):
    with suppress(UserFileUnreadable):
        outcome = of_bytes(system, content, hash_config=CONFIG)
        assert outcome.summary.refused == len(outcome.refusals)


@pytest.mark.parametrize(("sample", "system"), SAMPLES)
@settings(max_examples=30, deadline=None)
@given(st.data())
def test_a_sample_with_bytes_that_are_wrong_comes_to_an_end(sample, system, data):
    content = bytearray((DATA / sample).read_bytes())
    for _ in range(data.draw(st.integers(1, 5))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place : place + data.draw(st.integers(0, 40))] = data.draw(st.binary(max_size=4))
    with suppress(UserFileUnreadable):
        outcome = of_bytes(system, bytes(content), hash_config=CONFIG)
        assert outcome.summary.refused == len(outcome.refusals)


@pytest.mark.parametrize(
    "record",
    [
        {"email": "no address", "password_hash": SECRET},
        {"email": "", "custom_password_hash": {"hash": {"value": SECRET}}},
        {"email": ["x"], "multifactor_token": {"a": SECRET}},
    ],
)
def test_a_dead_letter_has_no_secret(record):
    (refusal,) = of_records("auth0", record).refusals
    assert SECRET not in refusal.as_json()
    assert json.loads(refusal.as_json()).keys() == {"number", "reason", "record"}


def test_kinds_of_what_is_left_are_bounded():
    users = [{"email": f"{number}@example.com", f"member{number}": 1} for number in range(MOST_KINDS + 50)]
    outcome = of_records("auth0", *users)
    assert len(outcome.left) == MOST_KINDS + 1
    assert outcome.left["others"] == 50
