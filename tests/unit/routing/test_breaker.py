"""Breakers: out for a reason, tried again after a time, back with a better share than it takes to stay."""

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.breaker import Breaker, Breakers, Kind, Limits, Standing, country_of

UK = "+447700900123"
LIMITS = Limits(min_answers=10, min_receipts=10, probes=4, in_below=0.25, retry_after_s=30, retry_max_s=100)


def note(breaker: Breaker, good: int = 0, bad: int = 0, now: float = 0.0, kind: Kind = Kind.ANSWERS) -> None:
    for _ in range(good):
        breaker.note(kind, good=True, now=now)
    for _ in range(bad):
        breaker.note(kind, good=False, now=now)


def out(now: float = 0.0) -> Breaker:
    """One that has just gone out."""
    breaker = Breaker(LIMITS)
    note(breaker, bad=10, now=now)
    assert breaker.standing is Standing.OUT
    return breaker


def on_trial(now: float = 30.0) -> Breaker:
    breaker = out(now - 30)
    assert breaker.tick(now)
    return breaker


class TestOut:
    """What takes it out."""

    def test_more_bad_answers_than_the_limit(self) -> None:
        breaker = Breaker(LIMITS)
        told = []
        for good, bad in ((5, 5), (0, 1)):
            note(breaker, good=good, bad=bad)
            told.append(breaker.standing)
        assert told == [Standing.WELL, Standing.OUT], "half is not more than half"

    def test_not_before_there_is_enough_to_judge_by(self) -> None:
        breaker = Breaker(LIMITS)
        told = []
        for bad in (9, 1):
            note(breaker, bad=bad)
            told.append(breaker.standing)
        assert told == [Standing.WELL, Standing.OUT]

    def test_what_is_old_fades(self) -> None:
        breaker = Breaker(LIMITS)
        note(breaker, bad=9)
        note(breaker, bad=1, now=LIMITS.half_life_s)
        assert breaker.standing is Standing.WELL, "nine bad ones count four and a half by now"

    def test_receipts_have_a_limit_of_their_own(self) -> None:
        """A carrier that takes everything and delivers nothing."""
        breaker = Breaker(LIMITS)
        note(breaker, good=100)
        note(breaker, good=2, bad=8, kind=Kind.RECEIPTS)
        assert breaker.standing is Standing.WELL
        note(breaker, bad=1, kind=Kind.RECEIPTS)
        assert (breaker.standing, breaker.kind) == (Standing.OUT, Kind.RECEIPTS)

    def test_a_limit_of_one_is_never(self) -> None:
        breaker = Breaker(Limits(answers_out_above=1.0))
        note(breaker, bad=1000)
        assert breaker.standing is Standing.WELL

    def test_it_tells_why(self) -> None:
        ailing = out().ailing()
        assert ailing is not None
        assert ailing.why == "100% of its answers were bad; it is tried again in 30 s or sooner"
        assert not ailing.trial
        assert Breaker(LIMITS).ailing() is None


