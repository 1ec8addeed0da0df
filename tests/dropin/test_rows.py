"""What is written here is what Hanko would have written: column by column, beside rows that it did write.

The rows of each operation are compared with those of ``data.sql`` for the same kind of operation: which
tables, which columns, NULL or not, and the form of each value. The process and PostgreSQL are set to the time
of New York, where naive local times would be five hours off.
"""

import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from tests.clock import FakeClock
from tests.dropin.dump import TENANT, Dump, Rows
from tests.dropin.house import House
from tests.dropin.visitor import Visitor
from tests.servers.run import Run
from tests.storage.restored import FOLDERS

pytestmark = pytest.mark.servers

FORMS = {
    "dashed uuid": r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    "bcrypt": r"\$2a\$\d\d\$[./A-Za-z0-9]{53}",
    "request id": r"[A-Za-z0-9]{32}",
    "base64url of 32 bytes": r"[A-Za-z0-9_-]{43}",
    "COSE key": r"[A-Za-z0-9_-]{60,}",
    "IPv4 address": r"\d+(\.\d+){3}",
    "user agent": r"fixture/.*",
    "address": r"[^@ ]+@example\.test",
}
AT_ONCE = {"created_at", "updated_at", "last_used", "last_used_at"}

Change = tuple[str, str, tuple[Any, ...]]


def form_of(value: Any) -> Any:
    """How a value is written; texts of no known form, and truth values, stand for themselves."""
    if isinstance(value, datetime):
        return "naive moment" if value.tzinfo is None else "aware moment"
    if isinstance(value, UUID):
        return "uuid"
    if isinstance(value, str):
        return next((name for name, form in FORMS.items() if re.fullmatch(form, value)), value)
    return value if value is None or isinstance(value, bool) else type(value).__name__


class Story:
    """Does one thing after the other, and notes what each changed in Hanko's tables."""

    def __init__(self, house: House, clock: FakeClock, reference: Rows) -> None:
        self.house = house
        self.clock = clock
        self.reference = reference
        self.differences: dict[str, Any] = {}
        self._state = house.dump.rows()

    def does(self, name: str, act: Callable[[], Any], *expected: Change) -> Any:
        """Do it, and compare what changed with what is *expected*."""
        self.clock.advance(seconds=2)
        result = act()
        before, self._state = self._state, self.house.dump.rows()
        found = list(self._changes(before, self._state))
        wanted = Counter(expected)
        if Counter(found) != wanted:
            self.differences[name] = {"more": Counter(found) - wanted, "fewer": wanted - Counter(found)}
        return result

    def like(self, table: str, *, instead: dict[str, Any] | None = None, **where: Any) -> Change:
        """A new row in the form of the first that Hanko wrote with these values."""
        rows = self.reference[table]
        row = next(
            row for row in rows if all(_plain(row[name]) == _plain(value) for name, value in where.items())
        )
        return table, "new", _form(row | (instead or {}))

    def audit(self, type_: str, *, as_: str | None = None, by: str | None = "somebody") -> Change:
        """A row of the audit log; *as_* names another type where Hanko wrote none of this one."""
        row = next(
            row
            for row in self.reference["audit_logs"]
            if row["type"] == (as_ or type_) and (row["actor_email"] is None) == (by is None)
        )
        return "audit_logs", "new", _form(row | {"type": type_})

    def _changes(self, before: Rows, after: Rows) -> Iterator[Change]:
        for table, rows in after.items():
            old = {row.get("id", row.get("version")): row for row in before[table]}
            for row in rows:
                known = old.pop(row.get("id", row.get("version")), None)
                if known is None:
                    self._check_new(table, row)
                    yield table, "new", _form({name: row[name] for name in row if name != "tenant_id"})
                elif known != row:
                    changed = tuple(sorted(name for name in row if row[name] != known[name]))
                    self._check_times(row, set(changed))
                    yield table, "changed", changed
            for _ in old:
                yield table, "gone", ()

    def _check_new(self, table: str, row: dict[str, Any]) -> None:
        assert str(row.get("tenant_id", TENANT)) == TENANT, table
        self._check_times(row, set(row))

    def _check_times(self, row: dict[str, Any], columns: set[str]) -> None:
        now = self.clock().replace(tzinfo=None)
        if self.house.dump.is_mariadb:
            now = now.replace(microsecond=0)
        for name in AT_ONCE & columns:
            assert row[name] == now, name
        if "expires_at" in columns:
            assert now + timedelta(minutes=1) < row["expires_at"] <= now + timedelta(hours=12)


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, UUID) else value


