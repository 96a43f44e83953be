"""The outbox over the real services and a real store: chains of resends, what they cost, pages, who may see them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.domain import ids
from gateway.domain.account import Caller, Env, Policy
from gateway.domain.erasure import Erasure
from gateway.domain.labels import BATCH, USER, values_of
from gateway.domain.message import Message
from gateway.domain.money import ZERO, Entry, Kind, Purse
from gateway.domain.outcome import Accepted, Refused
from gateway.domain.send import Accepted as Acceptance
from gateway.domain.send import IdempotencyKey, Origin, Refusal, Send, Why
from gateway.domain.suppression import Suppression
from gateway.domain.words import PartState, Reason, Status
from gateway.errors import NotFound
from gateway.ports import LedgerQuery, ListQuery
from gateway.services.outbox import NotResent, Outbox, OutboxEntry, user_of
from routing.pricefile import read_plan
from tests.unit.gateway.services.rig import NOW, PHONE, Rig, a_receipt, a_rig, a_send

METERED = Policy(rate_plan="standard")
ORIGIN = Origin("req_1")
PURSE = Purse("acme", Env.LIVE, "EUR")
ANN = "ann@example.com"


def everything(_message: Message) -> bool:
    return True


class Desk:
    """A rig, its outbox, and one who uses it."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        self.outbox = Outbox(rig.store, rig.submit)
        rig.plans = {
            "standard": read_plan("standard", "prefix,price,currency,effective_from\n44,0.025,EUR,\n", 6)
        }
        rig.operators["alpha"].chars = 1_000
        self.set(METERED)

    def set(self, policy: Policy, member: str | None = None, **changed: Any) -> Caller:
        """Whoever calls from now on."""
        self.rig.policies["acme", Env.LIVE] = policy
        self.caller = replace(self.rig.caller(), member=member, **changed)
        return self.caller

    async def pay(self, amount: str) -> None:
        """A top-up."""
        at = self.rig.now
        top_up = Entry(ids.new_id(at), Kind.TOP_UP, PURSE, Decimal(amount), ZERO, at)
        await self.rig.store.book([top_up])

    async def send(self, body: str = "hello", **fields: Any) -> bytes:
        """A message that is taken, and given to alpha at once."""
        self.rig.later(1)
        return await self.rig.send(body, self.caller, **fields)

    async def fail(self) -> None:
        """Alpha refuses the oldest message for good."""
        self.rig.operators["alpha"].answer(Refused(Reason.REJECTED_BY_CARRIER, "ESME_RSUBMITFAIL"))
        await self.rig.quiet()

    async def deliver(self, ref: str) -> None:
        """Alpha takes the oldest message and tells that it arrived."""
        self.rig.operators["alpha"].answer(Accepted(ref))
        await self.rig.quiet()
        await self.rig.get_receipt(a_receipt(ref, at=self.rig.now))

    async def failed(self, **fields: Any) -> bytes:
        """A message that has failed."""
        first = await self.send(**fields)
        await self.fail()
        return first

    async def resend(self, first: bytes) -> OutboxEntry | Refusal | NotResent:
        self.rig.later(1)
        result = await self.outbox.resend(self.caller, first, ORIGIN, "outbox")
        await asyncio.sleep(0)
        return result

    async def resent(self, first: bytes) -> OutboxEntry:
        """A resend that must succeed."""
        entry = await self.resend(first)
        assert isinstance(entry, OutboxEntry), entry
        return entry

    async def entry(self, first: bytes) -> OutboxEntry:
        return await self.outbox.entry(self.caller, first)

    def query(self, limit: int = 20, **filters: Any) -> ListQuery:
        caller = self.caller
        return ListQuery(caller.account, caller.env, limit, sub_tenant=caller.sub_tenant, **filters)

    async def firsts(self, limit: int = 20, **filters: Any) -> list[bytes]:
        """The entries of all pages."""
        found: list[bytes] = []
        query = self.query(limit, **filters)
        while True:
            page = await self.outbox.page(self.caller, query, everything)
            assert len(page.entries) <= limit
            found += [entry.first for entry in page.entries]
            if page.before is None:
                return found
            query = replace(query, before=page.before)

    async def balance(self) -> Decimal:
        (found,) = await self.rig.store.balances("acme")
        return found.balance


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    async with a_rig() as rig:
        yield Desk(rig)


