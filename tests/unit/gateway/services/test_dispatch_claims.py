"""Dispatch, the longer ways: claims of what waits in the store, operators that come and go, reloads, the drain."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from gateway.domain.message import Message
from gateway.domain.outcome import Accepted as Took
from gateway.domain.outcome import Doubt, NextRoute, Retry, SessionFault, Throttled
from gateway.domain.suppression import Suppression
from gateway.domain.words import PartState, Priority, Reason, Status
from gateway.errors import StoreUnavailable
from gateway.ports import ClaimBatch, Owner
from gateway.services import dispatch as module
from tests.unit.gateway.services.rig import NOW, PHONE, HandOperator, Rig, a_rig, a_send, rule

SYSERR = Retry(Reason.CARRIER_ERROR, "ESME_RSYSERR")
SLOW = Throttled(1.0, "ESME_RTHROTTLED")
LOST = SessionFault("the link was lost before it was written")
DOUBT = Doubt("the link was lost before the answer")


def load(rig: Rig, operator: str = "alpha") -> int:
    """Parts that its lane counts."""
    return rig.dispatch.lanes[operator].load


def down(rig: Rig, operator: str) -> None:
    """Its last bind goes; what was not written comes back, what was is in doubt: by the test."""
    rig.operators[operator].up = False
    rig.changed(operator)


def up(rig: Rig, operator: str) -> None:
    """It is bound again."""
    rig.operators[operator].up = True
    rig.changed(operator)


class TestClaims:
    """What waits in the store comes in batches, by class, then time."""

    async def test_a_backlog_comes_in_order(self) -> None:
        async with a_rig() as rig:
            alpha = rig.operators["alpha"]
            down(rig, "beta")
            down(rig, "alpha")
            await rig.send("m1", priority=Priority.MARKETING)
            for n in range(1, 4):
                await rig.send(f"t{n}")
            await rig.send("o1", priority=Priority.OTP)
            up(rig, "alpha")
            await rig.claim()
            assert alpha.texts == ["o1", "t1", "t2", "t3", "m1"]

    async def test_all_of_a_backlog_comes(self) -> None:
        async with a_rig() as rig:
            alpha = rig.operators["alpha"]
            alpha.window = 3
            await rig.accept(*[a_send(str(n)) for n in range(50)])
            while len(alpha.written) < 50:
                alpha.answer(Took(f"r{len(alpha.written)}"))
                rig.room("alpha")
                await rig.claim()
                assert load(rig) <= 6
            assert alpha.texts == [str(n) for n in range(50)]

    async def test_nothing_is_claimed_where_nothing_is_expected(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async with a_rig() as rig:
            asked: list[str | None] = []
            claim = rig.store.claim

            async def counted(operator: str | None, limit: int, owner: Owner, *rest: Any) -> ClaimBatch:
                asked.append(operator)
                return await claim(operator, limit, owner, *rest)

            monkeypatch.setattr(rig.store, "claim", counted)
            await rig.send()
            await rig.claim()
            rig.operators["alpha"].answer(SYSERR)
            await rig.claim()
            assert asked == []
            rig.later(1)
            await rig.claim()
            assert asked == ["alpha"]

    async def test_no_route_ends_it(self) -> None:
        async with a_rig(rule("uk", "alpha", to=("+44",)), operators=["alpha"]) as rig:
            id_ = await rig.send(recipient="+15005550006")
            await rig.claim()
            message = await rig.message(id_)
            assert (message.status, message.reason) == (Status.FAILED, Reason.NO_ROUTE)
            assert message.attempts == 0

    async def test_a_stop_is_obeyed_at_the_claim(self) -> None:
        async with a_rig(operators=["alpha"]) as rig:
            down(rig, "alpha")
            id_ = await rig.send()
            caller = rig.caller()
            await rig.store.suppress([Suppression(caller.account, caller.env, "", PHONE, "stop", NOW)])
            up(rig, "alpha")
            await rig.claim()
            assert (await rig.message(id_)).reason is Reason.OPTED_OUT
            assert (rig.operators["alpha"].texts, load(rig)) == ([], 0)

    async def test_what_a_receipt_has_settled_is_not_written_again(self) -> None:
        async with a_rig(operators=["alpha"]) as rig:
            alpha = rig.operators["alpha"]
            id_ = await rig.send()
            part = alpha.answer(DOUBT)
            await rig.quiet()
            rig.later(300)

            # The late answer comes while the claim is under way.
            claiming = asyncio.create_task(rig.dispatch.claim())
            await asyncio.sleep(0)
            alpha.answer(Took("r1"), part)
            await claiming
            await rig.claim()
            for again in list(alpha.unanswered):
                alpha.answer(Took("r2"), again)
            await rig.quiet()
            assert (await rig.message(id_)).status is Status.SENT
            assert load(rig) == 0

    async def test_a_split_that_a_reload_has_changed_is_begun_anew(self) -> None:
        async with a_rig(operators=["alpha"]) as rig:
            alpha = rig.operators["alpha"]
            id_ = await rig.send("0123456789abcdefghij0123456789")
            for outcome in (Took("r1"), SYSERR, SYSERR):
                alpha.answer(outcome)
            await rig.quiet()
            alpha.chars = 30  # message_payload from now on
            rig.later(1)
            await rig.claim()
            await rig.claim()
            assert [(part.part, part.total) for part in alpha.unanswered] == [(1, 1)]
            alpha.answer(Took("whole"))
            await rig.quiet()
            message = await rig.message(id_)
            assert (message.status, message.part_count, load(rig)) == (Status.SENT, 1, 0)

    async def test_the_store_down_for_one_lane_does_not_leave_another_behind(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        rules = (rule("uk", "alpha", to=("+44",)), rule("us", "beta", to=("+1",)))
        async with a_rig(*rules) as rig:
            down(rig, "alpha")
            down(rig, "beta")
            await rig.send("uk")
            await rig.send("us", recipient="+15005550099")
            up(rig, "alpha")
            up(rig, "beta")
            claim = rig.store.claim

            async def broken(operator: str | None, limit: int, owner: Owner, *rest: Any) -> ClaimBatch:
                if operator == "alpha":
                    raise StoreUnavailable("taken down by the test")
                return await claim(operator, limit, owner, *rest)

            monkeypatch.setattr(rig.store, "claim", broken)
            with pytest.raises(StoreUnavailable):
                await rig.dispatch.claim()
            assert rig.operators["beta"].texts == ["us"]
            monkeypatch.setattr(rig.store, "claim", claim)
            await rig.claim()
            assert rig.operators["alpha"].texts == ["uk"]


async def at_the_end_of_a_backlog(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """The claim that fetches "first" finds the end, while "second" is on its way into the store."""
    down(rig, "alpha")
    await rig.send("first")
    up(rig, "alpha")
    under_way, claim = asyncio.Event(), rig.store.claim

    async def seen(operator: str | None, limit: int, owner: Owner, *rest: Any) -> ClaimBatch:
        under_way.set()
        return await claim(operator, limit, owner, *rest)

    with monkeypatch.context() as patched:
        patched.setattr(rig.store, "claim", seen)
        claiming = asyncio.create_task(rig.dispatch.claim())
        await under_way.wait()
        await rig.send("second")
        await claiming


class TestTheEndOfABacklog:
    """What comes while the rest is fetched is held in memory, and neither overtakes nor waits for ever."""

    async def test_what_is_new_comes_after_the_rest(self, monkeypatch: pytest.MonkeyPatch) -> None:
        async with a_rig(operators=["alpha"]) as rig:
            await at_the_end_of_a_backlog(rig, monkeypatch)
            await rig.send("third")
            alpha = rig.operators["alpha"]
            assert alpha.texts == ["first"]
            await rig.claim()
            assert alpha.texts == ["first", "second", "third"]
            await rig.send("fourth")
            assert alpha.texts[-1] == "fourth"

    @pytest.mark.parametrize("window", [1, 2, 3, 10])
    async def test_more_than_there_is_room_for(self, window: int, monkeypatch: pytest.MonkeyPatch) -> None:
        async with a_rig(operators=["alpha"]) as rig:
            alpha = rig.operators["alpha"]
            alpha.window = window
            await at_the_end_of_a_backlog(rig, monkeypatch)
            bulk = [f"bulk {n}" for n in range(20)]
            await rig.accept(*[a_send(body) for body in bulk])
            await rig.send("last")
            for _ in range(60):
                await rig.claim()
                if alpha.unanswered:
                    alpha.answer(Took(f"r{len(alpha.written)}"))
                    rig.room("alpha")
                assert load(rig) <= 3 * window
            assert alpha.texts == ["first", "second", *bulk, "last"]
            assert load(rig) == 0

    async def test_what_is_held_goes_elsewhere_with_the_rest(self, monkeypatch: pytest.MonkeyPatch) -> None:
        async with a_rig() as rig:
            down(rig, "beta")
            await at_the_end_of_a_backlog(rig, monkeypatch)
            alpha, beta = rig.operators["alpha"], rig.operators["beta"]
            await rig.send("third")
            beta.up = True
            rig.changed("beta")
            alpha.answer(Took("r1"))
            down(rig, "alpha")
            await rig.move()
            await rig.claim()
            assert (alpha.texts, sorted(map(str, beta.texts))) == (["first"], ["second", "third"])
            assert load(rig) == 0


class TestClasses:
    """A backlog of one class holds up no other."""

    async def test_an_urgent_one_goes_from_hand_to_hand_beside_a_backlog(self) -> None:
        async with a_rig(operators=["alpha"]) as rig:
            alpha = rig.operators["alpha"]
            alpha.window = 2
            down(rig, "alpha")
            await rig.accept(*[a_send(f"m{n}", priority=Priority.MARKETING) for n in range(20)])
            up(rig, "alpha")
            await rig.claim()
            id_ = await rig.send("now", priority=Priority.OTP)
            assert (await rig.message(id_)).owner == rig.owner.number, (
                "what is reserved for its class is free"
            )
            alpha.answer(Took("r0"))
            rig.room("alpha")
            assert alpha.texts == ["m0", "m1", "now"]
            assert rig.dispatch.lanes["alpha"].backlog == {Priority.MARKETING}

    async def test_and_so_does_one_that_another_process_has_accepted(self) -> None:
        """The lane is full of a campaign, and of the store it fetches the code alone."""
        async with a_rig(operators=["alpha"]) as rig:
            alpha = rig.operators["alpha"]
            alpha.window = 2
            down(rig, "alpha")
            await rig.accept(*[a_send(f"m{n}", priority=Priority.MARKETING) for n in range(20)])
            up(rig, "alpha")
            await rig.claim()
            alpha.up = False  # as when it came by another process
            await rig.send("elsewhere", priority=Priority.OTP)
            alpha.up = True
            rig.dispatch.look_again()
            await rig.claim()
            assert load(rig) == 5
            alpha.answer(Took("r0"))
            rig.room("alpha")
            assert alpha.texts == ["m0", "m1", "elsewhere"]

    async def test_a_campaign_is_fetched_beside_codes_without_end(self) -> None:
        async with a_rig(operators=["alpha"]) as rig:
            alpha = rig.operators["alpha"]
            alpha.window = 20
            down(rig, "alpha")
            await rig.accept(*[a_send(f"m{n}", priority=Priority.MARKETING) for n in range(100)])
            await rig.accept(*[a_send(f"o{n}", priority=Priority.OTP) for n in range(1000)])
            up(rig, "alpha")
            for _ in range(400):
                if alpha.unanswered:
                    alpha.answer(Took(f"r{len(alpha.written)}"))
                    rig.room("alpha")
                await rig.claim()
            campaign = sum(str(text).startswith("m") for text in alpha.texts)
            assert 20 <= campaign <= 45, "a twentieth of 400, and what is in hand when codes are fetched anew"

    async def test_a_retry_that_is_left_while_a_claim_runs_is_not_forgotten(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async with a_rig(operators=["alpha"]) as rig:
            alpha = rig.operators["alpha"]
            await rig.send("first")
            claim = rig.store.claim

            async def slow(operator: str | None, limit: int, owner: Owner, *rest: Any) -> ClaimBatch:
                batch = await claim(operator, limit, owner, *rest)
                if operator == "alpha":
                    alpha.answer(SYSERR)
                    await rig.quiet()
                return batch

            monkeypatch.setattr(rig.store, "claim", slow)
            rig.dispatch.look_again()
            await rig.dispatch.claim()
            monkeypatch.setattr(rig.store, "claim", claim)
            rig.later(1)
            await rig.claim()
            assert alpha.texts == ["first", "first"]


class TestTheLoop:
    """`run_claims`: woken by what happens, and by the clock."""

    async def test_a_retry_is_claimed_when_it_is_due(self) -> None:
        async with a_rig(operators=["alpha"]) as rig:
            rig.start(rig.dispatch.run_claims)
            alpha = rig.operators["alpha"]
            await rig.send()
            alpha.answer(Retry(Reason.BUSY, "busy", after_s=0.01))
            await rig.quiet()
            rig.later(1)
            await rig.until(lambda: is_written(alpha, 2))

    async def test_looks_at_the_store_whatever_it_believes(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(module, "LOOK_AGAIN_S", 0.01)
        async with a_rig(operators=["alpha"]) as rig:
            alpha = rig.operators["alpha"]
            rig.start(rig.dispatch.run_claims)
            id_ = await rig.send()
            alpha.answer(SYSERR)
            await rig.quiet()
            rig.dispatch.lanes["alpha"].next_due = None  # it has forgotten
            rig.later(1)
            await rig.until(lambda: is_written(alpha, 2))
            assert (await rig.message(id_)).attempts == 2

    async def test_goes_on_when_the_store_is_back(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(module, "STORE_PAUSE_S", 0.0)
        async with a_rig(operators=["alpha"]) as rig:
            down(rig, "alpha")
            await rig.send()
            claim, failures = rig.store.claim, [1, 2, 3]

            async def broken(operator: str | None, limit: int, owner: Owner, *rest: Any) -> ClaimBatch:
                if failures:
                    failures.pop()
                    raise StoreUnavailable("taken down by the test")
                return await claim(operator, limit, owner, *rest)

            monkeypatch.setattr(rig.store, "claim", broken)
            rig.start(rig.dispatch.run_claims)
            up(rig, "alpha")
            await rig.until(lambda: is_written(rig.operators["alpha"], 1))
            assert failures == []

    async def test_ends_with_the_drain(self) -> None:
        async with a_rig() as rig:
            running = asyncio.create_task(rig.dispatch.run_claims())
            await asyncio.sleep(0)
            rig.dispatch.drain()
            async with asyncio.timeout(20):
                await running


async def is_written(operator: HandOperator, parts: int) -> bool:
    """Whether so many parts were given to it; a turn of the loop goes by."""
    await asyncio.sleep(0)
    return len(operator.written) == parts


async def no_move_is_due(rig: Rig) -> bool:
    """Whether `Moves` has done what there was to do; a round through the store goes by."""
    await rig.store.waiting_operators()
    return not rig.dispatch.moves.due


class TestComingAndGoing:
    """Messages of an operator that is down or paused go to the next one that may have them."""

    async def test_what_waits_in_hand_goes_elsewhere(self) -> None:
        async with a_rig() as rig:
            rig.operators["alpha"].slots = 0
            id_ = await rig.send()
            down(rig, "alpha")
            await rig.move()
            await rig.claim()
            assert rig.operators["beta"].texts == ["hello"]
            message = await rig.message(id_)
            assert (message.operator, message.attempts, message.tries) == ("beta", 1, 1)
            assert (load(rig), load(rig, "beta")) == (0, 1)

    async def test_what_waits_in_the_store_goes_elsewhere(self) -> None:
        async with a_rig() as rig:
            down(rig, "beta")
            down(rig, "alpha")
            ids = [await rig.send(str(n)) for n in range(3)]
            assert {(await rig.message(id_)).operator for id_ in ids} == {"alpha"}
            up(rig, "beta")
            await rig.move()
            await rig.claim()
            assert rig.operators["beta"].texts == ["0", "1", "2"]

    async def test_both_down_then_the_first_comes_back(self) -> None:
        async with a_rig() as rig:
            down(rig, "alpha")
            down(rig, "beta")
            id_ = await rig.send()
            await rig.move()
            assert (await rig.message(id_)).operator == "alpha"
            up(rig, "alpha")
            await rig.claim()
            assert rig.operators["alpha"].texts == ["hello"]

    async def test_a_paused_operator_gets_nothing(self) -> None:
        async with a_rig() as rig:
            alpha, beta = rig.operators["alpha"], rig.operators["beta"]
            alpha.slots = 0
            await rig.send("in hand")
            assert rig.dispatch.pause("alpha", paused=True)
            alpha.slots = None
            rig.room("alpha")
            await rig.send("new")
            await rig.move()
            await rig.claim()
            assert alpha.texts == []
            assert sorted(map(str, beta.texts)) == ["in hand", "new"]
            rig.dispatch.pause("alpha", paused=False)
            await rig.send("after")
            assert alpha.texts == ["after"]
            assert not rig.dispatch.pause("nobody", paused=True)

    async def test_parts_in_doubt_stay_with_their_carrier(self) -> None:
        async with a_rig() as rig:
            alpha = rig.operators["alpha"]
            id_ = await rig.send()
            alpha.answer(DOUBT)
            await rig.quiet()
            down(rig, "alpha")
            rig.later(300)
            await rig.move()
            await rig.claim()
            assert rig.operators["beta"].texts == []
            assert (await rig.message(id_)).operator == "alpha"

    async def test_a_message_of_which_nothing_was_taken_moves_whole(self) -> None:
        async with a_rig() as rig:
            down(rig, "beta")
            id_ = await rig.send("0123456789abcdefghij")
            down(rig, "alpha")
            for _ in range(2):
                rig.operators["alpha"].answer(LOST)
            await rig.quiet()
            assert (await rig.message(id_)).operator == "alpha"
            up(rig, "beta")
            await rig.move()
            await rig.claim()
            assert rig.operators["beta"].texts == ["0123456789", "abcdefghij"]

    async def test_what_comes_back_too_late_to_be_moved_is_moved_as_well(self) -> None:
        async with a_rig() as rig:
            rig.start(rig.dispatch.moves.run, rig.dispatch.run_claims)
            id_ = await rig.send()
            down(rig, "alpha")
            await rig.until(lambda: no_move_is_due(rig))
            rig.operators["alpha"].answer(SYSERR)  # it shall be tried there again, where nobody is
            await rig.quiet()
            rig.later(1)
            await rig.until(lambda: is_written(rig.operators["beta"], 1))
            assert (await rig.message(id_)).operator == "beta"

    async def test_a_throttled_part_of_a_begun_message_waits_for_the_others(self) -> None:
        async with a_rig() as rig:
            alpha = rig.operators["alpha"]
            id_ = await rig.send("0123456789abcdefghij")
            alpha.slots = 0
            first, second = alpha.unanswered
            alpha.answer(SLOW, first)
            down(rig, "alpha")
            await rig.move()
            assert (await rig.message(id_)).owner == rig.owner.number  # its second part is out there
            alpha.answer(DOUBT, second)
            await rig.quiet()
            message = await rig.message(id_)
            assert (message.operator, message.owner, message.doubt) == ("alpha", None, True)
            assert load(rig) == 0


class TestReload:
    """`set_up`: operators that stay go on, the others' messages go back."""

    async def test_the_same_operator_goes_on(self) -> None:
        async with a_rig() as rig:
            alpha = rig.operators["alpha"]
            alpha.slots = 0
            await rig.send()
            lane = rig.dispatch.lanes["alpha"]
            rig.set_up()
            assert rig.dispatch.lanes["alpha"] is lane
            alpha.slots = None
            rig.room("alpha")
            assert alpha.texts == ["hello"]

    async def test_an_answer_to_the_old_operator_is_not_counted_at_the_new_one(self) -> None:
        async with a_rig() as rig:
            old = rig.operators["alpha"]
            id_ = await rig.send()
            rig.operators["alpha"] = HandOperator("alpha")
            rig.set_up()
            assert load(rig) == 0
            old.answer(Took("r1"))
            await rig.quiet()
            assert (await rig.message(id_)).status is Status.SENT
            assert load(rig) == 0

    async def test_a_throttled_part_of_the_old_operator_goes_by_the_new_one(self) -> None:
        async with a_rig(operators=["alpha"]) as rig:
            old = rig.operators["alpha"]
            await rig.send()
            new = rig.operators["alpha"] = HandOperator("alpha")
            rig.set_up()
            old.answer(SLOW)
            await rig.claim()
            assert new.texts == ["hello"]

    async def test_an_operator_that_is_exchanged_is_not_chosen_meanwhile(self) -> None:
        async with a_rig() as rig:
            alpha = rig.operators.pop("alpha")
            rig.dispatch.set_up(
                rig.operators, rig.dispatch.routes, {}
            )  # as `App._exchange` does, while it drains
            await rig.send()
            assert (alpha.texts, rig.operators["beta"].texts) == ([], ["hello"])

    async def test_a_removed_operator_s_messages_are_routed_anew(self) -> None:
        async with a_rig() as rig:
            down(rig, "alpha")
            down(rig, "beta")
            waiting = await rig.send("waiting")
            del rig.operators["alpha"]
            rig.rules = [rule("all", "beta")]
            rig.set_up()
            await rig.move()
            up(rig, "beta")
            await rig.claim()
            assert rig.operators["beta"].texts == ["waiting"]
            assert (await rig.message(waiting)).operator == "beta"

    async def test_without_any_rule_left_they_end(self) -> None:
        async with a_rig() as rig:
            down(rig, "alpha")
            down(rig, "beta")
            id_ = await rig.send()
            del rig.operators["alpha"]
            rig.rules = [rule("us", "beta", to=("+1",))]
            rig.set_up()
            await rig.move()
            await rig.claim()
            assert (await rig.message(id_)).reason is Reason.NO_ROUTE

    async def test_a_pause_outlives_a_reload(self) -> None:
        async with a_rig() as rig:
            rig.dispatch.pause("alpha", paused=True)
            rig.operators["alpha"] = HandOperator("alpha")
            rig.set_up()
            assert not rig.dispatch.usable("alpha")

    async def test_a_claim_under_way_does_not_fill_a_lane_that_is_gone(self) -> None:
        async with a_rig(operators=["alpha"]) as rig:
            down(rig, "alpha")
            id_ = await rig.send()
            up(rig, "alpha")
            claiming = asyncio.create_task(rig.dispatch.claim())
            await asyncio.sleep(0)
            new = rig.operators["alpha"] = HandOperator("alpha")
            rig.set_up()
            await claiming
            await rig.claim()
            assert new.texts == ["hello"]
            assert (await rig.message(id_)).attempts == 1


