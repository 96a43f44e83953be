"""The contacts dialect through the socket: what became of a batch, and the list of messages."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gateway.domain.account import Policy
from gateway.domain.outcome import Accepted as Took
from gateway.domain.outcome import NextRoute
from gateway.domain.send import Send
from gateway.domain.words import Reason
from gateway.services.pages import MAX_READS
from http_api.times import write_time
from tests.unit.gateway.services.rig import NOW
from tests.unit.http_api.dialects.contacts.conftest import (
    ANNA,
    BERTA,
    LIST,
    POLICY,
    STARTED,
    World,
    is_error,
    recipients,
)
from tests.unit.http_api.memory import OTHER_KEY, TEST_KEY


class TestQueue:
    """Document 003: "Use the returned `queueId` to correlate delivery status ... via dedicated status endpoints."
    CONTRACTS.md: "its look-up gives counts per status and the messages, paged"."""

    async def test_counts_and_messages(self, ready: World) -> None:
        _, sent = await ready.send([ANNA, BERTA])
        path = f"{LIST}/queues/{sent['queueId']}"
        status, queue = await ready.get(path)
        assert status == 200
        assert list(queue) == ["queueId", "channel", "total", "counts", "messages", "nextCursor"]
        assert (queue["queueId"], queue["channel"], queue["total"]) == (sent["queueId"], "sms", 2)
        assert queue["counts"] == {
            "scheduled": 0,
            "queued": 2,
            "sent": 0,
            "delivered": 0,
            "undelivered": 0,
            "failed": 0,
            "canceled": 0,
        }
        assert recipients(queue) == [BERTA, ANNA], "newest first"
        ready.rig.operators["alpha"].answer(Took("ref-1"))
        ready.rig.operators["alpha"].answer(NextRoute(Reason.SPAM, "0x45"))
        await ready.rig.quiet()
        counts = (await ready.get(path))[1]["counts"]
        assert (counts["sent"], counts["queued"]) == (1, 1)

    async def test_pages(self, ready: World) -> None:
        _, sent = await ready.send([f"+57300000000{number}" for number in range(5)])
        await ready.send([ANNA])
        path, seen = f"{LIST}/queues/{sent['queueId']}", []
        params: dict[str, str] = {"limit": "2"}
        for expected in (2, 2, 1):
            async with ready.client.get(path, params=params) as answer:
                page = await answer.json()
                link = answer.headers.get("Link", "")
            assert (page["total"], len(page["messages"])) == (5, expected)
            seen += recipients(page)
            assert bool(link) == bool(page["nextCursor"])
            params["cursor"] = page["nextCursor"]
        assert page["nextCursor"] is None
        assert seen == [f"+57300000000{number}" for number in (4, 3, 2, 1, 0)]

    async def test_a_cursor_belongs_to_its_queue(self, ready: World) -> None:
        _, first = await ready.send([ANNA, BERTA])
        _, other = await ready.send([ANNA, BERTA])
        _, page = await ready.get(f"{LIST}/queues/{first['queueId']}", {"limit": "1"})
        answer = await ready.get(f"{LIST}/queues/{other['queueId']}", {"cursor": page["nextCursor"]})
        is_error(answer, 400, "VALIDATION_FAILED", "Bad Request")

    async def test_whose_it_is_not_finds_nothing(self, ready: World) -> None:
        """CONTRACTS.md "Everywhere": "Another account's message is 404, never 403; so is a message of the other
        environment." """
        _, sent = await ready.send([ANNA])
        for key in (OTHER_KEY, TEST_KEY):
            answer = await ready.get(f"{LIST}/queues/{sent['queueId']}", key=key)
            is_error(answer, 404, "NOT_FOUND", "Not Found")

    async def test_a_sub_tenant_sees_its_own(self, ready: World) -> None:
        _, sent = await ready.send([ANNA])
        ready.allow(POLICY, sub_tenant="shop")
        _, its_own = await ready.send([ANNA])
        assert (await ready.get(f"{LIST}/queues/{its_own['queueId']}"))[0] == 200
        assert (await ready.get(f"{LIST}/queues/{sent['queueId']}"))[0] == 404

    async def test_its_last_page_may_be_empty(self, ready: World) -> None:
        """Where as many were looked at as a look may: the queue is there all the same."""
        ready.allow(POLICY, sub_tenant="shop")
        _, sent = await ready.send([ANNA, BERTA])
        ready.queries._looks = 2
        path = f"{LIST}/queues/{sent['queueId']}"
        _, page = await ready.get(path, {"limit": "2"})
        assert recipients(page) == [BERTA, ANNA]
        status, last = await ready.get(path, {"cursor": page["nextCursor"]})
        assert (status, last["messages"], last["total"], last["nextCursor"]) == (200, [], 2, None)

    @pytest.mark.parametrize(
        "queue", ["sms-queue-12345", "sms-queue-" + "0" * 32, "0" * 32, "sms-queue-" + "G" * 32, "x"]
    )
    async def test_none_of_that_name(self, ready: World, queue: str) -> None:
        is_error(await ready.get(f"{LIST}/queues/{queue}"), 404, "NOT_FOUND", "Not Found")

    @pytest.mark.parametrize("path", [f"{LIST}/queues", f"{LIST}/queues/", f"{LIST}/a/b", "/api/terms/1"])
    async def test_no_path_of_this_dialect(self, ready: World, path: str) -> None:
        is_error(await ready.get(path), 404, "NOT_FOUND", "Not Found")


