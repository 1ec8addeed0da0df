"""All that one provider is asked for in one log-in: one deadline for everything, and bounded answers."""

import json
from collections.abc import Mapping
from typing import Any

from hanko_compat import __version__
from hanko_compat.errors.http_client import RequestFailed
from hanko_compat.http_client.client import Client, Response
from hanko_compat.http_client.deadline import Deadline
from hanko_compat.http_client.kept import KeptConnection
from hanko_compat.oauth.outages import Line
from hanko_compat.storable_text import is_storable

REDIRECTS = 3
"""How many are followed when something is read; none is when the client's secret is sent."""
USER_AGENT = f"hanko-compat/{__version__}"  # GitHub answers nobody without one
DEEPEST = 32  # levels of objects and lists


class Conversation:
    """Requests to one provider, until the deadline; a context, at whose end nothing is asked any more."""

    def __init__(self, client: Client, deadline: Deadline, *, line: Line) -> None:
        """*client* says where may be connected to, *line* whether somebody is likely to answer."""
        self._client = client
        self._line = line
        self._has_asked = False
        self._has_place = False
        self._kept = KeptConnection()
        self.deadline = deadline

    def __enter__(self) -> "Conversation":
        return self

    def __exit__(self, *_: object) -> None:
        self._kept.close()
        if self._has_asked:
            self._line.leave(is_overdue=self.deadline.is_over)
        if self._has_place:
            self._line.leave_place()

    def patience(self) -> Deadline:
        """Until when to wait for what another log-in is asking for: not at all for who does not answer.

        Raises:
            RequestFailed: too many wait already.
        """
        if self._line.is_down:
            return Deadline(0)
        self._take_place()
        return self.deadline

    def get_json(self, url: str, *, authorization: str = "") -> Any:
        """Get the JSON at *url*, whatever type the answer says it has.

        Raises:
            RequestFailed: no answer with status 200 in time, or none that is JSON that can be stored.
        """
        self._begin()
        headers = {"Accept": "application/json", "User-Agent": USER_AGENT}
        if authorization:
            headers["Authorization"] = authorization
        answer = self._client.get(url, headers, redirects=REDIRECTS, deadline=self.deadline, kept=self._kept)
        if answer.status != 200:
            raise RequestFailed(f"status {answer.status}")
        return parse_json(answer.body)

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Response:
        """Post *body* to *url*; no redirect is followed.

        Raises:
            RequestFailed: no answer in time.
        """
        self._begin()
        headers = {**headers, "User-Agent": USER_AGENT}
        return self._client.post(url, body, headers, deadline=self.deadline, kept=self._kept)

    def _begin(self) -> None:
        if not self._has_asked:
            self._take_place()
            self._line.enter()
            self._has_asked = True

    def _take_place(self) -> None:
        if not self._has_place:
            self._line.take_place(self.deadline)
            self._has_place = True


def parse_json(data: bytes) -> Any:
    """Parse JSON that can be written again and stored.

    Raises:
        RequestFailed: none, or one with NaN, NUL, half a surrogate pair, or more than `DEEPEST` levels.
    """
    try:
        value = json.loads(data, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise RequestFailed("an answer that is no JSON") from error
    if not _is_kept(value):
        raise RequestFailed("JSON that can't be stored")
    return value


def _refuse(name: str) -> Any:
    raise ValueError(name)


def _is_kept(value: Any, *, depth: int = DEEPEST) -> bool:
    if isinstance(value, str):
        return is_storable(value)
    if isinstance(value, float):
        return value - value == 0  # 1e999 is read as infinity
    if depth == 0:
        return not isinstance(value, dict | list)
    if isinstance(value, dict):
        return all(_is_kept(name) and _is_kept(item, depth=depth - 1) for name, item in value.items())
    return not isinstance(value, list) or all(_is_kept(item, depth=depth - 1) for item in value)
