"""The orchestrator's routes through the socket: the document's examples, and every row of its error table."""

from __future__ import annotations

import json
import uuid
from typing import Any

import aiohttp
import pytest

from gateway.domain.send import Why
from gateway.errors import Overloaded, StoreUnavailable
from tests.unit.http_api.conftest import Api
from tests.unit.http_api.memory import (
    LIVE_KEY,
    OTHER_KEY,
    READ_ONLY_KEY,
    STRICT_KEY,
    TEST_KEY,
    Broken,
)

SEND = "/v1/sms/send"
BULK = "/v1/sms/bulk"

# Document 000, 1.1
EXAMPLE = {
    "to": "+447700900123",
    "from": "+447700900999",
    "body": "Your code is 123456",
    "messageType": "SMS",
    "callbackUrl": "https://tenant.example.com/webhooks/sms",
    "metadata": {"campaignId": "camp-001"},
}


def as_key(key: str) -> dict[str, str]:
    """Headers of a caller with this key."""
    return {"Authorization": f"Bearer {key}"}


async def problem_of(answer: aiohttp.ClientResponse, status: int, code: str) -> dict[str, Any]:
    """The problem, held to the shape of document 000, 2."""
    problem: dict[str, Any] = await answer.json(content_type="application/problem+json")
    assert (answer.status, problem["code"], problem["status"]) == (status, code, status), problem
    assert problem["type"] == f"https://errors.ghasi.io/sms/{code}"
    assert problem["title"]
    assert problem["detail"]
    assert problem["instance"] == answer.url.raw_path
    assert problem["requestId"] == answer.headers["X-Request-Id"]
    return problem


class TestSend:
    async def test_the_documents_example_is_accepted(self, api: Api) -> None:
        async with api.client.post(SEND, json=EXAMPLE) as answer:
            assert answer.status == 202
            assert answer.headers["Content-Type"] == "application/json"
            body = await answer.json()
        assert list(body) == ["messageId", "status", "segmentCount", "enqueuedAt"]
        assert uuid.UUID(body["messageId"]).version == 7
        assert (body["status"], body["segmentCount"]) == ("QUEUED", 1)
        assert body["enqueuedAt"] == "2026-04-18T10:00:00.007Z"
        kept = api.core.messages[0]
        assert (kept.recipient, kept.sender, kept.body) == (
            "+447700900123",
            "+447700900999",
            "Your code is 123456",
        )
        assert kept.callback_url == "https://tenant.example.com/webhooks/sms"
        assert kept.metadata == '{"campaignId":"camp-001"}'

    async def test_an_api_key_header_is_as_good_as_a_bearer(self, api: Api) -> None:
        del api.client.headers["Authorization"]
        async with api.client.post(SEND, json=EXAMPLE, headers={"X-Api-Key": LIVE_KEY}) as answer:
            assert answer.status == 202

    async def test_fields_that_the_document_does_not_know_are_ignored(self, api: Api) -> None:
        async with api.client.post(SEND, json={**EXAMPLE, "priority": "urgent"}) as answer:
            assert answer.status == 202

    async def test_a_replay_is_byte_identical(self, api: Api) -> None:
        headers = {"Idempotency-Key": "order-1"}
        async with api.client.post(SEND, json=EXAMPLE, headers=headers) as answer:
            first = await answer.read()
        shuffled = b'{ "body" : "Your code is 123456" ,' + b'"to":"+447700900123","from":"+447700900999",'
        shuffled += b'"metadata":{"campaignId":"camp-001"},"messageType":"SMS",'
        shuffled += b'"callbackUrl":"https://tenant.example.com/webhooks/sms"}'
        json_type = {"Content-Type": "application/json"}
        async with api.client.post(SEND, data=shuffled, headers=headers | json_type) as answer:
            assert (answer.status, answer.headers["Content-Type"]) == (202, "application/json")
            assert await answer.read() == first
        assert len(api.core.messages) == 1

    async def test_without_a_key_nothing_is_replayed(self, api: Api) -> None:
        for _ in range(2):
            async with api.client.post(SEND, json=EXAMPLE) as answer:
                assert answer.status == 202
        assert len(api.core.messages) == 2

    async def test_request_id_and_trace_are_answered_and_kept(self, api: Api) -> None:
        trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
        headers = {"X-Request-Id": "req-from-kong.1", "traceparent": trace}
        async with api.client.post(SEND, json=EXAMPLE, headers=headers) as answer:
            assert answer.headers["X-Request-Id"] == "req-from-kong.1"
            assert answer.headers["traceparent"] == trace
        assert (api.core.messages[0].request_id, api.core.messages[0].traceparent) == (
            "req-from-kong.1",
            trace,
        )


