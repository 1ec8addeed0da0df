"""Case folding: the forms in which addresses and usernames are compared without letter case."""

import unicodedata


def hides_ascii(text: str) -> bool:
    """Whether lower-casing turns a non-ASCII letter into an ASCII one, as it does with the Kelvin sign."""
    return any(not letter.isascii() and any(part.isascii() for part in letter.lower()) for letter in text)


def folded(text: str) -> str:
    """The *text* in lower case, by which addresses are found.

    A text that `hides_ascii` stays as it is, so that a look-up finds nothing: it must not find the user of
    another address.
    """
    return text if hides_ascii(text) else text.lower()


def username_form(name: str) -> str:
    """The form in which usernames are compared: names that look alike to a reader have the same one.

    Compatibility characters (full-width letters, ligatures) are replaced and letter case is folded (NFKC and
    default case folding, Unicode Standard s. 3.11 and 3.13), until nothing changes any more. A *name* that
    `hides_ascii` stays as it is, as in `folded`.
    """
    if hides_ascii(name):
        return name
    before, form = name, _nfkc_casefold(name)
    while form != before:
        before, form = form, _nfkc_casefold(form)
    return form


def username_forms(name: str) -> tuple[str, ...]:
    """The forms in which a username may be stored: `username_form`, and in lower case, as Hanko writes it."""
    return tuple(dict.fromkeys((username_form(name), folded(name))))


def _nfkc_casefold(text: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
