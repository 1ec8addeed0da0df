"""One e-mail address: checked, and in the form in which it is stored (RFC 5321, RFC 6531)."""

import email_validator
from email_validator import EmailNotValidError, validate_email

from hanko_compat.casefold import hides_ascii
from hanko_compat.errors.emails import AddressInvalid, AddressTooLong

LONGEST = 254  # characters; RFC 5321 s. 4.5.3.1.3 without the angle brackets

# Whether a domain can get mail is the mail server's business: intranets use .local, tests use .test.
# Emptying the list is how the library says to allow them.
email_validator.SPECIAL_USE_DOMAIN_NAMES.clear()


def normalise(text: str, *, max_length: int = LONGEST) -> str:
    """Return the one form of an address: in lower case, otherwise as it was typed.

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


def _is_address(address: str) -> bool:
    try:
        checked = validate_email(address, check_deliverability=False)
    except EmailNotValidError:
        return False
    local, _, domain = address.rpartition("@")
    return checked.local_part == local and domain in (checked.domain, checked.ascii_domain)