class TestErrorTable:
    """Document 000, 1.1 "Errors", row by row, and the rows that CONTRACTS.md adds."""

    async def test_400_invalid_payload_lists_every_bad_field(self, api: Api) -> None:
        bad = {"to": 447700900123, "body": "", "messageType": "FAX", "metadata": {"a/b": 1}}
        async with api.client.post(SEND, json=bad) as answer:
            problem = await problem_of(answer, 400, "INVALID_PAYLOAD")
        assert [each["pointer"] for each in problem["errors"]] == [
            "/to",
            "/body",
            "/messageType",
            "/metadata/a~1b",
        ]

    async def test_400_invalid_destination_in_the_documents_words(self, api: Api) -> None:
        async with api.client.post(SEND, json={**EXAMPLE, "to": "00447700900123"}) as answer:
            problem = await problem_of(answer, 400, "INVALID_DESTINATION")
        assert problem["title"] == "Invalid destination phone number"
        assert problem["detail"] == "Value '00447700900123' is not a valid E.164 number"

    @pytest.mark.parametrize(
        "number",
        [
            "",
            "+",
            "447700900123",
            "+0447700900123",
            "+44 7700 900123",
            "+44770090012345678",
            "+44-7700",
            "tel:+44",
            "+\uff14\uff14\uff17\uff17",
        ],
    )
    async def test_400_numbers_in_every_wrong_shape(self, api: Api, number: str) -> None:
        async with api.client.post(SEND, json={**EXAMPLE, "to": number}) as answer:
            await problem_of(answer, 400, "INVALID_DESTINATION")
        assert api.core.messages == []

    async def test_400_body_too_long_is_counted_in_code_points(self, api: Api) -> None:
        async with api.client.post(SEND, json={**EXAMPLE, "body": "😀" * 1600}) as answer:
            assert answer.status == 202
        async with api.client.post(SEND, json={**EXAMPLE, "body": "a" * 1601}) as answer:
            await problem_of(answer, 400, "SMS_BODY_TOO_LONG")

    async def test_400_shape_comes_before_destination_and_destination_before_length(self, api: Api) -> None:
        long = "a" * 1601
        async with api.client.post(SEND, json={"to": "nobody", "body": long, "messageType": "X"}) as answer:
            await problem_of(answer, 400, "INVALID_PAYLOAD")
        async with api.client.post(SEND, json={"to": "nobody", "body": long}) as answer:
            await problem_of(answer, 400, "INVALID_DESTINATION")

    async def test_400_a_sender_that_is_none_or_missing_points_to_from(self, api: Api) -> None:
        for sent in ({**EXAMPLE, "from": "much too long a name"}, {"to": "+447700900123", "body": "x"}):
            async with api.client.post(SEND, json=sent) as answer:
                problem = await problem_of(answer, 400, "INVALID_PAYLOAD")
            assert [each["pointer"] for each in problem["errors"]] == ["/from"]

    async def test_401_without_or_with_unknown_credentials(self, api: Api) -> None:
        async with (
            aiohttp.ClientSession(api.client._base_url) as bare,
            bare.post(SEND, json=EXAMPLE) as answer,
        ):
            await problem_of(answer, 401, "UNAUTHENTICATED")
            assert answer.headers["WWW-Authenticate"] == 'Bearer realm="trunkline"'
        async with api.client.post(SEND, json=EXAMPLE, headers=as_key("sok_live_unknown0000")) as answer:
            await problem_of(answer, 401, "UNAUTHENTICATED")
            assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]

    async def test_402_and_422_when_the_store_decides_so(self, api: Api) -> None:
        for why, status, code in (
            (Why.SUPPRESSED, 422, "RECIPIENT_SUPPRESSED"),
            (Why.INSUFFICIENT_BALANCE, 402, "INSUFFICIENT_BALANCE"),
        ):
            api.core.refused["+447700900123"] = why
            async with api.client.post(SEND, json=EXAMPLE) as answer:
                await problem_of(answer, status, code)
        assert api.core.messages == []

    async def test_403_tenant_mismatch(self, api: Api) -> None:
        async with api.client.post(SEND, json=EXAMPLE, headers={"X-Tenant-Id": "other"}) as answer:
            await problem_of(answer, 403, "TENANT_MISMATCH")
        async with api.client.post(SEND, json=EXAMPLE, headers={"X-Tenant-Id": "acme"}) as answer:
            assert answer.status == 202

    async def test_403_insufficient_scope(self, api: Api) -> None:
        async with api.client.post(SEND, json=EXAMPLE, headers=as_key(READ_ONLY_KEY)) as answer:
            await problem_of(answer, 403, "INSUFFICIENT_SCOPE")
            assert 'scope="send:sms"' in answer.headers["WWW-Authenticate"]

    async def test_404_405_415_have_the_same_shape(self, api: Api) -> None:
        async with api.client.get("/v1/nothing") as answer:
            await problem_of(answer, 404, "NOT_FOUND")
        async with api.client.get(SEND) as answer:
            await problem_of(answer, 405, "METHOD_NOT_ALLOWED")
            assert answer.headers["Allow"] == "POST"
        async with api.client.post(SEND, data={"to": "+447700900123"}) as answer:
            await problem_of(answer, 415, "UNSUPPORTED_MEDIA_TYPE")

    async def test_409_the_same_key_with_another_body_or_path(self, api: Api) -> None:
        headers = {"Idempotency-Key": "order-1"}
        async with api.client.post(SEND, json=EXAMPLE, headers=headers) as answer:
            assert answer.status == 202
        async with api.client.post(SEND, json={**EXAMPLE, "body": "another"}, headers=headers) as answer:
            await problem_of(answer, 409, "IDEMPOTENCY_CONFLICT")
        async with api.client.post(BULK, json={"messages": [EXAMPLE]}, headers=headers) as answer:
            await problem_of(answer, 409, "IDEMPOTENCY_CONFLICT")
        async with api.client.post(SEND, json=EXAMPLE, headers=headers | as_key(TEST_KEY)) as answer:
            assert answer.status == 202, "another environment has keys of its own"

    async def test_413_request_too_large(self, api: Api) -> None:
        async with api.client.post(SEND, json={**EXAMPLE, "body": "a" * 65_536}) as answer:
            await problem_of(answer, 413, "REQUEST_TOO_LARGE")

    async def test_422_a_sender_that_the_account_may_not_use(self, api: Api) -> None:
        async with api.client.post(SEND, json=EXAMPLE, headers=as_key(STRICT_KEY)) as answer:
            await problem_of(answer, 422, "SENDER_NOT_ALLOWED")
        sent = {"to": "+447700900123", "body": "from the default sender"}
        async with api.client.post(SEND, json=sent, headers=as_key(STRICT_KEY)) as answer:
            assert answer.status == 202
        assert api.core.messages[0].sender == "ACME"

    async def test_429_rate_limited(self, api: Api) -> None:
        api.core.failure = Overloaded("More than 5 messages per second.", retry_after_s=2, by_rate=True)
        async with api.client.post(SEND, json=EXAMPLE) as answer:
            await problem_of(answer, 429, "RATE_LIMITED")
            assert answer.headers["Retry-After"] == "2"

    async def test_503_when_the_backlog_is_full(self, api: Api) -> None:
        api.core.failure = Overloaded("Too many messages wait.", retry_after_s=10, by_rate=False)
        async with api.client.post(SEND, json=EXAMPLE) as answer:
            await problem_of(answer, 503, "OVERLOADED")
            assert answer.headers["Retry-After"] == "10"

    @pytest.mark.parametrize("path", ["/v1/sms", "/v1/sms/018e7c3a-9b2f-7d4e-a5f1-3c2b1a0d9e00", SEND, BULK])
    async def test_503_when_the_store_is_down(self, api: Api, path: str) -> None:
        api.core.failure = StoreUnavailable("disk I/O error at /secret/place")
        body = {"messages": [EXAMPLE]} if path == BULK else EXAMPLE
        method, sent = ("POST", body) if path in (SEND, BULK) else ("GET", None)
        async with api.client.request(method, path, json=sent) as answer:
            problem = await problem_of(answer, 503, "DEPENDENCY_UNAVAILABLE")
            assert "secret" not in problem["detail"]
            assert int(answer.headers["Retry-After"]) > 0

    @pytest.mark.parametrize("failure", [Broken("inside /secret/place"), ZeroDivisionError("inside")])
    async def test_500_tells_nothing_but_the_request_id(self, api: Api, failure: Exception) -> None:
        api.core.failure = failure
        async with api.client.post(SEND, json=EXAMPLE) as answer:
            problem = await problem_of(answer, 500, "INTERNAL_ERROR")
        assert "inside" not in problem["detail"]
        api.core.failure = None
        async with api.client.post(SEND, json=EXAMPLE) as answer:
            assert answer.status == 202

    async def test_errors_are_counted_by_route_and_code(self, api: Api) -> None:
        async with api.client.post(SEND, json={**EXAMPLE, "to": "x"}) as answer:
            assert answer.status == 400
        async with api.client.get("/v1/nothing/here") as answer:
            assert answer.status == 404
        assert api.server.counters.answers == {(SEND, 400): 1, ("-", 404): 1}
        assert api.server.counters.problems == {(SEND, "INVALID_DESTINATION"): 1, ("-", "NOT_FOUND"): 1}
        assert api.server.counters.failures == {}

    async def test_what_we_can_not_answer_is_no_fault_of_the_caller(self, api: Api) -> None:
        for failure in (
            Overloaded("Too many wait.", retry_after_s=10, by_rate=False),
            StoreUnavailable("down"),
        ):
            api.core.failure = failure
            async with api.client.post(SEND, json=EXAMPLE) as answer:
                assert answer.status == 503
        api.core.failure = Overloaded("Over its rate.", retry_after_s=1, by_rate=True)
        async with api.client.post(SEND, json=EXAMPLE) as answer:
            assert answer.status == 429
        counters = api.server.counters
        assert counters.failures == {(SEND, "OVERLOADED"): 1, (SEND, "DEPENDENCY_UNAVAILABLE"): 1}
        assert counters.problems == {(SEND, "RATE_LIMITED"): 1}


