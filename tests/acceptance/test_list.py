"""GET /v1/sms: newest first, pages by cursor, filters, and nobody else's messages."""

from __future__ import annotations

import base64
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.acceptance.harness.api import Answer, Api, message, pointers, problem
from tests.acceptance.harness.gateway import Template
from tests.acceptance.harness.world import World, world

pytestmark = pytest.mark.asyncio(loop_scope="module")

BULK, COUNT = 20, 25


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def listed(template: Template, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """A gateway with 20 messages of acme at once and five later ones, all delivered, one of other, one of acme's
    test environment."""
    folder: Path = tmp_path_factory.mktemp("listed")
    async with world(template, folder) as built:
        bulk = await built.api.bulk([message(f"Text {at}", to=f"+44770090{at:04}") for at in range(BULK)])
        for item in bulk.json["accepted"]:
            await built.status(item["messageId"], "DELIVERED")
        for at in range(BULK, COUNT):
            await built.status(await built.api.sent(to=f"+44770090{at:04}"), "DELIVERED")
        await built.other.sent(to="+447700900000")
        await built.tester.sent(to="+447700900000")
        yield built


def ids(answer: Answer) -> list[str]:
    assert answer.status == 200, answer
    return [each["messageId"] for each in answer.json["messages"]]


async def pages(api: Api, **params: str) -> list[list[str]]:
    """All pages, by following Link."""
    answer = await api.list(**params)
    found = [ids(answer)]
    while "Link" in answer.headers:
        link = re.fullmatch(r'<(/v1/sms\?[^>]+)>; rel="next"', answer.headers["Link"])
        assert link is not None, answer.headers["Link"]
        answer = await api.request("GET", link[1])
        found.append(ids(answer))
    assert answer.json["nextCursor"] is None
    return found


@pytest.mark.parametrize("limit", [1, 7, 24, 25, 100])
async def test_pages_hold_everything_once_newest_first(listed: World, limit: int) -> None:
    found = await pages(listed.api, limit=str(limit))
    assert [len(page) for page in found[:-1]] == [limit] * (len(found) - 1)
    every = [identity for page in found for identity in page]
    assert len(every) == COUNT
    assert every == sorted(every, reverse=True), "ids grow with time"


async def test_a_cursor_alone_goes_on_with_its_filters(listed: World) -> None:
    first = await listed.api.list(limit="1", status="DELIVERED")
    second = await listed.api.list(cursor=first.json["nextCursor"])
    assert len(ids(second)) == 20, "the default limit"
    assert ids(first)[0] not in ids(second)
    other = await listed.api.list(cursor=first.json["nextCursor"], status="FAILED")
    problem(other, 400, "INVALID_PAYLOAD")


async def test_new_messages_do_not_shift_a_page(listed: World) -> None:
    whole = ids(await listed.other.list())
    await listed.other.sent(to="+447700900001")
    first = await listed.other.list(limit="1")
    await listed.other.sent(to="+447700900002")
    assert ids(await listed.other.list(cursor=first.json["nextCursor"])) == whole


async def test_filters(listed: World) -> None:
    every = ids(await listed.api.list(limit="100"))
    assert ids(await listed.api.list(limit="100", status="DELIVERED")) == every
    assert ids(await listed.api.list(status="FAILED")) == []
    assert ids(await listed.api.list(to="+447700900003")) == [every[COUNT - 4]]
    assert ids(await listed.api.list(created_before="2020-01-01T00:00:00Z")) == []
    assert ids(await listed.api.list(limit="100", created_after="2020-01-01T00:00:00Z")) == every
    later = COUNT - BULK
    at = (await listed.api.message(every[later - 1]))["enqueuedAt"]
    assert ids(await listed.api.list(limit="100", created_before=at)) == every[later - 1 :], (
        "both ends belong to it"
    )
    assert ids(await listed.api.list(limit="100", created_after=at)) == every[:later]


async def test_several_statuses(listed: World) -> None:
    answer = await listed.api.request("GET", "/v1/sms?status=FAILED&status=DELIVERED&limit=100")
    assert len(ids(answer)) == COUNT


@pytest.mark.parametrize(
    ("query", "place"),
    [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=-1", "limit"),
        ("limit=ten", "limit"),
        ("limit=1&limit=2", "limit"),
        ("limit=%F0%9F%91%8B", "limit"),
        ("status=LOST", "status"),
        ("created_after=yesterday", "created_after"),
        ("created_before=2026-02-30T00:00:00Z", "created_before"),
        ("page=2", "page"),
        ("cursor=", "cursor"),
        ("cursor=AAAA", "cursor"),
        ("cursor=%00%ff", "cursor"),
        ("cursor=" + "A" * 5000, "cursor"),
    ],
)
async def test_bad_parameters_are_named(listed: World, query: str, place: str) -> None:
    answer = await listed.api.request("GET", f"/v1/sms?{query}")
    assert place in pointers(problem(answer, 400, "INVALID_PAYLOAD"))


async def test_a_forged_cursor_is_refused(listed: World) -> None:
    cursor = (await listed.api.list(limit="1")).json["nextCursor"]
    octets = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    for at in range(0, len(octets), 5):
        changed = octets[:at] + bytes([octets[at] ^ 1]) + octets[at + 1 :]
        forged = base64.urlsafe_b64encode(changed).rstrip(b"=").decode()
        problem(await listed.api.list(cursor=forged), 400, "INVALID_PAYLOAD")
    problem(await listed.api.list(cursor=cursor[:-4]), 400, "INVALID_PAYLOAD")


async def test_a_cursor_is_its_callers_alone(listed: World) -> None:
    cursor = (await listed.api.list(limit="1")).json["nextCursor"]
    problem(await listed.other.list(cursor=cursor), 400, "INVALID_PAYLOAD")
    problem(await listed.tester.list(cursor=cursor), 400, "INVALID_PAYLOAD")


async def test_a_list_shows_what_a_message_shows(listed: World) -> None:
    (entry,) = (await listed.api.list(limit="1")).json["messages"]
    message_alone = await listed.api.message(entry["messageId"])
    assert message_alone.pop("attempts")
    assert entry == message_alone


async def test_cursors_outlive_the_process(listed: World) -> None:
    cursor = (await listed.api.list(limit="1")).json["nextCursor"]
    expected = ids(await listed.api.list(cursor=cursor))
    await listed.gateway.restart()
    assert ids(await listed.api.list(cursor=cursor)) == expected


async def test_a_cursor_of_one_list_is_none_of_another(listed: World) -> None:
    cursors: dict[str, str] = {}
    for path in ("/v1/sms", "/api/sms/outbox", "/api/messages/sms"):
        page = await listed.api.request("GET", f"{path}?limit=1")
        cursors[path] = page.json["nextCursor"]
    for source, cursor in cursors.items():
        for path in (*cursors, "/api/sms/outbox/export", "/api/sms/alerts"):
            answer = await listed.api.request("GET", f"{path}?limit=1&cursor={cursor}")
            assert answer.status == (200 if path == source else 400), (source, path)
            assert path == source or b"belongs to another list" in answer.body
