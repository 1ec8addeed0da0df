"""Pages of lists that lie in one table or in several: first the keys, by an index, then the rows.

A `Branch` is one table's share of a list. Columns that have one value throughout a branch are no columns of
the database: sorting by one puts the branches in order, a condition on one leaves branches out.
"""

import operator
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import reduce
from typing import Any, Literal
from uuid import UUID

import peewee
from peewee import SQL, Value, fn

from hanko_compat.storage.dialects import is_mysql, is_postgres

Operator = Literal["eq", "gt", "lt"]

COLUMNS = (SQL("branch"), SQL("id"), SQL("sort_key"))
COMPARE: dict[str, Callable[[Any, Any], Any]] = {"eq": operator.eq, "gt": operator.gt, "lt": operator.lt}
SECOND = timedelta(seconds=1)

FAR = 10_000
"""Rows before a page beyond which it is read as `Branch.far` says."""

# For one transaction. A plan that was made for one page or value is no good for another, so none is kept.
# Compiling a query takes longer than any of these runs. An index that has the rows in order is to be walked,
# rather than its rows sorted: pages of indexes are in memory as a rule. The memory of a query is for a far
# page, whose hash table would not be considered otherwise.
POSTGRES = """
    SELECT set_config('plan_cache_mode', 'force_custom_plan', true), set_config('jit', 'off', true),
           set_config('random_page_cost', '1.1', true), set_config('work_mem', '64MB', true)
"""
# Nobody waits for a whole count, so it leaves the other cores to those who do wait.
ALONE = "SELECT set_config('max_parallel_workers_per_gather', '0', true)"


@dataclass(frozen=True, slots=True)
class Condition:
    """What rows have to meet: ``value`` is plain and of the column's type; moments count in whole seconds."""

    column: str
    operator: Operator
    value: str | bool | int | UUID | datetime


@dataclass(frozen=True, slots=True)
class Query:
    """Which page of which rows; without *order* in the order of creation."""

    conditions: tuple[Condition, ...] = ()
    order: str | None = None
    descending: bool = False
    page: int = 1
    size: int = 10

    @property
    def offset(self) -> int:
        """How many rows come before the page."""
        return (self.page - 1) * self.size


@dataclass(frozen=True)
class Branch:
    """One table's share of a list, with the columns to sort and filter by.

    ``custom`` makes the expression of a condition that is no comparison of a column. ``far`` says the same
    as ``where`` in a way that is better for a page after many rows, if there is one. ``all_but`` has the
    rows of the table that are not in this branch, where it takes less time to count those.
    """

    model: Any
    columns: Mapping[str, Any]
    constants: Mapping[str, str] = field(default_factory=dict)
    where: tuple[Any, ...] = ()
    far: tuple[Any, ...] = ()
    all_but: tuple["Branch", ...] = ()
    created: Any = None  # by default the model's created_at
    custom: Mapping[str, Callable[[Condition], Any]] = field(default_factory=dict)

    def select(
        self, conditions: Iterable[Condition], *columns: Any, where: tuple[Any, ...] | None = None
    ) -> Any:
        """The rows that meet *conditions*, or None where a constant rules all of them out.

        *where* takes the place of the branch's own.
        """
        expressions = list(self.where if where is None else where)
        for condition in conditions:
            if condition.column in self.constants:
                if not holds(self.constants[condition.column], condition):
                    return None
            elif condition.column in self.custom:
                expressions.append(self.custom[condition.column](condition))
            else:
                expressions.append(_expression(self.columns[condition.column], condition))
        query = self.model.select(*columns)
        return query.where(*expressions) if expressions else query

    def key(self, order: str | None) -> Any:
        """The column that rows are sorted by; the id decides between equals."""
        if order is None or order in self.constants:
            return self.created if self.created is not None else self.model.created_at
        return self.columns[order]


Key = tuple[int, Any]
"""The number of the branch and the id of the row."""


def list_keys(branches: Sequence[Branch], query: Query) -> list[Key]:
    """The keys of the rows of a page, in order."""
    with _planning(branches):
        return _list_keys(branches, query)


