"""The endpoints that are measured, in the order of the tables."""

from benchmarks.load import Endpoint
from benchmarks.seed import Member

BEARER = "Authorization: Bearer %1"


def endpoints(members: list[Member]) -> list[Endpoint]:
    """Every measured endpoint, for members whose tokens and addresses are used in turn."""
    tokens = tuple(member.token for member in members)
    owners = tuple(f"{member.token} {member.user_id}" for member in members)
    addresses = tuple(member.address for member in members)
    email = '{"email": "%1"}'
    return [
        Endpoint("`POST /users` (with session)", "/users", "POST", '{"email": "%2-%1@example.com"}'),
        Endpoint("`GET /sessions/validate`", "/sessions/validate", header=BEARER, values=tokens),
        Endpoint("`GET /me`", "/me", header=BEARER, values=tokens),
        Endpoint("`GET /users/{id}`", "/users/%2", header=BEARER, values=owners),
        Endpoint("`POST /user`", "/user", "POST", email, values=addresses),
        Endpoint("`GET /.well-known/config`", "/.well-known/config"),
        Endpoint("`GET /.well-known/jwks.json`", "/.well-known/jwks.json"),
        Endpoint("`GET /health/alive`", "/health/alive"),
    ]
