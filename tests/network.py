"""Tests talk to this machine only."""

import ipaddress
import socket
from typing import Any

import pytest


class OutsideWorld(RuntimeError):
    """A test tried to reach a machine that is not this one."""


def is_local(address: Any) -> bool:
    """Whether a socket *address* lies on the loopback interface or in the file system."""
    if not isinstance(address, tuple):
        return True
    host = str(address[0])
    try:
        return host == "localhost" or ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return False


def block(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make every connection beyond the loopback interface fail."""
    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, guarded(getattr(socket.socket, name)))


def guarded(method: Any) -> Any:
    """*method* of a socket, refused for addresses of other machines (the address is the last argument)."""

    def guard(self: socket.socket, *arguments: Any) -> Any:
        if not is_local(arguments[-1]):
            raise OutsideWorld(f"a test may not connect to {arguments[-1]}")
        return method(self, *arguments)

    return guard
