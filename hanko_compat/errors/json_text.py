"""JSON texts."""


class JSONRefused(ValueError):
    """A text that is no JSON object, or one that we don't take; the message tells the caller which."""
