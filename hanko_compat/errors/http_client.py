"""Requests to other servers."""


class PostFailed(Exception):
    """A request to somebody else's server brought no answer; ``reason`` holds nothing of the request."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
