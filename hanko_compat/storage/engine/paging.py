"""Pages of lists that lie in one table or in several: first the keys, by an index, then the rows.

A `Branch` is one table's share of a list. Columns that have one value throughout a branch are no columns of
the database: sorting by one puts the branches in order, a condition on one leaves branches out.
"""

import operator
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property, reduce
from typing import Any, Literal, TypeVar
from uuid import UUID

import peewee
from peewee import SQL, Value, fn

from hanko_compat.errors.database import StatementOutdated
from hanko_compat.storage.engine.causes import causes
from hanko_compat.storage.engine.database import ATTEMPTS
from hanko_compat.storage.engine.dialects import is_mysql, is_postgres

T = TypeVar("T")

Operator = Literal["eq", "gt", "lt"]

COLUMNS = (SQL("branch"), SQL("id"), SQL("sort_key"))
COMPARE: dict[str, Callable[[Any, Any], Any]] = {"eq": operator.eq, "gt": operator.gt, "lt": operator.lt}
SECOND = timedelta(seconds=1)

FAR = 10_000
"""Rows before a page beyond which it is read as `Branch.far` says, or from the end of the list."""

# For one transaction. A plan that was made for one page or value is no good for another, so none is kept.
# Compiling a query takes longer than any of these runs. An index that has the rows in order is to be walked,
# rather than its rows sorted: pages of indexes are in memory as a rule. The memory of a query is for a far
# page, whose hash table would not be considered otherwise.
POSTGRES = """
    SELECT set_config('plan_cache_mode', 'force_custom_plan', true), set_config('jit', 'off', true),
           set_config('random_page_cost', '1.1', true), set_config('work_mem', '64MB', true)
"""
# No request waits for a whole count, so it leaves the other cores to queries that are waited for.
ALONE = "SELECT set_config('max_parallel_workers_per_gather', '0', true)"


@dataclass(frozen=True, slots=True)
class Condition:
    """What rows have to meet: ``value`` is plain and of the column's type; moments count in whole seconds."""

    column: str
    operator: Operator
    value: str | bool | int | UUID | datetime


@dataclass(frozen=True, slots=True)
class Query:
    """Which page of which rows; without *order* in the order of creation. ``far`` is as `FAR`."""

    conditions: tuple[Condition, ...] = ()
    order: str | None = None
    descending: bool = False
    page: int = 1
    size: int = 10
    far: int = FAR

    @property
    def offset(self) -> int:
        """How many rows come before the page."""
        return (self.page - 1) * self.size


