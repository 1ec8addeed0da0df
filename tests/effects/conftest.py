"""Applications with changed keys."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from flask import Flask

from tests.clock import FakeClock
from tests.effects.caller import Caller, Person
from tests.inbox import Inbox

Serve = Callable[..., Caller]


@pytest.fixture
def serve(make_app: Callable[..., Flask], inbox: Inbox, clock: FakeClock) -> Serve:
    """An application with changes: ``serve({"password.enabled": False})``; several share one database."""

    def serve(changes: Mapping[str, Any] | None = None) -> Caller:
        return Caller(make_app(changes), inbox, clock)

    return serve


@pytest.fixture
def base(serve: Serve) -> Caller:
    """An application with the settings that the reference calls its base."""
    return serve()


@pytest.fixture
def alice(base: Caller) -> Person:
    """Somebody with a session, known to every application of the test."""
    return base.person()
