"""Places to wait in, which clients share."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanko_compat.hashing.waiting_room import SHARE, Full, WaitingRoom

CLIENTS = "abcdef"


def enter(room, items):
    """Let items in, of which the first letter is the client; return those that had to leave."""
    return [gone for item in items.split() for gone in room.enter(item[0], item)]


def rest(room):
    """The items that wait, in the order of their turns, each of which ends before the next begins."""
    order = []
    while (taken := room.take()) is not None:
        order.append(taken[1])
        room.end(taken[0])
    return " ".join(order)


def test_a_client_alone_has_all_places():
    room = WaitingRoom(8)
    assert enter(room, "a1 a2 a3 a4 a5 a6 a7 a8") == []
    with pytest.raises(Full):
        room.enter("a", "a9")
    assert rest(room) == "a1 a2 a3 a4 a5 a6 a7 a8"


def test_when_another_comes_the_newest_leave_until_each_has_its_quarter():
    room = WaitingRoom(8)
    enter(room, "a1 a2 a3 a4 a5 a6 a7 a8")
    assert enter(room, "b1") == ["a8", "a7", "a6", "a5", "a4", "a3"]
    with pytest.raises(Full):
        room.enter("a", "a9")
    assert rest(room) == "a1 b1 a2"


def test_a_newcomer_takes_the_newest_place_of_the_greediest():
    room = WaitingRoom(8)
    assert enter(room, "a1 b1 a2 b2 c1 c2 d1 d2") == []
    assert enter(room, "e1") == ["a2"]
    assert enter(room, "f1") == ["b2"]
    for client in "af":  # each of them would have as many as the greediest then
        with pytest.raises(Full):
            room.enter(client, "one more")
    assert rest(room) == "a1 b1 c1 d1 e1 f1 c2 d2"


def test_what_is_under_way_takes_a_place_and_stays():
    room = WaitingRoom(2)
    enter(room, "a1 a2")
    assert [room.take(), room.take()] == [("a", "a1"), ("a", "a2")]
    with pytest.raises(Full):
        room.enter("b", "b1")
    room.end("a")
    assert enter(room, "b1") == []
    assert room.take() == ("b", "b1")
    assert room.take() is None


def test_who_has_nothing_under_way_comes_first():
    room = WaitingRoom(8)
    enter(room, "a1 a2 a3")
    room.take()
    enter(room, "b1")
    assert room.take() == ("b", "b1")
    assert room.take() == ("a", "a2")


@st.composite
def visits(draw):
    """What happens: ``a``: that client comes; None: the next one has its turn; a number: a turn ends."""
    return draw(st.lists(st.sampled_from(CLIENTS) | st.none() | st.integers(0, 5), max_size=200))


@given(visits(), st.integers(0, 20))
def test_whatever_happens_the_places_are_shared(happens, places):
    room, waiting, under_way = WaitingRoom(places), [], []
    share = max(1, places // SHARE)
    for number, what in enumerate(happens):
        if isinstance(what, str):
            item = (what, number)
            others = {client for client, _ in waiting} - {what}
            try:
                leaving = room.enter(what, item)
            except Full:
                # A client that waits nowhere is sent away only where nobody else has two places.
                most = max(Counter(client for client, _ in waiting).values(), default=0)
                assert len(waiting) + len(under_way) >= places or (others and what in dict(waiting))
                assert what in dict(waiting) or most < 2
            else:
                assert all(client != what for client, _ in leaving)
                waiting = [each for each in [*waiting, item] if each not in leaving]
        elif what is None:
            taken = room.take()
            assert (taken is None) == (not waiting)
            if taken is not None:
                client, item = taken
                assert item == next(each for each in waiting if each[0] == client)
                fewest = min(Counter(under_way)[each] for each, _ in waiting)
                assert Counter(under_way)[client] == fewest
                waiting.remove(item)
                under_way.append(client)
        elif under_way:
            room.end(under_way.pop(what % len(under_way)))
        held = Counter(client for client, _ in waiting)
        assert len(waiting) + len(under_way) <= places
        assert len(held) < 2 or max(held.values()) <= share
        assert room.is_empty == (not waiting)
