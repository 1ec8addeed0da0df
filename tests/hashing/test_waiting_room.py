"""Places to wait in, which clients share."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanko_compat.errors.hashing import Overloaded
from hanko_compat.hashing.waiting_room import REMEMBERED, SHARE, WaitingRoom

CLIENTS = "abcdef"


def enter(room, items):
    """Let items in, of which the first letter is the client; return those that had to leave."""
    return [gone for item in items.split() for gone in room.enter(item[0], item)]


def rest(room):
    """The items that wait, in the order of their turns, each of which ends before the next begins."""
    order = []
    while (taken := room.take()) is not None:
        order.append(taken)
        room.end()
    return " ".join(order)


def test_a_client_alone_has_all_places():
    room = WaitingRoom(8)
    assert enter(room, "a1 a2 a3 a4 a5 a6 a7 a8") == []
    with pytest.raises(Overloaded):
        room.enter("a", "a9")
    assert rest(room) == "a1 a2 a3 a4 a5 a6 a7 a8"


def test_when_another_comes_the_newest_leave_until_each_has_its_quarter():
    room = WaitingRoom(8)
    enter(room, "a1 a2 a3 a4 a5 a6 a7 a8")
    assert enter(room, "b1") == ["a8", "a7", "a6", "a5", "a4", "a3"]
    with pytest.raises(Overloaded):
        room.enter("a", "a9")
    assert rest(room) == "a1 b1 a2"


def test_a_newcomer_takes_the_newest_place_of_the_greediest():
    room = WaitingRoom(8)
    assert enter(room, "a1 b1 a2 b2 c1 c2 d1 d2") == []
    assert enter(room, "e1") == ["a2"]
    assert enter(room, "f1") == ["b2"]
    for client in "af":  # each of them would have as many as the greediest then
        with pytest.raises(Overloaded):
            room.enter(client, "one more")
    assert rest(room) == "a1 b1 c1 d1 e1 f1 c2 d2"


def test_where_all_have_as_many_who_had_a_turn_last_leaves_for_who_had_none():
    room = WaitingRoom(4)
    enter(room, "a1 b1 c1")
    rest(room)
    assert enter(room, "a2 b2 c2 d1") == []
    assert enter(room, "e1") == ["c2"]
    with pytest.raises(Overloaded):
        room.enter("c", "c3")
    assert enter(room, "f1") == ["b2"]
    assert rest(room) == "d1 e1 f1 a2"


def test_what_is_under_way_takes_a_place_and_stays():
    room = WaitingRoom(2)
    enter(room, "a1 a2")
    assert [room.take(), room.take()] == ["a1", "a2"]
    with pytest.raises(Overloaded):
        room.enter("b", "b1")
    room.end()
    assert enter(room, "b1") == []
    assert room.take() == "b1"
    assert room.take() is None


def test_who_had_no_turn_comes_first_then_whose_turn_is_longest_ago():
    room = WaitingRoom(16)
    enter(room, "a1 a2 a3")
    assert room.take() == "a1"
    enter(room, "b1 b2")
    assert [room.take(), room.take()] == ["b1", "a2"]
    enter(room, "c1")
    assert [room.take() for _ in range(4)] == ["c1", "b2", "a3", None]


def test_the_turns_of_a_bounded_number_of_clients_are_remembered():
    room = WaitingRoom(4)
    for number in range(REMEMBERED + 5):
        room.enter(str(number), number)
        room.take()
        room.end()
    assert len(room._last_turns) == REMEMBERED
    room.enter(str(REMEMBERED), "known")
    room.enter("0", "forgotten")
    assert room.take() == "forgotten"


@st.composite
def visits(draw):
    """What happens: a letter: that client comes; True: the next one has its turn; False: a turn ends."""
    return draw(st.lists(st.sampled_from(CLIENTS) | st.booleans(), max_size=200))


@given(visits(), st.integers(0, 20))
def test_whatever_happens_the_places_are_shared(happens, places):
    room, waiting, under_way, served = WaitingRoom(places), [], 0, []
    share = max(1, places // SHARE)
    for number, what in enumerate(happens):
        if isinstance(what, str):
            item = (what, number)
            held = Counter(client for client, _ in waiting)
            try:
                leaving = room.enter(what, item)
            except Overloaded:
                # A client that waits nowhere is sent away only where all are taken, and nobody has two.
                is_full = len(waiting) + under_way >= places
                assert is_full or (held[what] >= share and len(held) > 1)
                assert held[what] or max(held.values(), default=0) < 2
            else:
                assert all(client != what for client, _ in leaving)
                waiting = [each for each in [*waiting, item] if each not in leaving]
        elif what:
            item = room.take()
            assert (item is None) == (not waiting)
            if item is not None:
                client = item[0]
                assert item == next(each for each in waiting if each[0] == client)
                ranks = {
                    each: len(served) - served[::-1].index(each) if each in served else 0
                    for each, _ in waiting
                }
                assert ranks[client] == min(ranks.values())
                waiting.remove(item)
                served.append(client)
                under_way += 1
        elif under_way:
            room.end()
            under_way -= 1
        held = Counter(client for client, _ in waiting)
        assert len(waiting) + under_way <= places
        assert len(held) < 2 or max(held.values()) <= share
        assert room.is_empty == (not waiting)
