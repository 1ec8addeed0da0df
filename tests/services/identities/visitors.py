"""Users of a provider, who come in."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from hanko_compat.errors import HankoCompatError
from hanko_compat.provider_user import ProviderUser
from hanko_compat.services.identities.entries import EntryRules
from hanko_compat.storage.models import AuditLog, Email, Identity, PrimaryEmail, SamlIdentity, Token, User
from hanko_compat.wiring import Services
from tests.calls import CALLER, outcome

ADDRESS = "alice@example.test"
ALICE = ProviderUser(
    provider_id="custom_stub",
    subject="alice-1",
    email=ADDRESS,
    is_email_verified=True,
    claims={"sub": "alice-1", "email": ADDRESS, "email_verified": True},
)
RULES = EntryRules(allow_linking=True, requires_verified_email=True)
LENIENT = replace(RULES, requires_verified_email=False)
STRICT = replace(RULES, allow_linking=False)
NAMED = {
    "name": "Alice Example",
    "given_name": "Alice",
    "family_name": "Example",
    "picture": "https://example.test/alice.png",
}
AUDITED = {"audit_log.storage.enabled": True, "audit_log.mask": False}
ONE_OF_EACH = {"User": 1, "Email": 1, "PrimaryEmail": 1, "Identity": 1, "SamlIdentity": 0, "Token": 1}
TABLES = (User, Email, PrimaryEmail, Identity, SamlIdentity, Token)


def alice(**changes: Any) -> ProviderUser:
    """Alice at a provider, with changes."""
    return replace(ALICE, **changes)


def enter(
    services: Services, user: ProviderUser = ALICE, rules: EntryRules = RULES
) -> str | type[HankoCompatError]:
    """The value of the token, or the class of the error."""
    return outcome(lambda: services.identities.enter(user, rules, client=CALLER))


def entered(services: Services, user: ProviderUser = ALICE, rules: EntryRules = RULES) -> UUID:
    """Whom the token of *user* is for."""
    value = services.identities.enter(user, rules, client=CALLER)
    with services.database.connection():
        user_id: UUID = Token.get(Token.value == value).user_id
    return user_id


def counts(services: Services) -> dict[str, int]:
    """How many rows there are, by table."""
    with services.database.connection():
        return {table.__name__: table.select().count() for table in TABLES}


def addresses(services: Services, user_id: UUID) -> dict[str, tuple[bool, bool]]:
    """The user's addresses: whether each is verified, and whether it is the primary one."""
    with services.database.connection():
        primary = {row.email_id for row in PrimaryEmail.select().where(PrimaryEmail.user == user_id)}
        rows = Email.select().where(Email.user == user_id)
        return {row.address: (row.verified, row.id in primary) for row in rows}


def only(services: Services, table: type[Any]) -> Any:
    """The one row of a table."""
    with services.database.connection():
        (row,) = table.select()
        return row


def audited(services: Services) -> list[tuple[str, str | None, UUID | None, str | None, str]]:
    """What the audit log has: types, errors, actors, their addresses, details."""
    with services.database.connection():
        rows = AuditLog.select().order_by(AuditLog.created_at, AuditLog.type)
        return [(row.type, row.error, row.actor_user_id, row.actor_email, row.details) for row in rows]


def profile(services: Services, user_id: UUID) -> dict[str, str | None]:
    """The user's names and picture."""
    with services.database.connection():
        row = User.get_by_id(user_id)
        return {column: getattr(row, column) for column in NAMED}