def _list_keys(branches: Sequence[Branch], query: Query) -> list[Key]:
    found: list[Key] = []
    offset = query.offset
    segments = _segments(branches, query)
    for position, segment in enumerate(segments):
        wanted, is_last = query.size - len(found), position == len(segments) - 1
        total = None
        # A count takes less time than to walk to the end, be it in vain.
        if offset > FAR and (not is_last or _is_near_end(branches, segment, query, offset)):
            total = _count(branches, segment, query.conditions, at_most=None)
            if total <= offset:
                offset -= total
                continue
        if total is not None and 2 * offset > total:
            keys = _from_end(branches, segment, query, behind=total - offset, limit=wanted)
        else:
            keys = _keys(branches, segment, query, offset=offset, limit=wanted)
        found += keys
        if len(found) >= query.size or is_last:
            break
        # What was skipped here need not be skipped in the next segment.
        if keys:
            offset = 0
        elif offset:
            offset = max(0, offset - _count(branches, segment, query.conditions, at_most=None))
    return found


def _is_near_end(branches: Sequence[Branch], segment: Iterable[int], query: Query, offset: int) -> bool:
    """Whether an *offset* is, as far as the database knows, in the last third of its segment."""
    about = estimate([branches[number] for number in segment], query.conditions)
    return about is not None and 3 * offset > 2 * about


def _from_end(
    branches: Sequence[Branch], segment: Iterable[int], query: Query, *, behind: int, limit: int
) -> list[Key]:
    """At most *limit* keys, read in the opposite order: the first of them has ``behind - 1`` behind it."""
    size = min(behind, limit)
    keys = _keys(branches, segment, query, offset=behind - size, limit=size, is_reversed=True)
    return keys[::-1]


def count(branches: Sequence[Branch], conditions: Sequence[Condition], *, at_most: int | None) -> int:
    """How many rows there are; *at_most*, as soon as there are so many."""
    with _planning(branches, *([ALONE] if at_most is None else [])):
        return _count(branches, range(len(branches)), conditions, at_most=at_most)


def estimate(branches: Sequence[Branch], conditions: Sequence[Condition]) -> int | None:
    """About how many rows there are, without a look at them; None where the database has no idea."""
    if not is_postgres(branches[0].model):
        return None
    database, total = _database(branches), 0
    for branch in branches:
        rows = branch.select(conditions, Value(1, unpack=False).alias("one"))
        if rows is not None:
            sql, parameters = rows.sql()
            ((plan,),) = database.execute_sql(f"EXPLAIN (FORMAT JSON) {sql}", parameters).fetchall()
            total += int(plan[0]["Plan"]["Plan Rows"])
    return total


@dataclass(frozen=True, slots=True)
class Matching:
    """The rows of a list that meet all conditions, on whatever page they are."""

    branches: Sequence[Branch]
    conditions: Sequence[Condition]

    def count(self, at_most: int | None) -> int:
        """How many there are; *at_most*, as soon as there are so many."""
        return count(self.branches, self.conditions, at_most=at_most)

    def estimate(self) -> int | None:
        """About how many there are, where the database knows."""
        return estimate(self.branches, self.conditions)


@contextmanager
def _planning(branches: Sequence[Branch], *more: str) -> Iterator[None]:
    """Let PostgreSQL plan the queries of this block as such queries need it."""
    if not is_postgres(branches[0].model):
        yield
        return
    database = _database(branches)
    with database.atomic():
        for settings in (POSTGRES, *more):
            database.execute_sql(settings)
        yield


def _database(branches: Sequence[Branch]) -> Any:
    return branches[0].model._meta.database


def equal(column: Any, text: str) -> Any:
    """Whether a column holds this *text* and no other, whatever its collation takes for equal."""
    if not is_mysql(column.model):
        return column == text
    # The first condition finds more than was asked for, by an index.
    return (column == text) & (column.collate("utf8mb4_bin") == text)


