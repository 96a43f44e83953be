"""Standings: which answers and receipts say something about an operator, and what follows from them."""

from __future__ import annotations

import pytest

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
from gateway.domain.receipt import Receipt
from gateway.domain.words import PartState, Reason
from gateway.metrics import Metrics
from gateway.services.standings import OF_THE_RECIPIENT, Standings
from routing.breaker import Limits
from tests.unit.gateway.services.rig import NOW, OURS, PHONE, a_rig

LIMITS = Limits(min_answers=4, min_receipts=4, probes=2)


class Clock:
    """A clock by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def standings() -> tuple[Standings, Clock, Metrics]:
    clock, metrics = Clock(), Metrics()
    return Standings(clock, LIMITS, metrics.standing), clock, metrics


def a_receipt(state: PartState | None, reason: Reason | None = None) -> Receipt:
    return Receipt("alpha", "1", OURS, PHONE, state, reason, "", NOW)


@pytest.mark.parametrize(
    ("outcome", "takes_out"),
    [
        (Retry(Reason.CARRIER_ERROR, "ESME_RSYSERR"), True),
        (NextRoute(Reason.CARRIER_ERROR, "ESME_RSUBMITFAIL"), True),
        (Doubt("no answer"), True),
        (Accepted("1"), False),
        (Refused(Reason.INVALID_NUMBER, "ESME_RINVDSTADR"), False),
        (Throttled(1.0, "ESME_RTHROTTLED"), False),
        (SessionFault("the link is lost"), False),
    ],
)
def test_answers(outcome: Outcome, takes_out: bool) -> None:
    told, _, _ = standings()
    for _ in range(10):
        told.answered("alpha", PHONE, outcome)
    assert bool(told.ailing) is takes_out


@pytest.mark.parametrize("reason", [None, *Reason])
def test_receipts(reason: Reason | None) -> None:
    told, _, _ = standings()
    for _ in range(10):
        told.receipted(a_receipt(PartState.UNDELIVERABLE, reason))
    assert bool(told.ailing) is (reason not in OF_THE_RECIPIENT)


def test_receipts_that_say_nothing_bad() -> None:
    told, _, _ = standings()
    for _ in range(10):
        told.receipted(a_receipt(None))
        told.receipted(a_receipt(PartState.DELIVERED))
    assert not told.ailing


def test_out_tried_and_well_again_is_counted_and_told() -> None:
    told, clock, metrics = standings()
    well = told.ailing
    for _ in range(4):
        told.answered("alpha", PHONE, Doubt("no answer"))
    assert told.ailing is not well, "whoever keeps the mapping sees that it has changed"
    assert metrics.out.value("alpha", "44") == 1
    assert told.said("alpha") == [
        {
            "country": "44",
            "trial": False,
            "why": "100% of its answers were bad; it is tried again in 30 s or sooner",
        }
    ]
    assert told.said("beta") == []
    clock.now += 30
    told.look()
    assert told.said("alpha")[0]["trial"] is True
    told.tried("alpha", PHONE)
    told.tried("alpha", PHONE)
    assert told.said("alpha")[0]["trial"] is False
    for _ in range(2):
        told.answered("alpha", PHONE, Accepted("1"))
    assert not told.ailing
    assert metrics.out.value("alpha", "44") == 0
    counted = [metrics.standings.value("alpha", "44", each) for each in ("out", "trial", "well")]
    assert counted == [1, 1, 1]


def test_a_reload_keeps_what_is_known_of_operators_that_stay() -> None:
    told, _, metrics = standings()
    for operator in ("alpha", "beta"):
        for _ in range(4):
            told.answered(operator, PHONE, Doubt("no answer"))
    told.set_up(LIMITS, ["alpha"])
    assert set(told.ailing) == {("alpha", "44")}
    assert metrics.out.value("beta", "44") == 0
    told.set_up(Limits(), ["alpha"])
    assert not told.ailing, "with other limits everybody begins anew"


async def test_answers_and_receipts_of_the_dispatcher_are_counted() -> None:
    """A carrier that refuses for its own sake, and one that delivers nothing: from the part to the next choice."""
    async with a_rig() as rig:
        rig.standings.set_up(LIMITS, ["alpha", "beta"])
        alpha, beta = rig.operators["alpha"], rig.operators["beta"]
        await rig.claim()
        for _ in range(4):
            await rig.send()
            alpha.answer(NextRoute(Reason.CARRIER_ERROR, "ESME_RSUBMITFAIL"))
            await rig.quiet()
        assert set(rig.standings.ailing) == {("alpha", "44")}
        written = len(alpha.written)
        for number in range(4):
            await rig.send()
            await rig.claim()
            while beta.unanswered:
                beta.answer(Accepted(f"b{number}-{len(beta.unanswered)}"))
            await rig.quiet()
        assert len(alpha.written) == written, "beta goes first now"
        receipts = [
            Receipt(
                "beta",
                f"b{number}-1",
                OURS,
                PHONE,
                PartState.FAILED,
                Reason.CARRIER_ERROR,
                "UNDELIV",
                rig.now,
            )
            for number in range(4)
        ]
        await rig.get_receipt(*receipts)
        assert set(rig.standings.ailing) == {("alpha", "44"), ("beta", "44")}
        await rig.get_receipt(*receipts)
        assert rig.metrics.standings.value("beta", "44", "out") == 1, "what comes again is not counted again"
