"""The outbox's routes through the socket: what document 002 leaves open, as docs/outbox.md says that it is decided."""

from __future__ import annotations

import asyncio
import csv
import io
import re
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from gateway.domain.account import Env
from gateway.domain.send import Send
from gateway.domain.suppression import Suppression
from gateway.errors import StoreUnavailable
from gateway.services.pages import MAX_READS
from gateway.services.rate import RateGate
from http_api.auth import Authenticator
from http_api.dialects.outbox.alerts import AlertsApi
from http_api.dialects.outbox.export import HEAD
from http_api.dialects.outbox.routes import OutboxApi
from http_api.page import Cursors
from http_api.proxies import TrustedProxies
from http_api.settings import BodyLimits
from http_api.times import write_time
from tests.unit.gateway.services.rig import OURS
from tests.unit.http_api.dialects.outbox.conftest import (
    EXPORT,
    LIST,
    POLICY,
    RECIPIENT,
    RESEND,
    SEND,
    Answer,
    World,
    error,
)
from tests.unit.http_api.memory import LIVE_KEY, OTHER_KEY, READ_ONLY_KEY, TEST_KEY, MemoryAccounts
from tests.unit.http_api.test_openapi import described

NOBODYS = f"obx_{'0' * 32}"


def test_every_route_is_described_and_nothing_else() -> None:
    auth = Authenticator(MemoryAccounts(), None, TrustedProxies(()))
    nothing: Any = None
    cursors = Cursors(b"s" * 32)
    outbox = OutboxApi(nothing, nothing, cursors, nothing)
    alerts = AlertsApi(nothing, nothing, cursors, lambda: False)
    routes = [*outbox.routes(auth, BodyLimits()), *alerts.routes(auth, BodyLimits())]
    assert described("outbox") == {(route.path, route.method.lower()) for route in routes}


