"""What hooks are told of a user."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from hanko_compat.services.webhooks.hook_data import user_data
from hanko_compat.storage.models import Email, Identity, User
from hanko_compat.storage.users.users import SETTLED
from tests.factories import (
    make_account,
    make_credential,
    make_email,
    make_identity,
    make_metadata,
    make_otp_secret,
    make_password,
    make_user,
    make_username,
    store,
)
from tests.queries import assert_query_count

MADE = datetime(2026, 1, 31, 12, 34, 56, tzinfo=UTC)
USED = datetime(2026, 2, 1, tzinfo=UTC)
TIMES = {"created_at": MADE, "updated_at": USED}
SHOWN = {"created_at": "2026-01-31T12:34:56Z", "updated_at": "2026-02-01T00:00:00Z"}


@pytest.fixture
def data_of(services):
    """Read the data of a user; *facts* as for `user_data`."""

    def data_of(user_id, **facts):
        with services.database.connection():
            return user_data(user_id, **facts)

    return data_of


def test_a_bare_user_has_no_empty_members(data_of):
    user = make_user(**TIMES, given_name=SETTLED, name="")
    assert data_of(user.id) == {"id": str(user.id), **SHOWN}


def test_nobody(data_of):
    assert data_of(uuid4()) is None


def test_names(data_of):
    names = {"given_name": "Jane", "family_name": "Doe", "name": "Jane Doe", "picture": "https://a.test/b"}
    user = make_user(**TIMES, **names)
    assert data_of(user.id) == {"id": str(user.id), **SHOWN, **names}


def test_addresses_are_in_the_order_of_their_age(data_of):
    primary = make_account(**TIMES)
    second = make_email(user=primary.user_id, verified=False)
    assert data_of(primary.user_id)["emails"] == [
        {
            "id": str(primary.id),
            "address": primary.address,
            "is_verified": True,
            "is_primary": True,
            **SHOWN,
        },
        data_of(primary.user_id)["emails"][1],
    ]
    found = data_of(primary.user_id)["emails"][1]
    assert (found["id"], found["is_verified"], found["is_primary"]) == (str(second.id), False, False)


def test_addresses_may_be_left_out(data_of):
    assert "emails" not in data_of(make_account().user_id, with_emails=False)


def test_what_the_user_logs_in_with(data_of):
    user, aaguid = make_user(), UUID("adce0002-35bc-c60a-648b-0b25f1f05503")
    password = make_password(user=user, **TIMES)
    otp = make_otp_secret(user=user, **TIMES)
    username = make_username(user=user, username="jane", **TIMES)
    make_credential(
        user=user, id="one", name="mine", last_used_at=USED, aaguid=aaguid, transports=("usb", "nfc"),
        backup_eligible=True, backup_state=True, **TIMES,
    )  # fmt: skip
    make_credential(user=user, id="two", transports=(), mfa_only=True)
    data = data_of(user.id)
    assert data["password"] == {"id": str(password.id), **SHOWN}
    assert data["otp"] == {"id": str(otp.id), "created_at": SHOWN["created_at"]}
    assert data["username"] == {"id": str(username.id), "username": "jane", **SHOWN}
    first, second = data["webauthn_credentials"]
    assert first == {
        "id": "one",
        "name": "mine",
        "public_key": "pQECAyYgASFYIA",
        "attestation_type": "none",
        "aaguid": str(aaguid),
        "last_used_at": SHOWN["updated_at"],
        "created_at": SHOWN["created_at"],
        "transports": ["nfc", "usb"],
        "backup_eligible": True,
        "backup_state": True,
        "mfa_only": False,
    }
    assert first.keys() - second.keys() == {"name", "last_used_at"}
    assert (second["transports"], second["mfa_only"]) == ([], True)
    assert "$2a$" not in str(data)
    assert "JBSWY3DPEHPK3PXP" not in str(data)


def test_identities_are_those_that_hang_on_an_address(services, data_of):
    email = make_account()
    linked = make_identity(email=email, provider_id="custom_stub", provider_user_id="subject-1", **TIMES)
    old = make_identity(email=email, user=None)
    store(
        Identity,
        email=None,
        user=email.user_id,
        provider_id="google",
        provider_user_id="2",
        data="{}",
        **TIMES,
    )
    first, second = sorted(data_of(email.user_id)["identities"], key=lambda each: each["created_at"])
    assert first == {
        "id": str(linked.id),
        "provider_id": "subject-1",
        "provider_name": "custom_stub",
        "email_id": str(email.id),
        **SHOWN,
    }
    assert second["id"] == str(old.id)
    with services.database.connection():
        assert Identity.select().count() == 3


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({}, None),
        ({"public_metadata": "{}", "unsafe_metadata": "null"}, None),
        ({"private_metadata": '{"crm": 1}'}, {"private_metadata": {"crm": 1}}),
        (
            {"public_metadata": '{"a": []}', "private_metadata": "{}", "unsafe_metadata": '{"b": null}'},
            {"public_metadata": {"a": []}, "unsafe_metadata": {"b": None}},
        ),
        ({"public_metadata": "no JSON"}, None),
    ],
)
def test_metadata(data_of, columns, expected):
    user = make_user()
    make_metadata(user=user, **columns)
    assert data_of(user.id).get("metadata") == expected


@pytest.mark.parametrize("many", [1, 4])
def test_one_query_for_each_kind_of_row(services, many):
    user_id = make_account().user_id
    for _ in range(many):
        make_identity(email=make_email(user=user_id))
        make_credential(user=user_id, transports=("usb", "nfc"))
    with services.database.connection(), assert_query_count(5):
        assert len(user_data(user_id)["emails"]) == many + 1
    with services.database.connection():
        assert (User.select().count(), Email.select().count()) == (1, many + 1)