class TestBulk:
    async def test_one_bad_item_never_spoils_the_rest(self, api: Api) -> None:
        api.core.refused["+447700900555"] = Why.SUPPRESSED
        items: list[Any] = [
            EXAMPLE,
            {"to": "00447700900123", "from": "ACME", "body": "x"},
            "no object",
            {**EXAMPLE, "to": "+447700900555"},
            {**EXAMPLE, "body": "", "metadata": {"k": 1}},
            {**EXAMPLE, "body": "x" * 161},
        ]
        async with api.client.post(BULK, json={"messages": items}) as answer:
            assert answer.status == 202
            body = await answer.json()
        assert [(each["index"], each["status"], each["segmentCount"]) for each in body["accepted"]] == [
            (0, "QUEUED", 1),
            (5, "QUEUED", 2),
        ]
        assert set(body["accepted"][0]) == {"index", "messageId", "status", "segmentCount", "enqueuedAt"}
        assert [(each["index"], each["code"]) for each in body["rejected"]] == [
            (1, "INVALID_DESTINATION"),
            (2, "INVALID_PAYLOAD"),
            (3, "RECIPIENT_SUPPRESSED"),
            (4, "INVALID_PAYLOAD"),
        ]
        pointers = [[error["pointer"] for error in each["errors"]] for each in body["rejected"]]
        assert pointers == [
            ["/messages/1/to"],
            ["/messages/2"],
            ["/messages/3/to"],
            ["/messages/4/body", "/messages/4/metadata/k"],
        ]

    async def test_half_an_emoji_is_one_bad_item(self, api: Api) -> None:
        """What a client makes of an emoji when it cuts a text at a UTF-16 unit."""
        cut = rb'{"messages":[{"to":"+447700900123","from":"ACME","body":"hi \ud83d"},'
        cut += rb'{"to":"+447700900123","from":"ACME","body":"hi"}]}'
        headers = {"Content-Type": "application/json", "Idempotency-Key": "k"}
        async with api.client.post(BULK, data=cut, headers=headers) as answer:
            first = await answer.json()
        assert [each["index"] for each in first["accepted"]] == [1]
        assert first["rejected"][0]["errors"][0]["pointer"] == "/messages/0/body"
        async with api.client.post(BULK, data=cut, headers=headers) as answer:
            assert await answer.json() == first

    async def test_nothing_accepted_is_still_202(self, api: Api) -> None:
        async with api.client.post(BULK, json={"messages": [{}]}) as answer:
            assert answer.status == 202
            body = await answer.json()
        assert (body["accepted"], len(body["rejected"])) == ([], 1)

    async def test_500_are_taken_and_501_are_not(self, api: Api) -> None:
        async with api.client.post(BULK, json={"messages": [EXAMPLE] * 500}) as answer:
            assert answer.status == 202
            assert [each["index"] for each in (await answer.json())["accepted"]] == list(range(500))
        for count in (501, 0):
            async with api.client.post(BULK, json={"messages": [EXAMPLE] * count}) as answer:
                problem = await problem_of(answer, 400, "INVALID_PAYLOAD")
            assert problem["errors"][0]["pointer"] == "/messages"

    @pytest.mark.parametrize("envelope", [[], {}, {"messages": {}}, {"messages": None}, "x", None, 5])
    async def test_an_envelope_that_is_none(self, api: Api, envelope: object) -> None:
        json_type = {"Content-Type": "application/json"}
        async with api.client.post(BULK, data=json.dumps(envelope), headers=json_type) as answer:
            await problem_of(answer, 400, "INVALID_PAYLOAD")

    async def test_a_replay_is_byte_identical(self, api: Api) -> None:
        answers = []
        for _ in range(2):
            sent = {"messages": [EXAMPLE, {**EXAMPLE, "to": "nobody"}]}
            async with api.client.post(BULK, json=sent, headers={"Idempotency-Key": "bulk-1"}) as answer:
                answers.append(await answer.read())
        assert answers[0] == answers[1]


