"""Idempotency-Key: the same answer byte for byte for 48 hours, and one message however often it is asked for."""

from __future__ import annotations

import asyncio
import json

import pytest

from tests.acceptance.harness.api import Answer, message, problem
from tests.acceptance.harness.world import World

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_repeated_key_gives_the_same_answer_byte_for_byte(shared: World) -> None:
    number = "+447700901001"
    first = await shared.api.send(to=number, key="order-1")
    await shared.status(first.json["messageId"], "DELIVERED")
    again = await shared.api.send(to=number, key="order-1")
    assert (again.status, again.body) == (202, first.body), "also when it was delivered meanwhile"
    assert len(shared.submits(to=number)) == 1


async def test_the_same_json_otherwise_written_is_the_same_body(shared: World) -> None:
    document = message(to="+447700901002", metadata={"a": "1", "b": "2"})
    spellings = [
        json.dumps(document).encode(),
        json.dumps(dict(reversed(document.items())), indent=3).encode(),
        json.dumps(document, separators=(",", ":")).replace("Your", "\\u0059our").encode(),
    ]
    headers = {"Idempotency-Key": "order-2"}
    answers = [
        await shared.api.request("POST", "/v1/sms/send", data=spelling, headers=headers)
        for spelling in spellings
    ]
    assert [answer.status for answer in answers] == [202, 202, 202]
    assert len({answer.body for answer in answers}) == 1


async def test_another_body_or_path_is_a_conflict(shared: World) -> None:
    number = "+447700901003"
    first = await shared.api.send("one", to=number, key="order-3")
    assert first.status == 202
    document = problem(await shared.api.send("two", to=number, key="order-3"), 409, "IDEMPOTENCY_CONFLICT")
    assert document["instance"] == "/v1/sms/send"
    bulk = await shared.api.bulk([message("one", to=number)], **{"Idempotency-Key": "order-3"})
    problem(bulk, 409, "IDEMPOTENCY_CONFLICT")
    await shared.status(first.json["messageId"], "DELIVERED")
    assert len(shared.submits(to=number)) == 1


async def test_twenty_at_once_are_one_message(shared: World) -> None:
    number = "+447700901004"
    answers = await asyncio.gather(*(shared.api.send(to=number, key="order-4") for _ in range(20)))
    assert {answer.status for answer in answers} == {202}
    assert len({answer.body for answer in answers}) == 1
    await shared.status(answers[0].json["messageId"], "DELIVERED")
    assert len(shared.submits(to=number)) == 1


async def test_of_two_bodies_at_once_one_wins(shared: World) -> None:
    number = "+447700901005"
    answers: list[Answer] = await asyncio.gather(
        *(shared.api.send(f"text {at}", to=number, key="order-5") for at in range(10))
    )
    assert sorted(answer.status for answer in answers) == [202] + [409] * 9
    (winner,) = [answer for answer in answers if answer.status == 202]
    await shared.status(winner.json["messageId"], "DELIVERED")
    assert len(shared.submits(to=number)) == 1


async def test_a_refusal_frees_the_key(shared: World) -> None:
    problem(await shared.api.send(to="nobody", key="order-6"), 400, "INVALID_DESTINATION")
    assert (await shared.api.send(to="+447700901006", key="order-6")).status == 202


async def test_keys_are_each_accounts_and_environments_own(shared: World) -> None:
    number = "+447700901007"
    callers = [shared.api, shared.other, shared.tester]
    answers = [await caller.send(f"for {at}", to=number, key="order-7") for at, caller in enumerate(callers)]
    assert [answer.status for answer in answers] == [202, 202, 202]
    assert len({answer.json["messageId"] for answer in answers}) == 3


async def test_a_replay_wins_over_later_gates(shared: World) -> None:
    number = "+447700901008"
    first = await shared.api.send(to=number, key="order-8")
    await shared.status(first.json["messageId"], "DELIVERED")
    await shared.gateway.cli("suppression", "add", number, "--account", "acme")
    problem(await shared.api.send(to=number, key="order-8b"), 422, "RECIPIENT_SUPPRESSED")
    again = await shared.api.send(to=number, key="order-8")
    assert (again.status, again.body) == (202, first.body)


@pytest.mark.parametrize("key", ["with space", "ä" * 3, "k" * 256])
async def test_what_is_no_key(shared: World, key: str) -> None:
    document = problem(await shared.api.send(key=key), 400, "INVALID_PAYLOAD")
    assert document["errors"][0]["parameter"] == "Idempotency-Key"


async def test_without_a_key_each_request_is_a_message(shared: World) -> None:
    first, second = await shared.api.sent(to="+447700901009"), await shared.api.sent(to="+447700901009")
    assert first != second


async def test_a_key_outlives_the_process(fresh: World) -> None:
    number = "+447700901010"
    first = await fresh.api.send(to=number, key="order-10")
    await fresh.status(first.json["messageId"], "DELIVERED")
    await fresh.gateway.kill9()
    await fresh.gateway.start()
    again = await fresh.api.send(to=number, key="order-10")
    assert (again.status, again.body) == (202, first.body)
    problem(await fresh.api.send("other", to=number, key="order-10"), 409, "IDEMPOTENCY_CONFLICT")
    assert len(fresh.submits(to=number)) == 1
