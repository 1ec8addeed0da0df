"""The recorded scenarios again, over HTTP and four processes."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hanko_compat.clock import utc_now
from hanko_compat.wiring import Services
from tests.contract.mailbox import DeliveredMails, Mailbox
from tests.contract.replayer import Replay, World
from tests.contract.traces import Trace, read_all, variant_settings
from tests.contract.wire import OverHttp
from tests.databases import SqliteMaker
from tests.servers.hanko_compat import HankoCompat
from tests.servers.run import Run
from tests.settings import settings_on
from tests.smtp import MailServer

pytestmark = pytest.mark.servers

TRACES = read_all()
# The others wait for something to expire, or change their database's keys.
VARIANTS = ["default", "noverify", "claims", "cookie_lax", "cors", "deletion", "header_token", "nosignup"]


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """The same for every database: one is enough."""
    return SqliteMaker(tmp_path).fresh_url(tmp_path)


@pytest.fixture(params=VARIANTS)
def variant(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    with MailServer() as server:
        yield server


@pytest.fixture
def server(variant: str, database_url: str, test_run: Run, mail_server: MailServer) -> Iterator[HankoCompat]:
    settings = settings_on(database_url, variant_settings(variant, {}))
    settings["email_delivery"]["smtp"] = {"host": "127.0.0.1", "port": str(mail_server.port)}
    server = HankoCompat(test_run, settings, workers=4)
    server.start()
    yield server
    server.remove()


def test_all_workers_together_answer_as_the_original(
    server: HankoCompat,
    variant: str,
    make_services: Callable[..., Services],
    mail_server: MailServer,
) -> None:
    services = make_services(variant_settings(variant, {}))
    world = World(
        transport=OverHttp(f"http://127.0.0.1:{server.port}"),
        mailbox=Mailbox(DeliveredMails(mail_server, services)),
        now=utc_now,
        wait=lambda _: None,  # the original's clock and ours move on by themselves
    )
    reports = {trace.name: Replay(trace, world).run() for trace in of(variant)}

    assert reports
    assert {name: report.differences for name, report in reports.items() if report.differences} == {}


def of(variant: str) -> list[Trace]:
    return [trace for trace in TRACES if trace.variant == variant]
