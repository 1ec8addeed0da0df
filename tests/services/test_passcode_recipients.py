"""Which address a passcode goes to."""

from uuid import UUID

import pytest

from hanko_compat.errors.passcodes import EmailIdInvalid, EmailNotAvailable, PasscodeRecipientMissing
from hanko_compat.services.passcode_recipients import NO_UUID, get
from hanko_compat.wiring import Services
from tests.factories import make_account, make_email


def test_a_named_address_comes_first(services: Services) -> None:
    primary, other, remembered = make_account(), make_email(), make_email()
    with services.database.connection():
        found = get(str(other.id), remembered_email_id=str(remembered.id), primary=primary)
        assert found.id == other.id
        assert get(primary.id.hex.upper(), remembered_email_id=None, primary=primary) is primary


@pytest.mark.parametrize("name", [None, str(NO_UUID)])
def test_without_a_name_it_is_the_primary_one_or_what_a_browser_remembers(
    services: Services, name: str | None
) -> None:
    primary, remembered = make_account(), make_email()
    with services.database.connection():
        assert get(name, remembered_email_id=str(remembered.id), primary=primary) is primary
        assert get(name, remembered_email_id=str(remembered.id), primary=None).id == remembered.id
        with pytest.raises(PasscodeRecipientMissing):
            get(name, remembered_email_id=None, primary=None)


@pytest.mark.parametrize(
    ("name", "error"),
    [("no id", EmailIdInvalid), ("", EmailIdInvalid), (str(UUID(int=9)), EmailNotAvailable)],
)
def test_a_name_of_nothing_is_refused(services: Services, name: str, error: type[Exception]) -> None:
    with services.database.connection():
        with pytest.raises(error):
            get(name, remembered_email_id=None, primary=None)
        with pytest.raises(EmailNotAvailable):
            get(str(UUID(int=7)), remembered_email_id=None, primary=make_account())
