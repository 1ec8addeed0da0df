"""The hazards that were observed with Hanko's databases, each tried on each of them.

The numbers are those of the list in the reference, as far as it numbers them.
"""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from werkzeug.test import TestResponse

from tests.authenticator import Authenticator
from tests.clock import FakeClock
from tests.dropin.house import House
from tests.dropin.visitor import Visitor
from tests.hashing.samples import ARGON2, DJANGO, FIREBASE, GOOD
from tests.passkeys import Browser

pytestmark = pytest.mark.servers

MOST = 2**31 - 1


def account(house: House, **emails: Any) -> str:
    """A user with a primary address of its own, as Hanko's admin API makes one; returns the id."""
    user_id, email_id = str(uuid4()), str(uuid4())
    address = emails.get("address", f"{user_id}@example.test")
    at = emails.get("at", "2026-11-22 10:00:00")
    house.dump.execute(
        "INSERT INTO users (id, created_at, updated_at) VALUES (%s, %s, %s)", (user_id, at, at)
    )
    house.dump.execute(
        "INSERT INTO emails (id, user_id, address, verified, created_at, updated_at)"
        " VALUES (%s, %s, %s, true, %s, %s)",
        (email_id, user_id, address, at, at),
    )
    house.dump.execute(
        "INSERT INTO primary_emails (id, email_id, user_id, created_at, updated_at)"
        " VALUES (%s, %s, %s, %s, %s)",
        (str(uuid4()), email_id, user_id, at, at),
    )
    return user_id


def token(house: House, user_id: str, **headers: str) -> dict[str, str]:
    """The headers of somebody who has just logged in."""
    return house.token(UUID(user_id)) | headers


def log_in_by_password(house: House, user_id: str, password: str, **headers: str) -> TestResponse:
    body = {"user_id": user_id, "password": password}
    return house.client.post("/password/login", json=body, headers=headers)


def give_password(house: House, user_id: str, hashed: str) -> None:
    house.dump.execute(
        "INSERT INTO password_credentials (id, user_id, password, created_at, updated_at)"
        " VALUES (%s, %s, %s, %s, %s)",
        (str(uuid4()), user_id, hashed, "2026-11-22 10:00:00", "2026-11-22 10:00:00"),
    )


def hash_of_frank(house: House) -> str:
    """One of cost 10."""
    return stored_hash(house, house.dump.users["frank"]["id"])


def stored_hash(house: House, user_id: str) -> str:
    (row,) = house.dump.execute("SELECT password FROM password_credentials WHERE user_id = %s", (user_id,))
    return str(row["password"])


def register(house: House, user_id: str, device: Authenticator, **changes: Any) -> TestResponse:
    browser = Browser(house.client, token(house, user_id))
    return browser.register(device.create(browser.creation_options(), **changes))


def column(house: House, question: str, *values: Any) -> list[Any]:
    return [next(iter(row.values())) for row in house.dump.execute(question, values)]


def test_1_a_session_whose_last_use_is_null(house: House) -> None:
    user_id = account(house)
    mine = token(house, user_id)
    house.dump.execute("UPDATE sessions SET last_used = NULL WHERE user_id = %s", (user_id,))
    assert house.client.get("/sessions/validate", headers=mine).json["is_valid"] is True
    assert house.client.get("/me", headers=mine).status_code == 200
    give_password(house, user_id, hash_of_frank(house))
    assert log_in_by_password(house, user_id, "frank password 1").status_code == 200


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ("x" * 400, "x" * 255),
        (b"curl \xff\xfe".decode("latin-1"), "curl \ufffd\ufffd"),
        ("😀".encode().decode("latin-1") * 300, "😀" * 255),
    ],
    ids=["long", "no UTF-8", "long and wide"],
)
def test_2_user_agents_are_cut_and_cleaned(house: House, sent: str, stored: str) -> None:
    user_id = account(house)
    give_password(house, user_id, hash_of_frank(house))
    answer = log_in_by_password(house, user_id, "frank password 1", **{"User-Agent": sent})
    assert answer.status_code == 200
    assert column(house, "SELECT user_agent FROM sessions WHERE user_id = %s", user_id) == [stored]
    audited = column(house, "SELECT meta_user_agent FROM audit_logs WHERE actor_user_id = %s", user_id)
    assert audited == [stored]