class TestCost:
    async def test_a_message_costs_its_segments(self, desk: Desk) -> None:
        await desk.pay("10")
        entry = await desk.entry(await desk.send("x" * 200))
        assert (entry.units, entry.cost, await desk.balance()) == (2, Decimal("0.05"), Decimal("9.95"))

    async def test_what_failed_before_it_was_sent_costs_nothing(self, desk: Desk) -> None:
        await desk.pay("10")
        entry = await desk.entry(await desk.failed())
        assert (entry.units, entry.cost, await desk.balance()) == (0, ZERO, Decimal(10))
        assert entry.newest.charge is not None
        assert entry.newest.charge.rate == Decimal("0.025"), "the rate stays told"

    async def test_a_resend_is_charged_again_and_both_count(self, desk: Desk) -> None:
        desk.set(METERED)
        await desk.pay("10")
        first = await desk.send()
        desk.rig.operators["alpha"].answer(Accepted("r1"))
        await desk.rig.quiet()
        await desk.rig.get_receipt(a_receipt("r1", PartState.FAILED, Reason.ABSENT))
        assert (await desk.entry(first)).cost == Decimal("0.025"), "it was sent"
        await desk.resent(first)
        await desk.deliver("r2")
        entry = await desk.entry(first)
        assert [attempt.cost for attempt in entry.attempts] == [Decimal("0.025")] * 2
        assert (entry.units, entry.cost, await desk.balance()) == (2, Decimal("0.05"), Decimal("9.95"))

    async def test_what_is_refunded_costs_nothing(self, desk: Desk) -> None:
        desk.set(replace(METERED, refund_undelivered=True))
        await desk.pay("10")
        first = await desk.send()
        desk.rig.operators["alpha"].answer(Accepted("r1"))
        await desk.rig.quiet()
        await desk.rig.get_receipt(a_receipt("r1", PartState.FAILED, Reason.ABSENT))
        entry = await desk.entry(first)
        assert (entry.units, entry.cost, await desk.balance()) == (0, ZERO, Decimal(10))

    async def test_an_account_that_is_not_metered(self, desk: Desk) -> None:
        desk.set(Policy())
        entry = await desk.entry(await desk.failed(body="x" * 200))
        assert (entry.units, entry.cost) == (2, ZERO)


