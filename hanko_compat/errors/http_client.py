"""Requests to other servers."""


class RequestFailed(Exception):
    """A request to somebody else's server brought no answer that can be used.

    ``reason`` holds nothing of the request, nor of what the other side sent.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
