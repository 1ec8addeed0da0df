"""What is told of a passkey that is deleted: whoever hears of it finds no row any more."""

from hanko_compat.storage.passkeys import credential_details


def describe(credential_id: str) -> dict[str, str]:
    """What listeners may need of a credential; to be called before its rows are deleted."""
    found = credential_details.find(credential_id)
    if found is None:  # then no server has ever seen its ID there
        return {"credential_id": credential_id}
    return {
        "credential_id": credential_id,
        "id": str(found.id),
        "os": found.source_os,
        "browser": found.source_browser,
    }
