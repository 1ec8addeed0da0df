"""What is told of a passkey that is deleted."""

from uuid import UUID

from hanko_compat.services import deleted_passkeys
from hanko_compat.storage.passkeys import credential_details
from tests.clock import FakeClock
from tests.factories import make_credential

ID = UUID(int=7)


def test_it_has_the_details_that_servers_know_it_by(services, clock: FakeClock) -> None:
    row = make_credential()
    with services.database.connection():
        credential_details.create(
            ID, credential_id=row.id, source_os="Android", source_browser="Chrome", now=clock()
        )
        told = deleted_passkeys.describe(row.id)
    assert told == {"credential_id": row.id, "id": str(ID), "os": "Android", "browser": "Chrome"}


def test_where_no_server_has_seen_it_there_is_its_id_only(services) -> None:
    row = make_credential()
    with services.database.connection():
        assert deleted_passkeys.describe(row.id) == {"credential_id": row.id}
