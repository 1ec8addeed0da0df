"""JSON texts."""


class JSONRefused(ValueError):
    """A text that is no JSON object, or one that we don't take; the message tells the caller which."""


class JSONCutShort(JSONRefused):
    """A text that ends too early to be JSON."""