def test_2_a_user_agent_that_is_missing(house: House) -> None:
    answer = house.client.post(
        "/users", json={"email": f"{uuid4()}@example.test"}, headers={"User-Agent": ""}
    )
    assert answer.status_code == 200
    audited = column(
        house, "SELECT meta_user_agent FROM audit_logs WHERE actor_user_id = %s", answer.json["user_id"]
    )
    assert audited == [""]


def test_3_sign_counts_beyond_the_column(house: House) -> None:
    user_id, device = account(house), Authenticator(sign_count=2**31)
    assert register(house, user_id, device).status_code == 200
    question = "SELECT sign_count FROM webauthn_credentials WHERE id = %s"
    assert column(house, question, device.id) == [MOST]
    browser = Browser(house.client)
    for count in (2**31 + 1, 2**32 - 1):
        answer = device.get(browser.request_options(), sign_count=count)
        assert browser.log_in(answer).status_code == 200
        assert column(house, question, device.id) == [MOST]


@pytest.mark.parametrize(("length", "status"), [(191, 200), (192, 400)])
def test_4_credential_ids_longer_than_their_column(house: House, length: int, status: int) -> None:
    user_id, device = account(house), Authenticator(credential_id=bytes(range(length)))
    assert register(house, user_id, device).status_code == status
    stored = column(house, "SELECT id FROM webauthn_credentials WHERE user_id = %s", user_id)
    assert stored == ([device.id] if status == 200 else [])


def test_5_transports_that_are_named_twice(house: House) -> None:
    user_id, device = account(house), Authenticator()
    assert register(house, user_id, device, transports=["usb", "nfc", "usb", "nfc"]).status_code == 200
    question = "SELECT name FROM webauthn_credential_transports WHERE webauthn_credential_id = %s"
    assert sorted(column(house, question, device.id)) == ["nfc", "usb"]


def test_6_a_half_finished_sign_up_begins_again_and_ends(house: House) -> None:
    """By its first user, whom Hanko made, or by the one that the next attempt makes."""
    address, at = f"{uuid4()}@example.test", "2026-11-22 10:00:00"
    first, email_id = str(uuid4()), str(uuid4())
    house.dump.execute("INSERT INTO users (id, created_at, updated_at) VALUES (%s, %s, %s)", (first, at, at))
    house.dump.execute(
        "INSERT INTO emails (id, user_id, address, verified, created_at, updated_at)"
        " VALUES (%s, NULL, %s, false, %s, %s)",
        (email_id, address, at, at),
    )
    again = Visitor(house)
    again.sign_up(address)
    assert again.email_ids == [email_id]
    assert again.user_id != first
    visitor = Visitor(house)
    visitor.user_id, visitor.email_ids = first, [email_id]
    visitor.ask_for_passcode()
    visitor.log_in_by_passcode(address)
    assert house.client.post("/user", json={"email": address}).json["id"] == first


@pytest.mark.parametrize("version", ["2a", "2b", "2y"])
def test_7_all_hashes_of_bcrypt(house: House, version: str) -> None:
    user_id = account(house)
    give_password(house, user_id, f"${version}{hash_of_frank(house)[3:]}")
    assert log_in_by_password(house, user_id, "frank password 1").status_code == 200
    assert log_in_by_password(house, user_id, "frank password 2").status_code == 401


@pytest.mark.parametrize(("password", "hashed"), [FIREBASE, (GOOD, ARGON2[0]), (GOOD, DJANGO[0])])
def test_7_hashes_of_other_systems_become_hankos(house: House, password: str, hashed: str) -> None:
    user_id = account(house)
    give_password(house, user_id, hashed)
    assert log_in_by_password(house, user_id, "another").status_code == 401
    assert stored_hash(house, user_id) == hashed
    assert log_in_by_password(house, user_id, password).status_code == 200
    assert stored_hash(house, user_id).startswith("$2a$")
    assert log_in_by_password(house, user_id, password).status_code == 200


@pytest.mark.parametrize("hashed", ["$fbscrypt$v=2,n=1$x$y", "$argon2id$v=19$x", "", "plain"])
def test_7_hashes_of_no_known_kind(house: House, hashed: str) -> None:
    user_id = account(house)
    give_password(house, user_id, hashed)
    assert log_in_by_password(house, user_id, "user1password").status_code == 401