class TestLookUps:
    async def test_a_message_as_it_stands(self, api: Api) -> None:
        async with api.client.post(SEND, json=EXAMPLE) as answer:
            sent = await answer.json()
        async with api.client.get(f"/v1/sms/{sent['messageId'].upper()}") as answer:
            assert answer.status == 200
            body = await answer.json()
        # Document 000, 1.3
        named = (
            "messageId",
            "status",
            "attemptCount",
            "operatorId",
            "routeId",
            "enqueuedAt",
            "processedAt",
            "lastError",
        )
        assert {name: body[name] for name in named} == {
            "messageId": sent["messageId"],
            "status": "QUEUED",
            "attemptCount": 0,
            "operatorId": None,
            "routeId": None,
            "enqueuedAt": sent["enqueuedAt"],
            "processedAt": None,
            "lastError": None,
        }
        assert (body["attempts"], body["metadata"], body["from"]) == (
            [],
            {"campaignId": "camp-001"},
            "+447700900999",
        )

    @pytest.mark.parametrize("key", [OTHER_KEY, TEST_KEY])
    async def test_404_for_another_accounts_or_environments_message(self, api: Api, key: str) -> None:
        async with api.client.post(SEND, json=EXAMPLE) as answer:
            sent = await answer.json()
        async with api.client.get(f"/v1/sms/{sent['messageId']}", headers=as_key(key)) as answer:
            await problem_of(answer, 404, "MESSAGE_NOT_FOUND")

    @pytest.mark.parametrize(
        "name", ["x", "018e7c3a9b2f7d4ea5f13c2b1a0d9e8f", "%00", "%FF%FE", "..", "{messageId}"]
    )
    async def test_404_for_what_is_no_id(self, api: Api, name: str) -> None:
        answer = await api.speak(
            f"GET /v1/sms/{name} HTTP/1.1\r\nHost: x\r\nX-Api-Key: {LIVE_KEY}\r\nConnection: close\r\n\r\n".encode()
        )
        assert answer.startswith(b"HTTP/1.1 404 ")
        assert b"MESSAGE_NOT_FOUND" in answer

    async def test_pages_are_joined_by_links(self, api: Api) -> None:
        for index in range(7):
            async with api.client.post(SEND, json={**EXAMPLE, "body": f"number {index}"}) as answer:
                assert answer.status == 202
        seen: list[str] = []
        path: str | None = "/v1/sms?limit=3&status=QUEUED&to=%2B447700900123"
        pages = 0
        while path is not None:
            async with api.client.get(path) as answer:
                assert answer.status == 200
                page = await answer.json()
                seen += [each["messageId"] for each in page["messages"]]
                link = answer.links.get("next")
                assert (link is None) == (page["nextCursor"] is None)
                path = None if link is None else str(link["url"]).removeprefix(str(answer.url.origin()))
            pages += 1
        assert pages == 3
        assert seen == sorted(seen, reverse=True)
        assert len(set(seen)) == 7

    async def test_a_last_page_that_is_full_has_no_link(self, api: Api) -> None:
        for _ in range(2):
            async with api.client.post(SEND, json=EXAMPLE) as answer:
                assert answer.status == 202
        async with api.client.get("/v1/sms?limit=2") as answer:
            assert "Link" not in answer.headers
            assert len((await answer.json())["messages"]) == 2

    async def test_a_page_that_is_short_says_where_to_go_on(self, api: Api) -> None:
        """Few of very many pass a filter: a request goes through a bounded number of messages."""
        for to in ("+447700900999", *["+447700900123"] * 3):
            async with api.client.post(SEND, json={**EXAMPLE, "to": to}) as answer:
                assert answer.status == 202
        api.core.looks = 3
        async with api.client.get("/v1/sms?to=%2B447700900999") as answer:
            page = await answer.json()
            link = answer.links["next"]["url"]
        assert (page["messages"], page["nextCursor"] is None) == ([], False)
        async with api.client.get(str(link).removeprefix(str(answer.url.origin()))) as answer:
            page = await answer.json()
            assert "Link" not in answer.headers
        assert ([each["to"] for each in page["messages"]], page["nextCursor"]) == (["+447700900999"], None)

    async def test_400_for_bad_parameters_all_of_them(self, api: Api) -> None:
        path = "/v1/sms?limit=0&status=GONE&created_after=yesterday&tag=x&to=a&to=b"
        async with api.client.get(path) as answer:
            problem = await problem_of(answer, 400, "INVALID_PAYLOAD")
        assert {each["parameter"] for each in problem["errors"]} == {
            "limit",
            "status",
            "created_after",
            "tag",
            "to",
        }

    @pytest.mark.parametrize("query", ["to=%00", "to=" + "1" * 33, "&".join(["status=SENT"] * 101)])
    async def test_400_for_what_no_store_is_asked(self, api: Api, query: str) -> None:
        async with api.client.get(f"/v1/sms?{query}") as answer:
            await problem_of(answer, 400, "INVALID_PAYLOAD")

    async def test_400_for_a_forged_or_foreign_cursor(self, api: Api) -> None:
        for _ in range(3):
            async with api.client.post(SEND, json=EXAMPLE) as answer:
                assert answer.status == 202
        async with api.client.get("/v1/sms?limit=1") as answer:
            cursor = (await answer.json())["nextCursor"]
        forged = cursor[:-2] + ("AA" if cursor[-2:] != "AA" else "BB")
        for path, key in [
            (f"/v1/sms?cursor={forged}", LIVE_KEY),
            (f"/v1/sms?cursor={cursor}", OTHER_KEY),
            (f"/v1/sms?cursor={cursor}", TEST_KEY),
            (f"/v1/sms?cursor={cursor}&status=SENT", LIVE_KEY),
            ("/v1/sms?cursor=", LIVE_KEY),
        ]:
            async with api.client.get(path, headers=as_key(key)) as answer:
                problem = await problem_of(answer, 400, "INVALID_PAYLOAD")
            assert problem["errors"][0]["parameter"] == "cursor"


