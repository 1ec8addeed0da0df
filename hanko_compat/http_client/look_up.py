"""What a host name stands for, within a time.

The system's resolver (getaddrinfo) has no time limit and can't be interrupted. So it is asked in a thread of
its own, which is left to itself when the time is over. That thread ends when the resolver gives up, usually
within half a minute (resolv.conf(5): timeout, attempts). The number of such threads is bounded.
"""

import socket
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from threading import BoundedSemaphore, Thread

from hanko_compat.http_client.deadline import Deadline

Found = tuple[int, int, int, str, tuple[object, ...]]
"""Family, type, protocol, canonical name and address, as `socket.getaddrinfo` has them."""

Resolve = Callable[..., Sequence[Found]]
"""Looks a host name up; it is called as `socket.getaddrinfo` is."""

MOST = 32
"""How many look-ups run in this process at most, abandoned ones included."""

_places = BoundedSemaphore(MOST)


def look_up(
    host: str, port: int, *, deadline: Deadline, resolve: Resolve = socket.getaddrinfo
) -> Sequence[Found]:
    """Return the addresses of *host*, in the order in which they should be tried (RFC 6724).

    Raises:
        TimeoutError: the resolver has not answered by then.
        OSError: no such name.
        ValueError: *host* has the form of no name.
    """
    if not _places.acquire(timeout=deadline.left()):
        raise TimeoutError
    answer: Future[Sequence[Found]] = Future()
    try:
        Thread(target=_ask, args=(resolve, host, port, answer), daemon=True).start()
    except RuntimeError as error:  # no more threads
        _places.release()
        raise OSError(str(error)) from error
    return answer.result(timeout=deadline.left())


def _ask(resolve: Resolve, host: str, port: int, answer: Future[Sequence[Found]]) -> None:
    try:
        found = resolve(host, port, type=socket.SOCK_STREAM)
    except (OSError, ValueError) as error:
        answer.set_exception(error)
    else:
        answer.set_result(found)
    finally:
        _places.release()
