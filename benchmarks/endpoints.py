"""The endpoints that are measured, in the order of the tables."""

from benchmarks.load import Endpoint
from benchmarks.seed import CODE, PASSWORD, Member

BEARER = "Authorization: Bearer %1"


LOG_IN = "`POST /password/login`"
INITIALIZE, FINALIZE = "`POST /passcode/login/initialize`", "`POST /passcode/login/finalize`"


def session_check(members: list[Member]) -> Endpoint:
    """What a backend asks."""
    tokens = tuple(member.token for member in members)
    return Endpoint("`GET /sessions/validate`", "/sessions/validate", header=BEARER, values=tokens)


def password_login(members: list[Member]) -> Endpoint:
    """One password hash, one session."""
    body = f'{{"user_id": "%1", "password": "{PASSWORD}"}}'
    users = tuple(str(member.user_id) for member in members)
    return Endpoint(LOG_IN, "/password/login", "POST", body, values=users, length=4)


def endpoints(members: list[Member]) -> list[Endpoint]:
    """Every measured endpoint, for members whose tokens and addresses are used in turn."""
    tokens = tuple(member.token for member in members)
    owners = tuple(f"{member.token} {member.user_id}" for member in members)
    addresses = tuple(member.address for member in members)
    users = tuple(str(member.user_id) for member in members)
    # Of one member after the other, so that neighbours don't wait for the same user.
    passcodes = tuple(
        str(each) for turn in zip(*(member.passcodes for member in members), strict=True) for each in turn
    )
    email, init = '{"email": "%1"}', '{"user_id": "%1"}'
    final = f'{{"id": "%1", "code": "{CODE}"}}'
    return [
        Endpoint("`POST /users` (with session)", "/users", "POST", '{"email": "%2-%1@example.com"}'),
        session_check(members),
        Endpoint("`GET /me`", "/me", header=BEARER, values=tokens),
        Endpoint("`GET /users/{id}`", "/users/%2", header=BEARER, values=owners),
        Endpoint("`GET /emails`", "/emails", header=BEARER, values=tokens),
        Endpoint("`POST /user`", "/user", "POST", email, values=addresses),
        Endpoint("`GET /.well-known/config`", "/.well-known/config"),
        Endpoint("`GET /.well-known/jwks.json`", "/.well-known/jwks.json"),
        Endpoint("`GET /health/alive`", "/health/alive"),
        Endpoint("`POST /webauthn/login/initialize`", "/webauthn/login/initialize", "POST", "{}"),
        password_login(members),
        Endpoint(FINALIZE, "/passcode/login/finalize", "POST", final, values=passcodes, once=True),
        Endpoint(INITIALIZE, "/passcode/login/initialize", "POST", init, values=users, mails=True),
    ]
