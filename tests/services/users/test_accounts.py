from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from uuid import uuid4

import pytest

from hanko_compat.errors.emails import AddressInvalid, AddressTooLong, EmailAlreadyTaken
from hanko_compat.errors.sessions import SessionInvalid
from hanko_compat.errors.users import DeletionDisabled, SignUpDisabled, UserNotFound
from hanko_compat.storage import audit as audit_log_rows
from hanko_compat.storage.emails import emails as email_rows
from hanko_compat.storage.emails import primary_emails as primary_email_rows
from hanko_compat.storage.engine.database import IntegrityError
from hanko_compat.storage.models import (
    AuditLog,
    Email,
    PrimaryEmail,
    Session,
    User,
    WebauthnCredential,
    WebauthnCredentialUserHandle,
)
from hanko_compat.storage.sessions import sessions as session_rows
from tests.calls import CALLER, outcome
from tests.sessions import issue_session

ALICE = "alice@example.test"
UNVERIFIED = {"email.require_verification": False}
TABLES = (User, Email, PrimaryEmail, Session, AuditLog)


def counts(services):
    with services.database.connection():
        return {table.__name__: table.select().count() for table in TABLES}


def audited(services):
    with services.database.connection():
        rows = [(row.type, row.actor_user_id, row.actor_email) for row in AuditLog.select()]
    return sorted(rows, key=lambda row: row[0])  # at one moment, they have no order of their own


# Sign-up


def test_while_addresses_are_verified_users_share_the_address(services):
    first, second = (services.users.accounts.sign_up(ALICE, client=CALLER) for _ in range(2))
    assert first.email_id == second.email_id
    assert first.user_id != second.user_id
    assert (first.issued, second.issued) == (None, None)
    assert counts(services) == {"User": 2, "Email": 1, "PrimaryEmail": 0, "Session": 0, "AuditLog": 0}


def test_without_verification_the_user_has_address_and_session_at_once(make_services):
    services = make_services(UNVERIFIED)
    sign_up = services.users.accounts.sign_up("ALICE@example.test", client=CALLER)
    email = services.users.accounts.profile(sign_up.user_id).emails[0]
    assert (email.id, email.address, email.is_primary, email.is_verified) == (
        sign_up.email_id, ALICE, True, False,
    )  # fmt: skip
    session = services.sessions.live.authenticate(sign_up.issued.session.token)
    assert session.user_id == sign_up.user_id
    assert session.email == {"address": ALICE, "is_primary": True, "is_verified": False}


@pytest.mark.parametrize("require_verification", [True, False])
def test_an_address_that_belongs_to_a_user_is_taken(make_services, require_verification):
    make_services(UNVERIFIED).users.accounts.sign_up(ALICE, client=CALLER)
    services = make_services({"email.require_verification": require_verification})
    before = counts(services)
    with pytest.raises(EmailAlreadyTaken):
        services.users.accounts.sign_up("Alice@Example.Test", client=CALLER)
    assert counts(services) == before


def test_an_address_that_belongs_to_nobody_is_claimed_once(make_services):
    waiting = make_services().users.accounts.sign_up(ALICE, client=CALLER)
    services = make_services(UNVERIFIED)
    sign_up = services.users.accounts.sign_up(ALICE, client=CALLER)
    assert sign_up.email_id == waiting.email_id
    assert services.users.accounts.look_up(ALICE, client=CALLER).user_id == sign_up.user_id
    with pytest.raises(EmailAlreadyTaken):
        services.users.accounts.sign_up(ALICE, client=CALLER)


@pytest.mark.parametrize(
    ("settings", "address", "error"),
    [
        ({"account.allow_signup": False}, ALICE, SignUpDisabled),
        ({}, "alice", AddressInvalid),
        ({}, "\u212aelly@example.test", AddressInvalid),
        ({"email.max_length": 17}, ALICE, AddressTooLong),
    ],
)
def test_a_refused_sign_up_writes_nothing(make_services, settings, address, error):
    services = make_services(settings)
    with pytest.raises(error):
        services.users.accounts.sign_up(address, client=CALLER)
    assert not any(counts(services).values())


@pytest.mark.parametrize("is_waiting", [False, True], ids=["new address", "address of nobody"])
def test_of_racing_sign_ups_one_wins_when_addresses_are_not_verified(make_services, is_waiting):
    if is_waiting:
        make_services().users.accounts.sign_up(ALICE, client=CALLER)
    services = make_services(UNVERIFIED)
    before = counts(services)
    with ThreadPoolExecutor(10) as pool:
        calls = pool.map(
            lambda _: outcome(lambda: services.users.accounts.sign_up(ALICE, client=CALLER)), range(20)
        )
        outcomes = list(calls)
    assert outcomes.count(EmailAlreadyTaken) == 19
    after = counts(services)
    assert (after["Email"], after["PrimaryEmail"], after["Session"]) == (1, 1, 1)
    assert after["User"] == before["User"] + 1


