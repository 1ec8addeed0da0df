"""A user as the backend door sees it: the tables ``users`` and ``hanko_compat_user_states`` together."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from peewee import JOIN, fn

from hanko_compat.letter_case import folded
from hanko_compat.storage import lists
from hanko_compat.storage.lists import Branch, Condition, Query
from hanko_compat.storage.models import Email, Identifier, User, Username, UserState
from hanko_compat.storage.statements import Statement, argument
from hanko_compat.storage.users import SETTLED

ACTIVE = "active"
BLOCKED = ("disabled", "pending")

_FIND = Statement(
    User,
    lambda: _records().where(User.id == argument("user_id", User.id)),
)
_CREATE = Statement(
    User,
    lambda: User.insert(
        id=argument("user_id", User.id),
        name=argument("name", User.name),
        given_name=argument("given_name", User.given_name),
        created_at=argument("now", User.created_at),
        updated_at=argument("now", User.updated_at),
    ),
)
_CREATE_STATE = Statement(
    UserState,
    lambda: UserState.insert(
        user=argument("user_id", UserState.user),
        status=argument("status", UserState.status),
        webauthn_id=argument("webauthn_id", UserState.webauthn_id),
    ),
)


class UserRecord(NamedTuple):
    """A user; ``webauthn_id`` is the user handle that a server chose."""

    id: UUID
    name: str | None
    created_at: datetime
    updated_at: datetime
    status: str
    webauthn_id: str | None


def create(
    user_id: UUID, *, name: str | None, status: str, webauthn_id: str | None, now: datetime
) -> UserRecord:
    """Write a user; in one statement where it is an ordinary active one.

    Raises:
        IntegrityError: another user has the *webauthn_id*.
    """
    _CREATE.count(user_id=user_id, name=name, given_name=SETTLED, now=now)
    if status != ACTIVE or webauthn_id is not None:
        _CREATE_STATE.count(user_id=user_id, status=status, webauthn_id=webauthn_id)
    stored = _as_stored(now)
    return UserRecord(user_id, name, stored, stored, status, webauthn_id)


def find(user_id: UUID) -> UserRecord | None:
    """The user, or None."""
    row = _FIND.first(user_id=user_id)
    return None if row is None else _record(row)


def update(user_id: UUID, *, name: str | None, status: str | None, now: datetime) -> None:
    """Change what is not None."""
    changes = {"updated_at": now} | ({} if name is None else {"name": name})
    User.update(changes).where(User.id == user_id).execute()
    if status is not None and not UserState.update(status=status).where(UserState.user == user_id).execute():
        _CREATE_STATE.count(user_id=user_id, status=status, webauthn_id=None)


def list_page(query: Query) -> list[UserRecord]:
    """The users of a page, in order."""
    ids = [user_id for _, user_id in lists.list_keys(_branches(query), query)]
    if not ids:
        return []
    rows = {row[0]: _record(row) for row in _records().where(User.id.in_(ids))}
    return [rows[user_id] for user_id in ids if user_id in rows]


def count(query: Query, *, at_most: int | None) -> int:
    """How many users the conditions of *query* leave; *at_most*, as soon as there are so many."""
    return lists.count(_branches(query), query.conditions, at_most=at_most)


def _records() -> Any:
    return (
        User.select(
            User.id, User.name, User.created_at, User.updated_at, UserState.status, UserState.webauthn_id
        )
        .join(UserState, JOIN.LEFT_OUTER, on=(UserState.user == User.id))
        .tuples()
    )


def _record(row: Any) -> UserRecord:
    user_id, name, created_at, updated_at, status, webauthn_id = row
    return UserRecord(user_id, name, created_at, updated_at, status or ACTIVE, webauthn_id)


def _as_stored(moment: datetime) -> datetime:
    """What a database that keeps whole seconds gives back."""
    field: Any = User.created_at
    return field.python_value(field.db_value(moment))


def _branches(query: Query) -> list[Branch]:
    """All users at once, or each status by itself where it matters: most users have no row for theirs."""
    columns = {"id": User.id, "name": User.name, "created": User.created_at, "updated": User.updated_at}
    custom = {"search_value": _search}
    if query.order != "status" and not any(each.column == "status" for each in query.conditions):
        return [Branch(User, columns, custom=custom)]
    blocked = UserState.select(UserState.user).where(
        (UserState.user == User.id) & (UserState.status != ACTIVE)
    )
    has_no_state = Branch(User, columns, {"status": ACTIVE}, (~fn.EXISTS(blocked),), custom=custom)
    return [
        has_no_state,
        *(
            Branch(
                User,
                columns,
                {"status": status},
                (User.id.in_(UserState.select(UserState.user).where(UserState.status == status)),),
                custom=custom,
            )
            for status in BLOCKED
        ),
    ]


def _search(condition: Condition) -> Any:
    """Users whose name or one of whose identifiers is exactly the value; letter case counts in names only."""
    value = str(condition.value)
    form = folded(value)
    named = User.alias()
    found: Sequence[Any] = (
        named.select(named.id).where(lists.equal(named.name, value)),
        Email.select(Email.user).where(lists.equal(Email.address, form) & Email.user.is_null(False)),
        Identifier.select(Identifier.user).where(
            Identifier.type.in_(("phone", "username")) & (Identifier.folded == form)
        ),
        Username.select(Username.user).where(
            lists.equal(Username.username, form) & Username.user.is_null(False)
        ),
    )
    first, *others = found
    for other in others:
        first = first | other
    return User.id.in_(first)
