"""Receipts: applied in batches, acknowledged after the commit and never without it (promise 3)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest

from gateway.domain.account import Env, Policy
from gateway.domain.event import EventKind
from gateway.domain.outcome import Accepted as Took
from gateway.domain.outcome import Doubt
from gateway.domain.receipt import Receipt
from gateway.domain.words import PartState, Reason, Status
from gateway.errors import StoreUnavailable
from gateway.ports import ReceiptResult
from tests.unit.gateway.services.rig import EVERYTHING, NOW, URL, Rig, Told, a_receipt, a_rig, rule


async def sent(rig: Rig, *refs: str, body: str = "hello") -> bytes:
    """A message that alpha has taken by these names."""
    id_ = await rig.send(body)
    for ref in refs:
        rig.operators["alpha"].answer(Took(ref))
    await rig.quiet()
    return id_


def counted(rig: Rig, effect: str, state: str) -> float:
    """What the metric says."""
    return rig.metrics.receipts.value("alpha", effect, state)


class TestAcknowledged:
    """After the commit; 'again' while the store is down."""

    async def test_after_the_commit(self, monkeypatch: pytest.MonkeyPatch) -> None:
        async with a_rig() as rig:
            id_ = await sent(rig, "r1")
            gate, apply = asyncio.Event(), rig.store.apply_receipts

            async def held(receipts: Sequence[Receipt], decide: object) -> list[ReceiptResult]:
                await gate.wait()
                return await apply(receipts, decide)  # type: ignore[arg-type]

            monkeypatch.setattr(rig.store, "apply_receipts", held)
            told = Told()
            rig.receipts.take(a_receipt("r1"), told)
            await asyncio.sleep(0)
            assert told.answers == []
            gate.set()
            await told.heard.wait()
            assert told.answers == [True]
            assert (await rig.message(id_)).status is Status.DELIVERED

    async def test_what_waits_behind_a_batch_that_hangs_is_refused(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What is in the batch has no answer yet: it may be kept."""
        async with a_rig() as rig:
            await sent(rig, "r1")
            gate, entered, apply = asyncio.Event(), asyncio.Event(), rig.store.apply_receipts

            async def held(receipts: Sequence[Receipt], decide: object) -> list[ReceiptResult]:
                entered.set()
                await gate.wait()
                return await apply(receipts, decide)  # type: ignore[arg-type]

            monkeypatch.setattr(rig.store, "apply_receipts", held)
            hangs, waits = Told(), Told()
            rig.receipts.take(a_receipt("r1"), hangs)
            await entered.wait()
            rig.receipts.take(a_receipt("r2"), waits)
            rig.receipts.refuse_waiting("the disk hangs")
            assert (hangs.answers, waits.answers) == ([], [False])
            gate.set()
            await hangs.heard.wait()
            assert (hangs.answers, waits.answers) == ([True], [False])

    async def test_again_while_the_store_is_down(self, monkeypatch: pytest.MonkeyPatch) -> None:
        async with a_rig() as rig:
            id_ = await sent(rig, "r1")
            with monkeypatch.context() as patched:

                async def down(*_: object) -> list[ReceiptResult]:
                    raise StoreUnavailable("taken down by the test")

                patched.setattr(rig.store, "apply_receipts", down)
                assert await rig.get_receipt(a_receipt("r1"), a_receipt("r2")) == [False, False]
            assert (await rig.message(id_)).status is Status.SENT
            assert await rig.get_receipt(a_receipt("r1")) == [True]
            assert (await rig.message(id_)).status is Status.DELIVERED

    async def test_what_comes_meanwhile_is_the_next_batch(self, monkeypatch: pytest.MonkeyPatch) -> None:
        async with a_rig() as rig:
            gate, apply, batches = asyncio.Event(), rig.store.apply_receipts, list[int]()

            async def held(receipts: Sequence[Receipt], decide: object) -> list[ReceiptResult]:
                batches.append(len(receipts))
                await gate.wait()
                return await apply(receipts, decide)  # type: ignore[arg-type]

            monkeypatch.setattr(rig.store, "apply_receipts", held)
            told = [Told() for _ in range(5)]
            for n, each in enumerate(told):
                rig.receipts.take(a_receipt(f"r{n}"), each)
                if n == 1:
                    await asyncio.sleep(0)  # the first two are on their way
            gate.set()
            for each in told:
                await each.heard.wait()
            assert batches == [2, 3]


