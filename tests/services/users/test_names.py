"""An operator's word for a user leads to one user, or says why it does not."""

from collections.abc import Callable
from uuid import UUID

import pytest

from hanko_compat import public_ids
from hanko_compat.errors import NotThere, OperatorError
from hanko_compat.services.users.names import UserNames
from hanko_compat.wiring import Services
from tests.factories import make_email, make_primary_email, make_user, make_username


@pytest.fixture
def names(services: Services) -> UserNames:
    return services.users.names


@pytest.fixture
def alice(services: Services) -> UUID:
    return make_primary_email(make_email(address="alice@example.test")).user_id


@pytest.mark.parametrize(
    "name",
    [
        lambda user_id: str(user_id),
        lambda user_id: user_id.hex.upper(),
        lambda user_id: public_ids.encode("user_id", user_id),
        lambda _: "alice@example.test",
        lambda _: "ALICE@example.test",
        lambda _: "alice-the-first",
        lambda _: "Alice-The-First",
    ],
)
def test_a_user_is_found_by_any_of_its_names(
    names: UserNames, alice: UUID, name: Callable[[UUID], str]
) -> None:
    make_username(user=alice, username="alice-the-first")
    assert names.find(name(alice)) == alice


@pytest.mark.parametrize(
    "name", ["nobody@example.test", str(UUID(int=7)), "usr-1", "", "%", "alice@example.tes_"]
)
def test_who_is_not_there_is_named(names: UserNames, alice: UUID, name: str) -> None:
    assert alice
    with pytest.raises(NotThere, match="there is no user"):
        names.find(name)


def test_an_id_may_be_that_of_a_user_who_was(names: UserNames, alice: UUID) -> None:
    gone = UUID(int=7)
    assert names.find_former(str(gone)) == names.find_former("usr-7") == gone
    assert names.find_former("alice@example.test") == alice
    with pytest.raises(NotThere):
        names.find_former("nobody@example.test")


def test_a_name_of_two_users_names_both(names: UserNames, alice: UUID) -> None:
    other = make_user().id
    make_username(user=other, username="alice@example.test")
    with pytest.raises(OperatorError, match="several users") as refused:
        names.find("alice@example.test")
    assert str(alice) in str(refused.value)
    assert str(other) in str(refused.value)
