"""Providers that hang: who logs in with them is told at once, but for one who tries."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from hanko_compat.errors.http_client import RequestFailed
from hanko_compat.errors.third_party import CodeExchangeFailed
from hanko_compat.http_client.client import Client
from hanko_compat.http_client.deadline import Deadline
from hanko_compat.oauth.client import ProviderClient
from hanko_compat.oauth.conversation import Conversation
from hanko_compat.oauth.outages import IN_A_ROW, PLACES, SHARE, Line, Places
from tests.oauth.conftest import changed, log_in
from tests.oauth.peer import Reply


@pytest.fixture
def line():
    return Line()


@pytest.fixture
def places():
    return Places()


def end_overdue(line, times):
    for _ in range(times):
        line.enter()
        line.leave(is_overdue=True)


def test_many_ask_at_once_while_there_are_answers(line):
    end_overdue(line, IN_A_ROW - 1)
    for _ in range(20):
        line.enter()
    assert not line.is_down


def test_one_at_a_time_tries_when_there_are_none(line):
    end_overdue(line, IN_A_ROW)
    line.enter()
    with pytest.raises(RequestFailed, match="no answers"):
        line.enter()
    line.leave(is_overdue=True)
    line.enter()
    with pytest.raises(RequestFailed, match="no answers"):
        line.enter()
    line.leave(is_overdue=False)
    for _ in range(20):
        line.enter()


def test_an_answer_in_between_starts_the_count_again(line):
    end_overdue(line, IN_A_ROW - 1)
    line.enter()
    line.leave(is_overdue=False)
    end_overdue(line, IN_A_ROW - 1)
    assert not line.is_down
    line.enter()
    line.enter()


def test_nobody_waits_for_what_another_one_tries_to_get(line):
    talking = Conversation(Client(timeout=60), Deadline(60), line=line)
    assert talking.patience().left() > 0
    end_overdue(line, IN_A_ROW)
    assert talking.patience().is_over


def test_others_do_not_wait_with_who_tries(provider, peer):
    client = ProviderClient(timeout=0.3)
    good, peer.answers["/token"] = peer.answers["/token"], Reply(hangs=True)
    for _ in range(IN_A_ROW):
        assert "timed out" in reason(client, provider)
    with ThreadPoolExecutor(10) as pool:
        reasons = list(pool.map(lambda _: reason(client, provider), range(10)))
    assert sum("no answers at present" in each for each in reasons) >= 1
    peer.release()
    peer.answers["/token"] = good
    users = [log_in(client, provider) for _ in range(3)]
    assert {user.subject for user in users} == {"alice-1"}


def test_other_providers_are_asked_all_the_same(provider, peer):
    client = ProviderClient(timeout=0.3)
    good, peer.answers["/token"] = peer.answers["/token"], Reply(hangs=True)
    for _ in range(IN_A_ROW):
        assert reason(client, provider)
    peer.answers["/token"] = good
    assert log_in(client, changed(provider, id="custom_other")).subject == "alice-1"


def test_refusals_are_answers(client, provider, peer):
    peer.answers["/token"] = Reply({"error": "invalid_grant"}, 400)
    reasons = [reason(client, provider) for _ in range(IN_A_ROW + 2)]
    assert len(set(reasons)) == 1
    assert "invalid_grant" in reasons[0]


def test_those_who_wait_leave_places_to_others(places):
    """One that hangs gets no further than its share; who comes later is told, as soon as nothing moves."""
    for _ in range(SHARE):
        places.take("hangs", Deadline(60))
    with ThreadPoolExecutor(10) as pool:
        waiting = [pool.submit(places.take, "hangs", Deadline(60)) for _ in range(10)]
    assert all(isinstance(each.exception(), RequestFailed) for each in waiting)
    for _ in range(PLACES - SHARE):
        places.take("other", Deadline(60))
    with pytest.raises(RequestFailed, match="too many"):
        places.take("third", Deadline(60))
    places.leave("hangs")
    places.take("third", Deadline(60))


def test_a_place_is_waited_for_while_there_is_a_coming_and_going(places):
    for _ in range(SHARE):
        places.take("answers", Deadline(60))
    with ThreadPoolExecutor(10) as pool:
        waiting = [pool.submit(places.take, "answers", Deadline(60)) for _ in range(10)]
        for _ in waiting:
            places.leave("answers")
    assert [each.result() for each in waiting] == [None] * 10


def test_who_waits_for_anothers_answer_has_a_place_too():
    line = Line()
    for _ in range(SHARE):
        Conversation(Client(timeout=60), Deadline(60), line=line).patience()
    with pytest.raises(RequestFailed, match="too many"):
        Conversation(Client(timeout=60), Deadline(60), line=line).patience()


def test_places_are_left_however_it_ends(provider, peer):
    client = ProviderClient(timeout=0.3)
    good, peer.answers["/token"] = peer.answers["/token"], Reply({"error": "invalid_grant"}, 400)
    for _ in range(2 * PLACES):
        assert reason(client, provider)
    peer.answers["/token"] = good
    assert log_in(client, provider).subject == "alice-1"


def test_who_finds_no_place_says_nothing_about_the_provider(provider):
    """Else the many who are turned away would keep a provider that hangs from being noticed."""
    line = Line()
    end_overdue(line, IN_A_ROW - 1)
    for _ in range(SHARE):
        line.take_place(Deadline(60))
    with pytest.raises(RequestFailed), Conversation(Client(timeout=60), Deadline(60), line=line) as talk:
        talk.get_json("http://127.0.0.1:1/")
    end_overdue(line, 1)
    assert line.is_down


def reason(client, provider):
    with pytest.raises(CodeExchangeFailed) as raised:
        log_in(client, provider)
    return raised.value.reason
