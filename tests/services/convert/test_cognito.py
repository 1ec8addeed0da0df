from tests.services.convert.converting import of_file, of_records


def test_a_row_of_the_table_comes_over_member_by_member():
    alice = of_file("cognito", "cognito.csv").entries[0]
    assert alice == {
        "user_id": "72ca6595-a99e-45b0-b09c-cc4de8bb2535",
        "emails": [{"address": "alice@example.com", "is_primary": True, "is_verified": True}],
        "username": "alice",
        "name": "Alice Liddell",
        "given_name": "Alice",
        "family_name": "Liddell",
        "picture": "https://images.example.com/alice.png",
        "metadata": {"private": {"custom:plan": "gold"}},
        "updated_at": "2024-01-01T00:00:00Z",
    }


def test_nobody_has_a_password_and_other_usernames_stay():
    outcome = of_file("cognito", "cognito.csv")
    assert outcome.summary.without_password == len(outcome.entries) == 3
    assert [entry["username"] for entry in outcome.entries] == ["alice", "bob", "carol"]
    assert outcome.entries[1]["metadata"] == {"private": {"cognito_id": "bob"}}


def test_what_is_refused_and_what_is_left():
    outcome = of_file("cognito", "cognito.csv")
    assert [(each.number, each.reason) for each in outcome.refusals] == [
        (4, "an e-mail address that is none")
    ]
    assert outcome.left == {"phone_number": 2, "locale": 1, "cognito:mfa_enabled": 1}


def test_the_answer_of_list_users():
    outcome = of_file("cognito", "cognito.json")
    assert outcome.entry == {
        "user_id": "72ca6595-a99e-45b0-b09c-cc4de8bb2535",
        "emails": [{"address": "alice@example.com", "is_primary": True, "is_verified": True}],
        "identities": [
            {
                "provider_id": "google",
                "provider_user_id": "113748329847329847",
                "email": "alice@example.com",
                "data": {"email": "alice@example.com", "sub": "113748329847329847"},
                "created_at": "2024-01-01T00:00:00.123Z",
                "updated_at": "2024-01-01T00:00:00.123Z",
            }
        ],
        "is_disabled": True,
        "created_at": "2024-01-01T00:00:00.123Z",
        "updated_at": "2024-01-02T00:00:00Z",
    }
    assert outcome.left == {}


def test_attributes_that_are_none_do_no_harm():
    outcome = of_records(
        "cognito", {"Username": "bob", "Attributes": [7, {"Name": 1}, {"Name": "email"}]}, {"Attributes": 7}
    )
    assert outcome.entry["username"] == "bob"
    assert outcome.summary.refused == 1