class TestBadInput:
    """The issue's list of bad input, where a single request can bring it about."""

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"{",
            b"nul",
            b"{'to': 1}",
            b"\xff\xfe\x00{}",
            b'{"to":"\xff","body":"x"}',
            b'{"to":"+447700900123","body":"\xed\xa0\x80"}',
            b'{"to":"+447700900123","body":NaN}',
            b"[" * 5000,
            b'{"a":' * 5000,
            rb'{"to":"+447700900123","from":"ACME","body":"half \ud83d"}',
            rb'{"to":"+447700900123","from":"ACME","body":"nul \u0000"}',
            rb'{"to":"+447700900123","from":"ACME","body":"x","metadata":{"\ud83d":"x"}}',
            rb'{"to":"+447700900123","from":"ACME","body":"x","metadata":{"\u0000":"x"}}',
            b"[]",
            b'"text"',
            b"5",
            b"null",
        ],
        ids=repr,
    )
    async def test_bodies_that_are_no_message(self, api: Api, body: bytes) -> None:
        async with api.client.post(SEND, data=body, headers={"Content-Type": "application/json"}) as answer:
            await problem_of(answer, 400, "INVALID_PAYLOAD")
        assert api.core.messages == []

    @pytest.mark.parametrize("key", ["", "with space", "x" * 256, "tab\there", "schlüssel"])
    async def test_idempotency_keys_that_are_none(self, api: Api, key: str) -> None:
        async with api.client.post(SEND, json=EXAMPLE, headers={"Idempotency-Key": key}) as answer:
            problem = await problem_of(answer, 400, "INVALID_PAYLOAD")
        assert problem["errors"][0]["parameter"] == "Idempotency-Key"
        assert api.core.messages == []

    @pytest.mark.parametrize("given", ["", "with space", 'quo"te', "x" * 129, "ü"])
    async def test_request_ids_that_are_none_are_replaced(self, api: Api, given: str) -> None:
        async with api.client.post(SEND, json=EXAMPLE, headers={"X-Request-Id": given}) as answer:
            made = answer.headers["X-Request-Id"]
        assert made.startswith("req_")
        assert len(made) == 30
        assert api.core.origins[0].request_id == made

    @pytest.mark.parametrize("key", ["ü", "\udcff", "sok_live_" + "x" * 300, "sok_live_ü0000000", "sok_"])
    async def test_keys_that_are_none(self, api: Api, key: str) -> None:
        head = f"GET /v1/sms HTTP/1.1\r\nHost: x\r\nX-Api-Key: {key}\r\nConnection: close\r\n\r\n"
        answer = await api.speak(head.encode("utf-8", "surrogateescape"))
        assert answer.startswith(b"HTTP/1.1 401 ")
        assert api.accounts.remotes == []

    async def test_compressed_bodies_are_refused(self, api: Api) -> None:
        headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
        async with api.client.post(SEND, data=b"\x1f\x8b", headers=headers) as answer:
            await problem_of(answer, 415, "UNSUPPORTED_MEDIA_TYPE")
