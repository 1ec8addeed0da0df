"""What commands share that act on the operator's word: the services."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from hanko_compat import wiring
from hanko_compat.config import Config
from hanko_compat.storage.engine.database import Access
from hanko_compat.storage.schema import migrate
from hanko_compat.wiring import Services
from hanko_compat.wiring.audit_log import build_audit_log


@contextmanager
def opened(config: Config, access: Access) -> Iterator[Services]:
    """The services on a database that has all tables; its connections are closed at the end.

    What a command prints is on standard output alone: lines of the audit log go to standard error.
    """
    audit_log = partial(build_audit_log, stream=sys.stderr)
    services = wiring.build(config, access=access, instead={build_audit_log: audit_log})
    try:
        with services.database.explain_denials():
            migrate.require_current(services.database)
            yield services
    finally:
        services.database.close_all()
