"""A bar is for people: it shows how fast it goes, and a file or a pipe gets none."""

import io
import sys

from hanko_compat.cli.transfer_progress import progress


class Screen(io.StringIO):
    def isatty(self):
        return True


def test_a_terminal_gets_a_bar_with_rate_and_time_left(monkeypatch):
    screen = Screen()
    monkeypatch.setattr(sys, "stderr", screen)
    with progress("importing", 100, done=10) as advance:
        for _ in range(9):
            advance(10)
    shown = screen.getvalue()
    assert ("importing" in shown, "users/s" in shown, "100%" in shown) == (True, True, True)


def test_where_there_is_no_terminal_nothing_is_shown(capsys):
    with progress("importing", 100) as advance:
        advance(100)
    assert capsys.readouterr() == ("", "")


def test_there_is_no_bar_for_nothing(monkeypatch):
    screen = Screen()
    monkeypatch.setattr(sys, "stderr", screen)
    with progress("importing", 0) as advance:
        advance(0)
    assert screen.getvalue() == ""
