"""The erasure of a number as a service: what is ended, who is told, what is waited for, and the gate afterwards."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.account import Env
from gateway.domain.outcome import Accepted
from gateway.domain.send import Refusal, Taken, Why
from gateway.domain.suppression import OwnedNumber, Suppression
from gateway.domain.words import Reason, Status
from gateway.errors import NotFound, Refused
from gateway.secrets import Secrets
from gateway.services.erasure import PATIENCE_S, PAUSE_S, Erasing, names
from tests.unit.gateway.services.rig import OURS, PHONE, URL, Rig, a_receipt, a_rig, a_send, an_inbound

BOX = Secrets(bytes(32))
NAME = names(BOX)(PHONE)


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    async with a_rig() as made:
        await made.accounts.create("acme")
        await made.accounts.create("rival")
        yield made


def erasing(rig: Rig) -> Erasing:
    """By whom time passes while something is waited for, as it does for the gateway beside it."""

    async def pause(seconds: float) -> None:
        rig.later(seconds)
        await rig.upkeep.turn()
        await rig.claim()

    return Erasing(rig.store, rig.accounts, BOX, rig.clock, pause)


def quiet(what: str, done: int) -> None:
    """Nobody looks."""


async def refusal(rig: Rig, **fields: Any) -> Why | None:
    (item,) = await rig.accept(a_send(**fields))
    return item.why if isinstance(item, Refusal) else None


async def test_what_waits_is_ended_and_its_account_is_told(rig: Rig) -> None:
    await rig.accounts.set("acme", {"webhook_url": URL}, None)
    rig.operators["alpha"].up = rig.operators["beta"].up = False
    rig.dispatch.changed()
    waiting = await rig.send("A secret")
    done = await erasing(rig).erase(PHONE, None, quiet)
    assert (done.messages, done.left) == (1, [])
    m = await rig.message(waiting)
    assert (m.status, m.reason, m.recipient, m.body) == (Status.UNDELIVERABLE, Reason.OPTED_OUT, NAME, "")
    (stored,), _ = await rig.store.webhooks_by_id("acme", bytes(16), 10)
    assert stored.event.kind.value == "undeliverable"
    assert stored.event.data["recipient"] == NAME


async def test_what_is_sent_and_has_no_receipt_is_ended(rig: Rig) -> None:
    sent = await rig.send()
    rig.operators["alpha"].answer(Accepted("ref-1"))
    await rig.quiet()
    done = await erasing(rig).erase(PHONE, None, quiet)
    assert (done.messages, done.left) == (1, [])
    assert (await rig.message(sent)).status is Status.UNDELIVERABLE
    await rig.get_receipt(a_receipt("ref-1"))
    assert PHONE not in repr(await rig.view(sent)), "its receipt comes, and finds it by the name"


async def test_what_is_in_hand_is_waited_for(rig: Rig) -> None:
    mine = await rig.send()
    alpha = rig.operators["alpha"]
    told: list[int] = []

    async def pause(seconds: float) -> None:
        rig.later(seconds)
        told.append(len(told))
        if len(told) == 3:
            alpha.answer(Accepted("ref-1"))
            await rig.quiet()

    service = Erasing(rig.store, rig.accounts, BOX, rig.clock, pause)
    done = await service.erase(PHONE, None, quiet)
    assert (done.messages, done.left) == (1, [])
    assert len(told) >= 3
    assert (await rig.message(mine)).recipient == NAME


async def test_what_stays_in_hand_is_told_of(rig: Rig) -> None:
    mine = await rig.send()
    waited: list[float] = []

    async def pause(seconds: float) -> None:
        rig.later(seconds)
        waited.append(seconds)

    done = await Erasing(rig.store, rig.accounts, BOX, rig.clock, pause).erase(PHONE, None, quiet)
    assert done.left == [mine]
    assert sum(waited) == pytest.approx(PATIENCE_S, abs=PAUSE_S)
    assert (await rig.message(mine)).recipient == PHONE
    assert await refusal(rig) is Why.SUPPRESSED, "and nothing more comes"


async def test_a_message_in_a_lane_is_stopped_by_the_running_gateway(rig: Rig) -> None:
    rig.operators["alpha"].slots = 0
    held = await rig.send()
    assert (await rig.message(held)).owner is not None
    rig.operators["alpha"].slots = None

    async def pause(seconds: float) -> None:
        rig.later(seconds)
        await rig.upkeep.turn()
        rig.dispatch.feed_all()
        await rig.quiet()

    done = await Erasing(rig.store, rig.accounts, BOX, rig.clock, pause).erase(PHONE, None, quiet)
    assert done.left == []
    assert rig.operators["alpha"].written == [], "it was not sent"
    assert (await rig.message(held)).reason is Reason.OPTED_OUT


async def test_every_account_that_had_something_refuses_from_now_on(rig: Rig) -> None:
    await rig.send()
    await rig.send(caller=rig.caller("rival", Env.TEST))
    rig.operators["alpha"].answer(Accepted("ref-1"))
    await rig.quiet()
    await erasing(rig).erase(PHONE, None, quiet)
    listed = {(s.account, s.env, s.number, s.reason) for s in await rig.store.suppressions(None, None, 10)}
    assert listed == {("acme", Env.LIVE, NAME, "erased"), ("rival", Env.TEST, NAME, "erased")}
    assert await refusal(rig) is Why.SUPPRESSED
    (item,) = await rig.accept(a_send(), caller=rig.caller("rival"))
    assert isinstance(item, Taken), "rival's live environment had nothing"


async def test_a_stop_stays_a_stop_and_a_start_lifts_it(rig: Rig) -> None:
    await rig.store.save_number(OwnedNumber(OURS, "", "acme", Env.LIVE, rig.now))
    await rig.get_inbound(an_inbound("STOP"))
    await rig.quiet()
    rig.operators["alpha"].slots = None
    await rig.claim()
    for part in list(rig.operators["alpha"].unanswered):
        rig.operators["alpha"].answer(Accepted(f"r{part.part}"))
    await rig.quiet()
    done = await erasing(rig).erase(PHONE, None, quiet)
    assert (done.inbound, done.left) == (1, [])
    (entry,) = await rig.store.suppressions("acme", None, 10)
    assert (entry.number, entry.reason) == (NAME, "stop")
    assert await refusal(rig) is Why.SUPPRESSED
    await rig.get_inbound(an_inbound("START"))
    assert await refusal(rig) is None
    assert await rig.store.suppressions("acme", None, 10) == []


async def test_one_account_alone(rig: Rig) -> None:
    entries = [Suppression(name, Env.LIVE, "", PHONE, "stop", rig.now) for name in ("acme", "rival")]
    await rig.store.suppress(entries)
    done = await erasing(rig).erase(PHONE, "acme", quiet)
    assert done.suppressions == 1
    assert {(s.account, s.number) for s in await rig.store.suppressions(None, None, 10)} == {
        ("acme", NAME),
        ("rival", PHONE),
    }


async def test_a_second_time_there_is_nothing(rig: Rig) -> None:
    await rig.store.suppress([Suppression("acme", Env.LIVE, "", PHONE, "stop", rig.now)])
    await erasing(rig).erase(PHONE, None, quiet)
    done = await erasing(rig).erase(PHONE, None, quiet)
    assert (done.messages, done.inbound, done.suppressions, done.left) == (0, 0, 0, [])


async def test_what_is_refused(rig: Rig) -> None:
    service = erasing(rig)
    with pytest.raises(Refused, match=r"\+"):
        await service.erase("07700900123", None, quiet)
    with pytest.raises(NotFound, match="nobody"):
        await service.erase(PHONE, "nobody", quiet)
    await rig.store.save_number(OwnedNumber(PHONE, "", "acme", Env.LIVE, rig.now))
    with pytest.raises(Refused, match="no person's"):
        await service.erase(PHONE, None, quiet)


@given(st.from_regex(r"\+[1-9][0-9]{6,14}", fullmatch=True), st.binary(min_size=32, max_size=32))
def test_a_name_is_the_same_after_every_restart_and_tells_nothing(number: str, key: bytes) -> None:
    name = names(Secrets(key))(number)
    assert name == names(Secrets(key))(number)
    assert name.startswith("erased:")
    assert len(name) == len("erased:") + 32
    assert number.removeprefix("+") not in name or len(number) < 9
    assert name != names(Secrets(bytes(b ^ 1 for b in key)))(number)
