"""A link makes one browser known, once, for a week."""

from dataclasses import replace
from functools import partial
from uuid import uuid4

import pytest

from hanko_compat.errors.device_links import DeviceLinkExpired, DeviceLinkInvalid
from hanko_compat.mail.languages import LANGUAGES
from hanko_compat.services.device_links import page_texts
from hanko_compat.storage.models import SpentToken
from tests.calls import CALLER, kind, outcome
from tests.factories import make_account, make_email, make_password
from tests.faults.racing import at_once
from tests.services.test_account_epochs import CHANGES

ALICE = uuid4()
URL = "https://auth.example.test/door"


@pytest.fixture
def services(make_services):
    return make_services({"hanko_compat.public_url": URL})


@pytest.fixture
def links(services):
    return services.device_links


def token_of(link):
    return link.removeprefix(f"{URL}/device-cookie?token=")


def spent(services):
    with services.database.connection():
        return SpentToken.select().count()


def test_a_link_leads_to_the_configured_url_and_names_the_account_to_the_server(links):
    token = token_of(links.make(ALICE))
    assert len(token) < 140
    assert links.use_up(token) == ALICE


def test_a_look_uses_nothing_up(links, services):
    token = token_of(links.make(ALICE))
    for _ in range(3):
        links.check(token)
    assert spent(services) == 0
    assert links.use_up(token) == ALICE


def test_a_link_works_once(links):
    token = token_of(links.make(ALICE))
    links.use_up(token)
    assert outcome(lambda: links.use_up(token)) is DeviceLinkExpired
    assert outcome(lambda: links.check(token)) is DeviceLinkExpired
    assert links.use_up(token_of(links.make(ALICE))) == ALICE


def test_of_twenty_at_once_one_succeeds(links):
    token = token_of(links.make(ALICE))
    outcomes = at_once([partial(outcome, partial(links.use_up, token))] * 20)
    assert outcomes.count(ALICE) == 1
    assert outcomes.count(DeviceLinkExpired) == 19


def test_a_link_is_good_for_a_week(links, clock):
    token = token_of(links.make(ALICE))
    clock.advance(days=6, hours=23)
    links.check(token)
    clock.advance(hours=2)
    assert outcome(lambda: links.check(token)) is DeviceLinkExpired
    assert outcome(lambda: links.use_up(token)) is DeviceLinkExpired


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_link_ends_with_what_proved_the_account(links, services, change):
    """It may lie in a mailbox that is no longer the owner's."""
    first = make_account(verified=False)
    second = make_email(user=first.user_id)
    make_password(user=first.user_id)
    token, of_alice = token_of(links.make(first.user_id)), token_of(links.make(ALICE))
    services.database.transaction(lambda: change(first, second))
    assert outcome(lambda: links.check(token)) is DeviceLinkExpired
    assert outcome(lambda: links.use_up(token)) is DeviceLinkExpired
    assert spent(services) == 0
    assert links.use_up(token_of(links.make(first.user_id))) == first.user_id
    assert links.use_up(of_alice) == ALICE


def test_the_row_of_a_used_link_outlives_it(links, services, clock):
    links.use_up(token_of(links.make(ALICE)))
    with services.database.connection():
        (row,) = SpentToken.select()
    clock.advance(days=7)
    assert row.expires_at <= clock()
    clock.advance(seconds=-2)
    assert row.expires_at > clock()


@pytest.mark.parametrize("place", [0, 31, 32, 61, 62, 77, 80, 86, -5])
def test_a_changed_link_is_none(links, services, place):
    token = list(token_of(links.make(ALICE)))
    token[place] = "a" if token[place] != "a" else "b"
    assert outcome(lambda: links.use_up("".join(token))) is DeviceLinkInvalid
    assert spent(services) == 0


@pytest.mark.parametrize("token", ["", "x", "a" * 5000, "é" * 122, "0" * 78 + ".AAAAAA." + "A" * 43])
def test_what_is_no_link_is_refused(links, token):
    assert outcome(lambda: links.check(token)) is DeviceLinkInvalid


def test_a_device_cookie_is_no_link_and_a_link_no_cookie(links, services):
    cookie = services.device_cookies.issue(ALICE, CALLER)
    assert outcome(lambda: links.use_up(cookie)) is DeviceLinkInvalid
    token = token_of(links.make(ALICE))
    assert services.device_cookies.find(ALICE, replace(CALLER, device_cookie=token)) is None


def test_a_link_of_another_secret_is_none(make_services, links):
    stranger = make_services({"hanko_compat.public_url": URL, "secrets.keys": ["another secret of theirs"]})
    token = token_of(stranger.device_links.make(ALICE))
    assert kind(lambda: links.check(token)) is DeviceLinkInvalid


def test_without_a_public_url_there_is_no_link(make_services):
    assert make_services().device_links.make(ALICE) is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_speaks_the_language_of_its_reader(language):
    chosen, texts = page_texts(replace(CALLER, accept_language=language))
    assert chosen == language
    assert {"title", "explain", "button", "done", "expired", "invalid"} <= texts.keys()


def test_used_links_are_forgotten_once_they_would_be_too_old(links, services, clock):
    links.use_up(token_of(links.make(ALICE)))
    clock.advance(days=7)
    services.clean_up.runs.run()
    assert spent(services) == 1
    clock.advance(hours=1, seconds=1)
    services.clean_up.runs.run()
    assert spent(services) == 0
