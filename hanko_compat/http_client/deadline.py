"""One time for all that a request takes: look-up, connections, TLS, both messages."""

from time import monotonic


class Deadline:
    """The moment by which everything has to be over."""

    def __init__(self, seconds: float) -> None:
        """Set it *seconds* from now."""
        self._at = monotonic() + seconds

    @property
    def is_over(self) -> bool:
        """Whether no time is left."""
        return monotonic() >= self._at

    def left(self) -> float:
        """Return the seconds that are left, more than none.

        Raises:
            TimeoutError: there are none.
        """
        left = self._at - monotonic()
        if left <= 0:
            raise TimeoutError
        return left
