"""A second process that computes what it is asked for: Python computes on one core only, in each process.

The child is a fork. It has all that was there, the open file too, so it starts within milliseconds, shares
most of its memory with its parent, and nothing has to be sent to it. A child that starts anew (``spawn``)
would need a second to load the program, and as much memory again. What must not be shared is an open
connection to a database: close those before, and open none in the child.

Questions and answers go through two pipes, of which the system closes the ends of a process that ends. So
each of the two finds out when the other one was killed, and ends as well.
"""

import fcntl
import gc
import signal
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar

from hanko_compat.errors import OperatorError
from hanko_compat.errors.transfer import ImportStopped

W = TypeVar("W")
T = TypeVar("T")
P = ParamSpec("P")

PIPE = 1024 * 1024
"""Bytes in a pipe: what Linux lets everybody have."""
Ends = tuple[Connection, Connection]
"""Where a process gets questions, and gives answers; or the other way round."""

_ITEM, _END, _ERROR = "item", "end", "error"
_AGAIN = "run the same command again: an import goes on where it was"


class ChildProcess(Generic[W]):
    """A process with a worker that *make* returns there; its methods are generators. It ends with `close`."""

    def __init__(self, make: Callable[[], W]) -> None:
        context = get_context("fork")
        asked, self._questions = context.Pipe(duplex=False)
        self._answers, answered = context.Pipe(duplex=False)
        _widen(answered)
        ends = (asked, answered), (self._questions, self._answers)
        self._process = context.Process(target=_work, args=(make, *ends), daemon=True)
        # Ctrl-C goes to all processes of a terminal. It is the parent that ends the child then.
        with _without_interrupts():
            self._process.start()
        asked.close()
        answered.close()

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._process.pid or 0

    def ask(
        self, method: Callable[Concatenate[W, P], Iterator[T]], *arguments: P.args, **options: P.kwargs
    ) -> Iterator[T]:
        """What the worker's *method* yields. The next item is made while the caller works with one.

        Nothing else can be asked before the last one was taken.

        Raises:
            OperatorError: as the method, in its place.
            ImportStopped: the child was killed, or something is wrong with it.
        """
        try:
            self._questions.send((method.__name__, arguments, options))
            while (answer := self._answers.recv())[0] == _ITEM:
                yield answer[1]
        except (EOFError, OSError) as error:
            self._process.join()
            raise ImportStopped(
                f"the process that reads the file {_ending(self._process.exitcode)}"
            ) from error
        if answer[0] == _ERROR:
            raise answer[1]

    def close(self) -> None:
        """End the process, whatever it does: it has nothing that is worth keeping."""
        self._questions.close()
        self._answers.close()
        self._process.kill()
        self._process.join()
        self._process.close()


def _work(make: Callable[[], Any], own: Ends, parents: Ends) -> None:
    """Answer until the parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    # An end of the parent's that is open here would hide that the parent is gone.
    for end in parents:
        end.close()
    # What the parent has made stays as it is: whatever is written to becomes memory of the child's own.
    gc.freeze()
    asked, answered = own
    try:
        worker = make()
        while True:
            method, arguments, options = asked.recv()
            answered.send(_answer(answered, getattr(worker, method)(*arguments, **options)))
    except (EOFError, ConnectionError):
        return


def _answer(answered: Connection, items: Iterator[Any]) -> tuple[str, Any]:
    """Send what is asked for; return what to say at its end."""
    while True:
        try:
            item = next(items)
        except StopIteration:
            return _END, None
        except OperatorError as error:
            return _ERROR, error
        except Exception as error:  # the parent has to say it
            return _ERROR, ImportStopped(f"the file can't be read on: {_described(error)}; {_AGAIN}")
        answered.send((_ITEM, item))


def _widen(pipe: Connection) -> None:
    """Let a pipe hold an item, where the system can: who has made one goes on with the next."""
    if hasattr(fcntl, "F_SETPIPE_SZ"):
        with suppress(OSError):  # the account has used up what it may
            fcntl.fcntl(pipe.fileno(), fcntl.F_SETPIPE_SZ, PIPE)


def _described(error: Exception) -> str:
    """What went wrong, without values of the file: there are secrets among them."""
    if isinstance(error, OSError):
        return str(error)
    place = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {place.filename}, line {place.lineno}"


def _ending(exit_code: int | None) -> str:
    if exit_code is not None and exit_code < 0:
        name = signal.Signals(-exit_code).name
        return f"was killed by {name}, as systems do that run out of memory; {_AGAIN}"
    return f"ended with exit code {exit_code}; {_AGAIN}"


@contextmanager
def _without_interrupts() -> Iterator[None]:
    """Let Ctrl-C wait: a child must know what to do with it before it comes."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
