"""Connect tokens."""

from hanko_compat.errors import NotFound


class ConnectTokenNotFound(NotFound):
    """No such connect token."""

    message = "no such connect token"
    about = "connect_token_id"