def test_racing_sign_ups_share_the_address_while_it_is_verified(services):
    with ThreadPoolExecutor(10) as pool:
        sign_ups = list(pool.map(lambda _: services.users.accounts.sign_up(ALICE, client=CALLER), range(20)))
    assert len({sign_up.email_id for sign_up in sign_ups}) == 1
    assert len({sign_up.user_id for sign_up in sign_ups}) == 20
    assert counts(services)["Email"] == 1


@pytest.mark.parametrize("settings", [{}, UNVERIFIED], ids=["verified", "not verified"])
def test_an_address_that_appears_after_the_look_is_looked_at_again(make_services, looks, settings):
    services = make_services(settings)
    assert services.users.accounts.sign_up(ALICE, client=CALLER).email_id
    assert len(looks) == 2
    assert counts(services)["User"] == 1


@contextmanager
def ignoring_case(services):
    """Let the column of the addresses ignore case; PostgreSQL has no such column."""
    database, column = services.database, '"address" VARCHAR(255)'
    change, restore = {
        "sqlite": (
            (
                "DROP INDEX emails_address_idx",
                "PRAGMA writable_schema = ON",
                f"UPDATE sqlite_master SET sql = replace(sql, '{column}', '{column} COLLATE NOCASE')",
                "PRAGMA writable_schema = RESET",
                "CREATE UNIQUE INDEX emails_address_idx ON emails (address)",
            ),
            (),
        ),
        "mysql": (
            ("ALTER TABLE emails MODIFY address VARCHAR(255) COLLATE utf8mb4_general_ci NOT NULL",),
            ("ALTER TABLE emails MODIFY address VARCHAR(255) COLLATE utf8mb4_bin NOT NULL",),
        ),
        "postgres": ((), ()),
    }[database.dialect]
    try:
        run(database, change)
        yield database.dialect != "postgres"
    finally:
        run(database, restore)


def run(database, statements):
    with database.connection():
        for statement in statements:
            database.peewee.execute_sql(statement)
    database.close_all()


@pytest.mark.parametrize("settings", [{}, UNVERIFIED], ids=["verified", "not verified"])
def test_a_collision_that_is_no_equality_is_refused_not_merged(make_services, settings):
    services = make_services(settings)
    with ignoring_case(services) as collides:
        with services.database.connection():
            email_rows.create(ALICE.upper(), user_id=None, now=services.now())
        call = outcome(lambda: services.users.accounts.sign_up(ALICE, client=CALLER))
        assert (call is EmailAlreadyTaken) == collides
        assert (counts(services)["User"] == 0) == collides
        assert counts(services)["Email"] == (1 if collides else 2)


def test_another_violated_key_is_a_fault_not_a_taken_address(make_services, monkeypatch):
    services = make_services(UNVERIFIED)

    def store_twice(**columns):
        real(**columns)
        real(**columns)

    real = session_rows.create
    monkeypatch.setattr(session_rows, "create", store_twice)
    with pytest.raises(IntegrityError):
        services.users.accounts.sign_up(ALICE, client=CALLER)
    assert not any(counts(services).values())


@pytest.mark.parametrize("table", [audit_log_rows, session_rows, primary_email_rows])
def test_a_sign_up_that_fails_half_way_leaves_nothing(make_services, monkeypatch, table):
    services, real = make_services({**UNVERIFIED, "audit_log.storage.enabled": True}), table.create

    def create_and_break(**columns):
        real(**columns)
        raise RuntimeError

    monkeypatch.setattr(table, "create", create_and_break)
    with pytest.raises(RuntimeError):
        services.users.accounts.sign_up(ALICE, client=CALLER)
    assert not any(counts(services).values())


# Look-up


def test_a_look_up_finds_the_user_of_an_address(make_services):
    services = make_services(UNVERIFIED)
    sign_up = services.users.accounts.sign_up(ALICE, client=CALLER)
    found = services.users.accounts.look_up(ALICE.upper(), client=CALLER)
    assert (found.user_id, found.email_id) == (sign_up.user_id, sign_up.email_id)
    assert (found.is_verified, found.has_passkey) == (False, False)


def test_an_address_that_waits_for_verification_belongs_to_nobody(services):
    services.users.accounts.sign_up(ALICE, client=CALLER)
    with pytest.raises(UserNotFound):
        services.users.accounts.look_up(ALICE, client=CALLER)


def add_credential(services, user_id, **changes):
    times = {"created_at": services.now(), "updated_at": services.now()}
    with services.database.connection():
        handle = WebauthnCredentialUserHandle.create(user=user_id, handle=uuid4().hex, **times)
        WebauthnCredential.create(
            id=uuid4().hex, user=user_id, user_handle=handle, public_key="cose", attestation_type="none",
            aaguid=uuid4(), sign_count=0, **times, **changes,
        )  # fmt: skip


