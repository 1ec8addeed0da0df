"""Every failure that a caller or an operator can cause. No HTTP, no Flask.

An error has a kind, which is a class of this module, and stands in the module of its capability. A door maps
kinds to answers in one table and lists only what it answers otherwise.

HankoCompatError     what a caller can cause
├── Invalid          what was sent can't be used
├── Unauthenticated  no proof of who calls, or a wrong one
├── Denied           not allowed to this caller
├── Disabled         switched off by the configuration
├── NotFound         no such thing, or somebody else's
├── Conflict         not possible in the present state
├── Taken            a value that has to be unique belongs to somebody
├── Expired          too old, or used up
└── TryLater         the same request may succeed in a while; carries ``retry_after``
OperatorError        what an operator has to mend before a start; the text names the remedy
└── NotThere         what an operator has named does not exist
"""


class HankoCompatError(Exception):
    """What a caller can cause. ``message`` is constant; a cause goes to the log only.

    ``about`` names the value at fault as bodies and paths call it, in snake_case; "" where there is none.
    """

    message = "the request failed"
    about = ""

    def __init__(self) -> None:
        super().__init__(self.message)


class Invalid(HankoCompatError):
    """What was sent can't be used."""


class Unauthenticated(HankoCompatError):
    """No proof of who calls, or a wrong one."""


class Denied(HankoCompatError):
    """Not allowed to this caller."""


class Disabled(HankoCompatError):
    """Switched off by the configuration."""


class NotFound(HankoCompatError):
    """No such thing, or somebody else's."""


class Conflict(HankoCompatError):
    """Not possible in the present state."""


class Taken(HankoCompatError):
    """A value that has to be unique belongs to somebody."""


class Expired(HankoCompatError):
    """Too old, or used up."""


class TryLater(HankoCompatError):
    """The same request may succeed in a while."""

    def __init__(self, *, retry_after: int = 1) -> None:
        super().__init__()
        self.retry_after = retry_after  # seconds


class OperatorError(Exception):
    """What an operator has to mend; the text says what is wrong and what to change."""


class NotThere(OperatorError):
    """What an operator has named does not exist."""