def _form(row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(sorted((name, form_of(value)) for name, value in row.items()))


def changed(table: str, *columns: str) -> Change:
    """A row of which just these columns changed."""
    return table, "changed", tuple(sorted(columns))


def gone(table: str) -> Change:
    """A row that was deleted."""
    return table, "gone", ()


@pytest.fixture
def reference(dump: Dump, test_run: Run) -> Rows:
    """What Hanko wrote on the same kind of server. 3 serves no endpoint of this API, but 2.7 did."""
    if not dump.is_v3:
        return dump.rows()
    of_2_7 = Dump(FOLDERS[0], test_run)
    of_2_7.restore("reference")
    return of_2_7.rows()


@pytest.fixture
def new_york(dump: Dump, house: House, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    if not dump.is_mariadb:
        dump.execute(f"ALTER DATABASE {dump.name} SET timezone TO 'America/New_York'")
        house.services.database.close_all()  # a session has the zone that its database had when it began
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "America/New_York")
        time.tzset()
        yield
    time.tzset()


@pytest.fixture
def quiet_hooks(dump: Dump, house: House) -> None:
    """Leave the hooks of the dump alone: nobody listens at their addresses, which their rows would tell."""
    dump.execute("UPDATE webhooks SET enabled = false")


def test_rows_are_those_of_hanko(
    reference: Rows, new_york: None, quiet_hooks: None, house: House, clock: FakeClock
) -> None:
    story = Story(house, clock, reference)
    visitor = Visitor(house)
    session = story.like("sessions")

    story.does(
        "sign up",
        lambda: visitor.sign_up("new@example.test"),
        story.like("users", name=None),
        story.like("emails", user_id=None),
        story.audit("user_created", by=None),
    )
    story.does(
        "ask for a passcode",
        visitor.ask_for_passcode,
        story.like("passcodes"),
        story.audit("passcode_login_init_succeeded", by=None),
    )
    story.does(
        "confirm the address",
        lambda: visitor.log_in_by_passcode("new@example.test"),
        changed("emails", "user_id", "verified", "updated_at"),
        story.like("primary_emails"),
        session,
        gone("passcodes"),
        story.audit("primary_email_changed"),
        story.audit("email_verified"),
        story.audit("passcode_login_final_succeeded"),
    )
    story.does(
        "set a password",
        lambda: visitor.set_password("the first password"),
        story.like("password_credentials"),
        story.audit("password_set_succeeded"),
    )
    story.does("a wrong password", lambda: visitor.log_in("wrong", 401), story.audit("password_login_failed"))
    story.does(
        "log in by password",
        lambda: visitor.log_in("the first password", 200),
        session,
        story.audit("password_login_succeeded"),
    )
    story.does(
        "change the password",
        lambda: visitor.set_password("another password"),
        changed("password_credentials", "password", "updated_at"),
        gone("sessions"),  # unlike Hanko: the other one ends
        story.audit("password_set_succeeded"),
    )
    story.does(
        "begin a registration",
        visitor.begin_registration,
        story.like(
            "webauthn_session_data",
            instead={"operation": "registration"},
            operation="authentication",
        ),
        story.audit("webauthn_registration_init_succeeded"),
    )
    story.does(
        "register a passkey",
        visitor.register,
        gone("webauthn_session_data"),
        story.like("webauthn_credentials", attestation_type="packed"),
        story.like("webauthn_credential_transports", name="internal"),
        story.like("webauthn_credential_transports", name="hybrid"),
        story.audit("webauthn_registration_final_succeeded"),
    )
    story.does(
        "rename it",
        visitor.rename,
        changed("webauthn_credentials", "name", "updated_at"),
        story.audit("webauthn_credential_updated"),
    )
    story.does(
        "begin a log-in of anybody",
        visitor.begin_log_in,
        story.like("webauthn_session_data", user_id=str(UUID(int=0))),
        story.audit("webauthn_authentication_init_succeeded", by=None),
    )
    story.does(
        "log in by passkey",
        visitor.log_in_by_passkey,
        gone("webauthn_session_data"),
        changed("webauthn_credentials", "last_used_at", "updated_at"),
        session,
        story.audit("webauthn_authentication_final_succeeded"),
    )
    story.does(
        "begin a log-in of somebody",
        lambda: visitor.begin_log_in(named=True),
        story.like("webauthn_session_data", operation="authentication"),
        story.like("webauthn_session_data_allowed_credentials"),
        story.audit("webauthn_authentication_init_succeeded"),
    )
    story.does(
        "add an address",
        lambda: visitor.add_address("second@example.test"),
        story.like("emails", user_id=None),
        story.audit("email_created"),
    )
    story.does(
        "ask for a passcode to it",
        visitor.ask_for_passcode,
        story.like("passcodes"),
        story.audit("passcode_login_init_succeeded"),
    )
    story.does(
        "confirm it",
        lambda: visitor.log_in_by_passcode("second@example.test"),
        changed("emails", "user_id", "verified", "updated_at"),
        session,
        gone("passcodes"),
        story.audit("email_verified"),
        story.audit("passcode_login_final_succeeded"),
    )
    story.does(
        "make it primary",
        visitor.make_primary,
        changed("primary_emails", "email_id", "updated_at"),
        story.audit("primary_email_changed"),
    )
    story.does(
        "delete the first",
        visitor.delete_first_address,
        gone("emails"),
        story.audit("email_deleted", as_="email_created"),
    )
    story.does("log out", visitor.log_out, gone("sessions"), story.audit("user_logged_out"))
    story.does(
        "delete the passkey",
        visitor.delete_passkey,
        gone("webauthn_credentials"),
        gone("webauthn_credential_transports"),
        gone("webauthn_credential_transports"),
        story.audit("webauthn_credential_deleted", as_="webauthn_credential_updated"),
    )
    story.does(
        "delete the account",
        visitor.delete_account,
        *[gone(table) for table in ("users", "emails", "primary_emails", "password_credentials")],
        gone("sessions"),
        gone("sessions"),
        # Unlike Hanko: a ceremony that has begun ends with its user.
        gone("webauthn_session_data"),
        gone("webauthn_session_data_allowed_credentials"),
        story.audit("user_deleted", as_="user_logged_out"),
    )
    assert story.differences == {}
