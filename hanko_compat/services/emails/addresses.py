"""One e-mail address: checked, and in the form in which it is stored (RFC 5321, RFC 6531)."""

import re
from collections.abc import Callable

import email_validator
from email_validator import EmailNotValidError, validate_email

from hanko_compat.casefold import hides_ascii
from hanko_compat.errors.emails import AddressInvalid, AddressTooLong

LONGEST = 254  # characters; RFC 5321 s. 4.5.3.1.3 without the angle brackets
LONGEST_STORED = 255  # characters of the column

# What the original takes outside of ASCII, in either part.
_BEYOND_ASCII = "\u00a0-\ud7ff\uf900-\ufdcf\ufdf0-\uffef"
_ATOM = rf"[\w!#$%&'*+/=?^`{{|}}~{_BEYOND_ASCII}-]+"
_LOCAL = re.compile(
    rf'''{_ATOM}(?:\.{_ATOM})*|"(?:[ !#-\[\]-~{_BEYOND_ASCII}]|\\[ -~])*"''',  # RFC 5322 s. 3.2.3, 3.2.4
    re.ASCII,
)
_DOMAIN = re.compile(rf"[a-zA-Z0-9~{_BEYOND_ASCII}-]+(?:\.[a-zA-Z0-9~{_BEYOND_ASCII}-]+)+")
_AT_ITS_EDGES = re.compile(
    rf"[a-zA-Z0-9{_BEYOND_ASCII}](?:.*[a-zA-Z0-9{_BEYOND_ASCII}])?\.[a-zA-Z{_BEYOND_ASCII}]"
    rf"(?:.*[a-zA-Z{_BEYOND_ASCII}])?",
)

# Whether a domain can get mail is the mail server's business: intranets use .local, tests use .test.
# Emptying the list is how the library says to allow them.
email_validator.SPECIAL_USE_DOMAIN_NAMES.clear()


def normalise(text: str, *, max_length: int = LONGEST) -> str:
    """Return the one form of a new address: in lower case, otherwise as it was typed.

    Two texts give the same result only if they differ in nothing but the case of their letters; everything
    that software later on could take for another address (look-alikes that lower-casing or IDNA maps
    to ASCII, combining marks in another order, display names, control characters) is refused.

    Raises:
        AddressInvalid: not exactly one address with a full domain name.
        AddressTooLong: more than *max_length* characters.
    """
    if len(text) > LONGEST:
        raise AddressTooLong(max_length=min(max_length, LONGEST))
    address = text.lower()
    if hides_ascii(text) or not _is_address(address):
        raise AddressInvalid
    if len(address) > max_length:
        raise AddressTooLong(max_length=max_length)
    return address


def stored_form(text: str) -> str:
    """The form under which an address is found, if it is stored: in lower case.

    The original takes more than `normalise`: local parts in quotes, domains in full-width letters. Whoever
    signed up there with such an address has it still.

    Raises:
        AddressInvalid: the original would not have taken it either.
    """
    local, _, domain = text.rpartition("@")
    is_known_form = _LOCAL.fullmatch(local) is not None and _DOMAIN.fullmatch(domain) is not None
    if len(text) > LONGEST_STORED:
        if not is_known_form:
            raise AddressInvalid
        return text.lower()  # nobody has it, wherever its domain begins and ends
    if hides_ascii(text):
        raise AddressInvalid
    if is_known_form and _AT_ITS_EDGES.fullmatch(domain):
        return text.lower()
    if len(text) > LONGEST:
        raise AddressInvalid
    return normalise(text)


def accepted(text: str, *, max_length: int, is_stored: Callable[[str], bool]) -> str:
    """The form of an address that is signed up with or added: a new one has to pass `normalise`.

    *is_stored* tells of those that would not pass whether they are stored already.

    Raises:
        AddressInvalid: not exactly one address with a full domain name.
        AddressTooLong: more than *max_length* characters.
    """
    try:
        return normalise(text, max_length=max_length)
    except (AddressInvalid, AddressTooLong):
        # Unlike Hanko 2.7.0: such an address is not taken any more.
        address = stored_form(text)
        if len(address) > LONGEST_STORED or not is_stored(address):
            raise
        return address


def _is_address(address: str) -> bool:
    try:
        checked = validate_email(address, check_deliverability=False)
    except EmailNotValidError:
        return False
    local, _, domain = address.rpartition("@")
    return checked.local_part == local and domain in (checked.domain, checked.ascii_domain)
