"""docs/compatibility.md, written by a run of the tests: what is answered as recorded, and which clients work.

``make compatibility`` runs the tests that it reports on with ``--write-compatibility``.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple, cast

import pytest

from tests import documents
from tests.public.specification import Specification

PAGE = Path(__file__).parents[1] / "docs" / "compatibility.md"
PUBLISHED = Path(__file__).parent / "data" / "openapi-public.yaml"
REPLAY = "replay"
"""The property in which a test tells a list: database, variant, scenario, exchanges of the replay."""
SUBJECT = "subject"
"""The property in which a test tells which of `CLIENTS` it drives, or which of `DUMPS` it is on."""

DATABASES = {"sqlite": "SQLite", "postgres": "PostgreSQL", "mariadb": "MariaDB"}
OUTCOMES = {  # the worst one of several counts
    "same": "yes",
    "on purpose": "on purpose otherwise",
    "different": "NO",
}
PREFLIGHT = "OPTIONS"
ELSEWHERE = "no such endpoint"
NOT_RUN = "not run"

INTRODUCTION = """\
# Compatibility

Written by a run of the tests (`make compatibility`), not by hand: what the running original answered,
recorded as traces, against what hanko_compat answers, exchange by exchange; which unmodified clients work;
and what was tried on databases that Hanko's own servers wrote.

An answer agrees when status, body, headers and cookies do, down to the texts of errors.

- **yes**: as recorded
- **on purpose otherwise**: a fault of the original or an accident of its framework, which has another answer
  here: [differences.md](differences.md) says which and why
- **NO**: a fault
"""


ELEMENTS = "`hanko-elements` 0.12.0 in Chromium"
FRONTEND_SDK = "`hanko-frontend-sdk` 0.12.0 in Chromium"
PYTHON_SDK = "Corbado's SDK for Python 2"
NODE_SDK = "Corbado's SDK for Node 3"
CLIENTS = (ELEMENTS, FRONTEND_SDK, PYTHON_SDK, NODE_SDK)
DUMPS = {
    "postgres-2.7": "Hanko 2.7 on PostgreSQL",
    "mariadb-2.7": "Hanko 2.7 on MariaDB",
    "postgres-3.0": "Hanko 3.0 on PostgreSQL",
}


class Row(NamedTuple):
    """A line of the table of endpoints."""

    endpoint: str
    status: int
    variant: str


@dataclass
class Compatibility:
    """What the tests have told so far."""

    outcomes: dict[Row, dict[str, set[str]]] = field(default_factory=dict)  # by database
    scenarios: dict[Row, set[str]] = field(default_factory=dict)
    exchanges: dict[str, Counter[str]] = field(default_factory=dict)  # by database
    traces: dict[str, set[str]] = field(default_factory=dict)  # by database
    tests: dict[str, dict[str, dict[str, bool]]] = field(default_factory=dict)  # by area and scenario

    def add_replay(
        self, database: str, variant: str, scenario: str, exchanges: Iterable[Iterable[Any]]
    ) -> None:
        """Take what a replayed trace has told."""
        self.traces.setdefault(database, set()).add(f"{variant}/{scenario}")
        for method, path, status, outcome in exchanges:
            row = Row(endpoint_of(method, path), status, variant)
            self.scenarios.setdefault(row, set()).add(scenario)
            self.outcomes.setdefault(row, {}).setdefault(database, set()).add(outcome)
            self.exchanges.setdefault(database, Counter())[outcome] += 1

    def add_test(self, subject: str, name: str, *, has_passed: bool) -> None:
        """Take the outcome of a test, named as pytest does, of one of `CLIENTS` or of `DUMPS`."""
        module, function = Path(name.partition("::")[0]).stem, name.partition("::")[2].partition("[")[0]
        area, scenario = (part.removeprefix("test_").replace("_", " ") for part in (module, function))
        known = self.tests.setdefault(subject, {}).setdefault(area, {})
        known[scenario] = has_passed and known.get(scenario, True)

    def page(self) -> str:
        """The whole page."""
        sections = chain(self._summary(), self._dumps(), self._clients(), self._endpoints())
        return "\n".join([INTRODUCTION, *sections])

    def _summary(self) -> Iterator[str]:
        yield "## Databases\n"
        yield "| database | traces | exchanges | yes | on purpose otherwise | NO |"
        yield "|---|---|---|---|---|---|"
        for database, name in DATABASES.items():
            counts = self.exchanges.get(database, Counter())
            numbers = [len(self.traces.get(database, ())), counts.total(), *(counts[key] for key in OUTCOMES)]
            yield f"| {name} | {' | '.join(str(number) for number in numbers)} |"
        yield ""

    def _dumps(self) -> Iterator[str]:
        yield "## Databases of Hanko\n"
        yield "Written by the original, restored, and served with its own `config.yaml`.\n"
        yield from self._outcomes("database", DUMPS.values())

    def _clients(self) -> Iterator[str]:
        yield "## Clients\n"
        yield "Unmodified, against a running server.\n"
        yield from self._outcomes("client", CLIENTS)

    def _outcomes(self, title: str, subjects: Iterable[str]) -> Iterator[str]:
        yield f"| {title} | area | works | what is done |"
        yield "|---|---|---|---|"
        for subject in subjects:
            areas = self.tests.get(subject, {})
            if not areas:
                yield f"| {subject} | | {NOT_RUN} | |"
            for area, scenarios in sorted(areas.items()):
                passed = sum(scenarios.values())
                works = "yes" if passed == len(scenarios) else f"NO: {passed} of {len(scenarios)}"
                yield f"| {subject} | {area} | {works} | {'; '.join(sorted(scenarios))} |"
        yield ""

    def _endpoints(self) -> Iterator[str]:
        yield "## Endpoints\n"
        yield "Each endpoint, each status that the original was seen to answer, in each variant of its"
        yield "configuration: `tests/data/variants/` has the variants, `tests/data/traces/` their traces.\n"
        yield f"| endpoint | status | variant | {' | '.join(DATABASES.values())} | traces |"
        yield "|---|---|---|---|---|---|---|"
        order = [*operations(), PREFLIGHT, ELSEWHERE]
        for row in sorted(self.outcomes, key=lambda row: (order.index(row.endpoint), row[1:])):
            results = [worst(self.outcomes[row].get(database, set())) for database in DATABASES]
            traces = ", ".join(sorted(self.scenarios[row]))
            cells = [f"`{row.endpoint}`", str(row.status), row.variant, *results, traces]
            yield f"| {' | '.join(cells)} |"
        yield ""


@cache
def operations() -> list[str]:
    """The endpoints of the original's published document, as ``GET /users/{}``."""
    return sorted(Specification(documents.read(PUBLISHED)).operations(), key=lambda name: name.split()[::-1])


