"""What lies behind an error."""

import pytest

from hanko_compat.storage.engine.causes import causes

NETWORK, DRIVER = OSError("network"), ValueError("driver")


def fail_in_the_driver() -> None:
    try:
        raise NETWORK
    except OSError:
        raise DRIVER  # noqa: B904 - as PyMySQL does


def fail_as_peewee_does() -> None:
    try:
        fail_in_the_driver()
    except ValueError as error:
        raise RuntimeError("wrapped") from error


def test_what_an_error_wraps_and_what_it_came_up_in_are_seen() -> None:
    with pytest.raises(RuntimeError) as caught:
        fail_as_peewee_does()
    assert list(causes(caught.value)) == [caught.value, DRIVER, NETWORK]
