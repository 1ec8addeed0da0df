"""The data behind the figures: 3,500 users; 200 have an address, a password, a session and passcodes."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from hanko_compat.client import Client
from hanko_compat.hashing import bcrypt
from hanko_compat.hashing.hasher import PASSCODE_COST, PASSWORD_COST
from hanko_compat.jose.session_token import TokenEmail, TokenSubject
from hanko_compat.storage.models import Email, Passcode, PasswordCredential, PrimaryEmail, User
from hanko_compat.wiring import Services

USERS = 3500
MEMBERS = 200
CLIENT = Client(ip_address="127.0.0.1", user_agent="benchmark", request_id="benchmark")
PASSWORD, CODE = "benchmark", "123456"  # of everybody
PASSCODES = 6000  # each serves for one log-in
TTL = 3600  # seconds


@dataclass(frozen=True)
class Member:
    """A user who can log in."""

    user_id: UUID
    address: str
    token: str
    passcodes: tuple[UUID, ...]  # not used yet


def seed(services: Services) -> list[Member]:
    """Write the users and give each member a session."""
    now, password = services.now(), bcrypt.create(PASSWORD, cost=PASSWORD_COST)
    code = bcrypt.create(CODE, cost=PASSCODE_COST)
    members = [(uuid4(), f"member{number}@example.com") for number in range(MEMBERS)]
    passcodes: dict[UUID, tuple[UUID, ...]] = {}

    def work() -> None:
        insert_many(User, USERS - MEMBERS, lambda _: {"id": uuid4()} | stamps(now))
        insert_many(User, MEMBERS, lambda number: {"id": members[number][0]} | stamps(now))
        for user_id, address in members:
            email_id = add_credentials(user_id, address, password, now)
            passcodes[user_id] = add_passcodes(user_id, email_id, code, now)

    services.database.transaction(work)
    return [
        Member(user_id, address, open_session(services, user_id, address), passcodes[user_id])
        for user_id, address in members
    ]


def stamps(now: datetime) -> dict[str, datetime]:
    """The two times that every row has."""
    return {"created_at": now, "updated_at": now}


def insert_many(model: type, total: int, row: Callable[[int], dict[str, object]]) -> None:
    """Write *total* rows, a hundred with each statement."""
    for start in range(0, total, 100):
        model.insert_many([row(number) for number in range(start, min(start + 100, total))]).execute()


def add_credentials(user_id: UUID, address: str, password: str, now: datetime) -> UUID:
    """Give a user a verified primary address, whose id is returned, and the hash of a password."""
    email_id = uuid4()
    Email.insert(id=email_id, user=user_id, address=address, verified=True, **stamps(now)).execute()
    PrimaryEmail.insert(id=uuid4(), email=email_id, user=user_id, **stamps(now)).execute()
    PasswordCredential.insert(id=uuid4(), user=user_id, password=password, **stamps(now)).execute()
    return email_id


def add_passcodes(user_id: UUID, email_id: UUID, code: str, now: datetime) -> tuple[UUID, ...]:
    """Write passcodes as if they had been mailed; *code* is the hash of the one code of them all."""
    ids = tuple(uuid4() for _ in range(PASSCODES // MEMBERS))
    columns = {"user": user_id, "email": email_id, "code": code, "ttl": TTL, "try_count": 0} | stamps(now)
    insert_many(Passcode, len(ids), lambda number: {"id": ids[number]} | columns)
    return ids


def open_session(services: Services, user_id: UUID, address: str) -> str:
    """Store a session and sign its token."""
    new = services.sessions.issuing.start(user_id, client=CLIENT)
    services.database.transaction(lambda: services.sessions.issuing.store(new))
    email = TokenEmail(address=address, is_primary=True, is_verified=True)
    subject = TokenSubject(
        user_id=user_id, email=email, username=None, public_metadata={}, unsafe_metadata={}
    )
    return services.sessions.issuing.sign(new, subject).token
