"""The address that a passcode goes to, by what a request names."""

from uuid import UUID

from hanko_compat.errors.passcodes import EmailIdInvalid, EmailNotAvailable, PasscodeRecipientMissing
from hanko_compat.storage.emails import emails
from hanko_compat.storage.models import Email
from hanko_compat.uuid_text import read_uuid

NO_UUID = UUID(int=0)  # As Hanko 2.7.0: it names no address, but the primary one.


def get(email_id: str | None, *, remembered_email_id: str | None, primary: Email | None) -> Email:
    """The address that is named; without a name the primary one, or else the one that a browser remembers.

    Raises:
        EmailIdInvalid: what names the address is no UUID.
        EmailNotAvailable: no address has this id.
        PasscodeRecipientMissing: none is named, and there is no primary one.
    """
    wanted = NO_UUID if email_id is None else _parsed(email_id)
    if wanted == NO_UUID:
        if primary is not None:
            return primary
        if not remembered_email_id:
            raise PasscodeRecipientMissing
        wanted = _parsed(remembered_email_id)
    email = primary if primary is not None and primary.id == wanted else emails.find_by_id(wanted)
    if email is None:
        raise EmailNotAvailable
    return email


def _parsed(email_id: str) -> UUID:
    """The id of an address, in any written form."""
    try:
        return read_uuid(email_id)
    except ValueError as error:
        raise EmailIdInvalid from error
