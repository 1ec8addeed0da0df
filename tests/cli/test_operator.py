"""What commands print is theirs alone."""

import json

from hanko_compat.cli.operator import opened
from hanko_compat.client import Client
from hanko_compat.config import from_mapping
from hanko_compat.services.users.records import UserStatus
from hanko_compat.storage.engine.database import Access
from tests.settings import settings_on


def test_lines_of_the_audit_log_are_no_output(database_url, capsys) -> None:
    config = from_mapping(settings_on(database_url), environ={})
    client = Client(ip_address="", user_agent="", request_id="request-1")

    with opened(config, Access.WRITE) as services:
        services.users.records.create(name=None, status=UserStatus.ACTIVE, client=client)

    output = capsys.readouterr()
    assert (output.out, json.loads(output.err)["type"]) == ("", "user_created")
