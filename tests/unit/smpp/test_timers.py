"""The timers of one link: told the time, they say what is due."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smpp.timers import Due, LinkTimers, TimerLimits

LIMITS = TimerLimits(session_init_s=5.0, enquire_link_s=30.0, response_s=10.0, inactivity_s=300.0)


def bound_timers(limits: TimerLimits = LIMITS, now: float = 0.0) -> LinkTimers:
    timers = LinkTimers(limits, now)
    timers.bound(now)
    return timers


def test_a_connection_must_bind_in_time() -> None:
    timers = LinkTimers(LIMITS, 100.0)
    assert timers.deadline() == 105.0
    assert timers.due(104.9) is None
    assert timers.due(105.0) is Due.SESSION_INIT


def test_session_init_ends_with_the_bind() -> None:
    timers = LinkTimers(LIMITS, 0.0)
    timers.bound(4.0)
    assert timers.due(6.0) is None


def test_our_bind_must_be_answered() -> None:
    timers = LinkTimers(TimerLimits(session_init_s=60.0, response_s=10.0), 0.0)
    timers.bind_sent(1.0)
    assert timers.deadline() == 11.0
    assert timers.due(11.0) is Due.BIND_UNANSWERED


def test_a_silent_peer_is_asked() -> None:
    timers = bound_timers()
    assert timers.deadline() == 30.0
    assert timers.due(30.0) is Due.ENQUIRE


def test_what_we_hear_moves_the_question() -> None:
    timers = bound_timers()
    timers.heard(20.0)
    assert timers.due(30.0) is None
    assert timers.deadline() == 50.0


def test_what_we_send_does_not() -> None:
    timers = bound_timers()
    timers.used_at = 29.0
    assert timers.due(30.0) is Due.ENQUIRE


def test_one_question_at_a_time() -> None:
    timers = bound_timers()
    timers.asked(30.0)
    assert timers.due(39.9) is None
    assert timers.deadline() == 40.0


def test_an_unanswered_question_ends_the_link() -> None:
    timers = bound_timers()
    timers.asked(30.0)
    assert timers.due(40.0) is Due.ENQUIRE_UNANSWERED


def test_any_bytes_answer_the_question() -> None:
    timers = bound_timers()
    timers.asked(30.0)
    timers.heard(35.0)
    assert timers.due(40.0) is None
    assert timers.due(65.0) is Due.ENQUIRE


def test_no_transaction_for_too_long() -> None:
    timers = bound_timers()
    for now in range(0, 300, 20):
        timers.heard(float(now))
    timers.heard(299.0)
    assert timers.due(299.0) is None
    assert timers.due(300.0) is Due.INACTIVE


def test_a_transaction_moves_inactivity() -> None:
    timers = bound_timers()
    timers.used_at = 100.0
    timers.heard(390.0)
    assert timers.due(399.0) is None
    assert timers.due(400.0) is Due.INACTIVE


def test_our_unbind_must_be_answered_and_ends_inactivity() -> None:
    timers = bound_timers(TimerLimits(enquire_link_s=0.0, response_s=10.0, inactivity_s=3.0))
    timers.unbind_sent(3.0)
    assert timers.due(5.0) is None
    assert timers.due(13.0) is Due.UNBIND_UNANSWERED


def test_zero_switches_a_timer_off() -> None:
    timers = LinkTimers(TimerLimits(0.0, 0.0, 0.0, 0.0), 0.0)
    timers.bind_sent(0.0)
    assert timers.deadline() is None
    timers.bound(0.0)
    assert timers.deadline() is None
    assert timers.due(1e9) is None


def test_the_earliest_of_several_comes_first() -> None:
    timers = bound_timers(TimerLimits(enquire_link_s=30.0, inactivity_s=20.0))
    assert timers.due(1000.0) is Due.INACTIVE


@pytest.mark.parametrize("off", ["", "enquire_link_s", "response_s", "inactivity_s"])
@pytest.mark.parametrize("asked", [False, True])
@pytest.mark.parametrize("leaving", [False, True])
@pytest.mark.parametrize("used_at", [2.0, -280.0])
def test_the_deadline_is_the_first_moment_at_which_something_is_due(
    off: str, asked: bool, leaving: bool, used_at: float
) -> None:
    timers = bound_timers(replace(LIMITS, **{off: 0.0}) if off else LIMITS)
    timers.used_at = used_at
    if asked:
        timers.asked(7.0)
    if leaving:
        timers.unbind_sent(9.0)
    deadline = timers.deadline()
    if deadline is None:
        assert timers.due(10_000.0) is None
    else:
        assert timers.due(deadline) is not None
        assert timers.due(deadline - 0.001) is None


_LENGTHS = st.sampled_from([0.0, 0.5, 10.0, 30.0])


@given(
    limits=st.builds(TimerLimits, _LENGTHS, _LENGTHS, _LENGTHS, _LENGTHS),
    begun=st.sampled_from(["bind_sent", "bound", "unbind_sent", "asked", "heard"]),
)
def test_nothing_is_due_before_the_shortest_limit(limits: TimerLimits, begun: str) -> None:
    timers = LinkTimers(limits, 100.0)
    getattr(timers, begun)(100.0)
    deadline = timers.deadline()
    assert deadline is None or deadline >= 100.0 + limits.shortest_s
