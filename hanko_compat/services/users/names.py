"""The names by which operators know users: IDs of either door, addresses, phone numbers, usernames."""

from uuid import UUID

from hanko_compat import public_ids, uuid_text
from hanko_compat.errors import NotThere, OperatorError
from hanko_compat.services.identifiers import Identifiers
from hanko_compat.services.paging import Condition, Query
from hanko_compat.storage.engine.database import Database
from hanko_compat.storage.users import users


class UserNames:
    """Finds users by what an operator calls them."""

    def __init__(self, database: Database, *, identifiers: Identifiers) -> None:
        self._database = database
        self._identifiers = identifiers

    def find(self, name: str) -> UUID:
        """The user with this id, in the form of either door, or with this address, phone number or username.

        Raises:
            NotThere: there is none.
            OperatorError: there are several.
        """
        user_id = _read_id(name)
        if user_id is not None:
            with self._database.connection():
                found = {user_id} if users.exists(user_id) else set()
        else:
            page = self._identifiers.list(Query((Condition("value", "eq", name),)))
            found = {each.user_id for each in page.items}
        if not found:
            raise NotThere(f"there is no user {name!r}: give an id, an address or a username")
        if len(found) > 1:
            ids = ", ".join(sorted(map(str, found)))
            raise OperatorError(f"{name!r} is the name of several users, give the id of one: {ids}")
        return found.pop()

    def find_former(self, name: str) -> UUID:
        """As `find`, but an id may be that of a user who was deleted.

        Raises:
            NotThere: there is no user with this name.
            OperatorError: there are several.
        """
        return _read_id(name) or self.find(name)


def _read_id(name: str) -> UUID | None:
    try:
        return uuid_text.read_uuid(name)
    except ValueError:
        return public_ids.decode("user_id", name)
