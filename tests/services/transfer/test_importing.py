"""An import writes all or says why not, goes on where it was killed, and leaves users of others alone."""

from contextlib import closing

import pytest

from hanko_compat.clock import utc_now
from hanko_compat.errors.transfer import ImportStopped
from hanko_compat.errors.user_files import UserFileUnreadable
from hanko_compat.services.transfer.importing import Importer, OnConflict
from hanko_compat.services.transfer.reading import fingerprint
from hanko_compat.storage.models import Email, PrimaryEmail, User, Username
from hanko_compat.storage.schema import catalogue
from hanko_compat.storage.transfer import bulk, progress, updates
from tests.factories import make_account, make_email, make_identity, make_user
from tests.services.transfer.runs import examine, export, import_into, write
from tests.services.transfer.samples import FULL, USER_ID, email, entry, file_of, passkey

ERROR, SKIP, UPDATE = OnConflict
PHONE = {"type": "phone", "value": "+4915112345678"}
KEY = FULL["webauthn_credentials"][0]["id"]


@pytest.fixture
def database(services):
    return services.database


def addresses(database):
    with database.connection():
        return {
            address for (address,) in Email.select(Email.address).where(Email.user.is_null(False)).tuples()
        }


def test_a_bad_entry_keeps_all_from_being_written_and_every_one_is_named(database):
    problems = import_into(
        database, entry("a@b.test"), entry("x"), entry("c@b.test"), entry("d@b.test", user_id=1)
    )
    assert [problem[:2] for problem in problems] == [(2, "emails[0].address"), (4, "user_id")]
    assert addresses(database) == set()


@pytest.mark.parametrize(
    ("first", "second", "field"),
    [
        (entry("a@b.test"), entry("A@B.test"), "emails.address"),
        (entry("a@b.test", user_id=USER_ID), entry("c@b.test", user_id=USER_ID.upper()), "user_id"),
        ({"username": "jane"}, {"username": "JANE"}, "username"),
        ({"username": "jane"}, {"username": "\uff4aane"}, "username"),
        (
            entry("a@b.test", webauthn_credentials=[passkey()]),
            entry("c@b.test", webauthn_credentials=[passkey()]),
            "webauthn_credentials.id",
        ),
        (
            entry("a@b.test", webauthn_credentials=[passkey(user_handle="x")]),
            entry("c@b.test", webauthn_credentials=[passkey(id="BBBB", user_handle="x")]),
            "webauthn_credentials.user_handle",
        ),
        (
            entry("a@b.test", backend_api={"identifiers": [PHONE]}),
            entry("c@b.test", backend_api={"identifiers": [PHONE]}),
            "phone",
        ),
        (
            entry("a@b.test", identities=[{"provider_id": "x", "provider_user_id": "1"}]),
            entry("c@b.test", identities=[{"provider_id": "x", "provider_user_id": "1"}]),
            "identities.provider_user_id",
        ),
    ],
)
def test_two_entries_with_the_same_are_named_before_anything_is_written(database, first, second, field):
    other = entry("other@b.test")
    problems = import_into(database, other, first, entry("z@b.test"), second)
    assert [problem[:2] for problem in problems] == [(4, field)]
    assert "2, 4" in problems[0][2]
    assert addresses(database) == set()


def test_passkeys_of_one_user_may_share_a_handle(database):
    keys = [passkey(user_handle="x"), passkey(id="BBBB", user_handle="x")]
    assert import_into(database, entry(webauthn_credentials=keys)) == []
    (found,) = export(database)
    assert [each["user_handle"] for each in found["webauthn_credentials"]] == ["x", "x"]


