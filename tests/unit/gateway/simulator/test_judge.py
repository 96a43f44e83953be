"""The decision about a submit: rules, limits and chance, without a socket."""

from collections import Counter

from gateway.simulator.judge import Judge, Verdict
from gateway.simulator.magic import MAGIC
from gateway.simulator.profile import FinalState, Profile, Rule, Share
from smpp.constants import Status


def test_without_a_rule_everything_is_delivered() -> None:
    verdict = Judge(Profile()).decide("12025550123", 0.0)
    assert verdict.outcome is not None
    assert (verdict.status, verdict.answer, verdict.drop) == (0, True, False)
    assert verdict.outcome.state is FinalState.DELIVRD


def test_the_longest_end_decides_first() -> None:
    judge = Judge(Profile(rules=(Rule(to="7", status=1), Rule(to="777", status=2), Rule(status=3))))
    assert [judge.decide(to, 0.0).status for to in ("1777", "1237", "1230", "7")] == [2, 1, 3, 1]


def test_a_rule_for_the_first_submits_counts_each_destination() -> None:
    judge = Judge(Profile(rules=(Rule(to="9", first=2, status=Status.ESME_RTHROTTLED),)))
    assert [judge.decide("19", 0.0).status for _ in range(4)] == [0x58, 0x58, 0, 0]
    assert judge.decide("29", 0.0).status == 0x58


def test_a_rule_for_every_nth_counts_what_it_matches() -> None:
    judge = Judge(Profile(rules=(Rule(to="9", every=3, status=8),)))
    statuses = [judge.decide(to, 0.0).status for to in ("19", "10", "19", "10", "29", "19")]
    assert statuses == [0, 0, 0, 0, 8, 0]


def test_a_rule_that_does_not_hold_leaves_the_next() -> None:
    judge = Judge(Profile(rules=(Rule(to="9", first=1, status=8), Rule(to="9", status=20))))
    assert [judge.decide("19", 0.0).status for _ in range(3)] == [8, 20, 20]


def test_the_rate_is_counted_in_whole_seconds() -> None:
    judge = Judge(Profile(max_per_s=2))
    statuses = [judge.decide("1", now).status for now in (5.0, 5.3, 5.9, 6.0, 6.1, 6.2)]
    assert statuses == [0, 0, 0x58, 0, 0, 0x58]


def test_every_nth_can_be_throttled_or_left_unanswered() -> None:
    judge = Judge(Profile(throttle_every=2, never_answer_every=3))
    verdicts = [judge.decide("1", 0.0) for _ in range(6)]
    assert [verdict.status for verdict in verdicts] == [0, 0x58, 0, 0x58, 0, 0x58]
    assert [verdict.answer for verdict in verdicts] == [True, True, False, True, True, True]


def test_shares_of_the_traffic_come_out() -> None:
    profile = Profile(
        outcomes=(Share(state=FinalState.EXPIRED, percent=20), Share(state=FinalState.UNDELIV, percent=30)),
        seed=7,
    )
    judge = Judge(profile)
    found = Counter(_state(judge.decide("1", 0.0)) for _ in range(10_000))
    assert 1800 < found[FinalState.EXPIRED] < 2200
    assert 2800 < found[FinalState.UNDELIV] < 3200
    again = Judge(profile)
    assert Counter(_state(again.decide("1", 0.0)) for _ in range(10_000)) == found


def test_magic_destinations_can_be_switched_off() -> None:
    for rule in MAGIC:
        assert Judge(Profile(magic=False)).decide(f"1202{rule.to}", 0.0) == Judge(Profile()).decide("1", 0.0)


def test_a_rule_of_the_profile_comes_before_magic() -> None:
    judge = Judge(Profile(rules=(Rule(to="5550001", status=8),)))
    assert judge.decide("12025550001", 0.0).status == 8


def _state(verdict: Verdict) -> FinalState:
    assert verdict.outcome is not None
    return verdict.outcome.state