class TestTrial:
    """How it comes back."""

    def test_after_a_time_it_is_tried(self) -> None:
        breaker = out()
        assert not breaker.tick(29.9)
        assert breaker.tick(30)
        ailing = breaker.ailing()
        assert breaker.standing is Standing.TRIAL
        assert ailing is not None
        assert ailing.trial

    def test_with_some_messages_only(self) -> None:
        breaker = on_trial()
        assert [breaker.probed() for _ in range(4)] == [False, False, False, True]
        ailing = breaker.ailing()
        assert ailing is not None
        assert not ailing.trial, "until their answers have come it is the last resort again"
        assert not breaker.probed(), "which changes nothing more"

    def test_good_ones_bring_it_back(self) -> None:
        breaker = on_trial()
        note(breaker, good=3, bad=1, now=31)
        assert breaker.standing is Standing.WELL
        note(breaker, bad=9, now=32)
        assert breaker.standing is Standing.WELL, "it begins anew"

    def test_coming_back_asks_for_more_than_staying(self) -> None:
        """Two of four bad is not enough to go out, and too much to come back."""
        breaker = on_trial()
        note(breaker, good=2, bad=2, now=31)
        assert breaker.standing is Standing.OUT

    def test_each_trial_that_fails_doubles_the_time_up_to_the_longest(self) -> None:
        breaker, now, waits = out(), 0.0, []
        for _ in range(4):
            began = now
            while not breaker.tick(now):
                now += 1
            waits.append(now - began)
            note(breaker, bad=2, now=now)
        assert waits == [30, 60, 100, 100]

    def test_a_trial_that_nobody_answers_is_repeated(self) -> None:
        breaker = on_trial(now=30)
        for _ in range(4):
            breaker.probed()
        assert not breaker.tick(59)
        assert breaker.tick(60)
        assert not breaker.probed()

    def test_only_what_took_it_out_can_bring_it_back(self) -> None:
        breaker = on_trial()
        note(breaker, good=50, now=31, kind=Kind.RECEIPTS)
        assert breaker.standing is Standing.TRIAL

    def test_what_comes_while_it_is_out_is_of_earlier_messages(self) -> None:
        breaker = out()
        note(breaker, good=100, now=1)
        assert breaker.standing is Standing.OUT

    def test_a_clock_that_was_set_back_keeps_nobody_out(self) -> None:
        assert out(now=10_000).tick(5)


class TestBreakers:
    """All of them."""

    def test_a_country_of_one_operator_at_a_time(self) -> None:
        breakers = Breakers(LIMITS)
        for _ in range(10):
            breakers.note("alpha", UK, Kind.ANSWERS, good=False, now=0)
            breakers.note("alpha", "+33612345678", Kind.ANSWERS, good=True, now=0)
            breakers.note("beta", UK, Kind.ANSWERS, good=True, now=0)
        assert set(breakers.ailing()) == {("alpha", "44")}
        assert breakers.tick(30)
        assert not breakers.tick(30)
        assert [breakers.probed("alpha", UK) for _ in range(4)] == [False, False, False, True]
        assert not breakers.probed("beta", UK)
        changed = [breakers.note("alpha", UK, Kind.ANSWERS, good=True, now=31) for _ in range(4)]
        assert changed == [False, False, False, True]
        assert breakers.ailing() == {}

    def test_who_is_configured_no_more_is_forgotten(self) -> None:
        breakers = Breakers(LIMITS)
        for _ in range(10):
            breakers.note("alpha", UK, Kind.ANSWERS, good=False, now=0)
        breakers.keep(["beta"])
        assert breakers.ailing() == {}
        assert breakers.standing(("alpha", "44")) is Standing.WELL


@pytest.mark.parametrize(
    ("number", "country"),
    [(UK, "44"), ("+12025550123", "1"), ("+79161234567", "7"), ("+35312345678", "353"), ("+6834000", "683")],
)
def test_country_codes(number: str, country: str) -> None:
    assert country_of(number) == country


def test_every_country_code_is_found() -> None:
    for code in phonenumbers.COUNTRY_CODE_TO_REGION_CODE:
        assert country_of(f"+{code}5550123") == str(code)


events = st.tuples(
    st.sampled_from(["good", "bad", "tick", "probed"]), st.sampled_from(Kind), st.floats(0, 60)
)


@given(st.lists(events, max_size=200))
def test_whatever_comes_it_can_come_back(told: list[tuple[str, Kind, float]]) -> None:
    breaker, now = Breaker(LIMITS), 0.0
    for what, kind, after_s in told:
        now += after_s
        if what == "tick":
            breaker.tick(now)
        elif what == "probed":
            breaker.probed()
        else:
            breaker.note(kind, good=what == "good", now=now)
        assert (breaker.ailing() is None) is (breaker.standing is Standing.WELL)
    for _ in range(2):
        now += LIMITS.retry_max_s + 1
        breaker.tick(now)
    for _ in range(LIMITS.probes):
        breaker.note(breaker.kind, good=True, now=now)
    assert breaker.standing is Standing.WELL
