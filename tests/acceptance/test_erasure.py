"""A person's number erased beside a running gateway: gone from all that it keeps, refused until START."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from tests.acceptance.harness.api import problem
from tests.acceptance.harness.gateway import Template
from tests.acceptance.harness.world import World, world

pytestmark = pytest.mark.asyncio(loop_scope="module")

PERSON = "+447700933001"
OURS = "+447700900999"
TEXT = "Dear Ann Example"


async def from_phone(at: World, text: str) -> None:
    """The person sends a text to our number."""
    order = {"from": PERSON.removeprefix("+"), "to": OURS.removeprefix("+"), "text": text}
    await at.smsc.order("inbound", **order)


async def test_nothing_of_the_person_is_kept_and_nothing_more_is_sent(fresh: World) -> None:
    await fresh.gateway.cli("number", "add", OURS, "--account", "acme")
    first = await fresh.api.sent(TEXT, to=PERSON, metadata={"name": "Ann"})
    other = await fresh.api.sent("To another", to="+447700933002")
    await fresh.status(first, "DELIVERED")
    await fresh.hook(first, "message.delivered")
    await from_phone(fresh, "I am Ann")
    await fresh.until(lambda: fresh.sink.taken("message.inbound"), "the inbound message to be told of")
    assert PERSON in await fresh.store.dump()
    done = (await fresh.gateway.cli("erase", PERSON, "--yes", "--json")).json
    assert (done["messages"], done["inbound"], done["left"]) == (1, 1, 0)
    assert done["webhooks"] >= 2
    found = await fresh.api.message(first)
    assert (found["status"], found["to"][:7]) == ("DELIVERED", "erased:")
    text = await fresh.store.dump()
    assert PERSON.removeprefix("+") not in text
    assert "Ann" not in text
    assert "+447700933002" in text
    problem(await fresh.api.send(to=PERSON), 422, "RECIPIENT_SUPPRESSED")
    assert (await fresh.api.message(other))["status"] in {"SENT", "DELIVERED"}
    assert PERSON.removeprefix("+") not in fresh.gateway.log
    again = (await fresh.gateway.cli("erase", PERSON, "--yes", "--json")).json
    assert not any(again[what] for what in ("messages", "inbound", "webhooks", "left"))
    await fresh.gateway.restart()
    await fresh.bound()
    problem(await fresh.api.send(to=PERSON), 422, "RECIPIENT_SUPPRESSED")
    await from_phone(fresh, "START")

    async def is_taken() -> bool:
        return (await fresh.api.send(to=PERSON)).status == 202

    await fresh.until(is_taken, "START to lift it")


async def test_a_stop_is_still_obeyed_after_the_erasure(fresh: World) -> None:
    await fresh.gateway.cli("suppression", "add", PERSON, "--account", "acme")
    await fresh.gateway.cli("erase", PERSON, "--yes", "--account", "acme")
    listed = (await fresh.gateway.cli("suppression", "list", "--json")).json
    assert [(entry["number"][:7], entry["reason"]) for entry in listed] == [("erased:", "manual")]
    problem(await fresh.api.send(to=PERSON), 422, "RECIPIENT_SUPPRESSED")
    await fresh.gateway.cli("suppression", "remove", PERSON, "--account", "acme")
    assert (await fresh.api.send(to=PERSON)).status == 202


async def test_what_waits_is_ended_and_told_by_the_name(template: Template, tmp_path: Path) -> None:
    async with world(template, tmp_path) as at:
        await at.smsc.order("close")

        async def is_down() -> bool:
            _, facts = await at.gateway.health("ready")
            return not facts["operators"]["alpha"]["up"]

        await at.until(is_down, "alpha to be down")
        waiting = [await at.api.sent(TEXT, to=PERSON) for _ in range(5)]
        done = (await at.gateway.cli("erase", PERSON, "--yes", "--json")).json
        assert (done["messages"], done["left"]) == (5, 0)
        for identity in waiting:
            found = await at.status(identity, "UNDELIVERABLE")
            assert found["reason"] == "opted_out"
            await at.hook(identity, "message.undeliverable")
        assert PERSON.removeprefix("+") not in await at.store.dump()
        await at.smsc.order("open")
        await at.bound()
        assert at.submits(to=PERSON) == []


async def test_under_load_it_does_not_come_back(fresh: World) -> None:
    """Sends to the person and to others go on while the number is erased: refused from then on, and nothing is left."""
    stop = asyncio.Event()
    statuses: list[int] = []

    async def keep_sending(n: int) -> None:
        k = 0
        while not stop.is_set():
            k += 1
            to = PERSON if k % 3 == 0 else f"+44770093{n}{k % 900 + 100}"
            answer = await fresh.api.send(TEXT, to=to)
            if to == PERSON:
                statuses.append(answer.status)

    load = [asyncio.create_task(keep_sending(n)) for n in range(8)]
    await fresh.until(lambda: len(statuses) > 30, "some messages to the person")
    done = await fresh.gateway.cli("erase", PERSON, "--yes", "--json")
    before = len(statuses)
    await fresh.until(lambda: len(statuses) > before + 8, "more tries to send to the person")
    stop.set()
    await asyncio.gather(*load)
    assert done.json["left"] == 0
    assert set(statuses[before + 8 :]) <= {422}
    assert statuses[0] == 202
    receipts = len(fresh.smsc.named("submit"))
    assert receipts > 30

    async def is_gone() -> bool:
        return PERSON.removeprefix("+") not in await fresh.store.dump()

    await fresh.until(is_gone, f"nothing of the person in the store; erased: {json.dumps(done.json)}")