class TestEffects:
    """What a receipt does, and what is counted."""

    async def test_delivered(self) -> None:
        async with a_rig() as rig:
            id_ = await sent(rig, "r1")
            await rig.get_receipt(a_receipt("r1"))
            assert (await rig.message(id_)).status is Status.DELIVERED
            assert counted(rig, "applied", "delivered") == 1

    async def test_a_repeated_one_changes_nothing(self) -> None:
        async with a_rig() as rig:
            rig.policies[("acme", Env.LIVE)] = Policy(webhook_url=URL, webhook_events=EVERYTHING)
            id_ = await sent(rig, "r1")
            await rig.get_receipt(a_receipt("r1"))
            await rig.get_receipt(a_receipt("r1", PartState.FAILED, Reason.ABSENT), a_receipt("r1"))
            assert (await rig.message(id_)).status is Status.DELIVERED
            assert rig.events(id_) == ["sent", "delivered"]
            assert counted(rig, "repeated", "failed") == counted(rig, "repeated", "delivered") == 1

    async def test_an_intermediate_one_is_no_end(self) -> None:
        async with a_rig() as rig:
            id_ = await sent(rig, "r1")
            await rig.get_receipt(a_receipt("r1", None))
            assert (await rig.message(id_)).status is Status.SENT
            assert counted(rig, "intermediate", "intermediate") == 1

    async def test_an_unknown_one_is_kept_and_acknowledged(self) -> None:
        async with a_rig() as rig:
            assert await rig.get_receipt(a_receipt("who?")) == [True]
            assert counted(rig, "parked", "delivered") == 1
            assert (await rig.store.facts(NOW)).parked_receipts == 1

    async def test_every_part_makes_the_message(self) -> None:
        async with a_rig() as rig:
            id_ = await sent(rig, "r1", "r2", body="0123456789abcdefghij")
            await rig.get_receipt(a_receipt("r2"))
            assert (await rig.message(id_)).status is Status.SENT
            await rig.get_receipt(a_receipt("r1"))
            assert (await rig.message(id_)).status is Status.DELIVERED

    async def test_the_worst_part_makes_the_message(self) -> None:
        async with a_rig() as rig:
            id_ = await sent(rig, "r1", "r2", body="0123456789abcdefghij")
            await rig.get_receipt(a_receipt("r1"), a_receipt("r2", PartState.UNDELIVERABLE, Reason.BLOCKED))
            message = await rig.message(id_)
            assert (message.status, message.reason) == (Status.UNDELIVERABLE, Reason.BLOCKED)


class TestFailover:
    """On undeliverable, where the rule wants it: no event and no end while somebody is left."""

    async def test_the_next_operator_has_it(self) -> None:
        async with a_rig() as rig:
            rig.set_up(failover=frozenset({"all"}))
            rig.policies[("acme", Env.LIVE)] = Policy(webhook_url=URL, webhook_events=EVERYTHING)
            id_ = await sent(rig, "r1")
            await rig.get_receipt(a_receipt("r1", PartState.FAILED, Reason.ABSENT))
            await rig.claim()
            beta = rig.operators["beta"]
            assert beta.texts == ["hello"]
            assert rig.events(id_) == ["sent"]
            assert rig.dispatch.backlog == 0
            beta.answer(Took("b1"))
            await rig.quiet()
            await rig.get_receipt(a_receipt("b1", operator="beta"))
            assert (await rig.message(id_)).status is Status.DELIVERED
            assert rig.events(id_) == ["sent", "delivered"]

    @pytest.mark.parametrize(
        ("policy", "told"),
        [
            (Policy(webhook_url=URL), [("beta", True)]),
            (Policy(webhook_url=URL, webhook_events=EVERYTHING), [("alpha", False), ("beta", True)]),
        ],
    )
    async def test_an_end_with_one_that_gives_no_receipts_is_told(
        self, policy: Policy, told: list[tuple[str, bool]]
    ) -> None:
        """Though it was `sent` before, and passes no status."""
        async with a_rig() as rig:
            rig.set_up(failover=frozenset({"all"}))
            rig.policies[("acme", Env.LIVE)] = policy
            id_ = await sent(rig, "r1")
            await rig.get_receipt(a_receipt("r1", PartState.FAILED, Reason.ABSENT))
            await rig.claim()
            rig.operators["beta"].answer(Took("b1", receipt=False))
            await rig.quiet()
            message = await rig.message(id_)
            assert (message.status, message.over) == (Status.SENT, True)
            events = sorted(
                (event for event in rig.told if event.subject == id_), key=lambda event: event.seq
            )
            assert {event.kind for event in events} == {EventKind.SENT}
            assert [(event.data["operator"], "over" in event.data) for event in events] == told
            assert rig.metrics.messages_ended.value("sent", "") == 1

    async def test_nobody_left_ends_it(self) -> None:
        async with a_rig(rule("all", "alpha")) as rig:
            rig.set_up(failover=frozenset({"all"}))
            id_ = await sent(rig, "r1")
            await rig.get_receipt(a_receipt("r1", PartState.FAILED, Reason.ABSENT))
            message = await rig.message(id_)
            assert (message.status, message.reason) == (Status.FAILED, Reason.ABSENT)

    async def test_the_other_parts_receipts_stay_on_their_attempt(self) -> None:
        async with a_rig() as rig:
            rig.set_up(failover=frozenset({"all"}))
            id_ = await sent(rig, "r1", "r2", body="0123456789abcdefghij")
            await rig.get_receipt(a_receipt("r1", PartState.FAILED, Reason.ABSENT), a_receipt("r2"))
            message = await rig.message(id_)
            assert (message.status, message.operator) == (Status.SENT, "beta")