class TestList:
    """Document 003: "Each message persists provider metadata and can be audited through the messaging module
    filters." CONTRACTS.md: "recipient, status, from, to, cursor"."""

    async def test_a_message_with_its_provider(self, ready: World) -> None:
        _, sent = await ready.send([ANNA], "Hello there", type="OTP")
        _, page = await ready.get(LIST)
        assert page == {
            "messages": [
                {
                    "id": sent["messages"][0]["id"],
                    "queueId": sent["queueId"],
                    "channel": "sms",
                    "recipient": ANNA,
                    "sender": "ACME",
                    "message": "Hello there",
                    "type": "OTP",
                    "status": "queued",
                    "reason": None,
                    "segments": 1,
                    "createdAt": STARTED,
                    "updatedAt": STARTED,
                    "error": None,
                    "provider": {
                        "operatorId": "alpha",
                        "routeId": "all",
                        "attempts": 1,
                        "processedAt": None,
                        "error": None,
                    },
                }
            ],
            "nextCursor": None,
        }

    async def test_a_message_that_a_carrier_has_refused(self, ready: World) -> None:
        _, sent = await ready.send([ANNA])
        ready.rig.later(5)
        ready.rig.operators["alpha"].answer(NextRoute(Reason.SPAM, "0x45"))
        await ready.rig.quiet()
        _, page = await ready.get(LIST)
        (message,) = page["messages"]
        assert message["id"] == sent["messages"][0]["id"]
        assert (message["error"]["code"], message["provider"]["error"]) == ("spam", "0x45")
        assert message["error"]["at"] == write_time(NOW + timedelta(seconds=5))

    async def test_of_every_dialect(self, ready: World) -> None:
        """Issue: "a message sent by one can be read (in its own words) by every other" """
        await ready.rig.accept(Send("orchestrator", BERTA, "ACME", "by another door"), caller=ready.caller)
        (message,) = (await ready.get(LIST))[1]["messages"]
        assert (message["message"], message["queueId"], message["type"]) == ("by another door", None, "SMS")

    async def test_filters(self, ready: World) -> None:
        await ready.send([ANNA])
        ready.rig.later(60)
        await ready.send([BERTA])
        minute = write_time(NOW + timedelta(seconds=30))
        for params, expected in (
            ({"recipient": ANNA}, [ANNA]),
            ({"recipient": "+57 300 1234567"}, [ANNA]),
            ({"recipient": "nobody"}, []),
            ({"status": "queued"}, [BERTA, ANNA]),
            ({"status": "delivered"}, []),
            ({"from": minute}, [BERTA]),
            ({"to": minute}, [ANNA]),
            ({"from": minute, "recipient": ANNA}, []),
            ({"from": STARTED}, [BERTA, ANNA]),
            ({"to": STARTED}, []),
        ):
            status, page = await ready.get(LIST, params)
            assert (status, recipients(page)) == (200, expected), params

    async def test_a_local_number_of_the_account_s_country(self, ready: World) -> None:
        await ready.send([ANNA, BERTA])
        ready.allow(Policy(default_sender="ACME", country="CO"))
        assert recipients((await ready.get(LIST, {"recipient": "3001234567"}))[1]) == [ANNA]
        async with ready.client.get(f"{LIST}?recipient={ANNA}") as answer:  # its plus arrives as a space
            assert recipients(await answer.json()) == [ANNA]

    async def test_pages(self, ready: World) -> None:
        await ready.send([ANNA, BERTA, "+573000000000"])
        _, first = await ready.get(LIST, {"limit": "2", "status": "queued"})
        _, second = await ready.get(LIST, {"limit": "2", "cursor": first["nextCursor"]})
        assert recipients(first) + recipients(second) == ["+573000000000", BERTA, ANNA]
        assert second["nextCursor"] is None
        other = {"cursor": first["nextCursor"], "status": "failed"}
        is_error(await ready.get(LIST, other), 400, "VALIDATION_FAILED", "Bad Request")

    async def test_a_page_that_is_short_says_where_to_go_on(
        self, ready: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Few of very many pass a filter: a request goes through a bounded number of messages."""
        monkeypatch.setattr(ready.queries, "_looks", 2)  # and as many reads as `MAX_READS` says
        ready.allow(POLICY, sub_tenant="shop")
        _, rare = await ready.send([ANNA])
        ready.allow(POLICY, sub_tenant=None)
        await ready.send([f"+57300{number:07d}" for number in range(2 * MAX_READS + 1)])
        ready.allow(POLICY, sub_tenant="shop")
        async with ready.client.get(LIST, params={"limit": "5"}) as answer:
            first = await answer.json()
            assert answer.headers["Link"].endswith('; rel="next"')
        assert (first["messages"], first["nextCursor"] is None) == ([], False)
        _, second = await ready.get(LIST, {"cursor": first["nextCursor"]})
        assert [message["id"] for message in second["messages"]] == [rare["messages"][0]["id"]]
        assert second["nextCursor"] is None

    @pytest.mark.parametrize(
        ("params", "sentence"),
        [
            ({"limit": "0"}, "limit must be a number from 1 to 100"),
            ({"limit": "101"}, "limit must be a number from 1 to 100"),
            ({"status": "QUEUED"}, "status must be one of the following values: scheduled, queued, sent, "),
            ({"from": "yesterday"}, "from must be a time like 2026-04-18T10:00:00Z"),
            ({"to": "2026-04-18"}, "to must be a time like 2026-04-18T10:00:00Z"),
            (
                {"cursor": "abc"},
                "cursor is not one of yours: take it from the Link header of the page before",
            ),
            ({"recipient": "\0"}, "recipient must have 1 to 64 characters, and no NUL among them"),
            ({"recipient": "1" * 65}, "recipient must have 1 to 64 characters"),
            ({f"p{n}": "" for n in range(101)}, "the query must have at most 100 parameters"),
            ({"page": "2"}, "property page should not exist"),
        ],
    )
    async def test_what_is_wrong_with_a_filter(
        self, ready: World, params: dict[str, str], sentence: str
    ) -> None:
        error = is_error(await ready.get(LIST, params), 400, "VALIDATION_FAILED", "Bad Request")
        (said,) = error["message"]
        assert said.startswith(sentence)

    async def test_given_twice(self, ready: World) -> None:
        async with ready.client.get(f"{LIST}?limit=1&limit=2") as answer:
            error = is_error((answer.status, await answer.json()), 400, "VALIDATION_FAILED", "Bad Request")
        assert error["message"] == ["limit must be given once"]

    async def test_another_account_s_are_not_there(self, ready: World) -> None:
        await ready.send([ANNA])
        for key in (OTHER_KEY, TEST_KEY):
            assert (await ready.get(LIST, key=key))[1]["messages"] == []
