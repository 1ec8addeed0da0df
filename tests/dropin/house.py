"""The application in this process, on a dump, with Hanko's configuration file."""

from uuid import UUID

from flask.testing import FlaskClient

from hanko_compat import config, wiring
from hanko_compat.app import create_app
from hanko_compat.storage.schema import migrate
from hanko_compat.wiring import Services
from hanko_compat.wiring.start import prepare
from tests.calls import CALLER
from tests.clock import FakeClock
from tests.dropin.dump import Dump
from tests.inbox import Inbox
from tests.sessions import issue_session


class House:
    """Services and a client; *environ* is what an operator changes of the file."""

    def __init__(self, dump: Dump, clock: FakeClock, **environ: str) -> None:
        self.dump = dump
        self.clock = clock
        self.inbox = Inbox()
        settings = config.load(dump.config, environ={"DATABASE_URL": dump.url} | environ)
        self.services: Services = wiring.build(settings, now=clock, sender=self.inbox.sender)
        self.inbox.services.append(self.services)
        migrate.up(self.services.database)
        prepare(self.services)
        app = create_app(settings, now=clock, services=self.services)
        self.client: FlaskClient = app.test_client(use_cookies=False)

    def token(self, user_id: UUID) -> dict[str, str]:
        """The header of a new session of a user."""
        issued = issue_session(self.services, user_id, client=CALLER)
        return {"Authorization": f"Bearer {issued.token}"}

    def id_of(self, name: str) -> UUID:
        """The id of a user of the dump."""
        return UUID(self.dump.users[name]["id"])
