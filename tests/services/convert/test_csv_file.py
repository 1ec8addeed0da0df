import pytest

from hanko_compat.services.convert.csv_file import COLUMNS
from tests.services.convert.converting import DATA, of_bytes, of_file


def test_a_row_comes_over_member_by_member():
    alice = of_file("csv", "users.csv").entries[0]
    assert alice == {
        "user_id": "a1b7bc4e-fc8e-5cc4-8355-414e37ed6450",
        "emails": [
            {"address": "alice@example.com", "is_primary": True, "is_verified": True},
            {"address": "alice@example.org", "is_primary": False, "is_verified": True},
            {"address": "alice@example.net", "is_primary": False, "is_verified": False},
            {"address": "alice@example.edu", "is_primary": False, "is_verified": False},
        ],
        "username": "alice",
        "password": {
            "password": "$P$B12345678901234567890123456789.",
            "created_at": "2024-02-01T00:00:00Z",
            "updated_at": "2024-02-01T00:00:00Z",
        },
        "otp_secret": {"secret": "GEZDGNBVGY3TQOJQ"},
        "name": "Alice Liddell",
        "given_name": "Alice",
        "family_name": "Liddell",
        "picture": "https://images.example.com/alice.png",
        "metadata": {
            "public": {"plan": "gold"},
            "private": {"note": 1, "csv_id": "4711"},
            "unsafe": {"colour": "blue"},
        },
        "created_at": "2024-01-01T12:00:00Z",
        "updated_at": "2024-01-02T10:00:00Z",
    }


def test_what_is_refused_and_what_is_left():
    outcome = of_file("csv", "users.csv")
    assert outcome.entries[1] == {
        "emails": [{"address": "bob@example.com", "is_primary": True, "is_verified": False}],
        "is_disabled": True,
    }
    assert [(each.number, each.reason) for each in outcome.refusals] == [
        (3, "email_verified is neither true nor false")
    ]
    assert outcome.left == {"favourite_tea": 1}


def test_every_column_is_in_the_example():
    header = (DATA / "users.csv").read_text().splitlines()[0].split(",")
    assert set(header) - set(COLUMNS) == {"favourite_tea"}
    assert set(COLUMNS) <= set(header)


@pytest.mark.parametrize(("cell", "is_verified"), [("", True), ("no", False), ("1", True)])
def test_who_does_not_say_is_verified_by_choice(cell, is_verified):
    table = f"email,email_verified\nalice@example.com,{cell}\n".encode()
    assert of_bytes("csv", table, assumes_verified=True).entry["emails"][0]["is_verified"] is is_verified