class TestDoubt:
    """A receipt for a part that was never answered (promise 2)."""

    async def test_taken_when_exactly_one_fits(self) -> None:
        async with a_rig() as rig:
            id_ = await rig.send()
            rig.operators["alpha"].answer(Doubt("lost"))
            await rig.quiet()
            await rig.get_receipt(a_receipt("unheard of"))
            message = await rig.message(id_)
            assert (message.status, message.doubt, message.next_at) == (Status.DELIVERED, False, None)
            rig.later(300)
            await rig.claim()
            assert len(rig.operators["alpha"].written) == 1

    async def test_not_guessed_between_two(self) -> None:
        async with a_rig() as rig:
            ids = [await rig.send(str(n)) for n in range(2)]
            for _ in ids:
                rig.operators["alpha"].answer(Doubt("lost"))
            await rig.quiet()
            await rig.get_receipt(a_receipt("unheard of"))
            assert {(await rig.message(id_)).status for id_ in ids} == {Status.QUEUED}

    async def test_taken_later_when_the_other_is_answered(self) -> None:
        async with a_rig() as rig:
            alpha = rig.operators["alpha"]
            ids = [await rig.send(str(n)) for n in range(2)]
            parts = [alpha.answer(Doubt("lost")) for _ in ids]
            await rig.quiet()
            await rig.get_receipt(a_receipt("unheard of"))
            alpha.answer(Took("r2"), parts[1])
            await rig.quiet()
            await rig.get_receipt(a_receipt("r2"))
            rig.later(1)
            await rig.receipts.match_doubt()
            assert {(await rig.message(id_)).status for id_ in ids} == {Status.DELIVERED}

    async def test_two_that_end_a_message_together_are_counted_as_one_end(self) -> None:
        async with a_rig() as rig:
            id_ = await rig.send("0123456789abcdefghij")
            for _ in range(2):
                rig.operators["alpha"].answer(Doubt("lost"))
            await rig.quiet()
            await rig.get_receipt(a_receipt("unheard of"), a_receipt("nor of this"))
            assert (await rig.message(id_)).status is Status.DELIVERED
            assert rig.metrics.messages_ended.value("delivered", "") == 1


async def test_many_at_once_each_find_their_own() -> None:
    async with a_rig() as rig:
        alpha = rig.operators["alpha"]
        alpha.window = 100
        ids = []
        for n in range(50):
            ids.append(await rig.send(f"m{n}"))
            alpha.answer(Took(f"r{n}"))
        await rig.quiet()
        receipts = [
            a_receipt(
                f"r{n}",
                PartState.DELIVERED if n % 2 else PartState.FAILED,
                None if n % 2 else Reason.ABSENT,
                at=NOW + timedelta(seconds=n),
            )
            for n in reversed(range(50))
        ]
        assert all(await rig.get_receipt(*receipts))
        statuses = [(await rig.message(id_)).status for id_ in ids]
        assert statuses == [Status.FAILED, Status.DELIVERED] * 25