class TestResend:
    async def test_it_is_the_same_message_once_more(self, desk: Desk) -> None:
        await desk.pay("1")
        labels = ("tag:a", "tag:b", f"{BATCH}{bytes(16).hex()}")
        first = await desk.failed(body="the text", metadata='{"a":{"b":1}}', labels=labels)
        entry = await desk.resent(first)
        old, new = (await desk.rig.message(first)), entry.newest
        assert (entry.first, entry.retries, len(entry.attempts)) == (first, 1, 2)
        assert new.id != first
        for name in ("body", "sender", "recipient", "metadata", "priority", "segment_count", "charge"):
            assert getattr(new, name) == getattr(old, name), name
        assert values_of(new.labels, "tag:") == ["a", "b"]
        assert values_of(new.labels, "resends:") == [first.hex()]
        assert values_of(new.labels, BATCH) == [], "a batch of contacts tells of what it sent itself"
        assert new.status is Status.QUEUED
        assert entry.cost == Decimal("0.025"), "the new message's alone: the old one's was given back"
        assert (await desk.entry(first)).newest.id == new.id

    async def test_only_what_failed(self, desk: Desk) -> None:
        await desk.pay("1")
        first = await desk.send()
        assert await desk.resend(first) is NotResent.NOT_FAILED
        await desk.deliver("r1")
        assert await desk.resend(first) is NotResent.NOT_FAILED

    async def test_not_to_who_was_erased(self, desk: Desk) -> None:
        await desk.pay("1")
        first = await desk.failed()
        await desk.rig.store.erase(Erasure(PHONE, "erased:1234", None, desk.rig.now))
        assert await desk.resend(first) is NotResent.ERASED
        assert (await desk.entry(first)).retries == 0

    async def test_as_often_as_the_account_allows(self, desk: Desk) -> None:
        desk.set(replace(METERED, resend_limit=2))
        await desk.pay("1")
        first = await desk.failed()
        for number in (1, 2):
            assert (await desk.resent(first)).retries == number
            await desk.fail()
        assert await desk.resend(first) is NotResent.LIMIT_REACHED
        desk.set(replace(METERED, resend_limit=3))
        assert (await desk.resent(first)).retries == 3

    async def test_a_limit_of_none(self, desk: Desk) -> None:
        desk.set(replace(METERED, resend_limit=0))
        await desk.pay("1")
        assert await desk.resend(await desk.failed()) is NotResent.LIMIT_REACHED

    async def test_two_at_the_same_moment_make_one(self, desk: Desk) -> None:
        await desk.pay("1")
        first = await desk.failed()
        found = await asyncio.gather(
            *(desk.outbox.resend(desk.caller, first, ORIGIN, "outbox") for _ in range(5))
        )
        entries = [each for each in found if isinstance(each, OutboxEntry)]
        assert len(entries) == 5
        assert len({entry.newest.id for entry in entries}) == 1
        assert {entry.retries for entry in entries} == {1}
        assert len((await desk.entry(first)).attempts) == 2
        assert await desk.balance() == Decimal("0.975")

    async def test_what_refuses_a_send_refuses_it_too(self, desk: Desk) -> None:
        await desk.pay("0.025")
        first = await desk.failed()
        await desk.send("the money is gone", recipient="+447700900124")
        refusal = await desk.resend(first)
        assert isinstance(refusal, Refusal)
        assert refusal.why is Why.INSUFFICIENT_BALANCE
        await desk.pay("1")
        await desk.rig.store.suppress([Suppression("acme", Env.LIVE, "", PHONE, "opted_out", NOW)])
        refusal = await desk.resend(first)
        assert isinstance(refusal, Refusal)
        assert refusal.why is Why.SUPPRESSED
        assert (await desk.entry(first)).retries == 0

    async def test_a_late_receipt_touches_its_own_message(self, desk: Desk) -> None:
        await desk.pay("1")
        first = await desk.send()
        desk.rig.operators["alpha"].answer(Accepted("r1"))
        await desk.rig.quiet()
        await desk.rig.get_receipt(a_receipt("r1", PartState.FAILED, Reason.ABSENT))
        await desk.resent(first)
        desk.rig.operators["alpha"].answer(Accepted("r2"))
        await desk.rig.quiet()
        await desk.rig.get_receipt(a_receipt("r1"))  # the carrier thinks better of it
        entry = await desk.entry(first)
        assert [each.message.status for each in entry.attempts] == [Status.FAILED, Status.SENT]
        await desk.rig.get_receipt(a_receipt("r2"))
        entry = await desk.entry(first)
        assert [each.message.status for each in entry.attempts] == [Status.FAILED, Status.DELIVERED]

    async def test_the_id_of_a_resend_is_no_entry(self, desk: Desk) -> None:
        await desk.pay("1")
        entry = await desk.resent(await desk.failed())
        await desk.fail()
        assert await desk.resend(entry.newest.id) is NotResent.NOT_FOUND
        with pytest.raises(NotFound):
            await desk.entry(entry.newest.id)

    async def test_it_stays_with_its_first_user(self, desk: Desk) -> None:
        desk.set(METERED, ANN)
        await desk.pay("1")
        mine = await desk.failed()
        desk.set(METERED, "bob", key_id="key_00000000000000bb")
        theirs = await desk.resent(mine)
        assert user_of(theirs.newest) == ANN
        await desk.fail()
        desk.set(METERED, key_id="key_00000000000000aa")
        of_key = await desk.failed()
        desk.set(METERED, "bob", key_id="key_00000000000000bb")
        assert user_of((await desk.resent(of_key)).newest) == "key_00000000000000aa"


