"""The simulated operator through the real services: each magic number to its end, and nothing to a carrier."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.domain.account import Env, Policy
from gateway.domain.message import FINAL
from gateway.domain.send import Refusal, Taken
from gateway.domain.suppression import OwnedNumber
from gateway.domain.words import Priority, Reason, Status
from gateway.errors import StoreUnavailable
from gateway.operators import simulated
from tests.unit.gateway.services.rig import EVERYTHING, NOW, OURS, URL, Rig, a_rig, a_send

PREFIX = "+1500555"


@asynccontextmanager
async def a_test_rig() -> AsyncIterator[Rig]:
    """With the simulated operator running, the carriers up, and a number of acme's own."""
    async with a_rig() as rig:
        rig.policies[("acme", Env.TEST)] = Policy(webhook_url=URL, webhook_events=EVERYTHING)
        await rig.store.save_number(OwnedNumber(OURS, "", "acme", Env.TEST, NOW))
        running = asyncio.create_task(rig.simulated.run(rig))
        await asyncio.sleep(0)
        try:
            yield rig
        finally:
            running.cancel()
            await asyncio.wait([running])


async def send(rig: Rig, magic: str, body: str = "hello") -> bytes:
    """A test message to a magic number."""
    return await rig.send(body, caller=rig.caller(env=Env.TEST), recipient=f"{PREFIX}{magic}")


async def ended(rig: Rig, id_: bytes) -> bool:
    """Whether the message is over."""
    await rig.claim()
    return (await rig.message(id_)).status in FINAL


@pytest.mark.parametrize(
    ("magic", "status", "reason"),
    [
        ("0000", Status.DELIVERED, None),
        ("0001", Status.UNDELIVERABLE, Reason.INVALID_NUMBER),
        ("0002", Status.UNDELIVERABLE, Reason.BLOCKED),
        ("0003", Status.UNDELIVERABLE, Reason.EXPIRED),
        ("0004", Status.FAILED, Reason.ABSENT),
        ("0005", Status.DELIVERED, None),
        ("0006", Status.DELIVERED, None),
        ("4711", Status.DELIVERED, None),
    ],
)
async def test_every_number_to_its_documented_end(magic: str, status: Status, reason: Reason | None) -> None:
    async with a_test_rig() as rig:
        id_ = await send(rig, magic)
        await rig.until(lambda: ended(rig, id_))
        message = await rig.message(id_)
        assert (message.status, message.reason) == (status, reason)
        assert (message.operator, message.route, message.attempts) == ("simulated", "test", 1)
        expected = [] if magic == "0001" else ["sent"]
        assert rig.events(id_) == [*expected, status.value]
        assert rig.dispatch.lanes["simulated"].load == 0


def test_the_documentation_is_the_table() -> None:
    rows = [line for line in (simulated.__doc__ or "").splitlines() if line.startswith("| 0")]
    assert [row.split("|")[1].strip() for row in rows] == [f"000{n}" for n in range(1, 8)]


async def test_throttled_twice_then_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    async with a_test_rig() as rig:
        id_ = await send(rig, "0005")
        await rig.until(lambda: ended(rig, id_))
        returned = [call for call in rig.journal.calls if call[0] == "returned"]
        assert returned == [("returned", (id_, 1, 1))] * 2


async def test_no_receipt_ever_comes() -> None:
    async with a_test_rig() as rig:
        silent = await send(rig, "0007")
        loud = await send(rig, "0000")
        await rig.until(lambda: ended(rig, loud))
        assert (await rig.message(silent)).status is Status.SENT
        rig.later(80 * 3600)
        await rig.upkeep.turn()
        assert (await rig.message(silent)).reason is Reason.EXPIRED


async def test_the_recipient_answers_stop_once() -> None:
    async with a_test_rig() as rig:
        id_ = await send(rig, "0006")

        async def stopped() -> bool:
            await rig.claim()
            return bool(await rig.store.suppressions("acme", None, 10))

        await rig.until(stopped)
        caller = rig.caller(env=Env.TEST)
        (refused,) = await rig.accept(a_send(recipient=f"{PREFIX}0006"), caller=caller)
        assert isinstance(refused, Refusal)
        # The reply is delivered to the same phone, which does not answer it with another STOP.
        await send_and_wait(rig)
        assert [(i.body, i.reply_to) for i in await rig.store.inbound("acme", 10)] == [("STOP", id_)]
        live = await rig.accept(a_send(recipient=f"{PREFIX}0006"), caller=rig.caller("other"))
        assert isinstance(live[0], Taken)


