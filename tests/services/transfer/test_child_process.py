"""A child process makes what it is asked for, and neither process outlives the other one."""

import os
import signal
import subprocess
import sys
from contextlib import closing
from multiprocessing import active_children, get_context

import pytest

from hanko_compat import random_secrets
from hanko_compat.errors.transfer import ImportStopped, TemporaryFileFailed
from hanko_compat.errors.user_files import UserFileUnreadable
from hanko_compat.services.transfer.child_process import PIPE, ChildProcess
from tests.servers.process import PATIENCE

ORPHAN = """
import os, signal, sys
from hanko_compat.services.transfer.child_process import PIPE, ChildProcess

class Worker:
    def endless(self):
        while True:
            yield bytes(PIPE)

child = ChildProcess(Worker)
if sys.argv[1] == "has more to say than the pipe takes":
    next(child.ask(Worker.endless))
os.kill(os.getpid(), signal.SIGKILL)
"""


class Worker:
    """What the tests ask for."""

    def __init__(self, made=None):
        self.made = made

    def numbers(self, first, *, count):
        yield from range(first, first + count)

    def two(self):
        yield "first"
        self.made.set()
        yield "second"

    def large(self):
        yield bytes(3 * PIPE)

    def raise_(self, error):
        yield "first"
        raise error

    def end(self, how):
        yield "first"
        how()

    def random(self):
        yield random_secrets.octets(16)

    def pid(self):
        yield os.getpid()


@pytest.fixture
def child():
    with closing(ChildProcess(Worker)) as child:
        yield child


def kill():
    os.kill(os.getpid(), signal.SIGKILL)


def leave():
    os._exit(3)


def test_items_come_in_order_question_by_question(child):
    assert list(child.ask(Worker.numbers, 1, count=99)) == list(range(1, 100))
    assert list(child.ask(Worker.numbers, 5, count=0)) == []
    assert list(child.ask(Worker.numbers, 5, count=2)) == [5, 6]
    assert list(child.ask(Worker.pid)) == [child.pid] != [os.getpid()]


def test_an_item_may_be_larger_than_the_pipe(child):
    assert list(child.ask(Worker.large)) == [bytes(3 * PIPE)]


def test_the_next_one_is_made_while_the_caller_works():
    made = get_context("fork").Event()
    with closing(ChildProcess(lambda: Worker(made))) as child:
        found = child.ask(Worker.two)
        assert next(found) == "first"
        assert made.wait(timeout=PATIENCE)
        assert list(found) == ["second"]


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (UserFileUnreadable("no array"), UserFileUnreadable, "^no array$"),
        (TemporaryFileFailed("the disk is full"), TemporaryFileFailed, "^the disk is full$"),
        (OSError(28, "No space left"), ImportStopped, "No space left; run the same"),
        (KeyError("hunter2"), ImportStopped, r"KeyError in \S+test_child_process.py, line \d+; run the same"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_an_error_comes_out_in_its_place_without_values_and_the_child_lives_on(child, error, kind, words):
    found = child.ask(Worker.raise_, error)
    assert next(found) == "first"
    with pytest.raises(kind, match=words) as raised:
        next(found)
    assert "hunter2" not in str(raised.value)
    assert list(child.ask(Worker.numbers, 1, count=1)) == [1]


@pytest.mark.parametrize(("how", "words"), [(kill, "was killed by SIGKILL"), (leave, "exit code 3")])
def test_that_the_child_has_ended_is_told(child, how, words):
    found = child.ask(Worker.end, how)
    assert next(found) == "first"
    for asked in (found, child.ask(Worker.pid)):
        with pytest.raises(ImportStopped, match=words):
            next(asked)


@pytest.mark.parametrize("child_that", ["has more to say than the pipe takes", "waits for a question"])
def test_the_child_of_a_killed_parent_ends(child_that):
    # Whoever is left holds standard output open.
    orphan = subprocess.run(
        [sys.executable, "-c", ORPHAN, child_that], capture_output=True, timeout=PATIENCE, check=False
    )
    assert (orphan.returncode, orphan.stdout, orphan.stderr) == (-signal.SIGKILL, b"", b"")


def test_an_interrupt_from_the_terminal_is_left_to_the_parent(child):
    os.kill(child.pid, signal.SIGINT)
    assert list(child.ask(Worker.numbers, 1, count=2)) == [1, 2]


def test_a_child_ends_in_the_middle_of_what_it_does():
    child = ChildProcess(Worker)
    found = child.ask(Worker.numbers, 1, count=10**9)
    assert next(found) == 1
    child.close()
    assert active_children() == []


def test_random_values_of_parent_and_children_differ(child):
    with closing(ChildProcess(Worker)) as other:
        values = [*child.ask(Worker.random), *other.ask(Worker.random), random_secrets.octets(16)]
    assert len(set(values)) == 3
