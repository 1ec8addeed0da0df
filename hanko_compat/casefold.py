"""Case folding: the form in which addresses and usernames are compared without letter case."""


def hides_ascii(text: str) -> bool:
    """Whether lower-casing turns a non-ASCII letter into an ASCII one, as it does with the Kelvin sign."""
    return any(not letter.isascii() and any(part.isascii() for part in letter.lower()) for letter in text)


def folded(text: str) -> str:
    """The *text* in lower case, by which identifiers are found.

    A text that `hides_ascii` stays as it is, so that a look-up finds nothing: it must not find the user of
    another address.
    """
    return text if hides_ascii(text) else text.lower()