class TestSight:
    @pytest.mark.parametrize("other", ["account", "env", "sub_tenant"])
    async def test_nobody_elses(self, desk: Desk, other: str) -> None:
        await desk.pay("1")
        first = await desk.failed()
        strange: dict[str, Any] = {"account": "other", "env": Env.TEST, "sub_tenant": "elsewhere"}
        caller = replace(desk.caller, policy=Policy(), **{other: strange[other]})
        with pytest.raises(NotFound):
            await desk.outbox.entry(caller, first)
        assert await desk.outbox.resend(caller, first, ORIGIN, "outbox") is NotResent.NOT_FOUND
        with pytest.raises(ValueError, match="own messages"):
            await desk.outbox.page(caller, desk.query(), everything)

    async def test_a_key_of_no_sub_tenant_resends_within_it(self, desk: Desk) -> None:
        desk.set(METERED, sub_tenant="north")
        await desk.pay("1")
        first = await desk.failed()
        desk.set(METERED)
        assert (await desk.resent(first)).newest.sub_tenant == "north"


class TestPages:
    async def test_an_entry_stands_once_where_its_newest_message_does(self, desk: Desk) -> None:
        await desk.pay("1")
        failed = [await desk.failed() for _ in range(4)]
        sent = [await desk.send(recipient="+447700900199") for _ in range(3)]
        for first in (failed[2], failed[0]):
            await desk.resent(first)
        wanted = [failed[0], failed[2], *reversed(sent), failed[3], failed[1]]
        for limit in (1, 2, 3, 6, 7, 20):
            assert await desk.firsts(limit) == wanted, limit
        assert await desk.firsts(status=frozenset({Status.FAILED})) == [failed[3], failed[1]]

    async def test_many_that_were_passed_over(self, desk: Desk) -> None:
        """A page goes on behind what was sent again, and one that is short says where."""
        desk.set(replace(METERED, resend_limit=60))
        await desk.pay("9")
        below = await desk.send()
        await desk.deliver("r1")
        first = await desk.failed()
        for _ in range(45):
            await desk.resent(first)
            await desk.fail()
        assert await desk.firsts(1) == [first, below]
        page = await desk.outbox.page(desk.caller, desk.query(1), everything)
        assert page.before is not None

    async def test_the_last_page_leads_to_none(self, desk: Desk) -> None:
        """Also where all that is left is passed over: what was sent again."""
        await desk.pay("1")
        first = await desk.failed()
        await desk.resent(first)
        page = await desk.outbox.page(desk.caller, desk.query(1), everything)
        assert ([entry.first for entry in page.entries], page.before) == ([first], None)

    @pytest.mark.parametrize("looks", [1, 2, 3, 5_000])
    async def test_a_key_that_is_a_user_is_followed_along_both_ways(self, desk: Desk, looks: int) -> None:
        """By the key, and by the label what others have sent again for it: a page ends where the first of both does."""
        mine, others = "key_00000000000000aa", "key_00000000000000bb"
        desk.set(METERED, key_id=mine)
        await desk.pay("5")
        failed = [await desk.failed() for _ in range(3)]
        desk.set(METERED, "bob", key_id=others)
        await desk.resent(failed[1])
        await desk.send()
        await desk.resent(failed[0])
        desk.set(METERED, key_id=mine)
        last = [await desk.send() for _ in range(2)]
        desk.set(METERED, "bob", key_id=others)
        for _ in range(4):
            await desk.send()
        desk.outbox = Outbox(desk.rig.store, desk.rig.submit, looks=looks)
        wanted = [last[1], last[0], failed[0], failed[1], failed[2]]
        for limit in (1, 2, 20):
            assert await desk.firsts(limit, labels=(USER + mine,)) == wanted, limit
        rows, before = [], None
        for _ in range(20):
            query = desk.query(2, labels=(USER + mine,), before=before)
            part = await desk.outbox.bookings(desk.caller, query, everything)
            rows += [booking.message.id for booking in part.bookings]
            before = part.before
            if before is None:
                break
        assert rows == sorted(set(rows), reverse=True)
        assert len(rows) == len(wanted) + 2, "with the two that were sent again"

    async def test_little_is_found_among_many(self, desk: Desk) -> None:
        """A sender is looked for among all: a page ends where it has looked at enough, and says where to go on."""
        await desk.pay("5")
        wanted = [await desk.send(sender="RARE") for _ in range(2)]
        for _ in range(50):
            await desk.send()
        outbox = Outbox(desk.rig.store, desk.rig.submit, looks=2)
        query = replace(desk.query(20), sender="RARE")
        first = await outbox.page(desk.caller, query, everything)
        assert first.entries == []
        assert first.before is not None
        second = await outbox.page(desk.caller, replace(query, before=first.before), everything)
        assert ([entry.first for entry in second.entries], second.before) == (wanted[::-1], None)
        rows, before = [], None
        for _ in range(27):
            part = await outbox.bookings(desk.caller, replace(query, before=before), everything)
            rows += [booking.message.id for booking in part.bookings]
            before = part.before
        assert (rows, before) == (wanted[::-1], None)

    async def test_filters_speak_of_the_newest_message(self, desk: Desk) -> None:
        await desk.pay("1")
        first = await desk.failed(labels=("tag:a",))
        began = desk.rig.now + timedelta(milliseconds=500)
        await desk.resent(first)
        assert await desk.firsts(labels=("tag:a",)) == [first]
        assert await desk.firsts(created_after=began) == [first]
        assert await desk.firsts(created_before=began) == [], "what it was then, it is no more"

    async def test_by_user(self, desk: Desk) -> None:
        key, other_key = "key_00000000000000aa", "key_00000000000000bb"
        desk.set(METERED, key_id=key)
        await desk.pay("1")
        by_key = [await desk.failed() for _ in range(3)]
        desk.set(METERED, ANN, key_id=key)
        by_ann = [await desk.send() for _ in range(2)]
        desk.set(METERED, key_id=other_key)
        await desk.resent(by_key[0])
        by_other = await desk.send()
        for limit in (1, 2, 20):
            assert await desk.firsts(limit, labels=(f"user:{ANN}",)) == by_ann[::-1]
            assert await desk.firsts(limit, labels=(f"user:{key}",)) == [by_key[0], by_key[2], by_key[1]]
            assert await desk.firsts(limit, labels=(f"user:{other_key}",)) == [by_other]