def test_8_an_address_with_capitals_is_nobodys(house: House) -> None:
    """As in Hanko, which looks for what it was told in lower case; nor is it anybody else's from then on."""
    name = str(uuid4())
    account(house, address=f"Capital.{name}@Example.test")
    for typed in (f"Capital.{name}@Example.test", f"capital.{name}@example.test"):
        assert house.client.post("/user", json={"email": typed}).status_code == 404
    # MariaDB's column takes the two for one.
    status = 409 if house.dump.is_mariadb else 200
    answer = house.client.post("/users", json={"email": f"Capital.{name}@Example.test"})
    assert answer.status_code == status


def test_9_the_limit_counts_the_sessions_of_both_servers(house: House, clock: FakeClock) -> None:
    user_id = account(house)
    for number in range(5):
        moment = (clock() - timedelta(hours=1, minutes=number)).replace(tzinfo=None)
        house.dump.execute(
            "INSERT INTO sessions (id, user_id, expires_at, last_used, created_at, updated_at)"
            " VALUES (%s, %s, %s, %s, %s, %s)",
            (str(uuid4()), user_id, moment + timedelta(hours=12), moment, moment, moment),
        )
    oldest = column(house, "SELECT id FROM sessions WHERE user_id = %s ORDER BY created_at", user_id)[0]
    token(house, user_id)
    live = column(house, "SELECT id FROM sessions WHERE user_id = %s", user_id)
    assert len(live) == 5
    assert oldest not in live


def test_10_the_use_of_a_passkey_is_kept_current(house: House, clock: FakeClock) -> None:
    user_id, device = account(house), Authenticator(sign_count=7)
    assert register(house, user_id, device).status_code == 200
    browser = Browser(house.client)
    clock.advance(minutes=1)
    assert browser.log_in(device.get(browser.request_options())).status_code == 200
    (row,) = house.dump.execute(
        "SELECT sign_count, last_used_at FROM webauthn_credentials WHERE id = %s", (device.id,)
    )
    assert row["sign_count"] == 8
    assert row["last_used_at"].replace(microsecond=0) == clock().replace(tzinfo=None, microsecond=0)


def test_12_an_audit_row_without_details_is_in_nobodys_way(house: House) -> None:
    house.dump.execute("UPDATE audit_logs SET details = NULL")
    user_id = account(house)
    give_password(house, user_id, hash_of_frank(house))
    assert log_in_by_password(house, user_id, "frank password 1").status_code == 200
    assert column(house, "SELECT details FROM audit_logs WHERE actor_user_id = %s", user_id) == ["null"]


def test_collations_that_ignore_accents_merge_no_addresses(house: House) -> None:
    name = str(uuid4())
    account(house, address=f"alice.{name}@example.test")
    assert house.client.post("/user", json={"email": f"alicé.{name}@example.test"}).status_code == 404
    answer = house.client.post("/users", json={"email": f"alicé.{name}@example.test"})
    assert answer.status_code == (409 if house.dump.is_mariadb else 200)
    sent = [str(message["To"]) for message in house.inbox.messages()]
    assert not [address for address in sent if name in address]


def test_collations_that_ignore_case_merge_no_credentials(house: House) -> None:
    user_id, device = account(house), Authenticator(credential_id=b"\0\0\0")
    assert (device.id, register(house, user_id, device).status_code) == ("AAAA", 200)
    browser = Browser(house.client)
    answer = device.get(browser.request_options())
    answer["id"] = answer["rawId"] = "aaaa"
    assert browser.log_in(answer).status_code == 401
    renamed = house.client.patch(
        "/webauthn/credentials/aaaa", json={"name": "x"}, headers=token(house, user_id)
    )
    assert renamed.status_code == 404
    house.client.delete(f"/webauthn/credentials/{device.id}", headers=token(house, user_id))


