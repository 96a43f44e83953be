"""POST /v1/sms/bulk: five hundred at once, bad ones beside good ones, and one commit for all."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.acceptance.harness.api import message, pointers, problem
from tests.acceptance.harness.world import World

pytestmark = pytest.mark.asyncio(loop_scope="module")


def numbered(count: int, area: str) -> list[dict[str, object]]:
    return [message(f"Offer {at}", to=f"+44{area}{at:06}") for at in range(count)]


@asynccontextmanager
async def watched(at: World, numbers: str) -> AsyncIterator[set[int]]:
    """Looks at the store as another process does, each look one transaction: how many messages to some numbers it has
    held. The last look is after the end."""
    seen: set[int] = set()
    stop = asyncio.Event()

    async def look() -> None:
        while not stop.is_set():
            seen.add(await at.store.count(numbers))

    looking = asyncio.create_task(look())
    try:
        yield seen
    finally:
        stop.set()
        await looking
    seen.add(await at.store.count(numbers))


async def test_five_hundred_in_one_commit(shared: World) -> None:
    async with watched(shared, "+447100%") as seen:
        answer = await shared.api.bulk(numbered(500, "7100"))
        assert answer.status == 202
    assert seen <= {0, 500}, "a part of the bulk was visible before the rest"
    assert 500 in seen, "the answer came before the commit"
    taken = answer.json["accepted"]
    assert answer.json["rejected"] == []
    assert [item["index"] for item in taken] == list(range(500))
    assert {tuple(item) for item in taken} == {("index", "messageId", "status", "segmentCount", "enqueuedAt")}
    assert len({item["messageId"] for item in taken}) == 500
    await shared.until(
        lambda: (
            {item["messageId"] for item in taken}
            <= {hook.data["messageId"] for hook in shared.sink.taken("message.delivered")}
        ),
        "500 webhooks",
    )
    found = [submit["to"] for submit in shared.submits() if submit["to"].startswith("447100")]
    assert sorted(found) == [f"447100{at:06}" for at in range(500)]


async def test_one_bad_item_never_spoils_the_rest(shared: World) -> None:
    await shared.gateway.cli("suppression", "add", "+447200000099", "--account", "acme")
    items: list[object] = [
        message(to="+447200000000"),
        message(to="07700900123"),
        message("x" * 1601, to="+447200000002"),
        {"to": "+447200000003", "from": "+447700900999"},
        "not an object",
        message(to="+447200000005", messageType="CARRIER_PIGEON", metadata={"n": 1}),
        message(to="+447200000006", callbackUrl="http://user@example.com/"),
        message(to="+447200000099"),
        message(to="+447200000008", sender="far too long a sender"),
        message("half of \ud83d a pair", to="+447200000009"),
        message(to="+447200000010"),
    ]
    answer = await shared.api.bulk(items)
    assert answer.status == 202
    assert [item["index"] for item in answer.json["accepted"]] == [0, 10]
    rejected = {item["index"]: item for item in answer.json["rejected"]}
    codes = {
        1: "INVALID_DESTINATION",
        2: "SMS_BODY_TOO_LONG",
        3: "INVALID_PAYLOAD",
        4: "INVALID_PAYLOAD",
        5: "INVALID_PAYLOAD",
        6: "INVALID_PAYLOAD",
        7: "RECIPIENT_SUPPRESSED",
        8: "INVALID_PAYLOAD",
        9: "INVALID_PAYLOAD",
    }
    assert {index: item["code"] for index, item in rejected.items()} == codes
    assert pointers(rejected[1]) == {"/messages/1/to"}
    assert pointers(rejected[3]) == {"/messages/3/body"}
    assert pointers(rejected[4]) == {"/messages/4"}
    assert pointers(rejected[5]) == {"/messages/5/messageType", "/messages/5/metadata/n"}
    assert pointers(rejected[6]) == {"/messages/6/callbackUrl"}
    assert all(item.keys() == {"index", "code", "detail", "errors"} for item in rejected.values())
    for item in answer.json["accepted"]:
        await shared.status(item["messageId"], "DELIVERED")
    arrived = {submit["to"] for submit in shared.submits() if submit["to"].startswith("447200")}
    assert arrived == {"447200000000", "447200000010"}


async def test_nothing_accepted_is_still_202(shared: World) -> None:
    answer = await shared.api.bulk([message(to="nobody"), message("", to="+447300000001")])
    assert answer.status == 202
    assert answer.json["accepted"] == []
    assert [item["code"] for item in answer.json["rejected"]] == ["INVALID_DESTINATION", "INVALID_PAYLOAD"]


@pytest.mark.parametrize("count", [0, 501])
async def test_the_envelope_holds_1_to_500(shared: World, count: int) -> None:
    answer = await shared.api.bulk(numbered(count, "7400"))
    assert pointers(problem(answer, 400, "INVALID_PAYLOAD")) == {"/messages"}
    assert not [submit for submit in shared.submits() if submit["to"].startswith("447400")]


@pytest.mark.parametrize("body", [b"[]", b"{}", b'{"messages": {}}', b'{"messages": null}', b"null", b"7"])
async def test_no_envelope(shared: World, body: bytes) -> None:
    problem(await shared.api.request("POST", "/v1/sms/bulk", data=body), 400, "INVALID_PAYLOAD")


async def test_a_bulk_is_replayed_whole(shared: World) -> None:
    items = [*numbered(3, "7500"), message(to="nobody")]
    first = await shared.api.bulk(items, **{"Idempotency-Key": "bulk-replay"})
    again = await shared.api.bulk(items, **{"Idempotency-Key": "bulk-replay"})
    assert (first.status, first.body) == (again.status, again.body)
    for item in first.json["accepted"]:
        await shared.status(item["messageId"], "DELIVERED")
    arrived = [submit["to"] for submit in shared.submits() if submit["to"].startswith("447500")]
    assert len(arrived) == 3, "a replay sends nothing"
    other = await shared.api.bulk(items[:2], **{"Idempotency-Key": "bulk-replay"})
    problem(other, 409, "IDEMPOTENCY_CONFLICT")


async def test_bulks_beside_one_another(shared: World) -> None:
    answers = await asyncio.gather(*(shared.api.bulk(numbered(50, f"76{at:02}")) for at in range(8)))
    ids = {item["messageId"] for answer in answers for item in answer.json["accepted"]}
    assert len(ids) == 400
    await shared.until(
        lambda: ids <= {hook.data["messageId"] for hook in shared.sink.taken("message.delivered")},
        "all 400 webhooks",
    )
