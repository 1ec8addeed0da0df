"""Drive one endpoint with wrk and read what it measured."""

import json
import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

SCRIPT = Path(__file__).with_name("wrk.lua")


@dataclass(frozen=True)
class Endpoint:
    """What to send; ``%1`` and ``%2`` in path, body and header stand for the columns of a line of values.

    ``values`` None numbers the requests instead, so that each sign-up has an address of its own. Those that
    serve ``once`` are shared out between the rounds. Rounds of slow endpoints are ``length`` times as long:
    what is under way at their end counts for nothing. ``mails`` says that each answer causes one.
    """

    name: str
    path: str
    method: str = "GET"
    body: str | None = None
    header: str | None = None
    values: tuple[str, ...] | None = None
    once: bool = False
    length: int = 1
    mails: bool = False

    def of_round(self, number: int, rounds: int) -> "Endpoint":
        """The endpoint with the values of one of so many rounds."""
        if not self.once or self.values is None:
            return self
        share = len(self.values) // rounds
        return replace(self, values=self.values[number * share : (number + 1) * share])


@dataclass(frozen=True)
class Measurement:
    """One round: requests per second, times in milliseconds, and how many answers were no success."""

    rate: float
    p50: float
    p99: float
    errors: int
    seconds: float

    def lasting(self, more: float) -> "Measurement":
        """The same work when so many seconds more are counted."""
        return replace(
            self, rate=self.rate * self.seconds / (self.seconds + more), seconds=self.seconds + more
        )


_rounds: Iterator[int] = count(1)


def measure(base_url: str, endpoint: Endpoint, *, seconds: int, connections: int) -> Measurement:
    """One round of wrk with one thread and keep-alive connections."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as values:
        environment = {
            "BENCH_METHOD": endpoint.method,
            "BENCH_PATH": endpoint.path,
            "BENCH_BODY": endpoint.body,
            "BENCH_HEADER": endpoint.header,
        }
        if endpoint.values is not None:
            values.write("\n".join(endpoint.values) + "\n")
            values.flush()
            environment["BENCH_VALUES"] = values.name
        elif endpoint.body is not None:
            environment["BENCH_BODY"] = endpoint.body.replace("%2", f"r{os.getpid()}-{next(_rounds)}")
        sent = {key: value for key, value in environment.items() if value is not None}
        return drive(base_url, SCRIPT, sent, seconds=seconds, connections=connections)


def drive(
    base_url: str, script: Path, environment: dict[str, str], *, seconds: int, connections: int
) -> Measurement:
    """Run wrk with a script that is told what to do by the *environment*, and prints what it found."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s", "-s", script, base_url]
    done = subprocess.run(command, env=os.environ | environment, capture_output=True, text=True, check=True)
    [line] = [line for line in done.stdout.splitlines() if line.startswith("RESULT ")]
    result = json.loads(line.removeprefix("RESULT "))
    return Measurement(
        rate=result["requests"] / result["seconds"],
        p50=result["p50_ms"],
        p99=result["p99_ms"],
        errors=result["errors"],
        seconds=result["seconds"],
    )


def measure_during(
    base_url: str, endpoint: Endpoint, flood: Endpoint, *, seconds: int, connections: int
) -> Measurement:
    """One round of *endpoint* over one connection, while many others ask for *flood*."""
    with ThreadPoolExecutor(1) as pool:
        flooding = pool.submit(measure, base_url, flood, seconds=seconds + 2, connections=connections)
        time.sleep(1)
        found = measure(base_url, endpoint, seconds=seconds, connections=1)
        flooding.result()
    return found


def median(rounds: Sequence[Measurement]) -> Measurement:
    """The middle of some rounds, figure by figure; errors are added up."""
    return Measurement(
        rate=statistics.median(one.rate for one in rounds),
        p50=statistics.median(one.p50 for one in rounds),
        p99=statistics.median(one.p99 for one in rounds),
        errors=sum(one.errors for one in rounds),
        seconds=sum(one.seconds for one in rounds),
    )
