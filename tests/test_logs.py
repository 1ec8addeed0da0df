"""How log lines look."""

import io
import json
import logging

import pytest

from hanko_compat import logs


@pytest.fixture
def stream(monkeypatch):
    """What the process logs during the test, in JSON."""
    root = logging.getLogger()
    kept, level = root.handlers[:], root.level
    for name in ("_srcfile", "logThreads", "logProcesses", "logMultiprocessing"):
        monkeypatch.setattr(logging, name, getattr(logging, name))  # as they are again in the end
    stream = io.StringIO()
    logs.configure(as_text=False, stream=stream)
    yield stream
    root.handlers[:] = kept
    root.setLevel(level)


@pytest.fixture
def text_stream(stream):
    """What the process logs during the test, in text."""
    text = io.StringIO()
    logs.configure(as_text=True, stream=text)
    return text


@pytest.fixture
def request_id():
    """The id of a request that is under way."""
    token = logs.request_id.set("request-1")
    yield "request-1"
    logs.request_id.reset(token)


def test_a_json_line_has_the_event_and_its_fields(stream, request_id):
    logging.getLogger("some.place").warning("something_happened", extra={"count": 3, "who": "B\u00f6rse"})
    line = json.loads(stream.getvalue())
    assert line.pop("time").endswith("Z")
    assert line == {
        "level": "warning",
        "event": "something_happened",
        "logger": "some.place",
        "count": 3,
        "who": "B\u00f6rse",
        "request_id": "request-1",
    }


def test_there_is_no_request_id_outside_of_requests(stream):
    logging.getLogger("x").info("started")
    assert "request_id" not in json.loads(stream.getvalue())


def test_a_text_line_is_for_people(text_stream):
    logging.getLogger("x").info("something_happened", extra={"count": 3, "who": "A B", "empty": ""})
    line = text_stream.getvalue()
    assert line.endswith('info    something_happened count=3 who="A B" empty=""\n')


def fail(text: str) -> None:
    raise ValueError(text)


def test_a_traceback_stays_with_its_line(stream):
    try:
        fail("broken\nforged line")
    except ValueError:
        logging.getLogger("x").exception("failed")
    (line,) = stream.getvalue().splitlines()
    assert "ValueError: broken\nforged line" in json.loads(line)["exception"]


HOSTILE = 'a"\r\nforged event=user_deleted\x1b[31m\x00\x9b\u2028\u202e'


@pytest.mark.parametrize("fixture", ["stream", "text_stream"])
def test_nobody_writes_a_line_of_their_own(fixture, request):
    written = request.getfixturevalue(fixture)
    logging.getLogger("x").info("seen %s", HOSTILE, extra={"path": HOSTILE})
    (line,) = written.getvalue().splitlines()
    assert line.isprintable()


def test_hostile_tracebacks_stay_indented_in_text(text_stream):
    try:
        fail(HOSTILE)
    except ValueError:
        logging.getLogger("x").exception("failed")
    first, *others = text_stream.getvalue().splitlines()
    assert first.endswith("failed")
    assert all(line.startswith("    ") and line.isprintable() for line in others)


def test_a_terminal_gets_text_and_everything_else_json(stream):
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    for target, is_json in ((Terminal(), False), (io.StringIO(), True)):
        logs.configure(stream=target)
        logging.getLogger("x").info("hello")
        assert target.getvalue().startswith("{") is is_json


def test_a_logger_with_handlers_of_its_own_can_be_adopted(stream):
    logger = logging.getLogger("tests.adopted")
    own = io.StringIO()
    logger.addHandler(logging.StreamHandler(own))
    logger.propagate = False
    logs.adopt("tests.adopted")
    logger.error("hello")
    assert own.getvalue() == ""
    assert json.loads(stream.getvalue())["event"] == "hello"


def test_what_libraries_say_at_each_start_is_left_out(stream):
    logging.getLogger("xmlschema").info("Resource 'XMLSchema.xsd' is already loaded")
    assert stream.getvalue() == ""


def test_nothing_is_collected_that_no_line_shows(stream):
    seen = []
    handler = logging.Handler()
    handler.emit = seen.append
    logging.getLogger().addHandler(handler)
    logging.getLogger("tests").error("hello", exc_info=ValueError("a reason"))
    [record] = seen
    assert (record.funcName, record.lineno) == ("(unknown function)", 0)
    assert (record.threadName, record.process, record.processName) == (None, None, None)
    assert "a reason" in json.loads(stream.getvalue())["exception"]