class TestDrain:
    """Nothing new, what was not written goes back, what is in flight settles."""

    async def test_goes_back_as_if_it_had_not_been_claimed(self) -> None:
        async with a_rig() as rig:
            rig.operators["alpha"].slots = 0
            id_ = await rig.send()
            rig.dispatch.drain()
            await rig.quiet()
            message = await rig.message(id_)
            assert (message.owner, message.next_at, message.attempts, message.tries) == (None, NOW, 0, 0)
            assert load(rig) == 0

    async def test_what_is_in_flight_settles(self) -> None:
        async with a_rig() as rig:
            id_ = await rig.send()
            rig.dispatch.drain()
            rig.operators["alpha"].answer(Took("r1"))
            await rig.quiet()
            assert (await rig.message(id_)).status is Status.SENT

    async def test_what_is_throttled_then_goes_back(self) -> None:
        async with a_rig(operators=["alpha"]) as rig:
            alpha = rig.operators["alpha"]
            id_ = await rig.send("0123456789abcdefghij")
            rig.dispatch.drain()
            first, second = alpha.unanswered
            alpha.answer(SLOW, second)
            alpha.answer(Took("r1"), first)
            await rig.quiet()
            view = await rig.view(id_)
            assert (view.message.owner, view.message.operator) == (None, "alpha")
            assert {row.part: row.state for row in view.rows} == {
                1: PartState.ACCEPTED,
                2: PartState.RETURNED,
            }

    async def test_what_is_accepted_meanwhile_waits_in_the_store(self) -> None:
        async with a_rig() as rig:
            rig.dispatch.drain()
            id_ = await rig.send()
            message = await rig.message(id_)
            assert (message.owner, message.operator) == (None, "alpha")

    async def test_what_was_planned_before_goes_back(self, monkeypatch: pytest.MonkeyPatch) -> None:
        async with a_rig() as rig:
            accept = rig.store.accept

            async def draining(acceptances: Sequence[object]) -> list[object]:
                results = await accept(acceptances)  # type: ignore[arg-type]
                rig.dispatch.drain()
                return list(results)

            monkeypatch.setattr(rig.store, "accept", draining)
            id_ = await rig.send()
            await rig.quiet()
            message = await rig.message(id_)
            assert (message.owner, message.attempts) == (None, 0)


async def test_failover_ends_when_everybody_was_tried() -> None:
    async with a_rig() as rig:
        id_ = await rig.send()
        for operator in ("alpha", "beta"):
            rig.operators[operator].answer(NextRoute(Reason.CARRIER_ERROR, "ESME_RINVSERTYP"))
            await rig.claim()
        message: Message = await rig.message(id_)
        assert (message.status, message.reason) == (Status.FAILED, Reason.CARRIER_ERROR)


async def test_failover_waits_for_one_that_is_down() -> None:
    async with a_rig() as rig:
        down(rig, "beta")
        id_ = await rig.send()
        rig.operators["alpha"].answer(NextRoute(Reason.CARRIER_ERROR, "ESME_RINVSERTYP"))
        await rig.quiet()
        await rig.move()
        message = await rig.message(id_)
        assert (message.status, message.operator) == (Status.QUEUED, "beta")
        up(rig, "beta")
        await rig.claim()
        assert rig.operators["beta"].texts == ["hello"]
