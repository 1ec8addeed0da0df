"""Log lines: one JSON object each, or text on a terminal.

An event is a constant name in snake_case; what varies stands in fields beside it (``extra``). Control
characters in values are escaped in both forms, so a value can't begin a line of its own.
"""

import json
import logging
import sys
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, TextIO

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)

TALKATIVE = {
    "peewee": logging.INFO,  # at DEBUG it writes every value that goes into a query
    "httpcore2": logging.INFO,  # at DEBUG the headers of answers
    "httpx2": logging.WARNING,  # at INFO the URL of every request, which may hold a secret
    "xmlschema": logging.WARNING,  # at INFO what it loads at each start with SAML
}

_encode = json.JSONEncoder(default=str).encode  # json.dumps would make an encoder for every line
STANDARD_FIELDS = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


def configure(
    *, as_text: bool | None = None, stream: TextIO | None = None, level: int = logging.INFO
) -> None:
    """Send all log lines of this process to *stream* (stderr by default), as text or JSON.

    When *as_text* is None, a terminal gets text and everything else JSON.
    """
    stream = stream or sys.stderr
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        TextFormatter() if as_text or (as_text is None and stream.isatty()) else JSONFormatter()
    )
    logging.basicConfig(handlers=[handler], level=level, force=True)
    # Of a record only what `_fields` shows is read. logging's own documentation says how to collect no more.
    logging._srcfile = None
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    for name, lowest in TALKATIVE.items():
        logging.getLogger(name).setLevel(max(level, lowest))


def adopt(*names: str) -> None:
    """Make loggers that have handlers of their own, as gunicorn's do, write as all others."""
    for name in names:
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True


class JSONFormatter(logging.Formatter):
    """One JSON object a line, in ASCII."""

    def format(self, record: logging.LogRecord) -> str:
        """Write time, level, event, logger, request id, fields, and the traceback of an exception."""
        line = {
            "time": _time(record).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            "logger": record.name,
            **_fields(record),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return _encode(line)


class TextFormatter(logging.Formatter):
    """A line for people: time, level, event, then ``name=value``; a traceback follows, indented."""

    def format(self, record: logging.LogRecord) -> str:
        """Write the line."""
        parts = [f"{_time(record):%H:%M:%S}", f"{record.levelname.lower():<7}", _escape(record.getMessage())]
        parts += [f"{name}={_value(value)}" for name, value in _fields(record).items()]
        lines = [" ".join(parts)]
        if record.exc_info:
            lines += [f"    {_escape(line)}" for line in self.formatException(record.exc_info).splitlines()]
        return "\n".join(lines)


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    fields = {name: value for name, value in vars(record).items() if name not in STANDARD_FIELDS}
    named = request_id.get()
    if named is not None:
        fields.setdefault("request_id", named)
    return fields


def _time(record: logging.LogRecord) -> datetime:
    return datetime.fromtimestamp(record.created, UTC)


def _value(value: object) -> str:
    text = str(value)
    return text if text.isprintable() and text and " " not in text and '"' not in text else json.dumps(text)


def _escape(text: str) -> str:
    return text if text.isprintable() else "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)