class TestRetention:
    async def test_a_resend_is_one_also_when_earlier_ones_are_forgotten(self, desk: Desk) -> None:
        """A day's retention is shorter than the life of a key: a resend is not taken for one of yesterday."""
        await desk.pay("1")
        first = await desk.failed()
        for _ in range(2):
            desk.rig.later(20 * 3600)
            newest = (await desk.resent(first)).newest.id
            await desk.fail()
        desk.rig.later(6 * 3600)
        assert await desk.rig.store.purge(desk.rig.now, 1) == 2, "the first message, and the first resend"
        entry = await desk.resent(first)
        assert (entry.newest.id != newest, entry.newest.status) == (True, Status.QUEUED)

    async def test_an_entry_outlives_its_first_message(self, desk: Desk) -> None:
        """The id goes on finding what is left of it."""
        await desk.pay("1")
        first = await desk.failed()
        made_at = desk.rig.now
        desk.rig.later(5 * 86_400)
        await desk.resent(first)
        await desk.deliver("r1")
        desk.rig.later(86_400)
        assert await desk.rig.store.purge(desk.rig.now, 3) > 0
        entry = await desk.entry(first)
        assert (len(entry.attempts), entry.retries, entry.newest.status) == (1, 1, Status.DELIVERED)
        assert entry.created_at == made_at, "its id knows it to the millisecond"
        assert await desk.firsts() == [first]
        desk.rig.later(5 * 86_400)
        await desk.rig.store.purge(desk.rig.now, 3)
        with pytest.raises(NotFound):
            await desk.entry(first)


