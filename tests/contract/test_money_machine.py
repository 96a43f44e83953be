"""Any interleaving of what moves money keeps the ledger true, on every engine: sends alone, together and side by side,
answers, refusals, doubts, receipts, refunds by hand, top-ups, corrections, replays, and recoveries after a crash.

The model is arithmetic on decimals. After each step the store's purse is what the model has, the sum of the entries and
what the messages' statuses ask for; the proof finds nothing wrong; and a request is paid exactly when the model says.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Coroutine
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from gateway.domain import outcome as carrier
from gateway.domain.account import Env
from gateway.domain.message import End, Message, Step, Wait, end, settle
from gateway.domain.money import Kind
from gateway.domain.outcome import Doubt, Outcome, Refused
from gateway.domain.send import Accepted, AcceptResult, Taken, Why
from gateway.domain.words import PartState, Reason, Status
from gateway.errors import Conflict
from gateway.ports import LedgerQuery, Owner, Recovery, Store
from storage.open import open_store
from tests.contract.made import NOW, answer, claimed, decide_answers, decide_receipt, receipt
from tests.contract.test_store_money import PURSE, balance, paying, priced, refund, top_up
from tests.engines import postgres

Result = TypeVar("Result")

prices = st.integers(1, 12).map(lambda n: Decimal(n) / 8)
limits = st.sampled_from([Decimal(0), Decimal(0), Decimal("0.5"), Decimal("3.000001")])
caps = st.sampled_from([None, None, Decimal("2.5"), Decimal(20)])
picks = st.integers(0, 10**6)

NOT_SENT = (Status.SCHEDULED, Status.QUEUED)
LOST = (Status.UNDELIVERABLE, Status.FAILED, Status.CANCELED)


@dataclass
class Known:
    """A message that was taken, as the model has it."""

    message: Message
    price: Decimal
    refundable: bool
    status: Status = Status.QUEUED
    sent: bool = False
    by_hand: bool = False

    @property
    def costs(self) -> Decimal:
        """What the purse is short of for it."""
        lost = self.status in LOST
        back = self.by_hand or (lost and (not self.sent or self.refundable))
        return Decimal(0) if back else self.price

    @property
    def holds(self) -> Decimal:
        """What is set aside for it."""
        return self.price if self.status in NOT_SENT else Decimal(0)


class Money(RuleBasedStateMachine):
    """The store of an engine beside the model."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = Path(tempfile.mkdtemp(prefix="trunkline-money-"))
        self.now: datetime = NOW
        self.known: list[Known] = []
        self.booked = Decimal(0)
        self.charged = Decimal(0)
        self.keys: dict[str, Decimal] = {}
        self.asked = 0
        self.requests: list[tuple[str, AcceptResult]] = []  #: whose keys are still good
        self.owner: Owner | None = None

    def make(self) -> str:
        """The URL of an empty store."""
        raise NotImplementedError

    def drop(self) -> None:
        """Nothing shall be left of it."""

    def run(self, verb: Coroutine[Any, Any, Result]) -> Result:
        """Wait for a verb."""
        return self.runner.run(verb)

    @initialize()
    def begin(self) -> None:
        self.url = self.make()
        self.store = self.open()

    def open(self) -> Store:
        store = open_store(self.url, self.folder)
        self.run(store.open())
        former, self.owner = self.owner, self.run(store.register(self.now, "boot"))
        if former is not None:
            self.run(store.leave(former))
        return store

    def teardown(self) -> None:
        self.run(self.store.close())
        self.drop()
        self.runner.close()
        shutil.rmtree(self.folder)

    # --- what the model has

    @property
    def balance(self) -> Decimal:
        """What may be spent."""
        return self.booked - sum((known.costs for known in self.known), Decimal(0))

    def refusal(self, price: Decimal, credit: Decimal, cap: Decimal | None) -> Why | None:
        """Why a price can't be paid now."""
        if self.balance - price < -credit:
            return Why.INSUFFICIENT_BALANCE
        if cap is not None and self.charged + price > cap:
            return Why.SPENDING_CAP
        return None

    def made(self, price: Decimal, *, refundable: bool, mine: bool = False) -> Known:
        """A new message, perhaps in this process's hands."""
        m = priced(str(price), refundable=refundable, accepted_at=self.now)
        if mine:
            assert self.owner is not None
            m = claimed(self.owner, charge=m.charge, accepted_at=self.now)
        return Known(m, price, refundable)

    def take(self, known: Known) -> None:
        self.known.append(known)
        self.charged += known.price

    def pick(self, which: int) -> Known:
        return self.known[which % len(self.known)]

    def follow(self, steps: list[Step]) -> None:
        """What the decisions have told of the messages."""
        by_id = {known.message.id: known for known in self.known}
        for step in steps:
            known = by_id[step.message.id]
            waited, known.status = known.status in NOT_SENT, step.message.status
            known.sent |= Status.SENT in step.passed or Status.DELIVERED in step.passed
            # A receipt that came before the answer: a carrier had it, so it costs what it would have otherwise. One for
            # a message that was over changes nothing: its price was released.
            receipted = any(row.state in (PartState.UNDELIVERABLE, PartState.FAILED) for row in step.parts)
            known.sent |= receipted and waited and known.status in LOST and not known.refundable

    # --- what happens

    @rule(costs=st.lists(prices, min_size=1, max_size=5), credit=limits, cap=caps, refundable=st.booleans(),
          mine=st.booleans(), key=st.booleans())  # fmt: skip
    def send(
        self,
        costs: list[Decimal],
        credit: Decimal,
        cap: Decimal | None,
        refundable: bool,
        mine: bool,
        key: bool,
    ) -> None:
        """A request whose messages stand for themselves."""
        self.asked += 1
        name = f"request {self.asked}" if key else None
        asked = [self.made(price, refundable=refundable, mine=mine) for price in costs]
        request = paying(*(a.message for a in asked), credit=credit, per_day=cap, key=name, at=self.now)
        (result,) = self.run(self.store.accept([request]))
        assert isinstance(result, Accepted)
        for item, one in zip(result.items, asked, strict=True):
            why = self.refusal(one.price, credit, cap)
            assert (None if isinstance(item, Taken) else item.why) is why
            if why is None:
                self.take(one)
        if name is not None and Taken in map(type, result.items):
            self.requests.append((name, result))

    @rule(costs=st.lists(prices, min_size=1, max_size=5), credit=limits, cap=caps)
    def send_together(self, costs: list[Decimal], credit: Decimal, cap: Decimal | None) -> None:
        """A request of which all is paid or nothing."""
        asked = [self.made(price, refundable=False) for price in costs]
        request = paying(*(a.message for a in asked), credit=credit, per_day=cap, at=self.now, together=True)
        (result,) = self.run(self.store.accept([request]))
        assert isinstance(result, Accepted)
        why = self.refusal(sum(costs, Decimal(0)), credit, cap)
        assert {None if isinstance(item, Taken) else item.why for item in result.items} == {why}
        for one in asked if why is None else ():
            self.take(one)

    @rule(costs=st.lists(prices, min_size=2, max_size=6), credit=limits)
    def send_side_by_side(self, costs: list[Decimal], credit: Decimal) -> None:
        """Requests at the same moment: which of them are paid is open, that no more could have been is not."""
        asked = [self.made(price, refundable=False) for price in costs]

        async def all_at_once() -> list[AcceptResult]:
            calls = (self.store.accept([paying(a.message, credit=credit, at=self.now)]) for a in asked)
            return [result for (result,) in await asyncio.gather(*calls)]

        refused = []
        for result, one in zip(self.run(all_at_once()), asked, strict=True):
            assert isinstance(result, Accepted)
            if isinstance(result.items[0], Taken):
                self.take(one)
            else:
                refused.append(one)
        assert len(refused) == len(asked) or self.balance >= -credit
        assert all(self.refusal(one.price, credit, None) for one in refused)

    @precondition(lambda self: self.requests)
    @rule(which=picks, price=prices)
    def replay(self, which: int, price: Decimal) -> None:
        """The same key again costs nothing."""
        name, former = self.requests[which % len(self.requests)]
        request = paying(self.made(price, refundable=False).message, key=name, at=self.now)
        (result,) = self.run(self.store.accept([request]))
        assert isinstance(result, Accepted)
        assert isinstance(former, Accepted)
        assert result.replayed
        assert result.items == former.items

    @precondition(lambda self: self.known)
    @rule(which=picks, how=st.sampled_from(["ok", "ok", "ok", "silent", "refused", "doubt"]))
    def answered(self, which: int, how: str) -> None:
        """A carrier takes a message, refuses it, or does not say."""
        known = self.pick(which)
        view = self.run(self.store.message(known.message.id))
        assert view is not None
        outcome: Outcome | str = known.message.id.hex()
        then: Wait | End | None = None
        if how == "refused":
            outcome, then = Refused(Reason.NO_ROUTE, "11"), End(Reason.NO_ROUTE, "no")
        elif how == "silent":  # nobody will hear more of it; but a receipt may come all the same
            outcome = carrier.Accepted(known.message.id.hex(), receipt=False)
        elif how == "doubt":
            outcome, then = Doubt("no answer"), Wait("alpha", self.now)
        self.follow(
            self.run(self.store.record_answers([answer(view.message, outcome, then=then)], decide_answers))
        )

    @precondition(lambda self: self.known)
    @rule(
        which=picks,
        state=st.sampled_from([PartState.DELIVERED, PartState.UNDELIVERABLE, PartState.FAILED]),
    )
    def receipted(self, which: int, state: PartState) -> None:
        """A receipt; for one that no carrier has named yet it is parked."""
        known = self.pick(which)
        got = receipt(known.message, known.message.id.hex(), state)
        results = self.run(self.store.apply_receipts([got], decide_receipt))
        self.follow([result.step for result in results if result.step is not None])

    @precondition(lambda self: self.known)
    @rule(which=picks, reason=st.sampled_from([Reason.EXPIRED, Reason.NO_ROUTE]))
    def given_up(self, which: int, reason: Reason) -> None:
        """A message ends by itself, if it is not over."""

        def decide(m: Message, _rows: list[Any]) -> Step | None:
            step = Step(m)
            return step if end(step, End(reason, "over"), self.now) else None

        steps = self.run(self.store.change([self.pick(which).message.id], decide))
        self.follow([step for step in steps if step is not None])

    @precondition(lambda self: self.known)
    @rule(which=picks)
    def refunded(self, which: int) -> None:
        """A person gives the price back: once, and only of what was sent."""
        known = self.pick(which)
        there = known.by_hand or (known.sent and known.refundable and known.status in LOST)
        try:
            (booked,) = self.run(self.store.book([refund(known.message, str(known.price))]))
        except Conflict:
            assert not known.sent
            return
        assert known.sent
        assert booked.new is not there
        known.by_hand = True

    @rule(key=st.integers(0, 20), amount=st.integers(1, 40).map(Decimal))
    def topped_up(self, key: int, amount: Decimal) -> None:
        """Somebody pays; the same key books once, or is a conflict."""
        name, former = f"pay {key}", self.keys.get(f"pay {key}")
        try:
            (booked,) = self.run(self.store.book([top_up(str(amount), key=name)]))
        except Conflict:
            assert former not in (None, amount)
            return
        assert booked.new is (former is None)
        assert former in (None, amount)
        if booked.new:
            self.keys[name] = amount
            self.booked += amount

    @rule(amount=st.integers(1, 10).map(Decimal))
    def corrected(self, amount: Decimal) -> None:
        """A person takes money back, whatever is left."""
        entry = top_up(str(-amount))
        self.run(self.store.book([replace(entry, kind=Kind.ADJUSTMENT)]))
        self.booked -= amount

    @rule()
    def next_day(self) -> None:
        self.now += timedelta(days=1)
        self.charged = Decimal(0)
        self.requests.clear()  # a key is good for 48 hours: two days later it asks anew

    @rule(gives_up=st.booleans())
    def crashed(self, gives_up: bool) -> None:
        """The process ends without a goodbye; the next one takes back what it had in hand."""
        self.run(self.store.close())
        self.store = self.open()
        assert self.owner is not None
        steps: list[Step] = []

        def decide(recovery: Recovery) -> Step:
            step = Step(recovery.message)
            then = End(Reason.NO_ROUTE, "no") if gives_up else Wait("alpha", self.now)
            settle(step, {}, then, self.now)
            steps.append(step)
            return step

        self.run(self.store.recover(self.owner, None, decide, self.now))
        self.follow(steps)

    # --- what is always true

    @invariant()
    def adds_up(self) -> None:
        if not hasattr(self, "store"):
            return
        entries = self.run(self.store.entries(LedgerQuery("acme", Env.LIVE, 10_000))).items
        held = sum((known.holds for known in self.known), Decimal(0))
        assert self.run(balance(self.store, PURSE)) == (self.balance, held)
        assert (sum(e.amount for e in entries), sum(e.held for e in entries)) == (self.balance, held)
        assert self.run(self.store.audit()) == (len(entries), [])


class OnSqlite(Money):
    """A file, so that a process may end and another begin."""

    def make(self) -> str:
        return "sqlite:///trunkline.db"


class OnPostgres(Money):
    """A database of its own."""

    def make(self) -> str:
        return self.run(postgres.shared().fresh())

    def drop(self) -> None:
        self.run(postgres.shared().drop(self.url))


TestOnSqlite = OnSqlite.TestCase
TestOnSqlite.settings = settings(max_examples=60, stateful_step_count=30)

TestOnPostgres = OnPostgres.TestCase
TestOnPostgres.settings = settings(max_examples=10, stateful_step_count=25)
