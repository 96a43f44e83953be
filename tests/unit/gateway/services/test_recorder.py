"""The recorder: outcomes reach the store in batches, none is lost, and what is not recorded is bounded (promise 2)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest

from gateway.domain.account import Env, Policy
from gateway.domain.message import Answer, End, Message, Step, Wait
from gateway.domain.outcome import Accepted as Took
from gateway.domain.outcome import Doubt, Outcome, Retry, Throttled
from gateway.domain.words import PartState, Reason, Status
from gateway.errors import StoreUnavailable
from gateway.ports import DecideAnswers
from gateway.services import recorder as module
from gateway.services.recorder import Change
from tests.unit.gateway.services.rig import EVERYTHING, NOW, URL, Rig, a_receipt, a_rig, a_send, rule

SYSERR = Retry(Reason.CARRIER_ERROR, "ESME_RSYSERR")


class Watch:
    """Record calls of the store, and hold or fail them."""

    def __init__(self, rig: Rig, monkeypatch: pytest.MonkeyPatch, failures: int = 0) -> None:
        self.batches: list[int] = []
        self.failures = failures
        self.gate = asyncio.Event()
        self.gate.set()
        self._record = rig.store.record_answers
        monkeypatch.setattr(rig.store, "record_answers", self.record)

    async def record(self, answers: Sequence[Answer], decide: DecideAnswers) -> list[Step]:
        await self.gate.wait()
        if self.failures:
            self.failures -= 1
            raise StoreUnavailable("taken down by the test")
        self.batches.append(len(answers))
        return await self._record(answers, decide)


def answer_of(
    message: Message, outcome: Outcome, part: int = 1, attempt: int = 1, then: object = None
) -> Answer:
    """An answer as the dispatcher makes it."""
    assert then is None or isinstance(then, (Wait, End))
    return Answer(
        message.id, attempt, part, 1, "alpha", "all", message.sender, message.recipient, outcome, NOW, then
    )


class TestBatches:
    """What comes while a commit runs is the next batch."""

    async def test_gathered_while_a_commit_runs(self, monkeypatch: pytest.MonkeyPatch) -> None:
        async with a_rig() as rig:
            watch = Watch(rig, monkeypatch)
            ids = [await rig.send(str(n)) for n in range(10)]
            watch.gate.clear()
            for n in range(3):
                rig.operators["alpha"].answer(Took(f"r{n}"))
            await asyncio.sleep(0)  # the recorder has taken these three
            for n in range(3, 10):
                rig.operators["alpha"].answer(Took(f"r{n}"))
            assert rig.recorder.unrecorded == 10
            watch.gate.set()
            await rig.quiet()
            assert watch.batches == [3, 7]
            assert {(await rig.message(id_)).status for id_ in ids} == {Status.SENT}

    async def test_the_journal_is_told_after_the_commit(self, monkeypatch: pytest.MonkeyPatch) -> None:
        async with a_rig() as rig:
            watch = Watch(rig, monkeypatch)
            id_ = await rig.send()
            watch.gate.clear()
            rig.operators["alpha"].answer(Took("r1"))
            await asyncio.sleep(0)
            assert rig.journal.calls == []
            watch.gate.set()
            await rig.quiet()
            assert rig.journal.calls == [("recorded", [(id_, 1, 1)])]

    async def test_settled_waits_for_all(self) -> None:
        async with a_rig() as rig:
            await rig.recorder.settled()
            await rig.send()
            rig.operators["alpha"].answer(Took("r1"))
            waiting = asyncio.create_task(rig.recorder.settled())
            await asyncio.sleep(0)
            assert not waiting.done()
            await waiting
            assert rig.recorder.unrecorded == 0


class TestStoreDown:
    """What a carrier has answered is kept until the store takes it."""

    async def test_answers_wait(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(module, "STORE_PAUSE_S", 0.0)
        async with a_rig() as rig:
            watch = Watch(rig, monkeypatch, failures=3)
            id_ = await rig.send()
            rig.operators["alpha"].answer(Took("r1"))
            await rig.quiet()
            assert (watch.failures, watch.batches) == (0, [1])
            assert (await rig.message(id_)).status is Status.SENT

    async def test_changes_wait(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(module, "STORE_PAUSE_S", 0.0)
        async with a_rig() as rig:
            change, failures = rig.store.change, [1, 2]

            async def broken(ids: Sequence[bytes], decide: object) -> list[Step | None]:
                if failures:
                    failures.pop()
                    raise StoreUnavailable("taken down by the test")
                return await change(ids, decide)  # type: ignore[arg-type]

            monkeypatch.setattr(rig.store, "change", broken)
            rig.operators["alpha"].slots = 0
            id_ = await rig.send()
            rig.dispatch.drain()
            await rig.quiet()
            assert failures == []
            assert (await rig.message(id_)).owner is None


class TestTheBound:
    """At `max_unrecorded` writing stops, and goes on when answers are recorded."""

    async def test_twice_the_carriers_windows(self) -> None:
        async with a_rig() as rig:
            windows = sum(operator.window for operator in rig.operators.values())
            assert rig.recorder.max_unrecorded == 2 * windows

    async def test_holds_writing_and_lets_it_go_on(self, monkeypatch: pytest.MonkeyPatch) -> None:
        async with a_rig() as rig:
            watch = Watch(rig, monkeypatch)
            rig.recorder.max_unrecorded = 2
            for n in range(3):
                await rig.send(str(n))
            watch.gate.clear()
            alpha = rig.operators["alpha"]
            alpha.answer(Took("r0"))
            assert rig.recorder.may_write()
            alpha.answer(Took("r1"))
            assert not rig.recorder.may_write()
            assert alpha.kicks == 0
            watch.gate.set()
            await rig.quiet()
            assert alpha.kicks == 1
            assert rig.recorder.may_write()

    async def test_a_store_that_hangs_lets_nobody_write(self) -> None:
        """Also when a reload says anew how much may be written; who asked meanwhile is told of the end."""
        async with a_rig() as rig:
            alpha = rig.operators["alpha"]
            for _ in range(2):
                rig.recorder.hold(True)
            rig.recorder.max_unrecorded = 10
            assert not rig.recorder.may_write()
            assert alpha.kicks == 0
            rig.recorder.hold(False)
            assert alpha.kicks == 1
            assert rig.recorder.may_write()
            assert rig.recorder.max_unrecorded == 10
            rig.recorder.hold(True)
            rig.recorder.hold(False)
            assert alpha.kicks == 1, "nobody had asked"

    async def test_nobody_is_woken_who_was_not_held(self) -> None:
        async with a_rig() as rig:
            await rig.send()
            rig.operators["alpha"].answer(Took("r1"))
            await rig.quiet()
            assert rig.operators["alpha"].kicks == 0


class TestChangeAndAnswer:
    """Both of one message in one turn."""

    async def test_the_answer_s_decision_goes_first(self) -> None:
        async with a_rig() as rig:
            id_ = await rig.send()
            message = await rig.message(id_)
            rig.recorder.change(Change(id_, 1, End(Reason.OPTED_OUT, "stop")))
            rig.recorder.answer(answer_of(message, SYSERR, then=Wait("alpha", NOW)))
            await rig.quiet()
            found = await rig.message(id_)
            assert (found.status, found.reason) == (Status.UNDELIVERABLE, Reason.OPTED_OUT)

    async def test_a_message_that_was_taken_is_not_released(self) -> None:
        async with a_rig() as rig:
            id_ = await rig.send()
            message = await rig.message(id_)
            rig.recorder.answer(answer_of(message, Took("r1")))
            rig.recorder.change(Change(id_, 1, Wait("alpha", NOW, counts=False)))
            await rig.quiet()
            found = await rig.message(id_)
            assert (found.status, found.next_at) == (Status.SENT, None)

    async def test_what_is_over_as_sent_stays_so(self) -> None:
        """A receipt that nobody asked for must find its attempt still."""
        async with a_rig() as rig:
            id_ = await rig.send()
            message = await rig.message(id_)
            rig.recorder.answer(answer_of(message, Took("r1", receipt=False)))
            await rig.quiet()
            rig.recorder.change(Change(id_, 1, Wait("beta", NOW), unwritten=True, split_anew=True))
            await rig.quiet()
            found = await rig.message(id_)
            assert (found.status, found.over, found.attempts) == (Status.SENT, True, 1)
            await rig.get_receipt(a_receipt("r1"))
            assert (await rig.message(id_)).status is Status.DELIVERED

    @pytest.mark.parametrize("attempt", [0, 2])
    async def test_a_change_is_for_its_attempt_alone(self, attempt: int) -> None:
        async with a_rig() as rig:
            id_ = await rig.send()
            rig.recorder.change(Change(id_, attempt, End(Reason.OPTED_OUT, "stop")))
            await rig.quiet()
            assert (await rig.message(id_)).status is Status.QUEUED

    async def test_an_attempt_that_did_not_happen_is_not_counted(self) -> None:
        async with a_rig() as rig:
            id_ = await rig.send()
            rig.recorder.change(Change(id_, 1, Wait("alpha", NOW, counts=False), unwritten=True))
            await rig.quiet()
            message = await rig.message(id_)
            assert (message.attempts, message.tries, message.next_at) == (0, 0, NOW)


class TestThen:
    """A decision is applied to the attempt that it was made for."""

    async def test_not_when_the_message_has_gone_on(self) -> None:
        async with a_rig() as rig:
            alpha = rig.operators["alpha"]
            id_ = await rig.send()
            alpha.answer(SYSERR)
            await rig.quiet()
            rig.later(1)
            await rig.claim()
            message = await rig.message(id_)
            rig.recorder.answer(answer_of(message, Doubt("late"), then=End(Reason.UNCONFIRMED, "late")))
            await rig.quiet()
            found = await rig.message(id_)
            assert (found.status, found.owner) == (Status.QUEUED, rig.owner.number)

    async def test_the_newest_of_a_batch_counts(self) -> None:
        async with a_rig() as rig:
            id_ = await rig.send()
            message = await rig.message(id_)
            rig.recorder.answer(
                answer_of(message, Doubt("no answer"), then=Wait("alpha", NOW + timedelta(300)))
            )
            rig.recorder.answer(answer_of(message, SYSERR, then=Wait("alpha", NOW + timedelta(seconds=1))))
            await rig.quiet()
            assert (await rig.message(id_)).next_at == NOW + timedelta(seconds=1)


class TestOvertaken:
    """A receipt that came before its answer waits for it."""

    async def test_applied_with_the_answer(self) -> None:
        async with a_rig() as rig:
            rig.policies[("acme", Env.LIVE)] = Policy(webhook_url=URL, webhook_events=EVERYTHING)
            id_ = await rig.send()
            assert await rig.get_receipt(a_receipt("r1")) == [True]
            assert (await rig.message(id_)).status is Status.QUEUED
            rig.operators["alpha"].answer(Took("r1"))
            await rig.quiet()
            assert (await rig.message(id_)).status is Status.DELIVERED
            assert rig.events(id_) == ["sent", "delivered"]

    async def test_undelivered_fails_over_as_it_would_have_later(self) -> None:
        async with a_rig() as rig:
            rig.set_up(failover=frozenset({"all"}))
            id_ = await rig.send()
            await rig.get_receipt(a_receipt("r1", PartState.FAILED, Reason.ABSENT))
            rig.operators["alpha"].answer(Took("r1"))
            await rig.claim()
            assert rig.operators["beta"].texts == ["hello"]
            message = await rig.message(id_)
            assert (message.operator, message.tried, message.attempts) == ("beta", ("alpha",), 2)

    async def test_undelivered_ends_it_where_nobody_is_left(self) -> None:
        async with a_rig(rule("all", "alpha"), operators=["alpha"]) as rig:
            id_ = await rig.send("0123456789abcdefghij")
            await rig.get_receipt(a_receipt("r1", PartState.UNDELIVERABLE, Reason.BLOCKED))
            alpha = rig.operators["alpha"]
            alpha.answer(Took("r1"))
            alpha.answer(Throttled(1.0, "ESME_RTHROTTLED"))
            await rig.quiet()
            message = await rig.message(id_)
            assert (message.status, message.reason) == (Status.UNDELIVERABLE, Reason.BLOCKED)


async def test_events_leave_with_the_commit() -> None:
    async with a_rig() as rig:
        rig.start(rig.webhooks.run)
        rig.policies[("acme", Env.LIVE)] = Policy(webhook_url=URL, webhook_events=frozenset({"sent"}))
        await rig.accept(a_send("a"), a_send("b"))
        rig.operators["alpha"].answer(Took("r1"))
        rig.operators["alpha"].answer(Took("r2"))
        await rig.quiet()
        assert rig.client.posted == [(URL, b"sent")] * 2