class TestBookings:
    async def test_the_sums_of_a_period_are_the_ledgers(self, desk: Desk) -> None:
        await desk.pay("10")
        began = desk.rig.now + timedelta(milliseconds=500)
        first = await desk.failed(body="x" * 200)
        await desk.resent(first)
        await desk.deliver("r1")
        await desk.send("still waiting")
        ended = desk.rig.now + timedelta(milliseconds=500)
        await desk.send("after it")
        bookings = []
        query = desk.query(1, created_after=began, created_before=ended)
        while True:
            page = await desk.outbox.bookings(desk.caller, query, everything)
            bookings += page.bookings
            if page.before is None:
                break
            query = replace(query, before=page.before)
        assert len(bookings) == 3, "one row per message"
        ledger = (
            await desk.rig.store.entries(LedgerQuery("acme", Env.LIVE, 100, after=began, until=ended))
        ).items
        for kind in (Kind.RESERVATION, Kind.SETTLEMENT, Kind.RELEASE, Kind.REFUND):
            booked = sum((abs(e.amount or e.held) for e in ledger if e.kind is kind), ZERO)
            assert sum((b.sum_of(kind) for b in bookings), ZERO) == booked, kind
        assert [str(b.sum_of(Kind.RESERVATION)) for b in bookings] == ["0.025", "0.05", "0.05"]


class TestTaken:
    async def test_a_replay_gives_the_earlier_message(self, desk: Desk) -> None:
        await desk.pay("1")
        key = IdempotencyKey(b"k" * 32, "POST", "/api/sms/send", b"b" * 32)
        send: Send = a_send()
        for replayed in (False, True):
            result = await desk.rig.submit.accept(desk.caller, (send,), key, ORIGIN)
            assert isinstance(result, Acceptance)
            assert result.replayed is replayed
            message = await desk.outbox.taken(desk.caller, result)
            assert isinstance(message, Message)
            assert (message.body, message.charge is not None) == (send.body, True)

    async def test_a_refusal_stays_one(self, desk: Desk) -> None:
        result = await desk.rig.submit.accept(desk.caller, (a_send(recipient="1"),), None, ORIGIN)
        assert isinstance(result, Acceptance)
        assert isinstance(await desk.outbox.taken(desk.caller, result), Refusal)


STEPS = st.lists(
    st.tuples(st.sampled_from(["send", "refuse", "deliver", "lose", "resend"]), st.integers(0, 9)),
    max_size=25,
)


@settings(max_examples=25, deadline=None)
@given(STEPS, st.integers(1, 4))
def test_whatever_happens_entries_and_money_agree(steps: list[tuple[str, int]], limit: int) -> None:
    """Each entry is listed once, at the place of its newest message, and what the entries cost, what the export says,
    and what the balance has lost is the same."""
    asyncio.run(_happen(steps, limit))


async def _happen(steps: list[tuple[str, int]], limit: int) -> None:
    async with a_rig() as rig:
        desk = Desk(rig)
        await desk.pay("10")
        made: list[bytes] = []
        newest: list[bytes] = []  #: entries by their newest messages, latest first
        alpha = rig.operators["alpha"]
        for number, (step, which) in enumerate(steps):
            if step == "send":
                made.append(await desk.send("x" * (1 + which * 40)))
                newest.insert(0, made[-1])
            elif step == "resend" and made:
                first = made[which % len(made)]
                if isinstance(await desk.resend(first), OutboxEntry):
                    newest.remove(first)
                    newest.insert(0, first)
            elif step == "refuse" and alpha.unanswered:
                await desk.fail()
            elif alpha.unanswered:
                alpha.answer(Accepted(f"r{number}"))
                await rig.quiet()
                state = PartState.DELIVERED if step == "deliver" else PartState.FAILED
                await rig.get_receipt(a_receipt(f"r{number}", state, Reason.ABSENT))
        assert await desk.firsts(limit) == newest
        entries = [await desk.entry(first) for first in made]
        assert all(entry.retries + 1 == len(entry.attempts) for entry in entries)
        assert all(entry.units * Decimal("0.025") == entry.cost for entry in entries)
        page = await desk.outbox.bookings(desk.caller, desk.query(1000), everything)
        exported = sum((-entry.amount for each in page.bookings for entry in each.entries), ZERO)
        assert sum((entry.cost for entry in entries), ZERO) == exported == 10 - await desk.balance()
