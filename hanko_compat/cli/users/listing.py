"""``users list`` and ``users show``."""

from collections.abc import Iterator, Sequence
from typing import Any

import click

from hanko_compat import public_ids
from hanko_compat.cli.operator import opened, user_argument
from hanko_compat.cli.output import Column, Row, json_option, print_record, print_rows, shown
from hanko_compat.cli.settings import Settings
from hanko_compat.services.identifiers import IdentifierStatus
from hanko_compat.services.paging import Condition, Query
from hanko_compat.services.users.overviews import UserOverview
from hanko_compat.services.users.records import UserAggregate, UserRecords, UserStatus
from hanko_compat.storage.engine.database import Access
from hanko_compat.storage.identifiers import IdentifierRecord

LIMIT = 50
PAGE = 500
"""Users that are read at a time where all of them are listed."""

STATUSES = [str(status) for status in UserStatus]


def named(value: Any) -> str:
    """An identifier as people read it, with its status unless that is what they expect."""
    if not isinstance(value, dict):
        return shown(value)
    status = value["status"]
    if status == IdentifierStatus.PRIMARY and not value["is_verified"]:
        status = "primary, unverified"
    return shown(value["value"]) if status == "verified" else f"{shown(value['value'])} ({status})"


def linked(value: Any) -> str:
    """An account at a provider as people read it."""
    return shown(f"{value['provider']}: {value['id']}") if isinstance(value, dict) else shown(value)


LIST_COLUMNS = (
    Column("id"),
    Column("status", is_coloured=True),
    Column("created_at", "created"),
    Column("name"),
    Column("emails", text=lambda found: ", ".join(map(named, found)) or shown(None)),
    Column("usernames", text=lambda found: ", ".join(map(named, found)) or shown(None)),
)
SHOW_COLUMNS = (
    Column("id"),
    Column("backend_id", "id at /v2"),
    Column("status", is_coloured=True),
    Column("created_at", "created"),
    Column("updated_at", "updated"),
    Column("name"),
    Column("given_name"),
    Column("family_name"),
    Column("picture"),
    Column("emails", text=named),
    Column("phones", text=named),
    Column("usernames", text=named),
    Column("accounts", text=linked),
    Column("has_password", "password"),
    Column("passkeys"),
    Column("security_keys"),
    Column("has_authenticator_app", "authenticator app"),
    Column("sessions"),
    Column("metadata"),
)


@click.command("list")
@click.option(
    "--search",
    metavar="VALUE",
    help="Only users with exactly this name, address, phone number or username.",
)
@click.option("--status", type=click.Choice(STATUSES), help="Only users with this status.")
@click.option(
    "--limit", type=click.IntRange(min=1, max=1000), default=LIMIT, show_default=True, help="How many."
)
@click.option("--all", "is_all", is_flag=True, help="All users, in the order of their ids.")
@json_option
@click.pass_obj
def list_users(
    settings: Settings, *, search: str | None, status: str | None, limit: int, is_all: bool, as_json: bool
) -> None:
    """List users, the latest first.

    Columns: id, status, time of creation (UTC), name, addresses and usernames; (primary), (pending) and
    (primary, unverified) stand behind those that are.
    """
    wanted = {"search_value": search, "status": status}
    conditions = tuple(
        Condition(column, "eq", value) for column, value in wanted.items() if value is not None
    )
    with opened(settings.load(), Access.READ) as services:
        records = services.users.records
        if is_all:
            found = _all(records, conditions)
        else:
            query = Query(conditions, order="created", descending=True, size=limit)
            found = iter(records.read(query))
        rows = map(_list_row, found)
        print_rows(LIST_COLUMNS, rows, as_json=as_json, nothing="there is no such user")


@click.command()
@user_argument
@json_option
@click.pass_obj
def show(settings: Settings, *, user: str, as_json: bool) -> None:
    """Show what is known of a user, but for secrets.

    Sessions that have expired are not counted. Accounts are those at other providers.
    """
    with opened(settings.load(), Access.READ) as services:
        overview = services.users.overviews.get(services.users.names.find(user))
    print_record(SHOW_COLUMNS, _show_row(overview), as_json=as_json)


def _all(records: UserRecords, conditions: tuple[Condition, ...]) -> Iterator[UserAggregate]:
    """All users, in steps by the primary key: each once, whoever comes and goes meanwhile."""
    after: tuple[Condition, ...] = ()
    while page := records.read(Query((*conditions, *after), order="id", size=PAGE)):
        yield from page
        after = (Condition("id", "gt", page[-1].user.id),)


def _list_row(aggregate: UserAggregate) -> Row:
    user = aggregate.user
    return {
        "id": user.id,
        "backend_id": public_ids.encode("user_id", user.id),
        "status": user.status,
        "name": user.name,
        "emails": _identifiers(aggregate.emails),
        "phones": _identifiers(aggregate.phones),
        "usernames": _identifiers(aggregate.usernames),
        "created_at": user.created_at,
        "updated_at": user.updated_at,
    }


def _show_row(overview: UserOverview) -> Row:
    user, names = overview.record, overview.names
    by_type = {
        type_: [each for each in overview.identifiers if each.type == type_]
        for type_ in ("email", "phone", "username")
    }
    return {
        "id": user.id,
        "backend_id": public_ids.encode("user_id", user.id),
        "status": user.status,
        "name": user.name,
        "given_name": names.given_name,
        "family_name": names.family_name,
        "picture": names.picture,
        "emails": _identifiers(by_type["email"]),
        "phones": _identifiers(by_type["phone"]),
        "usernames": _identifiers(by_type["username"]),
        "accounts": [
            {"provider": each.domain or each.identity.provider_id, "id": each.identity.provider_user_id}
            for each in overview.accounts
        ],
        "has_password": overview.has_password,
        "has_authenticator_app": overview.has_authenticator_app,
        "passkeys": overview.passkeys,
        "security_keys": overview.security_keys,
        "sessions": overview.sessions,
        "metadata": {kind: found for kind, found in overview.metadata.items() if found},
        "created_at": user.created_at,
        "updated_at": user.updated_at,
    }


def _identifiers(found: Sequence[IdentifierRecord]) -> list[dict[str, str | bool]]:
    """The primary one first, then the oldest."""
    ordered = sorted(found, key=lambda each: each.status != IdentifierStatus.PRIMARY)
    return [
        {
            "id": str(each.id),
            "value": each.value,
            "status": str(each.status),
            "is_verified": each.is_verified and each.status != IdentifierStatus.PENDING,
        }
        for each in ordered
    ]