def holds(constant: str, condition: Condition) -> bool:
    """Whether *constant* meets the condition."""
    return bool(COMPARE[condition.operator](constant, condition.value))


def _segments(branches: Sequence[Branch], query: Query) -> list[list[int]]:
    """Which branches are merged with each other, and in which order these come one after the other."""
    if query.order is None or not any(query.order in branch.constants for branch in branches):
        return [list(range(len(branches)))]
    values = sorted({branch.constants[query.order] for branch in branches}, reverse=query.descending)
    return [
        [number for number, branch in enumerate(branches) if branch.constants[query.order] == value]
        for value in values
    ]


def _keys(
    branches: Sequence[Branch],
    segment: Iterable[int],
    query: Query,
    *,
    offset: int,
    limit: int,
    is_reversed: bool = False,
) -> list[Key]:
    descending = (query.descending and query.order is not None) != is_reversed
    parts = [
        part
        for number in segment
        if (part := _sorted(branches[number], number, query, limit=offset + limit, descending=descending))
        is not None
    ]
    if not parts:
        return []
    if len(parts) == 1:
        rows = parts[0]
    else:
        # Each branch comes in order by an index of its own, so the database has but to merge them.
        whole = [peewee.Select([part.alias("part")], COLUMNS) for part in parts]
        merged = reduce(lambda left, right: left.union_all(right), whole)
        direction = " DESC" if descending else ""
        rows = peewee.Select([merged.alias("merged")], COLUMNS).order_by(
            SQL(f"sort_key{direction}"), SQL(f"id{direction}")
        )
    read_key = branches[0].model._meta.primary_key.python_value
    found = rows.bind(_database(branches)).limit(limit).offset(offset).tuples()
    return [(int(number), read_key(key)) for number, key, _ in found]


def _sorted(branch: Branch, number: int, query: Query, *, limit: int, descending: bool) -> Any:
    """The first keys of a branch in order, or None where a condition rules all of them out."""
    key, primary_key = branch.key(query.order), branch.model._meta.primary_key
    columns = (
        Value(number, unpack=False).alias("branch"),
        primary_key.alias("id"),
        key.alias("sort_key"),
    )
    where = branch.far if branch.far and limit > FAR else branch.where
    rows = branch.select(query.conditions, *columns, where=where)
    if rows is None:
        return None
    order = [key, primary_key]
    return rows.order_by(*[each.desc() if descending else each for each in order]).limit(limit)


def _count(
    branches: Sequence[Branch],
    segment: Iterable[int],
    conditions: Sequence[Condition],
    *,
    at_most: int | None,
) -> int:
    total = 0
    for number in segment:
        total += _count_branch(
            branches[number], conditions, at_most=None if at_most is None else at_most - total
        )
        if at_most is not None and total >= at_most:
            break
    return total


def _count_branch(branch: Branch, conditions: Sequence[Condition], *, at_most: int | None) -> int:
    is_rest = at_most is None and bool(branch.all_but)
    one = Value(1, unpack=False).alias("one")
    rows = branch.select(conditions, one, where=() if is_rest else branch.where)
    if rows is None:
        return 0
    if at_most is not None:
        rows = rows.limit(at_most)
    counted = peewee.Select([rows.alias("counted")], [fn.COUNT(SQL("*"))])
    total = int(counted.bind(_database([branch])).scalar())
    if not is_rest:
        return total
    others = [each for each in conditions if each.column not in branch.constants]
    # Two statements see two moments, between which rows may come and go.
    return max(0, total - sum(_count_branch(each, others, at_most=None) for each in branch.all_but))


def _expression(column: Any, condition: Condition) -> Any:
    value = condition.value
    if isinstance(value, datetime):
        return _of_moment(column, condition.operator, value)
    if condition.operator == "eq" and isinstance(value, str):
        return equal(column, value)
    return COMPARE[condition.operator](column, value)


def _of_moment(column: Any, operator_: Operator, value: datetime) -> Any:
    if operator_ == "lt":
        return column < value
    if operator_ == "gt":
        return column >= value + SECOND
    return (column >= value) & (column < value + SECOND)
