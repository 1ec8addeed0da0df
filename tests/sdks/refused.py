"""What both SDKs make of an error when their clients of single operations are called."""

from typing import Any


class Refused(Exception):
    """The server answered an error; *body* is its envelope, *kind* the class that the SDK has for it."""

    def __init__(self, kind: str, status: int, body: Any) -> None:
        super().__init__(f"{kind}, {status}: {body}")
        self.kind = kind
        self.status = status
        self.body = body

    @property
    def type(self) -> str:
        return self.body["error"]["type"]

    @property
    def problems(self) -> list[tuple[str, str]]:
        """What is wrong with which member."""
        return [(each["field"], each["message"]) for each in self.body["error"]["validation"]]
