from tests.services.convert.converting import of_bytes, of_file, of_records
from tests.services.convert.passwords import is_of_password

HASH = "$2a$04$abcdefghijklmnopqrstuuqREtd3VJD2QVZbuFskFSLk6eRIrQoOS"


def test_a_row_of_the_table_comes_over_member_by_member():
    alice = of_file("supabase", "supabase.csv").entries[0]
    assert alice == {
        "user_id": "8d7c2a54-7c3a-4a0c-8f0e-0d4a6c9f1b22",
        "emails": [{"address": "alice@example.com", "is_primary": True, "is_verified": True}],
        "password": {"password": HASH},
        "name": "Alice Liddell",
        "picture": "https://images.example.com/alice.png",
        "metadata": {"public": {"plan": "gold"}, "unsafe": {"colour": "blue"}},
        "created_at": "2024-01-15T10:29:00Z",
        "updated_at": "2024-01-16T10:29:00.5Z",
    }
    assert is_of_password(HASH)


def test_who_is_banned_and_unconfirmed():
    bob = of_file("supabase", "supabase.csv").entries[1]
    assert bob["is_disabled"] is True
    assert bob["emails"][0]["is_verified"] is False
    assert "password" not in bob


def test_what_is_refused_and_what_is_left():
    outcome = of_file("supabase", "supabase.csv")
    assert [(each.number, each.reason) for each in outcome.refusals] == [
        (3, "neither an e-mail address nor a username"),
        (4, "deleted there (deleted_at)"),
    ]
    assert outcome.left == {"last_sign_in_at": 1, "phone": 1}


def test_rows_as_json_with_their_identities():
    outcome = of_file("supabase", "supabase.json")
    alice = outcome.entry
    assert alice["identities"] == [
        {
            "provider_id": "google",
            "provider_user_id": "113748329847329847",
            "email": "alice@example.com",
            "data": {
                "email": "alice@example.com",
                "name": "Alice L.",
                "picture": "https://images.example.com/a.png",
                "sub": "113748329847329847",
            },
            "created_at": "2024-01-15T10:29:00Z",
            "updated_at": "2024-03-15T10:29:00Z",
        }
    ]
    assert alice["password"] == {"password": HASH}
    assert "metadata" not in alice
    assert "is_disabled" not in alice  # banned until a day that is past
    assert outcome.left == {"an account at azure": 1}


def test_a_table_with_the_columns_that_somebody_has_chosen():
    table = (
        b"id,email,encrypted_password\r\n8d7c2a54-7c3a-4a0c-8f0e-0d4a6c9f1b22,alice@example.com,"
        + HASH.encode()
    )
    assert of_bytes("supabase", table).entry["password"] == {"password": HASH}


def test_metadata_that_is_none_is_named():
    outcome = of_records("supabase", {"email": "alice@example.com", "raw_user_meta_data": "{broken"})
    assert outcome.left == {"raw_user_meta_data (no JSON)": 1}
