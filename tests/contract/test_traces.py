"""Every recorded scenario, replayed against the application."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from hanko_compat.app import create_app
from hanko_compat.wiring import Services
from hanko_compat.wiring.start import prepare
from tests import compatibility
from tests.clock import FakeClock
from tests.contract.hooks import DeliveredHooks, NoHooks
from tests.contract.mailbox import Mailbox
from tests.contract.replayer import Replay, World
from tests.contract.traces import Trace, read_all, read_one, variant_settings
from tests.contract.wire import InProcess
from tests.inbox import Inbox
from tests.oidc_provider import OidcProvider
from tests.receiver import Receiver
from tests.saml.identity_provider import IdentityProvider

TRACES = read_all()
# Scenarios that go on where another one, on the same database, has ended.
AFTER = {"keys_rotated/keys_after_rotation": "keys_old/keys_before_rotation"}
PLACES = {
    "HOOK_URL": "http://127.0.0.1:9/hook",
    "PUBLIC_PORT": "8000",
}


@pytest.fixture(scope="module")
def oidc_provider() -> Iterator[OidcProvider]:
    with OidcProvider() as provider:
        yield provider


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.fixture(scope="module")
def identity_provider() -> Iterator[IdentityProvider]:
    with IdentityProvider() as server:
        yield server


@pytest.fixture
def make_world(
    make_services: Callable[..., Services],
    clock: FakeClock,
    inbox: Inbox,
    stack: ExitStack,
    oidc_provider: OidcProvider,
    identity_provider: IdentityProvider,
) -> Callable[[str], World]:
    def make(variant: str) -> World:
        places = {**PLACES, "OIDC_URL": oidc_provider.url, "IDP_URL": identity_provider.base}
        receiver = stack.enter_context(Receiver()) if variant.startswith("webhooks") else None
        if receiver is not None:
            places["HOOK_URL"] = receiver.site
        services = make_services(variant_settings(variant, places))
        prepare(services)
        has_fractions = services.database.dialect != "mysql"
        return World(
            transport=InProcess(create_app(services.config, now=clock, services=services)),
            mailbox=Mailbox(inbox),
            hooks=NoHooks() if receiver is None else DeliveredHooks(receiver, services),
            now=clock,
            wait=lambda seconds: clock.advance(seconds=seconds),
            provider=oidc_provider,
            identity_provider=identity_provider,
            pause=0.001 if has_fractions else 1,
            has_fractions=has_fractions,
        )

    return make


@pytest.mark.slow
@pytest.mark.every_case
@pytest.mark.parametrize("trace", TRACES, ids=lambda trace: trace.name)
def test_answers_are_those_of_the_original(
    trace: Trace,
    make_world: Callable[[str], World],
    request: pytest.FixtureRequest,
    record_property: Callable[[str, object], None],
) -> None:
    earlier = AFTER.get(trace.name)
    before = make_world(trace.variant if earlier is None else read_one(earlier).variant)
    world = before
    if earlier is not None:
        Replay(read_one(earlier), before).run()
        world = make_world(trace.variant)
        world.runs, world.tokens = before.runs, before.tokens
    report = Replay(trace, world).run()
    database = request.node.callspec.params["database_maker"]
    exchanges = [list(exchange) for exchange in report.exchanges]
    record_property(compatibility.REPLAY, [database, trace.variant, trace.scenario, exchanges])
    assert report.differences == []