def endpoint_of(method: str, path: str) -> str:
    """Which endpoint a recorded request is for."""
    if method == "OPTIONS":
        return PREFLIGHT
    parts = path.partition("?")[0].split("/")
    for operation in operations():
        its_method, _, its_path = operation.partition(" ")
        its_parts = its_path.split("/")
        fits = len(parts) == len(its_parts) and all(
            own in ("{}", part) for own, part in zip(its_parts, parts, strict=True)
        )
        if fits and its_method == method:
            return operation
    return ELSEWHERE


def worst(outcomes: set[str]) -> str:
    """What the page says of several exchanges."""
    return max((OUTCOMES[each] for each in outcomes), key=list(OUTCOMES.values()).index, default=NOT_RUN)


class Writer:
    """A plugin that listens to the reports of a run and writes the page at its end."""

    def __init__(self) -> None:
        self.found = Compatibility()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take a test's report, which may come from another process."""
        if report.when != "call" and not report.failed:
            return
        for name, value in report.user_properties:
            if name == REPLAY:
                self.found.add_replay(*cast("list[Any]", value))
            elif name == SUBJECT:
                self.found.add_test(str(value), report.nodeid, has_passed=report.passed)

    def pytest_sessionfinish(self) -> None:
        """Write the page."""
        PAGE.write_text(self.found.page())


def rows(page: str, heading: str) -> list[list[str]]:
    """The cells of the table below a *heading* of the page."""
    table = page.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    lines = [line for line in table.splitlines() if line.startswith("| ")][1:]
    return [[cell.strip() for cell in line.strip("|").split(" |")] for line in lines]
