"""What becomes of a message after each class of outcome (field.md, 4.3), and that it always ends."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.account import Env
from gateway.domain.message import End, Message, Then, Wait
from gateway.domain.outcome import (
    Accepted,
    Doubt,
    NextRoute,
    Outcome,
    Refused,
    Retry,
    SessionFault,
    Throttled,
)
from gateway.domain.retry import LONGEST_PAUSE_S, OnDoubt, RetryPolicy, after_hand_over, overdue
from gateway.domain.words import Priority, Reason

NOW = datetime(2026, 4, 18, 10, 0, tzinfo=UTC)
TOOK = Accepted("r1")
RETRY = Retry(Reason.CARRIER_ERROR, "ESME_RSYSERR")
TWICE = Retry(Reason.CARRIER_ERROR, "0x499", at_most=2)
NEXT = NextRoute(Reason.REJECTED_BY_CARRIER, "ESME_RX_P_APPN")
FINAL = Refused(Reason.INVALID_NUMBER, "ESME_RINVDSTADR")
LOST = SessionFault("the link was lost before it was written")
SLOW = Throttled(1.0, "ESME_RTHROTTLED")
DOUBT = Doubt("no answer within 30 s")


def a_message(**fields: object) -> Message:
    """At its first try on alpha."""
    message = Message(
        bytes(16),
        "acme",
        Env.LIVE,
        "orchestrator",
        "+447700900999",
        "+447700900123",
        "hello",
        1,
        Priority.TRANSACTIONAL,
        NOW,
        NOW + timedelta(hours=72),
        operator="alpha",
        attempts=1,
        tries=1,
    )
    for name, value in fields.items():
        setattr(message, name, value)
    return message


class Others:
    """The operators of the route besides alpha, and what was asked for."""

    def __init__(self, usable: str | None = None, down: str | None = None) -> None:
        self.usable = usable
        self.down = down
        self.excluded: list[frozenset[str]] = []

    def __call__(self, message: Message, exclude: frozenset[str], or_down: bool) -> str | None:
        self.excluded.append(exclude)
        names = [self.usable, self.down if or_down else None]
        return next((name for name in names if name is not None and name not in exclude), None)


def decided(
    *outcomes: Outcome,
    message: Message | None = None,
    others: Others | None = None,
    policy: RetryPolicy | None = None,
    taken: bool = False,
) -> Then | None:
    """The decision for a message at its first try, unless said otherwise."""
    return after_hand_over(
        message or a_message(), outcomes, taken, policy or RetryPolicy(), others or Others(), NOW
    )


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def test_all_accepted_is_no_decision() -> None:
    assert decided(TOOK, Accepted("r2")) is None


class TestTryAgain:
    """Same carrier after growing steps, then the next one."""

    @pytest.mark.parametrize(("tries", "pause_s"), [(1, 1), (2, 5), (3, 30), (4, 120), (5, 300)])
    def test_the_steps_of_the_field(self, tries: int, pause_s: float) -> None:
        then = decided(RETRY, message=a_message(tries=tries), others=Others("beta"))
        assert then == Wait("alpha", after(pause_s))

    def test_then_the_next_one(self) -> None:
        then = decided(RETRY, message=a_message(tries=6), others=Others("beta"))
        assert then == Wait("beta", NOW, left="alpha")

    def test_an_unknown_code_twice_then_the_next_one(self) -> None:
        found = [decided(TWICE, message=a_message(tries=n), others=Others("beta")) for n in (1, 2, 3)]
        assert found == [Wait("alpha", after(1)), Wait("alpha", after(5)), Wait("beta", NOW, left="alpha")]

    def test_the_carrier_s_own_time_goes_before_the_steps(self) -> None:
        then = decided(Retry(Reason.BUSY, "later", after_s=42.0))
        assert then == Wait("alpha", after(42))

    def test_nobody_else_ends_it(self) -> None:
        then = decided(RETRY, message=a_message(tries=6))
        assert isinstance(then, End)
        assert (then.reason, then.operator_error) == (Reason.TOO_MANY_ATTEMPTS, "ESME_RSYSERR")

    def test_one_that_is_down_is_waited_for(self) -> None:
        then = decided(RETRY, message=a_message(tries=6), others=Others(down="beta"))
        assert then == Wait("beta", NOW, left="alpha")

    def test_who_was_left_behind_is_not_asked_again(self) -> None:
        others = Others("beta")
        then = decided(RETRY, message=a_message(tries=6, tried=("beta", "gamma")), others=others)
        assert isinstance(then, End)
        assert others.excluded == [frozenset({"alpha", "beta", "gamma"})]

    def test_no_steps_means_the_next_one_at_once(self) -> None:
        then = decided(RETRY, others=Others("beta"), policy=RetryPolicy(steps_s=()))
        assert then == Wait("beta", NOW, left="alpha")


class TestNextRoute:
    """Our configuration or account is wrong there: the next one at once."""

    def test_the_next_one_at_once(self) -> None:
        assert decided(NEXT, others=Others("beta")) == Wait("beta", NOW, left="alpha")

    def test_one_that_is_down_is_waited_for(self) -> None:
        assert decided(NEXT, others=Others(down="beta")) == Wait("beta", NOW, left="alpha")

    def test_nobody_else_ends_it_with_the_carrier_s_reason(self) -> None:
        then = decided(NEXT)
        assert isinstance(then, End)
        assert (then.reason, then.operator_error) == (Reason.REJECTED_BY_CARRIER, "ESME_RX_P_APPN")

    def test_goes_before_a_passing_fault_of_another_part(self) -> None:
        assert decided(
            RETRY, NEXT, TOOK, others=Others("beta"), policy=RetryPolicy(resplit_on_failover=True)
        ) == (Wait("beta", NOW, left="alpha"))


class TestStaysWithItsOperator:
    """Once a part has ESME_ROK the message stays, unless all of it may be sent again."""

    @pytest.mark.parametrize("outcomes", [(TOOK, NEXT), (NEXT, TOOK)])
    def test_a_taken_part_holds_it(self, outcomes: tuple[Outcome, ...]) -> None:
        then = decided(*outcomes, others=Others("beta"))
        assert isinstance(then, End)
        assert then.reason is Reason.REJECTED_BY_CARRIER

    def test_also_one_of_an_earlier_hand_over(self) -> None:
        then = decided(RETRY, message=a_message(tries=6), others=Others("beta"), taken=True)
        assert isinstance(then, End)

    def test_unless_all_may_be_sent_again(self) -> None:
        policy = RetryPolicy(resplit_on_failover=True)
        assert decided(TOOK, NEXT, others=Others("beta"), policy=policy) == Wait("beta", NOW, left="alpha")

    def test_a_lost_link_never_sends_again_what_was_taken(self) -> None:
        policy = RetryPolicy(resplit_on_failover=True)
        then = decided(TOOK, LOST, others=Others("beta"), policy=policy)
        assert then == Wait("alpha", NOW, counts=False)


class TestFinal:
    """No carrier would take it."""

    @pytest.mark.parametrize("others", [(), (TOOK,), (DOUBT,), (RETRY, NEXT, LOST)])
    def test_whatever_the_other_parts_say(self, others: tuple[Outcome, ...]) -> None:
        then = decided(*others, FINAL, others=Others("beta"))
        assert isinstance(then, End)
        assert (then.reason, then.operator_error) == (Reason.INVALID_NUMBER, "ESME_RINVDSTADR")


class TestSessionFault:
    """Nothing is wrong with the message: back to the queue, and it counts for nothing."""

    @pytest.mark.parametrize("outcome", [LOST, SLOW])
    def test_to_whoever_is_up(self, outcome: Outcome) -> None:
        assert decided(outcome, others=Others("beta")) == Wait("beta", NOW, counts=False)

    def test_nobody_is_waited_for_elsewhere(self) -> None:
        assert decided(LOST, others=Others(down="beta")) == Wait("alpha", NOW, counts=False)

    def test_never_ends_it(self) -> None:
        then = decided(LOST, message=a_message(attempts=10_000))
        assert isinstance(then, Wait)
        assert not then.counts

    def test_a_carrier_that_refuses_at_once_is_no_busy_loop(self) -> None:
        pauses = []
        for attempts in range(1, 12):
            then = decided(LOST, message=a_message(attempts=attempts))
            assert isinstance(then, Wait)
            pauses.append((then.at - NOW).total_seconds())
        assert pauses == sorted(pauses)
        assert (pauses[0], pauses[1], pauses[-1]) == (0, 1, LONGEST_PAUSE_S)


class TestDoubt:
    """Written and not answered: as the operator's `on_doubt` says (promise 2)."""

    def test_wait_for_the_receipt_then_send_again(self) -> None:
        assert decided(DOUBT, others=Others("beta")) == Wait("alpha", after(300))

    def test_send_again_at_once(self) -> None:
        policy = RetryPolicy(on_doubt=OnDoubt.RESEND)
        assert decided(DOUBT, others=Others("beta"), policy=policy) == Wait("alpha", NOW)

    def test_fail(self) -> None:
        then = decided(DOUBT, others=Others("beta"), policy=RetryPolicy(on_doubt=OnDoubt.FAIL))
        assert isinstance(then, End)
        assert then.reason is Reason.UNCONFIRMED

    def test_goes_before_a_passing_fault_of_another_part(self) -> None:
        assert decided(RETRY, DOUBT, LOST) == Wait("alpha", after(300))