async def send_and_wait(rig: Rig) -> None:
    """Another message to its end: everything before it has settled too."""
    for _ in range(3):
        id_ = await send(rig, "0000")
        await rig.until(lambda id_=id_: ended(rig, id_))  # type: ignore[misc]


async def test_what_could_not_be_kept_comes_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulated, "_REPEAT_S", 0.0)
    async with a_test_rig() as rig:
        apply, record, failures = rig.store.apply_receipts, rig.store.record_inbound, ["r", "i", "r", "i"]

        async def broken_receipts(*args: object) -> object:
            if "r" in failures:
                failures.remove("r")
                raise StoreUnavailable("taken down by the test")
            return await apply(*args)  # type: ignore[arg-type]

        async def broken_inbound(*args: object) -> object:
            if "i" in failures:
                failures.remove("i")
                raise StoreUnavailable("taken down by the test")
            return await record(*args)  # type: ignore[arg-type]

        monkeypatch.setattr(rig.store, "apply_receipts", broken_receipts)
        monkeypatch.setattr(rig.store, "record_inbound", broken_inbound)
        id_ = await send(rig, "0006")
        await rig.until(lambda: ended(rig, id_))

        async def heard() -> bool:
            return bool(await rig.store.inbound("acme", 10))

        await rig.until(heard)
        await send_and_wait(rig)
        assert failures == []
        assert len(await rig.store.inbound("acme", 10)) == 1


async def test_long_messages_go_whole() -> None:
    async with a_test_rig() as rig:
        id_ = await send(rig, "0000", "x" * 500)
        await rig.until(lambda: ended(rig, id_))
        view = await rig.view(id_)
        assert (view.message.segment_count, view.message.part_count, len(view.rows)) == (4, 1, 1)


async def test_what_is_not_running_takes_nothing() -> None:
    async with a_rig() as rig:
        assert (rig.simulated.up, rig.simulated.room()) == (False, 0)
        id_ = await send(rig, "0000")
        message = await rig.message(id_)
        assert (message.owner, message.operator) == (None, "simulated")


ACTS = st.lists(
    st.tuples(
        st.sampled_from(["send", "live", "down", "up", "pause", "resume", "claim", "move", "reload", "time"]),
        st.sampled_from(["0000", "0001", "0002", "0003", "0004", "0005", "0006", "0007"]),
        st.sampled_from(list(Priority)),
    ),
    min_size=1,
    max_size=25,
)


async def take(rig: Rig, act: str, magic: str, priority: Priority) -> None:
    """One of the acts."""
    match act:
        case "send" | "live":
            caller = rig.caller(env=Env.TEST if act == "send" else Env.LIVE)
            await rig.accept(a_send(act, recipient=f"{PREFIX}{magic}", priority=priority), caller=caller)
        case "down" | "up":
            for name, operator in rig.operators.items():
                operator.up = act == "up"
                rig.changed(name)
        case "pause" | "resume":
            rig.dispatch.pause("simulated", paused=act == "pause")
        case "claim":
            await rig.claim()
        case "move":
            await rig.move()
        case "reload":
            rig.set_up(failover=frozenset({"all"}))
        case _:
            rig.later(30)


@settings(max_examples=60)
@given(ACTS)
def test_a_test_key_never_reaches_a_carrier(acts: list[tuple[str, str, Priority]]) -> None:
    """Whatever operators do, whatever rules say: nothing of the test environment is given to one, STOP replies
    included; and nothing live to the simulated one."""

    async def live() -> None:
        async with a_test_rig() as rig:
            rig.set_up(failover=frozenset({"all"}))
            for act, magic, priority in acts:
                await take(rig, act, magic, priority)
            for _ in range(5):
                await rig.move()
                await rig.claim()
            for operator in rig.operators.values():
                assert all(text == "live" for text in operator.texts)
            waiting = [await rig.store.waiting(name, b"", 100) for name in ("alpha", "beta", None)]
            assert all(m.env is Env.LIVE for messages in waiting for m in messages)
            assert all(m.env is Env.TEST for m in await rig.store.waiting("simulated", b"", 100))

    asyncio.run(live())
