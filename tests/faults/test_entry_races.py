"""Many log-ins of users of providers at one moment, in several processes' worth of services."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any
from uuid import UUID

import pytest

from hanko_compat.errors import HankoCompatError
from hanko_compat.errors.emails import EmailAlreadyTaken, EmailLimitReached
from hanko_compat.errors.third_party import LinkingNotAllowed, MultipleAccounts
from hanko_compat.errors.tokens import TokenNotFound
from hanko_compat.provider_user import ProviderUser
from hanko_compat.services.identities.entries import EntryRules
from hanko_compat.services.users.accounts import SignUp
from hanko_compat.storage.models import Email, Identity, PrimaryEmail, Session, Token, User
from hanko_compat.storage.users import users
from hanko_compat.wiring import Services
from tests.calls import CALLER, outcome
from tests.factories import make_token
from tests.faults import rows
from tests.faults.conftest import Starter
from tests.faults.racing import at_once
from tests.services.identities.visitors import ADDRESS, ALICE, RULES, STRICT, addresses, alice, entered

AT_ONCE = 20
Result = str | type[HankoCompatError]


@pytest.fixture
def servers(make_services: Callable[..., Services]) -> list[Services]:
    """As many as a server has workers. They have nothing in common but the database."""
    return [make_services({"email.require_verification": False}) for _ in range(4)]


def enter_at_once(
    servers: list[Services], visitors: list[ProviderUser], rules: EntryRules = RULES
) -> list[Result]:
    """The tokens of the *visitors*, or the classes of errors."""
    return at_once([partial(enter, servers[n % 4], visitor, rules) for n, visitor in enumerate(visitors)])


def enter(services: Services, visitor: ProviderUser, rules: EntryRules = RULES) -> Result:
    return outcome(lambda: services.identities.enter(visitor, rules, client=CALLER))


def kinds(results: list[Any]) -> Counter[type[Any]]:
    return Counter(each if isinstance(each, type) else type(each) for each in results)


def left(servers: list[Services]) -> list[int]:
    """How many rows there are of a user, an address, a primary one, an account, a token."""
    with servers[0].database.connection():
        return [table.select().count() for table in (User, Email, PrimaryEmail, Identity, Token)]


def test_one_user_comes_of_many_first_log_ins_of_one_account(servers: list[Services]) -> None:
    results = enter_at_once(servers, [ALICE] * AT_ONCE)
    assert kinds(results) == {str: AT_ONCE}
    assert left(servers) == [1, 1, 1, 1, AT_ONCE]


@pytest.mark.parametrize("rules", [RULES, STRICT], ids=["linking", "strict"])
def test_one_user_comes_of_many_accounts_with_one_address(servers: list[Services], rules: EntryRules) -> None:
    results = enter_at_once(servers, [alice(subject=f"alice-{n}") for n in range(AT_ONCE)], rules)
    if rules.allow_linking:
        assert kinds(results) == {str: AT_ONCE}
        assert left(servers) == [1, 1, 1, AT_ONCE, AT_ONCE]
    else:
        assert kinds(results) == {str: 1, LinkingNotAllowed: AT_ONCE - 1}
        assert left(servers) == [1, 1, 1, 1, 1]


def test_many_users_come_of_many(servers: list[Services]) -> None:
    visitors = [alice(subject=f"user-{n}", email=f"user-{n}@example.test") for n in range(AT_ONCE)]
    assert kinds(enter_at_once(servers, visitors)) == {str: AT_ONCE}
    assert left(servers) == [AT_ONCE] * 5


def test_sign_ups_with_the_same_address_make_no_second_user(servers: list[Services]) -> None:
    """Whoever signs up first: the address is proved by the log-in, and nobody else's session lives on."""

    def sign_up(services: Services) -> Any:
        return outcome(lambda: services.users.accounts.sign_up(ADDRESS, client=CALLER))

    calls: list[Callable[[], Any]] = []
    for number in range(AT_ONCE // 2):
        calls += [partial(sign_up, servers[number % 4]), partial(enter, servers[number % 4], ALICE)]
    results = at_once(calls)

    assert kinds(results[1::2]) == {str: AT_ONCE // 2}
    assert set(kinds(results[::2])) <= {EmailAlreadyTaken, SignUp}
    assert kinds(results[::2])[SignUp] <= 1
    assert left(servers) == [1, 1, 1, 1, AT_ONCE // 2]
    with servers[0].database.connection():
        assert Session.select().count() == 0
        assert Email.get().verified


def test_sign_ups_that_wait_for_a_proof_share_the_address_until_it_is_taken(
    make_services: Callable[..., Services],
) -> None:
    servers = [make_services() for _ in range(4)]

    def sign_up(services: Services) -> Any:
        return outcome(lambda: services.users.accounts.sign_up(ADDRESS, client=CALLER))

    calls: list[Callable[[], Any]] = []
    for number in range(AT_ONCE // 2):
        calls += [partial(sign_up, servers[number % 4]), partial(enter, servers[number % 4], ALICE)]
    results = at_once(calls)

    assert kinds(results[1::2]) == {str: AT_ONCE // 2}
    with servers[0].database.connection():
        (email,) = Email.select()
        assert (email.verified, email.user_id) == (True, Identity.get().user_id)
        assert PrimaryEmail.select().count() == 1


def test_one_of_two_accounts_gets_an_address_that_both_have_now(servers: list[Services]) -> None:
    visitors = [alice(subject=f"user-{n}", email=f"user-{n}@example.test") for n in range(8)]
    for visitor in visitors:
        entered(servers[0], visitor)
    results = enter_at_once(servers, [replace(visitor, email=ADDRESS) for visitor in visitors])
    assert kinds(results) == {str: 1, MultipleAccounts: 7}
    with servers[0].database.connection():
        assert Email.select().where(Email.address == ADDRESS).count() == 1


def test_no_more_addresses_than_are_allowed(make_services: Callable[..., Services]) -> None:
    servers = [make_services({"email.limit": 3}) for _ in range(4)]
    user_id = entered(servers[0])
    visitors = [alice(email=f"more-{n}@example.test") for n in range(AT_ONCE)]
    assert kinds(enter_at_once(servers, visitors)) == {str: 2, EmailLimitReached: AT_ONCE - 2}
    assert len(addresses(servers[0], user_id)) == 3


def test_users_that_are_deleted_meanwhile_leave_nothing_half(servers: list[Services]) -> None:
    def delete(services: Services) -> bool:
        user_id = newest(services)
        return user_id is not None and services.database.transaction(lambda: users.delete(user_id))

    calls: list[Callable[[], Any]] = [partial(enter, servers[0], ALICE)]
    for number in range(AT_ONCE // 2):
        calls += [partial(delete, servers[number % 4]), partial(enter, servers[number % 4], ALICE)]
    entered(servers[0])
    results = at_once(calls)

    assert kinds(results)[str] == 1 + AT_ONCE // 2
    with servers[0].database.connection():
        complete = (
            Identity.select(Identity.user)
            .join(Email, on=(Email.id == Identity.email) & (Email.user == Identity.user))
            .join(PrimaryEmail, on=(PrimaryEmail.email == Email.id))
            .tuples()
        )
        assert [user_id for (user_id,) in complete] == [row.id for row in User.select()]


def newest(services: Services) -> UUID | None:
    with services.database.connection():
        row = User.select().order_by(User.created_at.desc()).first()
        return None if row is None else row.id


@pytest.mark.parametrize("is_one", [True, False], ids=["one token", "many tokens"])
def test_a_token_is_exchanged_once(servers: list[Services], is_one: bool) -> None:
    token = make_token()
    values = [token.value] * AT_ONCE
    if not is_one:
        values = [make_token(identity=token.identity).value for _ in range(AT_ONCE)]

    def exchange(services: Services, value: str) -> Any:
        return outcome(lambda: services.tokens.exchange(value, client=CALLER))

    results = at_once([partial(exchange, servers[n % 4], value) for n, value in enumerate(values)])
    assert kinds(results)[TokenNotFound] == (AT_ONCE - 1 if is_one else 0)
    with servers[0].database.connection():
        # A user has five sessions at most.
        assert Session.select().count() == (1 if is_one else 5)


@pytest.mark.servers
def test_four_workers_exchange_a_token_once(start: Starter, database_url: str) -> None:
    """Attack 22."""
    server = start()
    with rows.reading(database_url):
        value = make_token().value

    answers = at_once([partial(server.request, "POST", "/token", {"value": value})] * AT_ONCE)

    told = Counter((answer.status, answer.body.get("message")) for answer in answers)
    assert told == {(200, None): 1, (404, "token not found"): AT_ONCE - 1}
    assert rows.count_rows(database_url)["Session"] == 1
