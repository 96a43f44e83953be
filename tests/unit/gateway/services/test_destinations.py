"""When a destination is paused, for how long, and how it comes back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from gateway.services.destinations import (
    FAILING_AFTER,
    LONGEST_PAUSE_S,
    MAX_IN_HAND,
    PROBING_IN_HAND,
    Destination,
)

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def failing(times: int = FAILING_AFTER) -> Destination:
    destination = Destination("https://a.example")
    for _ in range(times):
        destination.failed(NOW, "500: no", None)
    return destination


def test_a_failure_or_two_change_nothing() -> None:
    destination = failing(FAILING_AFTER - 1)
    assert (destination.failing, destination.paused(NOW), destination.takes) == (False, False, True)
    assert destination.concurrency(8) == 8
    assert destination.room(NOW) == MAX_IN_HAND


def test_failures_in_a_row_begin_a_pause() -> None:
    destination = failing()
    assert destination.paused(after(4.9))
    assert not destination.paused(after(5))
    assert (destination.takes, destination.room(NOW)) == (False, 0)


def test_after_a_pause_it_is_tried_with_one_event() -> None:
    destination = failing()
    assert destination.concurrency(8) == 1
    assert destination.room(after(5)) == PROBING_IN_HAND


def test_pauses_grow_up_to_a_bound() -> None:
    destination = failing()
    pauses = []
    for _ in range(9):
        assert destination.paused_until is not None
        now = destination.paused_until
        assert destination.failed(now, "500: no", None)
        pauses.append((destination.paused_until - now).total_seconds())
    assert pauses == [10, 20, 40, 80, 160, 300, 300, 300, 300]
    assert max(pauses) == LONGEST_PAUSE_S


def test_what_was_under_way_does_not_make_the_pause_longer() -> None:
    destination = failing()
    until = destination.paused_until
    assert not destination.failed(after(1), "500: no", None)
    assert destination.paused_until == until
    assert destination.pauses == 1


def test_one_success_ends_it_all() -> None:
    destination = failing()
    assert destination.succeeded()
    assert (destination.takes, destination.concurrency(8), destination.paused(NOW)) == (True, 8, False)
    destination.failed(NOW, "500: no", None)
    assert not destination.failing


def test_a_destination_may_ask_to_be_left_alone() -> None:
    destination = Destination("https://a.example")
    assert destination.failed(NOW, "429: slowly", 60.0)
    assert destination.paused(after(59))
    assert (destination.takes, destination.concurrency(8)) == (False, 8)
    assert not destination.paused(after(60))


def test_nobody_silences_a_shared_host_for_long() -> None:
    destination = Destination("https://a.example")
    destination.failed(NOW, "429: never", 3600.0)
    assert destination.paused_until == after(LONGEST_PAUSE_S)


def test_its_share_is_bounded() -> None:
    destination = Destination("https://a.example")
    destination.in_hand = MAX_IN_HAND + 5
    assert (destination.room(NOW), destination.takes) == (0, False)


def test_new_events_do_not_overtake_a_backlog() -> None:
    destination = Destination("https://a.example")
    destination.backlog = True
    assert not destination.takes
    assert destination.room(NOW) == MAX_IN_HAND


def test_it_is_forgotten_when_nothing_is_known_of_it() -> None:
    destination = Destination("https://a.example")
    destination.in_hand = 1
    assert not destination.forgettable(NOW)
    destination.in_hand = 0
    assert destination.forgettable(NOW)
    assert not failing().forgettable(after(60))
    assert failing().forgettable(after(4000))
