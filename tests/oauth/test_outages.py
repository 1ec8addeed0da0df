"""Providers that hang: who logs in with them is told at once, but for one who tries."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from hanko_compat.errors.http_client import RequestFailed
from hanko_compat.errors.third_party import CodeExchangeFailed
from hanko_compat.http_client.client import Client
from hanko_compat.http_client.deadline import Deadline
from hanko_compat.oauth.client import ProviderClient
from hanko_compat.oauth.conversation import Conversation
from hanko_compat.oauth.outages import IN_A_ROW, Line
from tests.oauth.conftest import changed, log_in
from tests.oauth.peer import Reply


@pytest.fixture
def line():
    return Line()


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
    assert talking.patience.left() > 0
    end_overdue(line, IN_A_ROW)
    assert talking.patience.is_over


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


def reason(client, provider):
    with pytest.raises(CodeExchangeFailed) as raised:
        log_in(client, provider)
    return raised.value.reason