@dataclass(frozen=True)
class Branch:
    """One table's share of a list, with the columns to sort and filter by.

    ``custom`` makes the expression of a condition that is no comparison of a column; conditions on the
    columns in ``decided`` hold for all that ``where`` leaves. ``far`` says the same
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
    decided: Collection[str] = ()

    def may_meet(self, conditions: Iterable[Condition]) -> bool:
        """Whether no constant rules out all rows."""
        return all(
            holds(self.constants[each.column], each) for each in conditions if each.column in self.constants
        )

    def select(
        self, conditions: Sequence[Condition], *columns: Any, where: tuple[Any, ...] | None = None
    ) -> Any:
        """The rows that meet *conditions*, which `may_meet` allows; *where* takes the place of its own."""
        expressions = list(self.where if where is None else where)
        for condition in conditions:
            if condition.column in self.constants or condition.column in self.decided:
                continue
            if condition.column in self.custom:
                expressions.append(self.custom[condition.column](condition))
            else:
                expressions.append(expression(self.columns[condition.column], condition))
        query = self.model.select(*columns)
        return query.where(*expressions) if expressions else query

    def key(self, order: str | None) -> Any:
        """The column that rows are sorted by; the id decides between equals."""
        if order is None or order in self.constants:
            return self.created if self.created is not None else self.model.created_at
        return self.columns[order]


def estimate(branches: Sequence[Branch], conditions: Sequence[Condition]) -> int | None:
    """About how many rows there are, without a look at them; None where the database has no idea."""
    if not is_postgres(branches[0].model):
        return None
    database, total = _database(branches), 0
    for branch in branches:
        if branch.may_meet(conditions):
            sql, parameters = branch.select(conditions, Value(1, unpack=False).alias("one")).sql()
            ((plan,),) = database.execute_sql(f"EXPLAIN (FORMAT JSON) {sql}", parameters).fetchall()
            total += int(plan[0]["Plan"]["Plan Rows"])
    return total


Estimate = Callable[[Sequence[Branch], Sequence[Condition]], int | None]
"""Says about how many rows there are, as `estimate` does."""

Key = tuple[int, Any]
"""The number of the branch and the id of the row."""


def list_keys(
    branches: Sequence[Branch],
    query: Query,
    *,
    whole: Sequence[Branch] = (),
    guess: Estimate = estimate,
) -> list[Key]:
    """The keys of the rows of a page, in order.

    *whole* has the same rows as *branches*, where it takes less time to count them so. By *guess* the
    shorter way to a far page is chosen.
    """

    def walk() -> list[Key]:
        segments = _segments(branches, query, guess)
        if not segments:
            return []
        if query.offset <= query.far or not _is_nearer_from_end(segments, query.offset):
            return _walk(segments, offset=query.offset, limit=query.size)
        behind = _count(whole or branches, query.conditions, at_most=None) - query.offset
        size = min(behind, query.size)
        if size <= 0:
            return []
        return _walk(segments[::-1], offset=behind - size, limit=size, is_reversed=True)[::-1]

    return _planned(walk, branches)


def list_page(
    branches: Sequence[Branch],
    query: Query,
    read: Callable[[list[Any]], Mapping[Any, T]],
    *,
    whole: Sequence[Branch] = (),
) -> list[T]:
    """The rows of a page, in order, of a list whose ids differ in all branches; *whole* as for `list_keys`.

    *read* reads the rows of some ids, by id. A row that was deleted meanwhile is left out.
    """
    ids = [row_id for _, row_id in list_keys(branches, query, whole=whole)]
    rows = read(ids) if ids else {}
    return [rows[row_id] for row_id in ids if row_id in rows]


@dataclass(frozen=True)
class Segment:
    """Branches, by their numbers, that are merged with each other; a list is one such after the other."""

    branches: Mapping[int, Branch]
    query: Query
    guess: Estimate

    def keys(self, *, offset: int, limit: int, is_reversed: bool) -> list[Key]:
        """At most *limit* keys, after *offset* others."""
        descending = (self.query.descending and self.query.order is not None) != is_reversed
        parts = [
            _sorted(branch, number, self.query, limit=offset + limit, descending=descending)
            for number, branch in self.branches.items()
        ]
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
        branches = list(self.branches.values())
        read_key = branches[0].model._meta.primary_key.python_value
        found = rows.bind(_database(branches)).limit(limit).offset(offset).tuples()
        return [(int(number), read_key(key)) for number, key, _ in found]

    def count(self) -> int:
        """How many rows it has."""
        return _count(self.branches.values(), self.query.conditions, at_most=None)

    @cached_property
    def about(self) -> int | None:
        """About how many rows it has, where the database knows; it is asked once."""
        return self.guess(list(self.branches.values()), self.query.conditions)


def _is_nearer_from_end(segments: Sequence[Segment], offset: int) -> bool:
    """Whether to count the list and walk from its end, as the way from its start would take longer."""
    known = [segment.about for segment in segments if segment.about is not None]
    if len(known) < len(segments):
        return False
    first, *others = known
    if not others:
        # The count takes as long as a third of the walk.
        return 3 * offset > 2 * first
    # What is passed over in the first segment takes less time than to count a second one.
    behind = first + sum(others) - offset
    return offset > first and (behind < others[-1] or behind < offset)


def _walk(segments: Sequence[Segment], *, offset: int, limit: int, is_reversed: bool = False) -> list[Key]:
    found: list[Key] = []
    *_, last = segments
    for segment in segments:
        # A count takes less time than to walk to the end in vain.
        if offset > segment.query.far and segment is not last and offset > (segment.about or 0):
            total = segment.count()
            if total <= offset:
                offset -= total
                continue
        keys = segment.keys(offset=offset, limit=limit - len(found), is_reversed=is_reversed)
        found += keys
        if len(found) >= limit or segment is last:
            break
        # What was skipped here need not be skipped in the next segment.
        if keys:
            offset = 0
        elif offset:
            offset = max(0, offset - segment.count())
    return found


def count(branches: Sequence[Branch], conditions: Sequence[Condition], *, at_most: int | None) -> int:
    """How many rows there are; *at_most*, as soon as there are so many."""
    more = [ALONE] if at_most is None else []
    return _planned(lambda: _count(branches, conditions, at_most=at_most), branches, *more)


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


def _planned(work: Callable[[], T], branches: Sequence[Branch], *more: str) -> T:
    """Let PostgreSQL plan the queries of *work*, which only reads, as such queries need it."""
    if not is_postgres(branches[0].model):
        return work()
    database = _database(branches)
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with database.atomic():
                for settings in (POSTGRES, *more):
                    database.execute_sql(settings)
                return work()
        except peewee.PeeweeException as error:
            # A table was altered meanwhile; what comes before in a transaction around this is lost as well.
            is_outdated = any(isinstance(cause, StatementOutdated) for cause in causes(error))
            if not is_outdated or database.in_transaction() or attempt == ATTEMPTS:
                raise
    raise AssertionError  # the last attempt returns or raises


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


def _segments(branches: Sequence[Branch], query: Query, guess: Estimate) -> list[Segment]:
    """What has rows to look for, in order: branches whose constant to sort by is the same are one segment."""
    order = query.order
    merged: dict[str, dict[int, Branch]] = {}
    for number, branch in enumerate(branches):
        if branch.may_meet(query.conditions):
            constant = branch.constants.get(order, "") if order is not None else ""
            merged.setdefault(constant, {})[number] = branch
    return [Segment(merged[constant], query, guess) for constant in sorted(merged, reverse=query.descending)]


def _sorted(branch: Branch, number: int, query: Query, *, limit: int, descending: bool) -> Any:
    """The first keys of a branch in order."""
    key, primary_key = branch.key(query.order), branch.model._meta.primary_key
    columns = (
        Value(number, unpack=False).alias("branch"),
        primary_key.alias("id"),
        key.alias("sort_key"),
    )
    where = branch.far if branch.far and limit > query.far else branch.where
    rows = branch.select(query.conditions, *columns, where=where)
    order = [key, primary_key]
    return rows.order_by(*[each.desc() if descending else each for each in order]).limit(limit)


def _count(branches: Iterable[Branch], conditions: Sequence[Condition], *, at_most: int | None) -> int:
    total = 0
    for branch in branches:
        total += _count_branch(branch, conditions, at_most=None if at_most is None else at_most - total)
        if at_most is not None and total >= at_most:
            break
    return total


def _count_branch(branch: Branch, conditions: Sequence[Condition], *, at_most: int | None) -> int:
    if not branch.may_meet(conditions):
        return 0
    is_rest = at_most is None and bool(branch.all_but)
    one = Value(1, unpack=False).alias("one")
    rows = branch.select(conditions, one, where=() if is_rest else branch.where)
    if at_most is not None:
        rows = rows.limit(at_most)
    counted = peewee.Select([rows.alias("counted")], [fn.COUNT(SQL("*"))])
    total = int(counted.bind(_database([branch])).scalar())
    if not is_rest:
        return total
    # Two statements see two moments, between which rows may come and go.
    return max(0, total - sum(_count_rest(each, conditions) for each in branch.all_but))


def _count_rest(branch: Branch, conditions: Sequence[Condition]) -> int:
    """The rows of a branch that is left out: a condition on what tells it from the others holds for those."""
    others = [each for each in conditions if each.column not in branch.constants]
    return _count_branch(branch, others, at_most=None)


def expression(column: Any, condition: Condition) -> Any:
    """The condition as a comparison of *column*, whichever column it names."""
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