class TestSend:
    async def test_a_replay_whose_message_is_gone_says_so(self, world: World) -> None:
        """Where messages are kept for a day, a key lives longer than its message."""
        document = {"recipientPhoneNumber": RECIPIENT, "message": "x"}
        headers = {"Idempotency-Key": "order-1"}
        assert (await world.ask("POST", SEND, json=document, headers=headers)).status == 201
        await world.fail()
        world.rig.later(40 * 3600)
        assert await world.rig.store.purge(world.rig.now, 1) == 1
        error(await world.ask("POST", SEND, json=document, headers=headers), 409, "IDEMPOTENCY_CONFLICT")

    async def test_a_replay_is_byte_identical(self, world: World) -> None:
        headers = {"Idempotency-Key": "order-1"}
        document = {"recipientPhoneNumber": RECIPIENT, "message": "x" * 161, "tags": ["a"]}
        first = await world.ask("POST", SEND, json=document, headers=headers)
        await world.fail()
        world.allow(replace(POLICY, default_sender="OTHER", rate_plan=None))
        again = await world.ask("POST", SEND, json=document, headers=headers)
        assert (first.status, again.status) == (201, 201)
        assert again.body == first.body
        assert len(await world.listed()) == 1

    async def test_a_key_for_another_body(self, world: World) -> None:
        headers = {"Idempotency-Key": "order-1"}
        for message, status in (("one", 201), ("two", 409)):
            document = {"recipientPhoneNumber": RECIPIENT, "message": message}
            answer = await world.ask("POST", SEND, json=document, headers=headers)
            assert answer.status == status
        error(answer, 409, "IDEMPOTENCY_CONFLICT")

    async def test_every_bad_field_is_told(self, world: World) -> None:
        document = {
            "message": "",
            "tags": ["", "x" * 65],
            "senderId": 7,
            "customData": [],
            "scheduledAt": "now",
        }
        found = error(await world.ask("POST", SEND, json=document), 400, "INVALID_REQUEST")
        assert {each["field"] for each in found["details"]} == {
            "recipientPhoneNumber",
            "message",
            "tags/0",
            "tags/1",
            "senderId",
            "customData",
        }

    @pytest.mark.parametrize(
        ("fields", "status", "code", "field"),
        [
            ({"recipientPhoneNumber": "07700900123"}, 400, "INVALID_RECIPIENT", "recipientPhoneNumber"),
            ({"message": "x" * 1601}, 400, "MESSAGE_TOO_LONG", "message"),
            ({"senderId": "much too long a name"}, 400, "INVALID_SENDER", "senderId"),
            ({"recipientPhoneNumber": "+12025550123"}, 422, "DESTINATION_NOT_PRICED", "recipientPhoneNumber"),
        ],
    )
    async def test_refusals(
        self, world: World, fields: dict[str, str], status: int, code: str, field: str
    ) -> None:
        found = error(await world.send(**{"message": "x", **fields}), status, code)
        assert [each["field"] for each in found["details"]] == [field]

    async def test_the_accounts_own_rules(self, world: World) -> None:
        world.allow(replace(POLICY, default_sender=None))
        error(await world.send(), 400, "SENDER_REQUIRED")
        world.allow(replace(POLICY, allowed_senders=frozenset({"ACME"})))
        error(await world.send(senderId="OTHER"), 422, "SENDER_NOT_ALLOWED")
        world.allow(replace(POLICY, spend_per_day=Decimal("0.03")))
        assert (await world.send()).status == 201
        error(await world.send(), 402, "SPENDING_CAP_REACHED")
        await world.rig.store.suppress(
            [Suppression("acme", Env.LIVE, "", RECIPIENT, "opted_out", world.rig.now)]
        )
        error(await world.send(), 422, "RECIPIENT_SUPPRESSED")

    async def test_an_empty_balance(self, world: World) -> None:
        await world.pay("-10")
        error(await world.send(), 402, "INSUFFICIENT_BALANCE")
        assert await world.listed() == []

    async def test_1600_characters_are_code_points(self, world: World) -> None:
        assert (await world.send("🎉" * 1600)).status == 201
        error(await world.send("🎉" * 1601), 400, "MESSAGE_TOO_LONG")

    async def test_too_fast(self, world: World) -> None:
        world.allow(replace(POLICY, rate_per_s=1.0))
        world.rig.submit._rate = RateGate(lambda: 0.0)
        answers = [await world.send() for _ in range(20)]
        refused = next(answer for answer in answers if answer.status != 201)
        error(refused, 429, "RATE_LIMITED")
        assert int(refused.headers["Retry-After"]) >= 1

    async def test_the_store_is_down(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        async def down(*_: object) -> None:
            raise StoreUnavailable("no")

        monkeypatch.setattr(world.rig.store, "accept", down)
        answer = await world.send()
        error(answer, 503, "DEPENDENCY_UNAVAILABLE")
        assert answer.headers["Retry-After"] == "1"

    async def test_what_is_durable_is_answered_whatever_happens_to_the_store_then(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A 503 says that nothing was kept: so a 201 reads nothing back."""

        async def down(*_: object) -> None:
            raise StoreUnavailable("no")

        for verb in ("message", "messages", "entries_of", "labelled"):
            monkeypatch.setattr(world.rig.store, verb, down)
        assert (await world.send()).status == 201

    @pytest.mark.parametrize(
        ("path", "method"), [(SEND, "POST"), (RESEND, "POST"), (LIST, "GET"), (f"{LIST}/{NOBODYS}", "GET")]
    )
    async def test_credentials(self, world: World, path: str, method: str) -> None:
        error(await world.ask(method, path, key="sok_live_unknown000", json={}), 401, "UNAUTHENTICATED")
        if method == "POST":
            error(await world.ask(method, path, key=READ_ONLY_KEY, json={}), 403, "INSUFFICIENT_SCOPE")

    async def test_bodies_that_are_none(self, world: World) -> None:
        error(await world.ask("POST", SEND, data=b"{}"), 415, "UNSUPPORTED_MEDIA_TYPE")
        headers = {"Content-Type": "application/json"}
        error(await world.ask("POST", SEND, data=b"{", headers=headers), 400, "INVALID_REQUEST")
        huge = b'{"message":"' + b"x" * 1024 * 1024 + b'"}'
        error(await world.ask("POST", SEND, data=io.BytesIO(huge), headers=headers), 413, "REQUEST_TOO_LARGE")


class TestEntry:
    @pytest.mark.parametrize("tail", [NOBODYS, "obx_1", "OBX_" + "0" * 32, "0" * 32, "obx_" + "0" * 31 + "A"])
    async def test_unknown(self, world: World, tail: str) -> None:
        error(await world.ask("GET", f"{LIST}/{tail}"), 404, "OUTBOX_ENTRY_NOT_FOUND")

    async def test_a_message_id_is_no_outbox_id(self, world: World) -> None:
        identity = await world.failed()
        again = (await world.resend(identity)).json
        for tail in (again["messageId"], "obx_" + again["messageId"].replace("-", "")):
            error(await world.ask("GET", f"{LIST}/{tail}"), 404, "OUTBOX_ENTRY_NOT_FOUND")

    @pytest.mark.parametrize("key", [OTHER_KEY, TEST_KEY])
    async def test_nobody_elses(self, world: World, key: str) -> None:
        identity = await world.failed()
        error(await world.ask("GET", f"{LIST}/{identity}", key), 404, "OUTBOX_ENTRY_NOT_FOUND")
        answer = await world.ask("POST", RESEND, key, json={"outboxId": identity})
        error(answer, 404, "OUTBOX_ENTRY_NOT_FOUND")
        assert (await world.ask("GET", LIST, key)).json["items"] == []
        assert len((await world.ask("GET", EXPORT, key)).body.splitlines()) == 1

    async def test_a_message_of_another_dialect_is_an_entry(self, world: World) -> None:
        """CONTRACTS: a message sent by one dialect can be read, in its own words, by every other."""
        send = Send("orchestrator", RECIPIENT, OURS, "Hello", metadata='{"campaignId":"camp-001"}')
        await world.rig.accept(send, caller=world.accounts.keys[LIVE_KEY])
        await world.fail()
        (identity,) = await world.listed()
        entry = await world.entry(identity)
        assert entry["customData"] == {"campaignId": "camp-001"}
        assert (entry["status"], entry["tags"]) == ("failed", [])
        assert (await world.resend(identity)).json["message"] == "Hello"


class TestResend:
    async def test_a_list_tells_of_each(self, world: World) -> None:
        failed, pending = await world.failed(), await world.sent()
        names = [failed, pending, NOBODYS, "nonsense"]
        answer = await world.ask("POST", RESEND, json={"outboxIds": names})
        assert answer.status == 200
        results = answer.json["results"]
        assert [each["outboxId"] for each in results] == names
        assert results[0]["entry"]["retryCount"] == 1
        assert [each["error"]["code"] for each in results[1:]] == [
            "NOT_FAILED",
            "OUTBOX_ENTRY_NOT_FOUND",
            "OUTBOX_ENTRY_NOT_FOUND",
        ]

    async def test_one_that_stands_twice_is_sent_once(self, world: World) -> None:
        failed = await world.failed()
        answer = await world.ask("POST", RESEND, json={"outboxIds": [failed, failed]})
        one, two = answer.json["results"]
        assert one == two
        assert (await world.entry(failed))["retryCount"] == 1

    async def test_two_calls_at_the_same_moment_make_one(self, world: World) -> None:
        failed = await world.failed()
        answers = await asyncio.gather(world.resend(failed), world.resend(failed))
        assert [answer.status for answer in answers] == [201, 201]
        assert len({answer.json["messageId"] for answer in answers}) == 1
        assert len((await world.entry(failed))["attempts"]) == 2

    async def test_what_refuses_a_send_refuses_a_resend(self, world: World) -> None:
        failed = await world.failed()
        await world.pay("-10")
        error(await world.resend(failed), 402, "INSUFFICIENT_BALANCE")
        answer = await world.ask("POST", RESEND, json={"outboxIds": [failed]})
        assert answer.json["results"][0]["error"]["code"] == "INSUFFICIENT_BALANCE"
        await world.pay("10")
        assert (await world.resend(failed)).status == 201, "a refusal is no attempt"

    async def test_the_store_is_down(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        failed = await world.failed()

        async def down(*_: object) -> None:
            raise StoreUnavailable("no")

        monkeypatch.setattr(world.rig.store, "accept", down)
        for document in ({"outboxId": failed}, {"outboxIds": [failed]}):
            answer = await world.ask("POST", RESEND, json=document)
            error(answer, 503, "DEPENDENCY_UNAVAILABLE")
            assert answer.headers["Retry-After"] == "1"
        answer = await world.ask("POST", RESEND, json={"outboxIds": [failed, NOBODYS]})
        codes = [each["error"]["code"] for each in answer.json["results"]]
        assert codes == ["DEPENDENCY_UNAVAILABLE", "OUTBOX_ENTRY_NOT_FOUND"]

    @pytest.mark.parametrize(
        ("document", "field"),
        [
            ([], ""),
            ({}, "outboxId"),
            ({"outboxId": NOBODYS, "outboxIds": [NOBODYS]}, "outboxId"),
            ({"outboxId": 7}, "outboxId"),
            ({"outboxIds": []}, "outboxIds"),
            ({"outboxIds": [NOBODYS] * 101}, "outboxIds"),
            ({"outboxIds": [NOBODYS, 7]}, "outboxIds/1"),
            ({"outboxIds": ["x" * 201]}, "outboxIds/0"),
            ({"outboxIds": ["\ud83d"]}, "outboxIds/0"),
        ],
    )
    async def test_bodies_that_are_none(self, world: World, document: Any, field: str) -> None:
        found = error(await world.ask("POST", RESEND, json=document), 400, "INVALID_REQUEST")
        assert [each["field"] for each in found["details"]] == [field]


class TestList:
    async def pages(self, world: World, path: str, **params: Any) -> list[Answer]:
        """All pages, by following Link."""
        answers = [await world.ask("GET", path, params=params)]
        while "Link" in answers[-1].headers:
            link = re.fullmatch(rf'<({path}\?[^>]+)>; rel="next"', answers[-1].headers["Link"])
            assert link is not None
            answers.append(await world.ask("GET", link[1]))
        assert all(answer.status == 200 for answer in answers)
        return answers

    async def test_pages_hold_every_entry_once_newest_first(self, world: World) -> None:
        entries = [await world.failed() for _ in range(5)]
        await world.resend(entries[1])
        wanted = [entries[1], entries[4], entries[3], entries[2], entries[0]]
        for limit in (1, 2, 4, 5, 100):
            pages = await self.pages(world, LIST, limit=limit)
            assert [item["outboxId"] for page in pages for item in page.json["items"]] == wanted
            assert [page.json["limit"] for page in pages] == [limit] * len(pages)
            assert len(pages) == -(-5 // limit)
            assert pages[-1].json["nextCursor"] is None
            assert pages[0].headers["Cache-Control"] == "no-store"

    async def test_a_page_that_is_short_says_where_to_go_on(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Few of very many have a sender: a request goes through a bounded number of messages."""
        monkeypatch.setattr(world.outbox, "_looks", 1)  # and as many reads as `MAX_READS` says
        rare = await world.sent(senderId="RARE")
        for _ in range(MAX_READS + 1):
            await world.sent()
        pages = await self.pages(world, LIST, sender="RARE")
        assert [[item["outboxId"] for item in page.json["items"]] for page in pages[:2]] == [[], [rare]]
        assert pages[-1].json["nextCursor"] is None

    @pytest.mark.parametrize("path", ["/api/sms", "/api/sms/", "/api/sms/x", f"{LIST}/a/b"])
    async def test_no_path_of_this_dialect(self, world: World, path: str) -> None:
        error(await world.ask("GET", path), 404, "NOT_FOUND")

    async def test_filters(self, world: World) -> None:
        ann = await self.of_ann(world)
        one = await world.sent(senderId="ONE", tags=["a", "b"])
        two = await world.sent(recipientPhoneNumber="+447700900321", tags=["a"])
        assert await world.listed(sender="ONE") == [one]
        assert await world.listed(recipient="+447700900321") == [two]
        assert (await world.ask("GET", f"{LIST}?recipient=+447700900321")).json["items"] != []
        assert await world.listed(tag=["a", "b"]) == [one]
        assert await world.listed(tag="a") == [two, one]
        assert await world.listed(user="ann@example.com") == [ann]
        assert await world.listed(user="key_0000000000000001") == [two, one]
        assert await world.listed(tag="nobody's") == []
        assert await world.listed(tag="a", sender="ONE", status="pending") == [one]

    async def of_ann(self, world: World) -> str:
        world.allow(member="ann@example.com", key_id="key_0000000000000001")
        identity = await world.sent()
        world.allow(member=None)
        return identity

    async def test_dates_are_those_of_the_newest_message(self, world: World) -> None:
        early = await world.failed()
        middle = world.rig.now + timedelta(milliseconds=500)
        late = await world.sent()
        params = {"from": write_time(middle)}
        assert await world.listed(**params) == [late]
        assert await world.listed(to=write_time(middle)) == [early]
        await world.resend(early)
        assert await world.listed(**params) == [early, late]
        assert await world.listed(to=write_time(middle)) == []

    async def test_the_end_of_a_period_does_not_belong_to_it(self, world: World) -> None:
        """So that nothing is in two adjacent periods."""
        only = await world.sent()
        at = write_time(world.rig.now)
        assert await world.listed(to=at) == []
        assert await world.listed(**{"from": at}) == [only]
        just_after = write_time(world.rig.now + timedelta(milliseconds=1))
        assert await world.listed(to=just_after) == [only]
        assert await world.listed(to="1970-01-01T00:00:00Z") == []

    async def test_a_cursor_holds_its_filters(self, world: World) -> None:
        for _ in range(3):
            await world.sent(tags=["a"])
            await world.sent(tags=["b"])
        pages = await self.pages(world, LIST, tag="a", limit=1)
        assert [page.json["items"][0]["tags"] for page in pages] == [["a"]] * 3
        cursor = pages[0].json["nextCursor"]
        error(await world.ask("GET", LIST, params={"cursor": cursor, "tag": "b"}), 400, "INVALID_REQUEST")
        same = await world.ask("GET", LIST, params={"cursor": cursor, "tag": "a", "limit": 1})
        assert same.body == pages[1].body

    @pytest.mark.parametrize(
        ("query", "field"),
        [
            ("limit=0", "limit"),
            ("limit=101", "limit"),
            ("status=delivered", "status"),
            ("tag=", "tag"),
            ("tag=a&tag=b&tag=c&tag=d", "tag"),
            ("sender=a&sender=b", "sender"),
            ("user=%00", "user"),
            ("from=yesterday", "from"),
            ("to=2026-13-01T00:00:00Z", "to"),
            ("cursor=x", "cursor"),
            ("page=2", "page"),
            ("&".join(f"a{n}=" for n in range(101)), ""),
        ],
    )
    async def test_bad_parameters(self, world: World, query: str, field: str) -> None:
        for path in (LIST, EXPORT) if query != "limit=101" else (LIST,):
            found = error(await world.ask("GET", f"{path}?{query}"), 400, "INVALID_REQUEST")
            assert [each["field"] for each in found["details"]] == [field]

    async def test_an_export_goes_on_where_a_part_ended(self, world: World) -> None:
        first = await world.failed()
        for _ in range(3):
            await world.sent()
        await world.resend(first)
        parts = await self.pages(world, EXPORT, limit=2)
        whole = await self.pages(world, EXPORT)
        assert b"".join(part.body for part in parts) == whole[0].body
        assert [part.headers["Content-Type"] for part in parts] == [
            "text/csv; charset=utf-8; header=present",
            *["text/csv; charset=utf-8; header=absent"] * (len(parts) - 1),
        ]
        rows = list(csv.DictReader(io.StringIO(whole[0].body.decode(), newline="")))
        assert len(rows) == 5, "one row for each message, also for one that was sent again"
        assert len({row["outboxId"] for row in rows}) == 4


class TestExport:
    async def test_the_sums_are_the_ledgers(self, world: World) -> None:
        """ "This ensures reconciliation": reserved is what settled, was released, or is still held."""
        await world.failed("x" * 161)
        await world.sent()
        await world.take("r1")
        await world.sent("still waiting")
        answer = await world.ask("GET", EXPORT)
        rows = list(csv.DictReader(io.StringIO(answer.body.decode(), newline="")))
        assert list(rows[0]) == HEAD

        def total(column: str) -> Decimal:
            return sum((Decimal(row[column]) for row in rows), Decimal(0))

        (balance,) = await world.rig.store.balances("acme")
        assert (
            total("reserved") - total("released") - total("refunded") == total("cost") == 10 - balance.balance
        )
        assert total("reserved") - total("released") - total("settled") == balance.held
        assert (total("cost"), balance.held) == (Decimal("0.05"), Decimal("0.025"))

    async def test_filters_are_the_lists(self, world: World) -> None:
        await world.failed(tags=["a"])
        await world.sent(tags=["b"])
        for params, count in (({"tag": "a"}, 1), ({"status": "pending"}, 1), ({"status": "sent"}, 0)):
            answer = await world.ask("GET", EXPORT, params=params)
            assert len(answer.body.splitlines()) == 1 + count

    async def test_a_text_is_no_formula(self, world: World) -> None:
        world.allow(member="=HYPERLINK(1)")
        await world.sent(tags=["=1+1"])
        answer = await world.ask("GET", EXPORT)
        (row,) = csv.DictReader(io.StringIO(answer.body.decode(), newline=""))
        assert row["userId"] == "'=HYPERLINK(1)"
        assert row["tags"] == '["=1+1"]'
        assert row["recipientPhoneNumber"] == RECIPIENT, "a number stays one"