@pytest.mark.parametrize(
    ("new", "field"),
    [
        (entry("jane@example.test"), "emails[0].address"),
        (entry("x@b.test", user_id=USER_ID), "user_id"),
        ({"username": "JANE.doe"}, "username"),
        (entry("x@b.test", backend_api={"identifiers": [PHONE]}), "backend_api.identifiers"),
        (entry("x@b.test", backend_api={"webauthn_id": "chosen"}), "backend_api.webauthn_id"),
        (entry("x@b.test", webauthn_credentials=[passkey(id=KEY)]), "webauthn_credentials[0].id"),
        (
            entry("x@b.test", webauthn_credentials=[passkey(user_handle="of-another-system")]),
            "webauthn_credentials[0].user_handle",
        ),
        (
            entry("x@b.test", identities=[{"provider_id": "google", "provider_user_id": "1234"}]),
            "identities[0].provider_user_id",
        ),
    ],
)
def test_what_a_user_has_is_named_with_the_user(database, new, field):
    assert import_into(database, FULL) == []
    problems = import_into(database, entry("first@b.test"), new)
    assert [problem[:2] for problem in problems] == [(2, field)]
    assert USER_ID in problems[0][2]
    assert export(database) == [FULL]


@pytest.mark.parametrize("has_user", [True, False])
def test_an_account_at_a_provider_belongs_to_the_user_of_its_address_where_it_names_none(database, has_user):
    with database.connection():
        owner = make_account(address="jane@example.test")
        make_identity(email=owner, user=owner.user if has_user else None, provider_user_id="1")
    new = entry("x@b.test", identities=[{"provider_id": "google", "provider_user_id": "1"}])
    ((_, _, reason),) = import_into(database, new)
    assert str(owner.user_id) in reason


def test_an_address_that_nobody_has_yet_goes_to_the_imported_user(database):
    with database.connection():
        row = make_email(user=None, address="jane@example.test", verified=False)
    assert import_into(database, entry("jane@example.test"), entry("x@b.test")) == []
    with database.connection():
        stored = Email.get(Email.address == "jane@example.test")
        assert (stored.id, stored.verified) == (row.id, True)
        assert PrimaryEmail.get(PrimaryEmail.email == row.id).user_id == stored.user_id


def test_an_address_that_changes_hands_meanwhile_is_looked_at_again(database, monkeypatch):
    with database.connection():
        other = make_user()
        row = make_email(user=None, address="jane@example.test", verified=False)
    real, calls = updates.give_email, []

    def give_late(*arguments, **options):
        calls.append(None)
        if len(calls) == 1:
            Email.update(user=other).where(Email.id == row.id).execute()
        return real(*arguments, **options)

    monkeypatch.setattr(updates, "give_email", give_late)
    file = file_of(entry("jane@example.test"), entry("x@b.test"))
    done = write(database, file, total=2, on_conflict=SKIP, problems=[])
    assert (done.created, len(calls)) == (2, 2)
    with database.connection():
        assert Email.get_by_id(row.id).user_id != other.id
        assert User.select().count() == 3


def test_entries_that_clash_are_skipped_and_named(database):
    with database.connection():
        owner = make_account(address="jane@example.test").user_id
    before = export(database)
    entries = (entry("a@b.test"), entry("jane@example.test", name="Other"), entry("c@b.test"))
    problems = import_into(database, *entries, on_conflict=SKIP)
    assert problems == [(2, "emails[0].address", f"jane@example.test belongs to user {owner}")]
    assert addresses(database) == {"a@b.test", "jane@example.test", "c@b.test"}
    assert before[0] in export(database)


def test_an_entry_that_clashes_with_two_users_is_left_out_and_named(database):
    with database.connection():
        make_account(address="a@b.test")
        make_account(address="c@b.test")
    two = {"emails": [email("a@b.test"), email("c@b.test", is_primary=False)], "name": "Both"}
    problems = import_into(database, two, on_conflict=UPDATE)
    assert [problem[:2] for problem in problems] == [(1, "emails[0].address"), (1, "emails[1].address")]
    with database.connection():
        assert {user.name for user in User.select()} == {None}


