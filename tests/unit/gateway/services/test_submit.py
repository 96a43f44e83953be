"""The one way in: one commit per request, replays before every gate, honest refusals, nothing kept when it says so."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from gateway.domain.account import Env, Policy
from gateway.domain.message import Message
from gateway.domain.outcome import Accepted as Took
from gateway.domain.send import (
    Acceptance,
    Accepted,
    AcceptResult,
    IdempotencyKey,
    KeyConflict,
    Origin,
    Refusal,
    Taken,
    Why,
)
from gateway.domain.suppression import Suppression
from gateway.errors import Overloaded, StoreUnavailable
from gateway.services import submit
from gateway.services.limits import Guard
from gateway.services.submit import REFUSED_LATELY
from tests.unit.gateway.services.rig import NOW, PHONE, Rig, a_rig, a_send

KEY = IdempotencyKey(b"d" * 32, "POST", "/v1/sms/send", b"b" * 32)
INVALID = Refusal(Why.INVALID, "no JSON")
ORIGIN = Origin("req_1")


class TestItems:
    """Accepted and refused ones side by side, in their order."""

    async def test_one_bad_item_never_spoils_the_rest(self) -> None:
        async with a_rig() as rig:
            items = await rig.accept(a_send("a"), INVALID, a_send(recipient="x"), a_send("b"))
            assert [type(item) for item in items] == [Taken, Refusal, Refusal, Taken]
            assert items[1] is INVALID
            assert rig.operators["alpha"].texts == ["a", "b"]
            assert rig.metrics.messages_accepted.value("orchestrator", "live") == 2
            assert rig.metrics.messages_refused.value("invalid") == 1
            assert rig.metrics.messages_refused.value("invalid_recipient") == 1

    async def test_a_suppressed_one_is_refused_by_the_store(self) -> None:
        async with a_rig() as rig:
            await rig.store.suppress([Suppression("acme", Env.LIVE, "", PHONE, "stop", NOW)])
            items = await rig.accept(a_send(), a_send(recipient="+447700900124"))
            assert isinstance(items[0], Refusal)
            assert items[0].why is Why.SUPPRESSED
            assert isinstance(items[1], Taken)
            assert rig.dispatch.lanes["alpha"].load == 1

    async def test_what_was_kept_is_given_back_and_a_replay_has_kept_nothing(self) -> None:
        async with a_rig() as rig:
            items = (a_send("a"), INVALID, a_send("b"))
            for kept in (["a", "b"], []):
                result = await rig.submit.accept(rig.caller(), items, KEY, ORIGIN)
                assert isinstance(result, Accepted)
                assert [message.body for message in result.messages] == kept
                taken = [item.message_id for item in result.items if isinstance(item, Taken)]
                assert [message.id for message in result.messages] == taken[: len(kept)]

    async def test_nothing_to_keep_needs_no_store(self, monkeypatch: pytest.MonkeyPatch) -> None:
        async with a_rig() as rig:
            take_down(rig, monkeypatch)
            assert await rig.accept(INVALID) == [INVALID]

    async def test_one_commit_for_all(self, monkeypatch: pytest.MonkeyPatch) -> None:
        async with a_rig() as rig:
            calls: list[int] = []
            accept = rig.store.accept

            async def counted(acceptances: Sequence[Acceptance]) -> list[AcceptResult]:
                calls.append(len(acceptances))
                return await accept(acceptances)

            monkeypatch.setattr(rig.store, "accept", counted)
            await rig.accept(*[a_send(str(n)) for n in range(500)])
            assert calls == [1]

    async def test_others_have_their_turn_while_many_pass_the_gates(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(submit, "SLICE", 2)
        async with a_rig() as rig:
            passed: list[int] = []
            turns: list[tuple[int, int]] = []  #: how many had passed when it was asked for, and when it came
            loop = asyncio.get_running_loop()
            admit = rig.submit._admit

            def counted(*given: Any) -> Message | Refusal:
                passed.append(0)
                at = len(passed)
                loop.call_soon(lambda: turns.append((at, len(passed))))
                return admit(*given)

            monkeypatch.setattr(rig.submit, "_admit", counted)
            items = await rig.accept(*[a_send(str(n)) for n in range(5)])
            # Every second message waits for a turn of the loop, in which what was asked for before comes.
            assert turns == [(1, 2), (2, 2), (3, 4), (4, 4), (5, 5)]
            assert all(isinstance(item, Taken) for item in items)
            assert rig.operators["alpha"].texts == ["0", "1", "2", "3", "4"]

    async def test_whoever_leaves_at_the_gates_has_sent_nothing(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(submit, "SLICE", 1)
        async with a_rig() as rig:
            rig.policies["acme", Env.LIVE] = Policy(recipient_per_h=1)
            rig.submit._guard = Guard(rig.metrics)
            left = asyncio.create_task(rig.accept(a_send(), a_send(recipient="+447700900124")))
            await asyncio.sleep(0)
            left.cancel()
            with pytest.raises(asyncio.CancelledError):
                await left
            (item,) = await rig.accept(a_send())
            assert isinstance(item, Taken), "the one that left does not count"


def take_down(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """The store keeps nothing more."""

    async def down(*_: object) -> list[AcceptResult]:
        raise StoreUnavailable("taken down by the test")

    monkeypatch.setattr(rig.store, "accept", down)


class TestDurable:
    """The answer follows the commit (promise 1)."""

    async def test_what_is_answered_is_in_the_store(self) -> None:
        async with a_rig() as rig:
            (taken,) = await rig.accept(a_send())
            assert isinstance(taken, Taken)
            message = await rig.message(taken.message_id)
            assert (taken.status, taken.segment_count, taken.accepted_at) == (message.status, 1, NOW)

    async def test_nothing_is_handed_over_before_the_commit(self, monkeypatch: pytest.MonkeyPatch) -> None:
        async with a_rig() as rig:
            gate, accept = asyncio.Event(), rig.store.accept

            async def held(acceptances: Sequence[Acceptance]) -> list[AcceptResult]:
                await gate.wait()
                return await accept(acceptances)

            monkeypatch.setattr(rig.store, "accept", held)
            sending = asyncio.create_task(rig.send())
            await asyncio.sleep(0)
            assert (rig.operators["alpha"].texts, rig.dispatch.lanes["alpha"].load) == ([], 1)
            gate.set()
            await sending
            assert rig.operators["alpha"].texts == ["hello"]

    async def test_a_store_that_is_down_keeps_nothing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        async with a_rig() as rig:
            take_down(rig, monkeypatch)
            with pytest.raises(StoreUnavailable):
                await rig.accept(a_send(), INVALID)
            assert (rig.dispatch.lanes["alpha"].load, rig.dispatch.backlog) == (0, 0)
            assert rig.metrics.messages_accepted.value("orchestrator", "live") == 0

    async def test_readiness_hears_of_a_store_that_refuses_messages(self) -> None:
        """Its own small commit may find room on a disk that is full."""
        async with a_rig() as rig:
            for later_s in (0, REFUSED_LATELY.total_seconds() + 1):
                with pytest.MonkeyPatch.context() as patch:
                    take_down(rig, patch)
                    assert rig.submit.store_refuses() is None
                    with pytest.raises(StoreUnavailable):
                        await rig.accept(a_send())
                    assert rig.submit.store_refuses() == "taken down by the test"
                if later_s:
                    rig.later(later_s)
                else:
                    await rig.accept(a_send())
            assert rig.submit.store_refuses() is None, "said for a while, for somebody must try again"


class TestIdempotency:
    """The same key: the same result, whatever the gates would say now."""

    async def test_a_replay_sends_nothing(self) -> None:
        async with a_rig() as rig:
            first = await rig.accept(a_send(), key=KEY)
            again = await rig.submit.accept(rig.caller(), [a_send()], KEY, ORIGIN)
            assert again == Accepted(first, replayed=True)
            assert len(rig.operators["alpha"].written) == 1
            assert (rig.dispatch.lanes["alpha"].load, rig.dispatch.backlog) == (1, 0)

    @pytest.mark.parametrize("gate", ["sender", "suppressed", "rate", "backlog", "away", "unreadable"])
    async def test_a_replay_wins_over_every_gate(self, gate: str) -> None:
        async with a_rig() as rig:
            first = await rig.accept(a_send(), key=KEY)
            items: list[object] = [a_send()]
            if gate == "sender":
                rig.policies[("acme", Env.LIVE)] = Policy(allowed_senders=frozenset({"ACME"}))
            elif gate == "suppressed":
                await rig.store.suppress([Suppression("acme", Env.LIVE, "", PHONE, "stop", NOW)])
            elif gate == "rate":
                rig.policies[("acme", Env.LIVE)] = Policy(rate_per_s=1)
                await rig.accept(a_send("other"))
            elif gate == "backlog":
                rig.limits.backlog = 0
            elif gate == "away":
                rig.submit._refuses = lambda: "what is required is away"
                with pytest.raises(StoreUnavailable, match="is away"):
                    await rig.accept(a_send("other"))
            else:
                items = [INVALID]
            again = await rig.submit.accept(rig.caller(), items, KEY, ORIGIN)  # type: ignore[arg-type]
            assert again == Accepted(first, replayed=True)

    async def test_another_body_or_path_is_a_conflict(self) -> None:
        async with a_rig() as rig:
            await rig.accept(a_send(), key=KEY)
            for other in (KEY._replace(body_digest=b"x" * 32), KEY._replace(path="/v1/sms/bulk")):
                result = await rig.submit.accept(rig.caller(), [a_send()], other, ORIGIN)
                assert result == KeyConflict()
            assert (rig.dispatch.lanes["alpha"].load, rig.dispatch.backlog) == (1, 0)

    async def test_a_refusal_frees_the_key(self) -> None:
        async with a_rig() as rig:
            await rig.accept(INVALID, key=KEY)
            await rig.accept(a_send(recipient="x"), key=KEY)
            (taken,) = await rig.accept(a_send(), key=KEY)
            assert isinstance(taken, Taken)

    async def test_two_at_once_are_one(self) -> None:
        async with a_rig() as rig:
            results = await asyncio.gather(*[rig.accept(a_send(), key=KEY) for _ in range(5)])
            assert all(result == results[0] for result in results)
            assert len(rig.operators["alpha"].written) == 1
            rig.operators["alpha"].answer(Took("r1"))
            await rig.quiet()
            assert rig.dispatch.lanes["alpha"].load == 0


class TestOverload:
    """Refused early and honestly (promise 8)."""

    async def test_the_account_s_rate(self) -> None:
        async with a_rig() as rig:
            rig.policies[("acme", Env.LIVE)] = Policy(rate_per_s=2)
            await rig.accept(a_send(), a_send())
            with pytest.raises(Overloaded) as caught:
                await rig.accept(a_send())
            assert (caught.value.by_rate, caught.value.retry_after_s) == (True, 1)
            rig.later(1)
            await rig.accept(a_send())

    async def test_the_backlog(self) -> None:
        async with a_rig() as rig:
            rig.operators["alpha"].up = rig.operators["beta"].up = False
            rig.changed("alpha")
            rig.changed("beta")
            rig.limits.backlog = 3
            await rig.accept(*[a_send()] * 3)
            with pytest.raises(Overloaded) as caught:
                await rig.accept(a_send())
            assert not caught.value.by_rate
            assert caught.value.retry_after_s > 0

    async def test_what_was_refused_by_the_gates_is_not_counted(self) -> None:
        async with a_rig() as rig:
            rig.policies[("acme", Env.LIVE)] = Policy(rate_per_s=1)
            await rig.accept(INVALID, a_send(recipient="x"))
            await rig.accept(INVALID, a_send())
