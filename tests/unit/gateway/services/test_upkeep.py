"""What is done by the clock: ends of validity, doubt, the NOC's commands, states for people, retention."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from gateway.domain.account import Env, Policy
from gateway.domain.message import Message, PartRow, Step
from gateway.domain.outcome import Accepted as Took
from gateway.domain.outcome import Doubt
from gateway.domain.suppression import Suppression
from gateway.domain.words import PartState, Priority, Reason, Status
from gateway.errors import StoreUnavailable
from gateway.ports import Command
from gateway.services import upkeep as module
from gateway.services.upkeep import requeued
from tests.unit.gateway.services.rig import (
    EVERYTHING,
    NOW,
    OURS,
    PHONE,
    URL,
    Rig,
    a_receipt,
    a_rig,
    a_send,
    an_inbound,
)


def all_down(rig: Rig) -> None:
    """No carrier is there."""
    for name, operator in rig.operators.items():
        operator.up = False
        rig.changed(name)


class TestEnds:
    """Everything ends, a minute after its validity at the latest."""

    async def test_what_waits(self) -> None:
        async with a_rig() as rig:
            rig.policies[("acme", Env.LIVE)] = Policy(webhook_url=URL, webhook_events=EVERYTHING)
            all_down(rig)
            id_ = await rig.send(validity_s=3600)
            rig.later(3600 + 59)
            await rig.upkeep.turn()
            assert (await rig.message(id_)).status is Status.QUEUED
            rig.later(1)
            await rig.upkeep.turn()
            message = await rig.message(id_)
            assert (message.status, message.reason) == (Status.UNDELIVERABLE, Reason.EXPIRED)
            assert rig.events(id_) == ["undeliverable"]
            assert rig.metrics.messages_ended.value("undeliverable", "expired") == 1

    async def test_what_may_have_been_sent(self) -> None:
        async with a_rig() as rig:
            id_ = await rig.send(validity_s=60)
            rig.operators["alpha"].answer(Doubt("lost"))
            await rig.quiet()
            rig.later(120)
            await rig.upkeep.turn()
            message = await rig.message(id_)
            assert (message.status, message.reason) == (Status.FAILED, Reason.UNCONFIRMED)

    async def test_what_was_sent_and_never_reported(self) -> None:
        async with a_rig() as rig:
            id_ = await rig.send(validity_s=60)
            rig.operators["alpha"].answer(Took("r1"))
            await rig.quiet()
            rig.later(120)
            await rig.upkeep.turn()
            message = await rig.message(id_)
            assert (message.status, message.reason) == (Status.UNDELIVERABLE, Reason.EXPIRED)
            assert await rig.get_receipt(a_receipt("r1")) == [True]
            assert (await rig.message(id_)).status is Status.UNDELIVERABLE  # what the tenant was told stands
            assert b'effect="applied"' in rig.metrics.render()

    async def test_what_was_sent_to_a_carrier_that_is_asked_for_no_receipts(self) -> None:
        async with a_rig() as rig:
            id_ = await rig.send(validity_s=60)
            rig.operators["alpha"].answer(Took("r1", receipt=False))
            await rig.quiet()
            told = await rig.message(id_)
            assert (told.status, told.final_at) == (Status.SENT, NOW)
            assert rig.metrics.messages_ended.value("sent", "") == 1
            rig.later(120)
            await rig.upkeep.turn()
            assert await rig.message(id_) == told
            assert await rig.get_receipt(a_receipt("r1")) == [True]  # it comes all the same
            message = await rig.message(id_)
            assert (message.status, message.final_at) == (Status.DELIVERED, NOW)
            assert rig.metrics.messages_ended.value("delivered", "") == 0  # it had ended

    @pytest.mark.parametrize("wanted", [EVERYTHING, Policy().webhook_events])
    async def test_what_an_earlier_release_has_left_open_though_no_receipt_was_asked_for(
        self, wanted: frozenset[str]
    ) -> None:
        """It is told once: with the carrier's answer, where the account was told of that, else now. It was its end."""
        async with a_rig() as rig:
            rig.policies[("acme", Env.LIVE)] = Policy(webhook_url=URL, webhook_events=wanted)
            id_ = await rig.send(validity_s=60)
            rig.operators["alpha"].answer(Took("r1"))
            await rig.quiet()

            def as_it_was(message: Message, rows: list[PartRow]) -> Step:
                rows[0].state = PartState.SILENT
                return Step(message, [rows[0]])

            await rig.store.change([id_], as_it_was)
            assert (await rig.message(id_)).final_at is None
            rig.later(120)
            await rig.upkeep.turn()
            message = await rig.message(id_)
            assert (message.status, message.reason, message.final_at) == (Status.SENT, None, NOW)
            assert rig.metrics.messages_ended.value("sent", "") == 1
            assert rig.events(id_) == ["sent"]

    async def test_what_one_carrier_reported_undelivered_and_no_other_took(self) -> None:
        async with a_rig() as rig:
            rig.set_up(failover=frozenset({"all"}))
            id_ = await rig.send(validity_s=60)
            rig.operators["alpha"].answer(Took("r1"))
            await rig.quiet()
            rig.operators["beta"].up = False
            rig.changed("beta")
            await rig.get_receipt(a_receipt("r1", PartState.FAILED, Reason.ABSENT))
            assert (await rig.message(id_)).operator == "beta"
            rig.later(120)
            await rig.upkeep.turn()
            message = await rig.message(id_)
            assert (message.status, message.reason) == (Status.FAILED, Reason.ABSENT)

    async def test_what_is_scheduled_has_its_validity_from_its_time_on(self) -> None:
        async with a_rig() as rig:
            all_down(rig)
            id_ = await rig.send(scheduled_at=NOW + timedelta(hours=1), validity_s=60)
            rig.later(3600)
            await rig.upkeep.turn()
            assert (await rig.message(id_)).status is Status.SCHEDULED
            rig.later(120)
            await rig.upkeep.turn()
            assert (await rig.message(id_)).reason is Reason.EXPIRED

    async def test_not_what_is_in_hand(self) -> None:
        async with a_rig() as rig:
            id_ = await rig.send(validity_s=60)
            rig.later(120)
            await rig.upkeep.turn()
            assert (await rig.message(id_)).status is Status.QUEUED
            rig.operators["alpha"].answer(Took("r1"))
            await rig.quiet()
            assert (await rig.message(id_)).status is Status.SENT

    async def test_more_than_one_batch(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(module, "OVERDUE_AT_ONCE", 3)
        async with a_rig() as rig:
            all_down(rig)
            await rig.accept(*[a_send(str(n), validity_s=60) for n in range(10)])
            rig.later(120)
            await rig.upkeep.turn()
            assert rig.metrics.messages_ended.value("undeliverable", "expired") == 10


class TestCommands:
    """What other processes have written: obeyed at the next turn."""

    async def command(self, rig: Rig, verb: str, target: str) -> None:
        """As `trunkline operator ...` posts it, and the turn that sees it."""
        await rig.store.post_command(verb, target, rig.now)
        rig.upkeep._generation = -1  # in memory there is no other process that the store could tell of
        await rig.upkeep.turn()

    async def test_pause_and_resume(self) -> None:
        async with a_rig() as rig:
            await self.command(rig, "pause", "alpha")
            assert not rig.dispatch.usable("alpha")
            await self.command(rig, "resume", "alpha")
            assert rig.dispatch.usable("alpha")

    async def test_rebind(self) -> None:
        async with a_rig() as rig:
            await self.command(rig, "rebind", "alpha")
            assert rig.operators["alpha"].rebinds == 1

    @pytest.mark.parametrize("verb", ["pause", "resume", "rebind", "dance"])
    async def test_nobody_s_and_nothing(self, verb: str) -> None:
        async with a_rig() as rig:
            await self.command(rig, verb, "nobody")
            assert rig.dispatch.usable("alpha")

    async def test_requeue(self) -> None:
        async with a_rig() as rig:
            alpha = rig.operators["alpha"]
            id_ = await rig.send()
            alpha.answer(Doubt("lost"))
            await rig.claim()
            assert len(alpha.written) == 1
            await rig.store.change([id_], lambda message, rows: requeued(message, rows, rig.now))
            await self.command(rig, "requeue", "any")
            await rig.claim()
            assert len(alpha.written) == 2

    async def test_each_is_obeyed_once(self) -> None:
        async with a_rig() as rig:
            await self.command(rig, "rebind", "alpha")
            rig.upkeep._generation = -1
            await rig.upkeep.turn()
            assert rig.operators["alpha"].rebinds == 1

    async def suppression_stops(self, rig: Rig, id_: bytes) -> None:
        """A number put on the list by a command ends the message to it that waits for room."""
        await rig.store.suppress([Suppression("acme", Env.LIVE, "", PHONE, "manual", rig.now)])
        rig.upkeep._generation = -1
        await rig.upkeep.turn()
        rig.operators["alpha"].slots = 9
        rig.room("alpha")
        await rig.quiet()
        assert (await rig.message(id_)).reason is Reason.OPTED_OUT

    async def test_a_suppression_reaches_what_is_in_hand(self) -> None:
        async with a_rig() as rig:
            rig.operators["alpha"].slots = 0
            id_ = await rig.send()
            rig.later(1)
            await self.suppression_stops(rig, id_)

    async def test_a_suppression_reaches_what_is_in_hand_also_when_the_clock_was_put_back(self) -> None:
        """Else nobody would be heeded until the clock is where it was: a STOP is obeyed at once (promise 9)."""
        async with a_rig() as rig:
            rig.operators["alpha"].slots = 0
            rig.upkeep._generation = -1
            await rig.upkeep.turn()
            rig.now -= timedelta(hours=3)
            id_ = await rig.send()
            await self.suppression_stops(rig, id_)

    async def test_what_the_store_could_not_tell_is_asked_again(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async with a_rig() as rig:
            await rig.upkeep.turn()
            await rig.store.post_command("pause", "alpha", rig.now)
            take, failures = rig.store.take_commands, [1]

            async def broken(owner: object, now: object) -> list[Command]:
                if failures:
                    failures.pop()
                    raise StoreUnavailable("taken down by the test")
                return await take(rig.owner, rig.now)

            monkeypatch.setattr(rig.store, "take_commands", broken)
            monkeypatch.setattr(rig.store, "generation", lambda: 77)
            with pytest.raises(StoreUnavailable):
                await rig.upkeep.turn()
            await rig.upkeep.turn()
            assert not rig.dispatch.usable("alpha")

    async def test_the_loop_outlives_a_store_that_is_down(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(module, "TURN_S", 0.0)
        async with a_rig() as rig:
            seen = asyncio.Event()
            failures = [1, 2, 3]

            def generation() -> int:
                if failures:
                    failures.pop()
                    raise StoreUnavailable("taken down by the test")
                seen.set()
                return 0

            monkeypatch.setattr(rig.store, "generation", generation)
            rig.start(rig.upkeep.run)
            async with asyncio.timeout(20):
                await seen.wait()
            assert rig.metrics.store_errors.value("unavailable") == 3


class TestLooks:
    """What people and metrics are told."""

    async def test_states(self) -> None:
        async with a_rig() as rig:
            rig.operators["alpha"].slots = 1
            await rig.send("written")
            rig.operators["alpha"].slots = 0
            await rig.send("0123456789abcdefghij")
            rig.dispatch.pause("beta", paused=True)
            await rig.upkeep.turn()
            found = {state.operator: state for state in await rig.store.states()}
            assert (found["alpha"].state, found["beta"].state, found["simulated"].state) == (
                "up",
                "paused",
                "down",
            )
            assert (found["alpha"].waiting, found["alpha"].in_flight) == (1, 1)
            assert (found["alpha"].carrier_digest, found["beta"].carrier_digest) == ("a1", "")

    async def test_a_state_that_changed_is_written_by_the_next_turn(self) -> None:
        async with a_rig() as rig:
            await rig.upkeep.turn()
            rig.operators["alpha"].up = False
            rig.changed("alpha")
            rig.later(0.5)
            await rig.upkeep.turn()
            found = {state.operator: state for state in await rig.store.states()}
            assert (found["alpha"].state, found["alpha"].at) == ("down", rig.now)
            rig.later(0.5)
            await rig.upkeep.turn()
            (unchanged, *_) = await rig.store.states()
            assert unchanged.at == rig.now - timedelta(seconds=0.5), "and not at every turn"

    async def test_they_go_on_when_the_clock_was_put_back(self) -> None:
        """Without them `operator list` says unknown, and commands that no gateway is there."""
        async with a_rig() as rig:
            await rig.upkeep.turn()
            rig.now -= timedelta(hours=3)
            await rig.upkeep.turn()
            assert {state.at for state in await rig.store.states()} == {rig.now}
            rig.later(1)
            await rig.upkeep.turn()
            assert {state.at for state in await rig.store.states()} == {rig.now - timedelta(seconds=1)}, (
                "on time"
            )

    async def test_facts(self) -> None:
        async with a_rig() as rig:
            all_down(rig)
            await rig.accept(*[a_send(str(n)) for n in range(3)], a_send("x", priority=Priority.OTP))
            await rig.get_receipt(a_receipt("who?"))
            rig.dispatch.backlog = 99  # a count that went wrong
            rig.later(30)
            await rig.upkeep.turn()
            assert rig.dispatch.backlog == 4
            assert rig.metrics.waiting.value("alpha", "transactional") == 3
            assert rig.metrics.waiting_age_s.value("alpha", "otp") == 30
            assert rig.metrics.parked_receipts.value() == 1

    async def test_doubt_is_looked_at_again(self) -> None:
        async with a_rig() as rig:
            alpha = rig.operators["alpha"]
            ids = [await rig.send(str(n)) for n in range(2)]
            parts = [alpha.answer(Doubt("lost")) for _ in ids]
            await rig.quiet()
            await rig.get_receipt(a_receipt("unheard of"))
            await rig.upkeep.turn()
            assert rig.metrics.in_doubt.value() == 2
            alpha.answer(Took("r2"), parts[1])
            await rig.quiet()
            await rig.get_receipt(a_receipt("r2"))
            rig.later(1)
            await rig.upkeep.turn()
            assert {(await rig.message(id_)).status for id_ in ids} == {Status.DELIVERED}

    async def test_long_inbound_messages_are_given_up(self) -> None:
        async with a_rig() as rig:
            await rig.get_inbound(an_inbound("half", concat_ref=1, concat_total=2, concat_part=1))
            await rig.upkeep.turn()
            rig.later(700)
            await rig.upkeep.turn()
            (found,) = await rig.store.inbound(None, 10)
            assert (found.body, found.recipient) == ("half[...]", OURS)

    async def test_retention(self) -> None:
        async with a_rig() as rig:
            id_ = await rig.send()
            rig.operators["alpha"].answer(Took("r1"))
            await rig.quiet()
            await rig.get_receipt(a_receipt("r1"))
            await rig.upkeep.turn()
            assert await rig.store.message(id_) is not None
            rig.later(400 * 86_400)
            await rig.upkeep.turn()
            assert await rig.store.message(id_) is None


class TestRequeued:
    """`trunkline message requeue`: only what waits."""

    async def test_in_hand_and_final_are_left_alone(self) -> None:
        async with a_rig() as rig:
            id_ = await rig.send()
            view = await rig.view(id_)
            assert requeued(view.message, view.rows, NOW) is None
            rig.operators["alpha"].answer(Took("r1"))
            await rig.quiet()
            view = await rig.view(id_)
            assert requeued(view.message, view.rows, NOW) is None
