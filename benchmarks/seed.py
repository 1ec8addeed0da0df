"""The data behind the figures: 3,500 users, of which 200 have an address, a password and a session."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from hanko_compat.client import Client
from hanko_compat.jose.session_token import TokenEmail, TokenSubject
from hanko_compat.storage.models import Email, PasswordCredential, PrimaryEmail, User
from hanko_compat.wiring import Services

USERS = 3500
MEMBERS = 200
CLIENT = Client(ip_address="127.0.0.1", user_agent="benchmark", request_id="benchmark")
# A bcrypt hash of cost 12 of the word "benchmark": as many bytes as a real one, the same for all.
PASSWORD_HASH = "$2b$12$abcdefghijklmnopqrstuuWhGzVbVFrJVGKYrIUIFO7zcnAE6S8LG"


@dataclass(frozen=True)
class Member:
    """A user who can log in."""

    user_id: UUID
    address: str
    token: str


def seed(services: Services) -> list[Member]:
    """Write the users and give each member a session."""
    now = services.now()
    members = [(uuid4(), f"member{number}@example.com") for number in range(MEMBERS)]

    def work() -> None:
        insert_many(User, USERS - MEMBERS, lambda _: {"id": uuid4()} | stamps(now))
        insert_many(User, MEMBERS, lambda number: {"id": members[number][0]} | stamps(now))
        for user_id, address in members:
            add_credentials(user_id, address, now)

    services.database.transaction(work)
    return [
        Member(user_id, address, open_session(services, user_id, address)) for user_id, address in members
    ]


def stamps(now: datetime) -> dict[str, datetime]:
    """The two times that every row has."""
    return {"created_at": now, "updated_at": now}


def insert_many(model: type, total: int, row: Callable[[int], dict[str, object]]) -> None:
    """Write *total* rows, a hundred with each statement."""
    for start in range(0, total, 100):
        model.insert_many([row(number) for number in range(start, min(start + 100, total))]).execute()


def add_credentials(user_id: UUID, address: str, now: datetime) -> None:
    """Give a user a verified primary address and a password."""
    email_id = uuid4()
    Email.insert(id=email_id, user=user_id, address=address, verified=True, **stamps(now)).execute()
    PrimaryEmail.insert(id=uuid4(), email=email_id, user=user_id, **stamps(now)).execute()
    PasswordCredential.insert(id=uuid4(), user=user_id, password=PASSWORD_HASH, **stamps(now)).execute()


def open_session(services: Services, user_id: UUID, address: str) -> str:
    """Store a session and sign its token."""
    new = services.sessions.start(user_id, client=CLIENT)
    services.database.transaction(lambda: services.sessions.store(new))
    email = TokenEmail(address=address, is_primary=True, is_verified=True)
    subject = TokenSubject(
        user_id=user_id, email=email, username=None, public_metadata={}, unsafe_metadata={}
    )
    return services.sessions.sign(new, subject).token
