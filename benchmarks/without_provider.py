"""hanko-compat with providers that take no time at all: ``python -m benchmarks.without_provider serve …``.

Whoever comes back with a code is a new user; nothing is asked. What is left is our own work.
"""

from typing import Any
from uuid import uuid4

from hanko_compat.cli import main
from hanko_compat.oauth.claims import mapped, to_user
from hanko_compat.oauth.client import ProviderClient
from hanko_compat.oauth.provider import Provider
from hanko_compat.provider_user import ProviderUser


def invent_user(_client: ProviderClient, provider: Provider, **_request: Any) -> ProviderUser:
    """A user whom nobody has seen yet, with the claims of the provider in `benchmarks.third_parties`."""
    name = uuid4().hex
    claims = {
        "sub": name,
        "email": f"{name}@example.com",
        "email_verified": True,
        "name": "A Member",
        "picture": "https://example.com/picture.png",
    }
    return to_user(mapped(claims, provider.attribute_mapping), provider_id=provider.id)


if __name__ == "__main__":
    ProviderClient.fetch_user = invent_user  # type: ignore[method-assign]
    main()
