"""Times as text (RFC 3339), as the original writes them."""

from datetime import UTC, datetime


def written(moment: datetime) -> str:
    """The moment in UTC; its fraction has no trailing zeros and is absent when it is zero."""
    text = moment.astimezone(UTC).replace(tzinfo=None).isoformat()
    return (text.rstrip("0") if "." in text else text) + "Z"
