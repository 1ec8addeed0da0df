"""Lists: ``sort``, ``filter[]``, ``page`` and ``pageSize``, checked against what a view declares.

A column that is not declared is neither sorted nor filtered by, and values are read by the kind of their
column, so that the services get plain ones.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError
from werkzeug.datastructures import MultiDict

from hanko_compat import public_ids
from hanko_compat.backend.fields import EPOCH, NOT_VALID
from hanko_compat.services.paging import Condition, Query
from hanko_compat.web.body import annotate

View = Callable[..., ResponseReturnValue]
Reader = Callable[[str], Any]

OPERATORS = ("eq", "gt", "lt")
MOST = 1000  # items of a page
MOST_FILTERS = 50  # more nest deeper than SQLite reads
EARLIEST, LATEST = 1000, 9000  # years that leave room for a sum and for every database
FURTHEST = 10**9  # pages
DEFAULT_SIZE = 10
NOT_SORTABLE = "not sortable by this column"
NOT_FILTERABLE = "not filterable by this column"
PARAMETERS = ("sort", "filter[]", "page", "pageSize")


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a list: what the service calls it, and how a value of a filter is read.

    ``read`` raises `ValueError` for what can't be a value.
    """

    name: str
    read: Reader
    is_sortable: bool = True
    operators: tuple[str, ...] = OPERATORS


def text(value: str) -> str:
    """Read any text that can be stored."""
    if "\0" in value:
        raise ValueError(value)
    return value


def moment(value: str) -> datetime:
    """Read a time in UTC: ``2021-01-01T00:00:00``, or a date."""
    read = datetime.fromisoformat(value)
    if not EARLIEST <= read.year <= LATEST:
        raise ValueError(value)
    return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)


def milliseconds(value: str) -> datetime:
    """Read a time as milliseconds since 1970."""
    try:
        return moment((EPOCH + timedelta(milliseconds=int(value))).isoformat())
    except OverflowError as error:
        raise ValueError(value) from error


def flag(value: str) -> bool:
    """Read ``true`` or ``false``."""
    return {"true": True, "false": False}[value.lower()]


def id_of(name: str) -> Reader:
    """Make what reads an ID, with its prefix or without; *name* is its kind, such as ``user_id``."""

    def read(value: str) -> Any:
        found = public_ids.decode(name, value, needs_prefix=False)
        if found is None:
            raise ValueError(value)
        return found

    return read


def listed(columns: Mapping[str, Column]) -> Callable[[View], View]:
    """Read the request's list parameters and pass them to the view as ``query``.

    A wrong one raises marshmallow's `ValidationError`; parameters that are none of these are ignored.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def with_query(*args: Any, **kwargs: Any) -> ResponseReturnValue:
            return view(*args, query=read_query(request.args, columns), **kwargs)

        return annotate(with_query, parameters=PARAMETERS)

    return decorate


def read_query(arguments: MultiDict[str, str], columns: Mapping[str, Column]) -> Query:
    """Read the list parameters among *arguments*.

    Raises:
        ValidationError: for each that is wrong; a column's name stands for its filter.
    """
    problems: dict[str, list[str]] = {}
    order, descending = _order(arguments.get("sort", ""), columns, problems)
    conditions = tuple(_conditions(arguments.getlist("filter[]"), columns, problems))
    page = _whole(arguments, "page", 1, FURTHEST, problems)
    size = _whole(arguments, "pageSize", DEFAULT_SIZE, MOST, problems)
    if problems:
        raise ValidationError(problems)
    return Query(conditions, order, descending, page, size)


def _order(
    sort: str, columns: Mapping[str, Column], problems: dict[str, list[str]]
) -> tuple[str | None, bool]:
    if not sort:
        return None, False
    name, _, direction = sort.partition(":")
    column = columns.get(name)
    if column is None or not column.is_sortable:
        problems[name or "sort"] = [NOT_SORTABLE]
        return None, False
    if direction not in ("", "asc", "desc"):
        problems["sort"] = [f"Invalid order direction '{direction}'"]
    return column.name, direction == "desc"


def _conditions(
    filters: list[str], columns: Mapping[str, Column], problems: dict[str, list[str]]
) -> Iterator[Condition]:
    if len(filters) > MOST_FILTERS:
        problems["filter[]"] = [f"the length must be no more than {MOST_FILTERS}"]
        return
    for each in filters:
        name, first, rest = each.partition(":")
        operator, second, value = rest.partition(":")
        column = columns.get(name)
        if column is None or not (first and second) or operator not in column.operators:
            problems[name or "filter[]"] = [NOT_FILTERABLE]
            continue
        try:
            yield Condition(column.name, operator, column.read(value))  # type: ignore[arg-type]  # one of OPERATORS
        except (ValueError, KeyError, OverflowError):
            problems[name] = [NOT_VALID]


def _whole(
    arguments: MultiDict[str, str], name: str, default: int, maximum: int, problems: dict[str, list[str]]
) -> int:
    given = arguments.get(name, "")
    if not given:
        return default
    if not (given.isascii() and given.removeprefix("-").isdecimal()) or len(given) > 20:
        problems[name] = [NOT_VALID]
        return default
    number = int(given)
    if number < 1:
        problems[name] = ["must be no less than 1"]
    elif number > maximum:
        problems[name] = [f"must be no greater than {maximum}"]
    return number
