"""The lane of one operator: its order, its bounds, and what it knows of the store."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain import ids
from gateway.domain.account import Env
from gateway.domain.message import Message, PartRow
from gateway.domain.outcome import Part
from gateway.domain.words import PartState, Priority
from gateway.services.lanes import FLOOR, Flight, Lane, missing
from tests.unit.gateway.services.rig import NOW, OURS, PHONE, HandOperator


def a_lane(window: int = 10) -> Lane:
    """A lane that has read the store: nothing waits there."""
    lane = Lane(HandOperator("alpha", window))
    lane.backlog.clear()
    return lane


def a_flight(
    lane: Lane, name: str = "a", priority: Priority = Priority.TRANSACTIONAL, parts: int = 1
) -> Flight:
    """A message of so many parts, not in the lane yet."""
    message = Message(
        ids.new_id(NOW), "acme", Env.LIVE, "orchestrator", OURS, PHONE, name, 1, priority, NOW, NOW
    )
    made = [Part(message.id, 1, n + 1, parts, name) for n in range(parts)]
    return Flight(message, made, parts, False, lane, NOW, open=parts)


def popped(lane: Lane) -> list[str]:
    """The bodies of all that is in the lane, in order."""
    return [flight.message.body for flight in iter(lane.pop, None)]


class TestOrder:
    """The most urgent class first, each in the order in which its messages came."""

    def test_classes_then_time(self) -> None:
        lane = a_lane()
        for name, priority in [
            ("m1", Priority.MARKETING),
            ("t1", Priority.TRANSACTIONAL),
            ("o1", Priority.OTP),
            ("t2", Priority.TRANSACTIONAL),
            ("o2", Priority.OTP),
        ]:
            lane.push(a_flight(lane, name, priority))
        assert popped(lane) == ["o1", "o2", "t1", "t2", "m1"]

    @pytest.mark.parametrize("order", [[0, 1, 2], [2, 1, 0], [1, 0, 2]])
    def test_what_comes_back_keeps_its_place(self, order: list[int]) -> None:
        lane = a_lane()
        for name in "abcde":
            lane.push(a_flight(lane, name))
        written = [lane.pop() for _ in range(3)]
        for index in order:
            flight = written[index]
            assert flight is not None
            lane.push_back(flight)
        assert popped(lane) == ["a", "b", "c", "d", "e"]

    @given(st.lists(st.sampled_from(["push", "pop", "back"]), max_size=60), st.randoms(use_true_random=False))
    def test_any_mixture_comes_out_in_order(self, acts: list[str], draw: Random) -> None:
        """Whatever is pushed, taken out and pushed back: what is popped is the oldest that is in."""
        lane, inside, outside, number = a_lane(), [], [], 0
        for act in acts:
            if act == "push":
                number += 1
                flight = a_flight(lane, str(number))
                lane.push(flight)
                inside.append(flight)
            elif act == "pop":
                found = lane.pop()
                assert found is min(inside, key=lambda each: each.number, default=None)
                if found is not None:
                    inside.remove(found)
                    outside.append(found)
            elif outside:
                flight = outside.pop(draw.randrange(len(outside)))
                lane.push_back(flight)
                inside.append(flight)
        assert lane.waiting == len(inside)

    def test_a_code_waits_for_no_campaign(self) -> None:
        lane = a_lane()
        for number in range(1000):
            lane.push(a_flight(lane, f"m{number}", Priority.MARKETING))
        for number in range(10):
            lane.pop()
            lane.push(a_flight(lane, f"o{number}", Priority.OTP))
            found = lane.pop()
            assert found is not None
            assert found.message.body == f"o{number}"

    @pytest.mark.parametrize(
        ("urgent", "waiting", "share"),
        [
            (Priority.OTP, Priority.MARKETING, 0.05),
            (Priority.TRANSACTIONAL, Priority.MARKETING, 0.05),
            (Priority.OTP, Priority.TRANSACTIONAL, 0.2),
        ],
    )
    @pytest.mark.parametrize("parts", [1, 3])
    def test_codes_without_end_starve_nobody(
        self, urgent: Priority, waiting: Priority, share: float, parts: int
    ) -> None:
        lane = a_lane()
        for number in range(1000):
            lane.push(a_flight(lane, str(number), urgent))
            lane.push(a_flight(lane, str(number), waiting, parts=parts))
        written = {urgent: 0, waiting: 0}
        for _ in range(1000):
            flight = lane.pop()
            assert flight is not None
            written[flight.message.priority] += len(flight.parts)
        assert written[waiting] / written[urgent] == pytest.approx(share, abs=0.01)

    @given(st.lists(st.sampled_from([*Priority, None]), max_size=300))
    def test_nobody_is_passed_over_for_long(self, acts: list[Priority | None]) -> None:
        """Each class in its own order; a waiting one is passed over by at most 1 / floor parts, and the most urgent
        one by at most one message of each of the others in a row."""
        lane, number = a_lane(), 0
        inside: dict[Priority, list[int]] = {priority: [] for priority in Priority}
        passed = dict.fromkeys(Priority, 0)
        for act in acts:
            if act is not None:
                number += 1
                lane.push(a_flight(lane, str(number), act))
                inside[act].append(number)
                continue
            flight = lane.pop()
            if flight is None:
                assert not any(inside.values())
                continue
            mine = flight.message.priority
            assert int(flight.message.body) == inside[mine].pop(0)
            passed[mine] = 0
            for other in Priority:
                if inside[other] and other is not mine:
                    passed[other] += 1
                elif not inside[other]:
                    passed[other] = 0
            assert passed[Priority.OTP] <= 2
            assert passed[Priority.TRANSACTIONAL] <= 1 / FLOOR[Priority.TRANSACTIONAL] + 2
            assert passed[Priority.MARKETING] <= 1 / FLOOR[Priority.MARKETING] * 1.25 + 2

    def test_take_all_empties_it(self) -> None:
        lane = a_lane()
        for name in "abc":
            lane.push(a_flight(lane, name))
        first = lane.pop()
        assert first is not None
        lane.push_back(first)
        assert [flight.message.body for flight in lane.take_all()] == ["a", "b", "c"]
        assert lane.waiting == 0


class TestRoom:
    """A window, and one window ahead of it."""

    def test_up_to_twice_the_window(self) -> None:
        lane = a_lane(window=5)
        lane.count(Priority.MARKETING, 9)
        assert lane.has_room(1, Priority.MARKETING)
        assert not lane.has_room(2, Priority.MARKETING)

    def test_a_campaign_that_fills_it_leaves_what_is_reserved_for_codes(self) -> None:
        lane = a_lane(window=10)
        lane.count(Priority.MARKETING, 20)
        assert [lane.room_for(priority) for priority in Priority] == [10, 5, 0]
        lane.count(Priority.OTP, 10)
        assert [lane.room_for(priority) for priority in Priority] == [0, 5, -10]

    def test_and_codes_that_fill_it_something_for_a_campaign(self) -> None:
        lane = a_lane(window=20)
        lane.count(Priority.OTP, 60)
        assert [lane.room_for(priority) for priority in Priority] == [-20, 10, 2]

    def test_what_is_claimed_next(self) -> None:
        """All classes while there is room for all; else the most urgent that waits and may be there."""
        lane = a_lane(window=10)
        assert lane.next_claim() == (tuple(Priority), 20)
        lane.count(Priority.MARKETING, 20)
        assert lane.next_claim() == ((), 0)
        lane.left_to_store(Priority.MARKETING)
        assert lane.next_claim() == ((), 0)
        assert not lane.wants(NOW)
        lane.left_to_store(Priority.TRANSACTIONAL)
        assert lane.next_claim() == ((Priority.TRANSACTIONAL,), 5)
        lane.left_to_store(Priority.OTP)
        assert lane.next_claim() == ((Priority.OTP,), 10)
        assert lane.wants(NOW)
        lane.count(Priority.OTP, 6)
        assert lane.next_claim() == ((Priority.TRANSACTIONAL,), 5)

    def test_a_message_larger_than_that_goes_alone(self) -> None:
        lane = a_lane(window=1)
        assert lane.has_room(24, Priority.OTP)
        lane.count(Priority.OTP, 1)
        assert not lane.has_room(24, Priority.OTP)

    def test_is_able_with_no_more_than_a_window_in_hand(self) -> None:
        lane = a_lane(window=5)
        lane.load = 5
        assert lane.able
        lane.load = 6
        assert not lane.able

    def test_in_flight_are_parts_that_do_not_wait_here(self) -> None:
        lane = a_lane()
        lane.push(a_flight(lane, "a", parts=3))
        lane.push(a_flight(lane, "b", parts=2))
        lane.load = 9
        assert (lane.waiting, lane.in_flight) == (2, 4)


class TestWhoMayComeIn:
    """A new message may go from hand to hand only when nothing older of its class waits in the store."""

    def test_a_lane_that_has_not_read_the_store_lets_nobody_in(self) -> None:
        lane = Lane(HandOperator("alpha"))
        assert not any(lane.is_open(priority, NOW) for priority in Priority)

    def test_a_backlog_of_its_class_closes_it(self) -> None:
        lane = a_lane()
        lane.left_to_store(Priority.MARKETING)
        assert not lane.is_open(Priority.MARKETING, NOW)
        assert lane.is_open(Priority.OTP, NOW)

    def test_something_that_has_fallen_due_closes_it(self) -> None:
        lane = a_lane()
        lane.left_to_store(Priority.OTP, NOW + timedelta(seconds=5))
        assert lane.is_open(Priority.OTP, NOW)
        assert not lane.is_open(Priority.OTP, NOW + timedelta(seconds=5))

    @pytest.mark.parametrize("what", ["down", "paused", "gone"])
    def test_closed_when_not_usable(self, what: str) -> None:
        lane = a_lane()
        assert isinstance(lane.operator, HandOperator)
        lane.operator.up = what != "down"
        lane.paused, lane.gone = what == "paused", what == "gone"
        lane.left_to_store(Priority.OTP)
        assert not lane.usable
        assert not lane.able
        assert not lane.wants(NOW)
        assert not lane.is_open(Priority.TRANSACTIONAL, NOW)


class TestWants:
    """Claims are made only where something may be due."""

    def test_nothing_expected(self) -> None:
        assert not a_lane().wants(NOW)

    def test_a_backlog(self) -> None:
        lane = a_lane()
        lane.left_to_store(Priority.OTP)
        assert lane.wants(NOW)

    def test_something_due(self) -> None:
        lane = a_lane()
        lane.left_to_store(Priority.OTP, NOW + timedelta(seconds=5))
        lane.left_to_store(Priority.OTP, NOW + timedelta(seconds=9))
        assert not lane.wants(NOW)
        assert lane.wants(NOW + timedelta(seconds=5))

    def test_each_message_left_to_the_store_leaves_a_mark(self) -> None:
        lane = a_lane()
        before = lane.marked
        lane.left_to_store(Priority.OTP)
        lane.left_to_store(Priority.OTP, NOW)
        assert lane.marked == before + 2


class TestFetched:
    """What a claim has seen of the store, and what may have come while it ran."""

    def test_opens_again_when_nothing_came_meanwhile(self) -> None:
        lane = Lane(HandOperator("alpha"))
        assert not lane.fetched(lane.settled(), None)
        assert (lane.backlog, lane.closing) == (set(), set())

    def test_only_what_is_more_urgent_than_the_last_one_claimed(self) -> None:
        lane = Lane(HandOperator("alpha"))
        assert not lane.fetched(lane.settled(), Priority.MARKETING)
        assert lane.backlog == {Priority.MARKETING}
        assert lane.is_open(Priority.TRANSACTIONAL, NOW)

    @pytest.mark.parametrize("what", ["marked", "uncommitted"])
    def test_holds_what_is_new_where_it_may_have_missed_something(self, what: str) -> None:
        lane = Lane(HandOperator("alpha"))
        if what == "uncommitted":
            lane.uncommitted[Priority.OTP] += 1
        before = lane.settled()
        if what == "marked":
            lane.left_to_store(Priority.OTP)
        assert lane.fetched(before, None)
        assert (lane.backlog, lane.closing) == ({Priority.OTP}, {Priority.OTP})
        assert lane.may_hold(Priority.OTP, 10)
        assert not lane.may_hold(Priority.OTP, 11)
        assert not lane.may_hold(Priority.MARKETING, 1)

    def test_what_is_held_comes_after_what_was_fetched(self) -> None:
        lane = Lane(HandOperator("alpha"))
        early, fetched, late = (a_flight(lane, name) for name in ("early", "fetched", "late"))
        for flight in (early, late):
            lane.held += 1
            lane.hold(flight)
        assert lane.pop() is None
        for flight in lane.release(Priority.TRANSACTIONAL, fetched.message.id):
            lane.push(flight)
        lane.push(fetched)
        lane.fetched(lane.settled(), None)
        assert popped(lane) == ["early", "fetched", "late"]
        assert lane.held == 0

    @pytest.mark.parametrize(
        ("known", "came", "found", "expected"),
        [
            (None, None, None, None),
            (5, None, None, None),
            (5, None, 9, 9),
            (None, 7, None, 7),
            (None, 7, 9, 7),
            (None, 9, 7, 7),
        ],
    )
    def test_when_it_looks_next(
        self, known: int | None, came: int | None, found: int | None, expected: int | None
    ) -> None:
        def at(seconds: int | None) -> datetime | None:
            return None if seconds is None else NOW + timedelta(seconds=seconds)

        lane = a_lane()
        lane.next_due = at(known)
        marked = lane.marked
        if came is not None:
            lane.left_to_store(Priority.OTP, at(came))
        lane.expect(at(found), marked)
        assert lane.next_due == at(expected)


class TestMissing:
    """Which parts a hand-over writes."""

    def test_only_what_the_carrier_has_not_taken(self) -> None:
        states = [PartState.ACCEPTED, PartState.DOUBT, PartState.RETURNED, PartState.DELIVERED]
        parts = [Part(b"m", 2, number, 5, None) for number in range(1, 6)]
        rows = {
            number: PartRow(b"m", 1, number, "alpha", state, None, None, NOW)
            for number, state in enumerate(states, 1)
        }
        assert [part.part for part in missing(parts, rows)] == [2, 3, 5]
        assert missing(parts, {}) == parts


def test_a_flight_is_untouched_until_the_operator_has_some_of_it() -> None:
    flight = a_flight(a_lane(), parts=2)
    assert flight.untouched
    flight.parts.pop()
    assert not flight.untouched
