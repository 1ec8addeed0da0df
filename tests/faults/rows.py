"""What is in the database after the storm."""

from collections.abc import Iterator
from contextlib import contextmanager

from hanko_compat.storage.engine.database import open_database
from hanko_compat.storage.models import Email, PrimaryEmail, Session, User


@contextmanager
def reading(url: str) -> Iterator[None]:
    """Read the database at *url* in this block."""
    database = open_database(url)
    try:
        with database.connection():
            yield
    finally:
        database.close_all()


def count_emails(url: str) -> int:
    """How many rows the table ``emails`` has."""
    with reading(url):
        return Email.select().count()


def complete_users(url: str) -> set[str]:
    """The addresses of users who have everything that a sign-up makes."""
    with reading(url):
        rows = (
            Email.select(Email.address)
            .join(User, on=(Email.user == User.id))
            .join(PrimaryEmail, on=(PrimaryEmail.email == Email.id) & (PrimaryEmail.user == User.id))
            .join(Session, on=(Session.user == User.id))
            .tuples()
        )
        return {address for (address,) in rows}


def count_rows(url: str) -> dict[str, int]:
    """How many rows of each kind there are."""
    with reading(url):
        return {model.__name__: model.select().count() for model in (User, Email, PrimaryEmail, Session)}