def test_an_import_that_stopped_goes_on_behind_the_last_transaction(database, monkeypatch):
    entries = [entry(f"{number}@b.test", username=f"user{number}") for number in range(7)]
    file, problems = file_of(*entries), []
    real, calls = bulk.insert, []

    def fail_late(*arguments):
        calls.append(None)
        real(*arguments)
        if len(calls) == 3:
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(bulk, "insert", fail_late)
        with pytest.raises(KeyboardInterrupt):
            write(database, file, total=7, on_conflict=ERROR, problems=problems)
    assert len(addresses(database)) == 4
    done = write(database, file, total=7, on_conflict=ERROR, problems=problems)
    assert (done.entries, done.created, problems) == (7, 7, [])
    assert addresses(database) == {f"{number}@b.test" for number in range(7)}
    with database.connection():
        assert (User.select().count(), Username.select().count()) == (7, 7)
        assert progress.TABLE not in catalogue.columns(database)


def test_a_finished_import_is_not_gone_on_with(database):
    assert import_into(database, entry()) == []
    problems = []
    assert examine(database, file_of(entry()), problems=problems).bad == 1
    assert [problem.field for problem in problems] == ["emails[0].address"]


def test_what_is_taken_meanwhile_stops_the_import_and_names_the_entry(database):
    file = file_of(entry("a@b.test"), entry("c@b.test"), entry("d@b.test"), entry("e@b.test"))
    with database.connection():
        make_account(address="d@b.test")
    with pytest.raises(ImportStopped, match=r"entry 3: emails\[0\]\.address: d@b\.test belongs to user"):
        write(database, file, total=4, on_conflict=ERROR, problems=[])
    assert addresses(database) == {"a@b.test", "c@b.test", "d@b.test"}
    problems = []
    done = write(database, file, total=4, on_conflict=SKIP, problems=problems)
    assert (done.entries, done.created, done.skipped) == (4, 3, 1)
    assert [problem.entry for problem in problems] == [3]
    assert addresses(database) == {"a@b.test", "c@b.test", "d@b.test", "e@b.test"}


def test_of_two_processes_with_the_same_file_one_stops(database):
    file = file_of(entry("a@b.test"), entry("c@b.test"), entry("d@b.test"))
    content, importer = fingerprint(file), Importer(database, now=utc_now)
    done = importer.begin(content, total=3)
    with pytest.raises(ImportStopped, match="another process"):
        importer.begin(content, total=3)
    arguments = {"on_conflict": SKIP, "report": lambda _: None, "advance": lambda _: None}
    with closing(importer.open(file)) as reading:
        importer.reread(reading, lambda _: None)
        importer.write(reading, content, done, **arguments)
        importer.begin(content, total=3)
        further = done.plus(created=2, updated=0, skipped=0)
        with database.connection():
            progress.write(database, content, done, further)
        with pytest.raises(ImportStopped, match="another process"):
            importer.write(reading, content, done, **arguments)
    assert addresses(database) == {"a@b.test", "c@b.test", "d@b.test"}


def test_a_dry_run_says_what_would_become_of_the_entries(database):
    with database.connection():
        make_account(address="jane@example.test")
    entries = (entry("a@b.test"), entry("jane@example.test"))
    counts = {}
    for policy in OnConflict:
        found = examine(database, file_of(*entries), on_conflict=policy, problems=[])
        counts[policy] = (found.created, found.updated, found.skipped, found.bad)
    assert counts == {ERROR: (1, 0, 0, 1), SKIP: (1, 0, 1, 0), UPDATE: (1, 1, 0, 0)}
    assert addresses(database) == {"jane@example.test"}


def test_a_file_that_ends_too_early_writes_nothing(database):
    file = file_of(entry("a@b.test"), entry("c@b.test"), entry("d@b.test"))
    file.truncate(len(file.getvalue()) - 5)
    with pytest.raises(UserFileUnreadable, match="record 3 on"):
        examine(database, file, problems=[])
    assert addresses(database) == set()