@pytest.mark.parametrize(("mfa_only", "has_passkey"), [(False, True), (True, False)])
def test_only_a_key_that_logs_in_by_itself_counts_as_a_passkey(make_services, mfa_only, has_passkey):
    services = make_services(UNVERIFIED)
    add_credential(services, services.users.accounts.sign_up(ALICE, client=CALLER).user_id, mfa_only=mfa_only)
    assert services.users.accounts.look_up(ALICE, client=CALLER).has_passkey is has_passkey


# Log-out and deletion


def test_a_log_out_ends_this_session_only(make_services):
    services = make_services(UNVERIFIED)
    sign_up = services.users.accounts.sign_up(ALICE, client=CALLER)
    other = issue_session(services, sign_up.user_id, client=CALLER)
    services.users.accounts.log_out(
        services.sessions.live.authenticate(sign_up.issued.session.token), client=CALLER
    )
    with pytest.raises(SessionInvalid):
        services.sessions.live.authenticate(sign_up.issued.session.token)
    assert services.sessions.live.authenticate(other.token).user_id == sign_up.user_id


def test_a_deletion_takes_everything_with_it_and_leaves_others_alone(make_services):
    services = make_services({**UNVERIFIED, "account.allow_deletion": True})
    alice = services.users.accounts.sign_up(ALICE, client=CALLER)
    bob = services.users.accounts.sign_up("bob@example.test", client=CALLER)
    add_credential(services, alice.user_id)
    services.users.accounts.delete(alice.user_id, client=CALLER)
    with pytest.raises(SessionInvalid):
        services.sessions.live.authenticate(alice.issued.session.token)
    assert services.sessions.live.authenticate(bob.issued.session.token).user_id == bob.user_id
    assert counts(services) == {"User": 1, "Email": 1, "PrimaryEmail": 1, "Session": 1, "AuditLog": 0}
    assert services.users.accounts.sign_up(ALICE, client=CALLER).user_id != alice.user_id


def test_a_deleted_user_can_not_be_deleted_again(make_services):
    services = make_services(
        {**UNVERIFIED, "account.allow_deletion": True, "audit_log.storage.enabled": True}
    )
    user_id = services.users.accounts.sign_up(ALICE, client=CALLER).user_id
    services.users.accounts.delete(user_id, client=CALLER)
    with pytest.raises(UserNotFound):
        services.users.accounts.delete(user_id, client=CALLER)
    assert [type_ for type_, *_ in audited(services)] == ["user_created", "user_deleted"]


def test_nobody_is_deleted_where_that_is_not_allowed(make_services):
    services = make_services(UNVERIFIED)
    user_id = services.users.accounts.sign_up(ALICE, client=CALLER).user_id
    with pytest.raises(DeletionDisabled):
        services.users.accounts.delete(user_id, client=CALLER)
    assert services.users.accounts.profile(user_id).email == ALICE


# Audit log


def test_each_change_is_in_the_audit_log(make_services, capsys):
    services = make_services(
        {**UNVERIFIED, "account.allow_deletion": True, "audit_log.storage.enabled": True}
    )
    sign_up = services.users.accounts.sign_up(ALICE, client=CALLER)
    services.users.accounts.log_out(
        services.sessions.live.authenticate(sign_up.issued.session.token), client=CALLER
    )
    services.users.accounts.delete(sign_up.user_id, client=CALLER)
    assert audited(services) == [
        ("user_created", sign_up.user_id, None),
        ("user_deleted", sign_up.user_id, "ali**@example.test"),
        ("user_logged_out", sign_up.user_id, "ali**@example.test"),
    ]
    assert capsys.readouterr().out.count('"audience": "audit"') == 3


def test_what_failed_is_not_in_the_audit_log(make_services, capsys):
    services = make_services({**UNVERIFIED, "audit_log.storage.enabled": True})
    services.users.accounts.sign_up(ALICE, client=CALLER)
    with pytest.raises(EmailAlreadyTaken):
        services.users.accounts.sign_up(ALICE, client=CALLER)
    assert len(audited(services)) == 1
    assert capsys.readouterr().out.count("\n") == 1


@pytest.mark.parametrize(
    ("settings", "stdout", "stderr"),
    [
        ({"audit_log.console_output.enabled": False}, 0, 0),
        ({"audit_log.console_output.output": "stdout"}, 1, 0),
        ({"audit_log.console_output.output": "stderr"}, 0, 1),
    ],
)
def test_the_console_is_where_the_configuration_says(make_services, capsys, settings, stdout, stderr):
    make_services(settings).users.accounts.sign_up(ALICE, client=CALLER)
    captured = capsys.readouterr()
    assert (captured.out.count("user_created"), captured.err.count("user_created")) == (stdout, stderr)
