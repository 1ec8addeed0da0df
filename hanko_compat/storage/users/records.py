"""A user as the backend door sees it: the tables ``users`` and ``hanko_compat_user_states`` together."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any, NamedTuple
from uuid import UUID

from peewee import JOIN, fn

from hanko_compat.casefold import folded, username_forms
from hanko_compat.storage.engine import paging as lists
from hanko_compat.storage.engine.paging import Branch, Condition, Matching, Query
from hanko_compat.storage.engine.statements import Statement, argument
from hanko_compat.storage.models import Email, Identifier, User, Username, UserState
from hanko_compat.storage.models.identifiers import IdentifierType
from hanko_compat.storage.models.user_states import UserStatus
from hanko_compat.storage.users import users

BLOCKED = (UserStatus.DISABLED, UserStatus.PENDING)
STATUSES = (UserStatus.ACTIVE, *BLOCKED)
COLUMNS = {"id": User.id, "name": User.name, "created": User.created_at, "updated": User.updated_at}

_FIND = Statement(
    lambda: _records().where(User.id == argument("user_id", User.id)),
)
_CREATE_STATE = Statement(
    lambda: UserState.insert(
        user=argument("user_id", UserState.user),
        status=argument("status", UserState.status),
        webauthn_id=argument("webauthn_id", UserState.webauthn_id),
        created_at=argument("created_at", UserState.created_at),
    ),
)


class UserRecord(NamedTuple):
    """A user; ``webauthn_id`` is the user handle that a server chose."""

    id: UUID
    name: str | None
    created_at: datetime
    updated_at: datetime
    status: UserStatus
    webauthn_id: str | None


def create(
    user_id: UUID, *, name: str | None, status: UserStatus, webauthn_id: str | None, now: datetime
) -> UserRecord:
    """Write a user; in one statement where it is an ordinary active one.

    Raises:
        IntegrityError: another user has the *webauthn_id*.
    """
    users.create(user_id, name=name, given_name=users.SETTLED, now=now)
    if status != UserStatus.ACTIVE or webauthn_id is not None:
        _CREATE_STATE.count(user_id=user_id, status=status, webauthn_id=webauthn_id, created_at=now)
    stored = _as_stored(now)
    return UserRecord(user_id, name, stored, stored, status, webauthn_id)


def find(user_id: UUID) -> UserRecord | None:
    """The user, or None."""
    row = _FIND.first(user_id=user_id)
    return None if row is None else _record(row)


def update(user_id: UUID, *, name: str | None, status: UserStatus | None, now: datetime) -> None:
    """Change what is not None; the user has to exist."""
    changes = {"updated_at": now} | ({} if name is None else {"name": name})
    User.update(changes).where(User.id == user_id).execute()
    if status is None or UserState.update(status=status).where(UserState.user == user_id).execute():
        return
    created_at = User.select(User.created_at).where(User.id == user_id).scalar()
    _CREATE_STATE.count(user_id=user_id, status=status, webauthn_id=None, created_at=created_at)


def list_page(query: Query) -> list[UserRecord]:
    """The users of a page, in order."""
    return lists.list_page(_branches(query), query, _by_id, whole=_whole(query))


def matching(query: Query) -> Matching:
    """All users that the conditions of *query* leave."""
    return Matching(_whole(query), query.conditions)


def _by_id(ids: Sequence[UUID]) -> dict[UUID, UserRecord]:
    return {row[0]: _record(row) for row in _records().where(User.id.in_(ids))}


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
    return UserRecord(user_id, name, created_at, updated_at, status or UserStatus.ACTIVE, webauthn_id)


def _as_stored(moment: datetime) -> datetime:
    """The moment as the database returns it; some keep whole seconds."""
    field: Any = User.created_at
    return field.python_value(field.db_value(moment))


def _whole(query: Query) -> list[Branch]:
    """The same users as those of `_branches`, to be counted."""
    return _branches(replace(query, order=None))


def _branches(query: Query) -> list[Branch]:
    """All users at once, or each status by itself where it matters: most users have no row for theirs."""
    named = {each.column for each in query.conditions}
    asked = [each for each in query.conditions if each.column == "status"]
    statuses = [status for status in STATUSES if all(lists.holds(status, each) for each in asked)]
    # Columns that the table of states has, too, are read there, in order: pending users, for example, are the
    # youngest as a rule, and a walk through all other users would be long.
    columns_of_states = {None, "id", "created", "status"}
    is_in_states = {query.order, *named} <= columns_of_states
    # Where an index alone counts blocked users, active ones are the rest; else one join takes less time.
    is_counted = named <= columns_of_states
    if (
        query.order != "status"
        and len(statuses) > 1
        and not (is_in_states and UserStatus.ACTIVE not in statuses)
    ):
        return [_several(statuses, is_counted=is_counted)]
    active = replace(_all_but(BLOCKED, is_counted=is_counted), constants={"status": UserStatus.ACTIVE})
    return [active, *[_blocked_states(each) if is_in_states else _blocked_users(each) for each in BLOCKED]]


def _several(statuses: Sequence[UserStatus], *, is_counted: bool) -> Branch:
    """Users of some *statuses*: one walk takes half as long as merging one for each status."""
    if UserStatus.ACTIVE not in statuses:
        return _users(where=(_has_state(statuses),))
    others = [status for status in BLOCKED if status not in statuses]
    return _all_but(others, is_counted=is_counted) if others else _users()


def _all_but(statuses: Sequence[UserStatus], *, is_counted: bool) -> Branch:
    """Users of none of the *statuses*; those who have one are counted instead with *is_counted*."""
    blocked = fn.EXISTS(
        UserState.select(UserState.user).where((UserState.user == User.id) & UserState.status.in_(statuses))
    )
    # PostgreSQL makes a join of the first form, and sorts its result: a million users on disk. Of the second
    # it makes a filter, by a hash table, over rows that an index has in order.
    users = _users(where=(~blocked,), far=(blocked == False,))  # noqa: E712
    return replace(users, all_but=tuple(_blocked_states(each) for each in statuses if is_counted))


def _users(*, where: tuple[Any, ...] = (), far: tuple[Any, ...] = ()) -> Branch:
    """Users; *where* already has the conditions on the status."""
    return Branch(User, COLUMNS, where=where, far=far, custom={"search_value": _search}, decided={"status"})


def _has_state(statuses: Sequence[UserStatus]) -> Any:
    return User.id.in_(UserState.select(UserState.user).where(UserState.status.in_(statuses)))


def _blocked_states(status: UserStatus) -> Branch:
    columns = {"id": UserState.user, "created": UserState.created_at}
    return Branch(UserState, columns, {"status": status}, (UserState.status == status,))


def _blocked_users(status: UserStatus) -> Branch:
    return replace(_users(where=(_has_state([status]),)), constants={"status": status})


def _search(condition: Condition) -> Any:
    """Users whose name or one of whose identifiers is exactly the value; letter case counts in names only."""
    value = str(condition.value)
    forms = username_forms(value)
    named = User.alias()
    found: Sequence[Any] = (
        named.select(named.id).where(lists.equal(named.name, value)),
        Email.select(Email.user).where(lists.equal(Email.address, folded(value)) & Email.user.is_null(False)),
        Identifier.select(Identifier.user).where(
            (Identifier.type == IdentifierType.PHONE) & (Identifier.folded == value)
        ),
        Identifier.select(Identifier.user).where(
            (Identifier.type == IdentifierType.USERNAME) & Identifier.folded.in_(forms)
        ),
        Username.select(Username.user).where(
            reduce(or_, (lists.equal(Username.username, form) for form in forms))
            & Username.user.is_null(False)
        ),
    )
    first, *others = found
    for other in others:
        first = first | other
    return User.id.in_(first)