def test_a_user_is_deleted_though_foreign_keys_forbid(house: House) -> None:
    """With a primary address, and a passkey of another system, to which keys without a cascade lead."""
    user_id, handle_id, at = account(house), str(uuid4()), "2026-11-22 10:00:00"
    mine = token(house, user_id)
    house.dump.execute(
        "INSERT INTO webauthn_credential_user_handles (id, user_id, handle, created_at, updated_at)"
        " VALUES (%s, %s, %s, %s, %s)",
        (handle_id, user_id, f"handle-{user_id}", at, at),
    )
    house.dump.execute(
        "INSERT INTO webauthn_credentials (id, user_id, public_key, attestation_type, aaguid, sign_count,"
        " created_at, updated_at, user_handle_id) VALUES (%s, %s, 'x', 'none', %s, 0, %s, %s, %s)",
        (user_id, user_id, str(UUID(int=0)), at, at, handle_id),
    )
    assert house.client.delete("/user", headers=mine).status_code == 204
    for table in ("emails", "primary_emails", "sessions", "webauthn_credentials"):
        assert column(house, f"SELECT count(*) FROM {table} WHERE user_id = %s", user_id) == [0]


def test_a_primary_address_is_not_deleted_and_another_is(house: House) -> None:
    user_id = account(house)
    mine = token(house, user_id)
    (email,) = house.client.get("/emails", headers=mine).json
    assert house.client.delete(f"/emails/{email['id']}", headers=mine).status_code == 409


@pytest.mark.parametrize("hours", [-12, -5, 5, 14])
def test_local_times_in_old_rows_decide_nothing(house: House, hours: int) -> None:
    """Where Hanko does not run in UTC, PostgreSQL has its local time in these tables."""
    user_id = account(house, at=shifted(hours))
    give_password(house, user_id, hash_of_frank(house))
    house.dump.execute(
        "UPDATE password_credentials SET created_at = %s, updated_at = %s", [shifted(hours)] * 2
    )
    answer = log_in_by_password(house, user_id, "frank password 1")
    assert answer.status_code == 200
    mine = {"Authorization": f"Bearer {answer.headers['X-Auth-Token']}"}
    assert house.client.get("/me", headers=mine).status_code == 200
    assert len(house.client.get("/emails", headers=mine).json) == 1


def shifted(hours: int) -> str:
    """Noon of the day of the dumps, by the clock of a zone so many hours ahead of UTC."""
    day, hour = divmod(12 + hours, 24)
    return f"2026-11-{22 + day:02} {hour:02}:00:00"


@pytest.mark.parametrize("hours", [-12, 14])
def test_local_times_of_keys_change_neither_which_signs_nor_whether_it_counts(
    house: House, clock: FakeClock, hours: int
) -> None:
    for row_id, second in ((1, "00"), (2, "01")):
        made_at = f"{shifted(hours)[:-2]}{second}"
        house.dump.execute("UPDATE jwks SET created_at = %s WHERE id = %s", (made_at, row_id))
    clock.advance(minutes=2)  # until the keys are read again
    assert house.services.keys.current().kid == house.dump.signing_keys[-1]["kid"]
    assert house.client.get("/sessions/validate", headers=token(house, account(house))).json["is_valid"]


def test_times_that_were_never_set(house: House) -> None:
    """MySQL has 0000-00-00 in rows that are older than their column; in Go that is the year 1."""
    user_id, device = account(house), Authenticator()
    assert register(house, user_id, device).status_code == 200
    mine = token(house, user_id)
    never = "0000-00-00 00:00:00" if house.dump.is_mariadb else "0001-01-01 00:00:00"
    for table, names in {
        "users": ("created_at", "updated_at"),
        "emails": ("created_at", "updated_at"),
        "sessions": ("last_used", "expires_at", "created_at", "updated_at"),
        "webauthn_credentials": ("created_at", "updated_at", "last_used_at"),
    }.items():
        changes = ", ".join(f"{name} = %s" for name in names)
        where = "id" if table == "users" else "user_id"
        house.dump.execute(
            f"UPDATE {table} SET {changes} WHERE {where} = %s",
            [*[never] * len(names), user_id],
        )
    profile = house.client.get("/me", headers=mine).json
    assert profile["created_at"] == "0001-01-01T00:00:00Z"
    assert profile["passkeys"][0]["last_used_at"] == "0001-01-01T00:00:00Z"
    assert house.client.get("/sessions/validate", headers=mine).json["is_valid"]
    browser = Browser(house.client)
    assert browser.log_in(device.get(browser.request_options())).status_code == 200
