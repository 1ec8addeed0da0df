"""Lower case for what is compared without letter case, and letters that would become somebody else's."""


def hides_ascii(text: str) -> bool:
    """Whether lower-casing turns a non-ASCII letter into an ASCII one, as it does with the Kelvin sign."""
    return any(not letter.isascii() and any(part.isascii() for part in letter.lower()) for letter in text)


def folded(text: str) -> str:
    """The *text* in lower case, by which identifiers are found.

    One that hides ASCII letters stays as it is, and so is equal to nothing: whoever looks up such an address
    must not find the user of another one.
    """
    return text if hides_ascii(text) else text.lower()
