"""Base64url."""

from hanko_compat.errors import Invalid


class Base64urlMalformed(Invalid):
    """A text that should be base64url and is not."""

    message = "a value is not base64url"
    about = "credential"