class TestBounds:
    """Attempts are counted and bounded."""

    @pytest.mark.parametrize("outcome", [RETRY, NEXT, DOUBT])
    def test_the_last_attempt_ends_it(self, outcome: Outcome) -> None:
        message = a_message(attempts=50)
        then = decided(LOST, outcome, message=message, others=Others("beta"))
        assert isinstance(then, End)
        assert then.reason is Reason.TOO_MANY_ATTEMPTS
        assert then.operator_error == outcome.error  # type: ignore[union-attr]

    def test_not_when_the_carrier_took_it(self) -> None:
        assert decided(TOOK, message=a_message(attempts=50)) is None


@given(
    st.lists(st.sampled_from([TOOK, RETRY, TWICE, NEXT, FINAL, LOST, SLOW, DOUBT]), min_size=1, max_size=5),
    st.integers(1, 60),
    st.integers(0, 10),
    st.booleans(),
    st.sampled_from(list(OnDoubt)),
    st.booleans(),
    st.sampled_from([Others(), Others("beta"), Others(down="beta"), Others("beta", "gamma")]),
)
def test_every_hand_over_that_is_not_whole_leads_somewhere(
    outcomes: list[Outcome],
    attempts: int,
    tries: int,
    taken: bool,
    on_doubt: OnDoubt,
    resplit: bool,
    others: Others,
) -> None:
    """An end with a reason, or a wait for an operator that is named, at a time that is not past; a message of which
    the carrier has some leaves it only where that is allowed; nobody is left behind without being told so."""
    policy = RetryPolicy(on_doubt=on_doubt, resplit_on_failover=resplit)
    message = a_message(attempts=attempts, tries=tries)
    then = decided(*outcomes, message=message, others=others, policy=policy, taken=taken)
    if all(isinstance(outcome, Accepted) for outcome in outcomes):
        assert then is None
    elif isinstance(then, Wait):
        assert then.operator is not None
        assert then.at >= NOW
        if then.operator != "alpha":
            assert resplit or not (taken or any(isinstance(o, Accepted) for o in outcomes))
        assert then.left in (None, "alpha")
    else:
        assert isinstance(then, End)
        assert then.detail


def test_what_waits_past_its_validity_has_expired() -> None:
    assert overdue(a_message()).reason is Reason.EXPIRED


def test_unless_it_may_have_been_sent() -> None:
    assert overdue(a_message(doubt=True)).reason is Reason.UNCONFIRMED
