"""Routes: the table against the operators' health, and that a test message knows one way alone (promise 6)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain import ids
from gateway.domain.account import Env
from gateway.domain.message import LastError, Message
from gateway.domain.outcome import Accepted, Doubt
from gateway.domain.words import Priority, Reason
from gateway.ports import Clock
from gateway.services.routes import CLASS_OF_PRIORITY, TEST_ROUTE, Choice, Routes
from gateway.services.standings import Standings
from routing.breaker import Limits
from routing.health import Status
from routing.hours import parse_hours
from routing.rules import FailoverOn
from routing.table import Outcome, Rule, Table, Weighted
from tests.unit.gateway.services.rig import NOW, OURS, PHONE, rule

OPERATORS = ["alpha", "beta", "gamma"]
LATER = NOW + timedelta(hours=72)


def a_message(env: Env = Env.LIVE, **fields: Any) -> Message:
    """A message that is to be routed."""
    priority = Priority.TRANSACTIONAL
    message = Message(
        ids.new_id(NOW), "acme", env, "orchestrator", OURS, PHONE, "hello", 1, priority, NOW, LATER
    )
    for name, value in fields.items():
        setattr(message, name, value)
    return message


def routes(
    *rules: Rule,
    up: str = "alpha beta gamma simulated",
    failover: frozenset[str] = frozenset(),
    clock: Clock = lambda: NOW,
    limits: Limits | None = None,
) -> Routes:
    """The rules, by default one over all operators, and who is up."""
    chosen = [
        replace(each, failover_on=each.failover_on | {FailoverOn.UNDELIVERABLE})
        if each.id in failover
        else each
        for each in rules or (rule("all", *OPERATORS),)
    ]
    made = Routes(
        Table(chosen, OPERATORS), "simulated", clock, Standings(lambda: clock().timestamp(), limits)
    )
    for name in up.split():
        made.report(name, Status.UP)
    return made


class TestFirst:
    """Who shall have it, or for whom it waits."""

    @pytest.mark.parametrize(
        ("up", "tried", "expected"),
        [
            ("alpha beta gamma", (), ("alpha", True)),
            ("beta gamma", (), ("beta", True)),
            ("gamma", ("alpha",), ("gamma", True)),
            ("", (), ("alpha", False)),
            ("", ("alpha",), ("beta", False)),
            ("", ("alpha", "beta"), ("gamma", False)),
            ("alpha", ("alpha",), ("beta", False)),  # alpha has refused it: it waits for beta
            ("beta", ("alpha", "beta", "gamma"), ("beta", True)),  # all were tried: begin again
            ("", ("alpha", "beta", "gamma"), ("alpha", False)),
        ],
    )
    def test_in_order(self, up: str, tried: tuple[str, ...], expected: tuple[str, bool]) -> None:
        choice = routes(up=up).first(a_message(tried=tried))
        assert (choice.operator, choice.usable, choice.route) == (*expected, "all")

    def test_the_first_rule_that_matches(self) -> None:
        made = routes(rule("otp", "beta", priorities=("otp",)), rule("uk", "alpha", to=("+44",)))
        assert made.first(a_message(priority=Priority.OTP)).route == "otp"
        assert made.first(a_message()).route == "uk"
        assert made.first(a_message(recipient="+15005550006")) == Choice(None, None, False)

    @pytest.mark.parametrize("status", [Status.DOWN, Status.PAUSED])
    def test_who_goes_down_or_is_paused_is_passed_over(self, status: Status) -> None:
        made = routes()
        made.report("alpha", status)
        assert made.first(a_message()).operator == "beta"
        made.report("alpha", Status.UP)
        assert made.first(a_message()).operator == "alpha"

    def test_weights_share_by_the_message_s_own_id(self) -> None:
        made = routes(Rule("shared", ((Weighted("alpha", 3), Weighted("beta", 1)),)))
        messages = [a_message() for _ in range(2000)]
        chosen = [made.first(message).operator for message in messages]
        assert [made.first(message).operator for message in messages] == chosen
        assert (
            0.65 < chosen.count("alpha") / len(chosen) < 0.85
        )  # some ten standard deviations to either side


class TestNext:
    """Failover."""

    def test_the_next_usable_one(self) -> None:
        assert routes().next_operator(a_message(), frozenset({"alpha"})) == "beta"
        assert routes(up="gamma").next_operator(a_message(), frozenset({"alpha"})) == "gamma"

    def test_nobody_usable(self) -> None:
        down = routes(up="alpha")
        assert down.next_operator(a_message(), frozenset({"alpha"})) is None
        assert down.next_operator(a_message(), frozenset({"alpha"}), or_down=True) == "beta"

    def test_nobody_left(self) -> None:
        everybody = frozenset(OPERATORS)
        assert routes().next_operator(a_message(), everybody, or_down=True) is None
        assert routes(up="").next_operator(a_message(), everybody, or_down=True) is None

    def test_a_receipt_that_says_undelivered_only_where_the_rule_wants_it(self) -> None:
        message = a_message(operator="alpha", route="all", tried=("gamma",))
        assert routes().after_undelivered(message) is None
        wanted = frozenset({"all"})
        assert routes(failover=wanted).after_undelivered(message) == "beta"
        message.tried = ("gamma", "beta")
        assert routes(failover=wanted).after_undelivered(message) is None


class TestFailoverOn:
    """After what the rule lets a message go on."""

    UNDELIVERABLE = frozenset({"all"})

    def test_a_rule_that_does_not_want_it_after_a_rejection(self) -> None:
        only = replace(rule("all", *OPERATORS), failover_on=frozenset({FailoverOn.UNDELIVERABLE}))
        message = a_message(operator="alpha", route="all")
        made = routes(only)
        assert made.next_operator(message, frozenset({"alpha"}), or_down=True) is None
        assert made.after_undelivered(message) == "beta"
        assert made.next_operator(message, frozenset({"alpha"})) == "beta", "when alpha is down"

    @pytest.mark.parametrize(
        ("age_s", "fields", "expected"),
        [
            (299, {}, "beta"),
            (300, {}, None),
            (299, {"expires_at": NOW + timedelta(seconds=200)}, None),
            (500, {"scheduled_at": NOW + timedelta(seconds=250)}, "beta"),
            (550, {"scheduled_at": NOW + timedelta(seconds=250)}, None),
        ],
    )
    def test_only_in_time(self, age_s: float, fields: dict[str, Any], expected: str | None) -> None:
        made = routes(failover=self.UNDELIVERABLE, clock=lambda: NOW + timedelta(seconds=age_s))
        assert made.after_undelivered(a_message(operator="alpha", route="all", **fields)) == expected

    @pytest.mark.parametrize("reason", list(Reason))
    def test_not_where_another_carrier_would_do_no_better(self, reason: Reason) -> None:
        message = a_message(operator="alpha", route="all", error=LastError(reason, "", None, NOW))
        found = routes(failover=self.UNDELIVERABLE).after_undelivered(message)
        in_vain = reason in (Reason.INVALID_NUMBER, Reason.BLOCKED, Reason.OPTED_OUT)
        assert found == (None if in_vain else "beta")

    def test_a_rule_that_is_no_more_goes_on_as_all_do(self) -> None:
        message = a_message(operator="alpha", route="gone")
        made = routes(failover=self.UNDELIVERABLE)
        assert made.after_undelivered(message) is None
        assert made.next_operator(message, frozenset({"alpha"}), or_down=True) == "beta"


class TestWhatAMessageSays:
    """All of a message reaches the rules."""

    def test_its_text_and_metadata(self) -> None:
        made = routes(
            replace(rule("code", "gamma"), text="(?i)code"),
            replace(rule("spring", "beta"), metadata={"campaign": ("spring",)}),
            rule("rest", "alpha"),
        )
        assert made.first(a_message(body="Code 1")).route == "code"
        assert made.first(a_message(metadata='{"campaign": "spring"}')).route == "spring"
        assert made.first(a_message()).route == "rest"

    def test_the_time_is_now_or_that_for_which_it_is_scheduled(self) -> None:
        afternoon = replace(rule("afternoon", "beta"), hours=parse_hours(["12:00-18:00"], UTC, "UTC"))
        made = routes(afternoon, rule("rest", "alpha"))
        evening = NOW + timedelta(hours=8)
        assert made.first(a_message()).route == "afternoon"
        assert made.first(a_message(scheduled_at=evening)).route == "rest"
        late = routes(afternoon, rule("rest", "alpha"), clock=lambda: evening)
        assert late.first(a_message(scheduled_at=NOW)).route == "rest", "it is late itself"


class TestStandings:
    """An operator that does badly comes last, and is tried with some messages."""

    def test_from_answers_to_the_choice_and_back(self) -> None:
        now = [NOW]
        made = routes(clock=lambda: now[0], limits=Limits(min_answers=4, probes=2))
        message = a_message()
        for _ in range(4):
            made.answered("alpha", message, Doubt("no answer"))
        assert made.first(message).operator == "beta"
        assert made.first(a_message(recipient="+33612345678")).operator == "alpha"
        assert made.first(a_message(tried=("beta", "gamma"))).operator == "alpha", "better than nobody"
        now[0] += timedelta(seconds=30)
        assert [made.first(message).operator for _ in range(3)] == ["alpha", "alpha", "beta"]
        for _ in range(2):
            made.answered("alpha", message, Accepted("1"))
        assert made.first(message).operator == "alpha"

    def test_a_reload_does_not_forget(self) -> None:
        made = routes(limits=Limits(min_answers=4))
        for _ in range(4):
            made.answered("alpha", a_message(), Doubt("no answer"))
        assert made.first(a_message()).operator == "beta"
        after = routes(up="")
        after.take_over(made)
        assert after.next_operator(a_message(), frozenset()) == "beta"

    def test_a_test_message_says_nothing(self) -> None:
        made = routes(limits=Limits(min_answers=4))
        for _ in range(10):
            made.answered("alpha", a_message(Env.TEST), Doubt("no answer"))
        assert made.first(a_message()).operator == "alpha"


class TestTestMessages:
    """A test key never reaches a carrier."""

    @given(
        st.sets(st.sampled_from(OPERATORS)),
        st.booleans(),
        st.lists(st.sampled_from([*OPERATORS, "simulated"]), max_size=4),
        st.sampled_from(OPERATORS),
        st.sampled_from(list(Priority)),
        st.booleans(),
    )
    def test_whatever_is_up_down_tried_or_said(
        self,
        up: set[str],
        simulated: bool,
        tried: list[str],
        operator: str,
        priority: Priority,
        or_down: bool,
    ) -> None:
        made = routes(up=" ".join([*up, *(["simulated"] if simulated else [])]), failover=frozenset({"all"}))
        message = a_message(Env.TEST, tried=tuple(tried), operator=operator, route="all", priority=priority)
        assert made.first(message) == Choice("simulated", TEST_ROUTE, simulated)
        assert made.next_operator(message, frozenset(tried), or_down) is None
        assert made.after_undelivered(message) is None

    def test_a_live_message_does_not_meet_the_simulated_one(self) -> None:
        assert routes(up="simulated").first(a_message()).operator == "alpha"


def test_explain_and_choice_agree() -> None:
    made = routes(rule("uk", "alpha", "beta", to=("+44",)), up="beta")
    decision = made.explain(PHONE, OURS, "acme", Priority.OTP)
    assert (decision.outcome, decision.first) == (Outcome.CHOSEN, made.first(a_message()).operator)
    assert decision.reasons


def test_every_class_has_its_word() -> None:
    assert set(CLASS_OF_PRIORITY) == set(Priority)
    assert len(set(CLASS_OF_PRIORITY.values())) == len(Priority)


def test_health_changes_only_when_something_has() -> None:
    """The table keeps its decisions for as long as the snapshot is the same."""
    made = routes()
    before = made.health
    made.report("alpha", Status.UP)
    assert made.health is before
    made.report("alpha", Status.DOWN)
    assert made.health is not before
