from uuid import uuid4

from hanko_compat.storage import users
from hanko_compat.storage.models import Passcode, User, WebauthnCredential, WebauthnCredentialUserHandle


def test_a_user_is_deleted_with_its_rows(services, clock):
    mine, other = uuid4(), uuid4()
    times = {"created_at": clock(), "updated_at": clock()}
    with services.database.connection():
        for user_id in (mine, other):
            users.create(user_id, now=clock())
            handle = WebauthnCredentialUserHandle.create(user=user_id, handle=uuid4().hex, **times)
            WebauthnCredential.create(
                id=uuid4().hex, user=user_id, user_handle=handle, public_key="cose", attestation_type="none",
                aaguid=uuid4(), sign_count=0, **times,
            )  # fmt: skip
            Passcode.create(user=user_id, ttl=300, code="hash", try_count=0, **times)
        assert users.delete(mine) is True
        assert users.delete(mine) is False
        assert [user.id for user in User.select()] == [other]
        for table in (Passcode, WebauthnCredential, WebauthnCredentialUserHandle):
            assert [row.user_id for row in table.select()] == [other]
