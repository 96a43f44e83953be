"""Every row of the document's error table, and of what the contract adds to it, made to happen through the socket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.acceptance.harness.api import Answer, message, parsed, pointers, post, problem, raw
from tests.acceptance.harness.gateway import Template
from tests.acceptance.harness.world import World, world

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.alike(why="what is refused is refused before the store"),
]

SEND = "/v1/sms/send"
NOBODY = "018e7c3a-9b2f-7d4e-a5f1-3c2b1a0d9e00"


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def strict(template: Template, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """A gateway with short deadlines for slow callers, and the private-address guard in force."""
    config = {
        "http": {"header_read_timeout_s": 1, "body_read_timeout_s": 1},
        "webhooks": {"allow_private_addresses": False},
    }
    async with world(template, tmp_path_factory.mktemp("strict"), config=config) as built:
        yield built


async def counted(at: World, kind: str) -> float:
    """How often this kind of bad input was refused."""
    return (await at.gateway.metrics()).value("bad_input_total", source="http", kind=kind)


async def refused(at: World, body: bytes, status: int, code: str, **headers: str) -> dict[str, Any]:
    """Post octets; the problem that answers, which must have been counted."""
    before = await counted(at, code)
    answer = parsed(await raw(at.gateway.port, post(SEND, body, at.api.key, **headers)))
    document = problem(answer, status, code)
    assert await counted(at, code) == before + 1
    return document


async def test_an_error_looks_as_in_the_document(strict: World) -> None:
    """Document 000, section 2, field by field; `errors` stands only where fields are listed."""
    answer = await strict.api.send(to="00447700900123")
    document = problem(answer, 400, "INVALID_DESTINATION")
    del document["requestId"]
    assert document == {
        "type": "https://errors.ghasi.io/sms/INVALID_DESTINATION",
        "title": "Invalid destination phone number",
        "status": 400,
        "code": "INVALID_DESTINATION",
        "detail": "Value '00447700900123' is not a valid E.164 number",
        "instance": "/v1/sms/send",
    }


# --- 400


MALFORMED = [
    b"",
    b"{",
    b'{"to": "+447700900123"',
    b"to=%2B447700900123&body=hello",
    b"{'to': '+447700900123'}",
    b'{"to": "+447700900123", "body": "a\xff"}',
    b'{"to": "+447700900123", "body": "\xed\xa0\xbd"}',
    b"\xff\xfe{\x00}\x00",
    b'{"to": NaN}',
    b"[" * 20_000,
    b'{"a":' * 10_000,
    b'"text"',
    b"[]",
    b"null",
    b"12",
]


@pytest.mark.parametrize("body", MALFORMED, ids=range(len(MALFORMED)))
async def test_a_body_that_is_none(strict: World, body: bytes) -> None:
    document = await refused(strict, body, 400, "INVALID_PAYLOAD")
    assert document["errors"]


@pytest.mark.parametrize(
    ("fields", "places"),
    [
        ({"to": 447700900123}, {"/to"}),
        ({"to": None}, {"/to"}),
        ({"to": ["+447700900123"]}, {"/to"}),
        ({"body": 123456}, {"/body"}),
        ({"body": {"text": "x"}}, {"/body"}),
        ({"body": ""}, {"/body"}),
        ({"body": "half a pair \ud83d"}, {"/body"}),
        ({"body": "a\0b"}, {"/body"}),
        ({"from": True}, {"/from"}),
        ({"from": ""}, {"/from"}),
        ({"from": "twelve chars"}, {"/from"}),
        ({"from": "Ünicode"}, {"/from"}),
        ({"messageType": "sms"}, {"/messageType"}),
        ({"messageType": 1}, {"/messageType"}),
        ({"callbackUrl": "ftp://example.com/"}, {"/callbackUrl"}),
        ({"callbackUrl": "example.com/hook"}, {"/callbackUrl"}),
        ({"callbackUrl": "https://"}, {"/callbackUrl"}),
        ({"callbackUrl": "https://user:pw@example.com/"}, {"/callbackUrl"}),
        ({"callbackUrl": "https://example.com/" + "a" * 2048}, {"/callbackUrl"}),
        ({"metadata": []}, {"/metadata"}),
        ({"metadata": {"n": 1}}, {"/metadata/n"}),
        ({"metadata": {"a/b~c": None}}, {"/metadata/a~1b~0c"}),
        ({"metadata": {str(at): "" for at in range(51)}}, {"/metadata"}),
        ({"metadata": {"k": "v" * 5000}}, {"/metadata"}),
        ({"to": 1, "body": 2, "from": 3, "messageType": 4}, {"/to", "/body", "/from", "/messageType"}),
    ],
)
async def test_each_bad_field_is_named(strict: World, fields: dict[str, Any], places: set[str]) -> None:
    answer = await strict.api.request("POST", SEND, json={**message(), **fields})
    assert pointers(problem(answer, 400, "INVALID_PAYLOAD")) == places


async def test_missing_fields_are_named(strict: World) -> None:
    answer = await strict.api.request("POST", SEND, json={})
    assert pointers(problem(answer, 400, "INVALID_PAYLOAD")) == {"/to", "/body"}


NO_NUMBERS = [
    *("", " ", "+", "++447700900123", "447700900123", "00447700900123", "07700900123", "+0447700900123"),
    *("+44 7700 900123", "+44-7700-900123", "+44(0)7700900123", "+447700900123 ", " +447700900123"),
    *(
        "+4477009001234567",
        "+44770",
        "+44770090012a",
        "+\uff14\uff147700900123",
        "+٤٤٧٧٠٠٩٠٠١٢٣",
        "tel:+447700900123",
    ),
    *("+447700900123,+447700900124", "+447700900123\n", "1e11", "+1.5", "-447700900123", "0x1A", "Trunkline"),
    *(
        "+447700900123;ext=1",
        "\u202a+447700900123",
        "+" + "1" * 10_000,
        "80800",
        "null",
        "+44770090012\u00b2",
    ),
]


@pytest.mark.parametrize("number", NO_NUMBERS, ids=range(len(NO_NUMBERS)))
async def test_numbers_in_every_wrong_shape(strict: World, number: str) -> None:
    document = problem(await strict.api.send(to=number), 400, "INVALID_DESTINATION")
    assert len(document["detail"]) < 200, "a hostile value is not given back at length"
    assert document["detail"].isprintable()


async def test_a_text_of_1601_characters(strict: World) -> None:
    problem(await strict.api.send("👍" * 1601), 400, "SMS_BODY_TOO_LONG")


PRIVATE = [
    *("http://127.0.0.1/", "http://127.1:8080/x", "http://localhost/", "http://[::1]/", "http://10.0.0.8/"),
    *(
        "http://192.168.1.1/",
        "http://169.254.169.254/latest/meta-data",
        "http://[fd00::1]/",
        "http://0.0.0.0/",
    ),
    *("http://2130706433/", "http://0x7f000001/", "http://[::ffff:127.0.0.1]/", "http://172.16.0.1/"),
]


@pytest.mark.parametrize("url", PRIVATE)
async def test_a_callback_to_a_private_address(strict: World, url: str) -> None:
    answer = await strict.api.send(callbackUrl=url)
    assert pointers(problem(answer, 400, "INVALID_PAYLOAD")) == {"/callbackUrl"}


# --- 401 and 403


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Api-Key": ""},
        {"X-Api-Key": "sok_live_" + "0" * 43},
        {"X-Api-Key": "anything"},
        {"X-Api-Key": "k" * 5000},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer sok_live_wrong"},
        {"Authorization": "Bearer not.a.jwt"},
        {"Authorization": "Basic YWNtZTphY21l"},
        {"X-Tenant-Id": "acme", "X-Api-Key-Id": "key_1"},
    ],
)
@pytest.mark.parametrize("path", [SEND, "/v1/sms/bulk", "/v1/sms", f"/v1/sms/{NOBODY}"])
async def test_without_credentials_that_hold(strict: World, path: str, headers: dict[str, str]) -> None:
    posts = path in (SEND, "/v1/sms/bulk")
    stranger = strict.api.as_caller("")
    answer = await stranger.request(
        "POST" if posts else "GET", path, data=b"{}" if posts else None, headers=headers
    )
    problem(answer, 401, "UNAUTHENTICATED")
    assert answer.headers["WWW-Authenticate"].startswith('Bearer realm="')


async def test_another_tenant_in_the_header(strict: World) -> None:
    answer = await strict.api.request("POST", SEND, json=message(), headers={"X-Tenant-Id": "other"})
    problem(answer, 403, "TENANT_MISMATCH")
    own = await strict.api.request("GET", "/v1/sms", headers={"X-Tenant-Id": "acme"})
    assert own.status == 200


async def test_a_key_without_the_scope(strict: World) -> None:
    made = await strict.gateway.cli("key", "create", "acme", "--scope", "read:messages", "--json")
    reader = strict.api.as_caller(made.json["key"])
    answer = await reader.send()
    assert "send:sms" in problem(answer, 403, "INSUFFICIENT_SCOPE")["detail"]
    assert (await reader.list()).status == 200
    made = await strict.gateway.cli("key", "create", "acme", "--scope", "send:sms", "--json")
    problem(await strict.api.as_caller(made.json["key"]).list(), 403, "INSUFFICIENT_SCOPE")


# --- 404 and 405


@pytest.mark.parametrize(
    "identity",
    [
        NOBODY,
        "1",
        "018e7c3a9b2f7d4ea5f13c2b1a0d9e00",
        "%00",
        "%F0%9F%91%8B",
        "a" * 4000,
        "' OR 1=1--",
        "null",
    ],
)
async def test_no_such_message(strict: World, identity: str) -> None:
    problem(await strict.api.request("GET", f"/v1/sms/{identity}"), 404, "MESSAGE_NOT_FOUND")


async def test_another_accounts_message_and_another_environments(strict: World) -> None:
    identity = await strict.api.sent()
    assert (await strict.api.message(identity))["messageId"] == identity
    for caller in (strict.other, strict.tester):
        stranger = problem(await caller.request("GET", f"/v1/sms/{identity}"), 404, "MESSAGE_NOT_FOUND")
        nobody = problem(await caller.request("GET", f"/v1/sms/{NOBODY}"), 404, "MESSAGE_NOT_FOUND")
        assert stranger["detail"] == nobody["detail"], "it must not tell that there is one"
        assert (await caller.list()).json["messages"] == []


@pytest.mark.parametrize(
    "path", ["/", "/v1", "/v1/sms/", "/v2/sms/send", "/v1/sms/send/", "/metrics", "/health/live"]
)
async def test_no_such_path(strict: World, path: str) -> None:
    assert (await strict.api.request("GET", path)).status == 404


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/v1/sms/bulk", "POST"),
        ("DELETE", SEND, "POST"),
        ("PUT", "/v1/sms", "GET, HEAD"),
        ("DELETE", f"/v1/sms/{NOBODY}", "GET, HEAD"),
        ("PATCH", SEND, "POST"),
    ],
)
async def test_another_method(strict: World, method: str, path: str, allowed: str) -> None:
    answer = await strict.api.request(method, path)
    problem(answer, 405, "METHOD_NOT_ALLOWED")
    assert answer.headers["Allow"] == allowed


# --- 409, 413, 415, 422, 429


async def test_a_key_with_another_body(strict: World) -> None:
    assert (await strict.api.send("one", key="conflict")).status == 202
    problem(await strict.api.send("two", key="conflict"), 409, "IDEMPOTENCY_CONFLICT")


@pytest.mark.parametrize(
    ("path", "limit"), [(SEND, 64 * 1024), ("/v1/sms/bulk", 16 * 1024 * 1024)], ids=["send", "bulk"]
)
async def test_a_body_beyond_its_limit(strict: World, path: str, limit: int) -> None:
    before = await counted(strict, "REQUEST_TOO_LARGE")
    announced = post(path, b"", strict.api.key, **{"Content-Length": str(limit + 1)})
    problem(
        parsed(await raw(strict.gateway.port, announced, more=b" " * (limit + 1))), 413, "REQUEST_TOO_LARGE"
    )
    chunked = post(path, b"", strict.api.key, **{"Transfer-Encoding": "chunked"})
    chunked = chunked.replace(b"Content-Length: 0\r\n", b"")
    chunk = b"%x\r\n%b\r\n" % (limit + 1, b" " * (limit + 1))
    problem(parsed(await raw(strict.gateway.port, chunked, more=chunk)), 413, "REQUEST_TOO_LARGE")
    assert await counted(strict, "REQUEST_TOO_LARGE") == before + 2


async def test_a_body_at_its_limit_is_read(strict: World) -> None:
    body = b'{"to": "+447700900123"' + b" " * (64 * 1024 - 23) + b"}"
    assert len(body) == 64 * 1024
    await refused(strict, body, 400, "INVALID_PAYLOAD")


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "application/json; charset=utf-16"},
        {"Content-Type": ""},
        {"Content-Encoding": "gzip"},
    ],
)
async def test_another_media_type(strict: World, headers: dict[str, str]) -> None:
    await refused(strict, b"{}", 415, "UNSUPPORTED_MEDIA_TYPE", **headers)


async def test_a_suppressed_recipient(strict: World) -> None:
    number = "+447700902001"
    await strict.gateway.cli("suppression", "add", number, "--account", "acme")
    problem(await strict.api.send(to=number), 422, "RECIPIENT_SUPPRESSED")
    assert strict.submits(to=number) == []
    assert (await strict.other.send(to=number)).status == 202, "the list is the account's own"


async def test_a_sender_that_the_account_may_not_use(strict: World) -> None:
    await strict.gateway.cli("account", "set", "other", "allowed_senders=+447700900999,Acme")
    problem(await strict.other.send(sender="+447700900111"), 422, "SENDER_NOT_ALLOWED")
    assert (await strict.other.send(sender="Acme")).status == 202


async def test_an_account_over_its_rate(strict: World) -> None:
    await strict.gateway.cli("account", "create", "slow")
    await strict.gateway.cli("account", "set", "slow", "rate_per_s=1")
    made = await strict.gateway.cli("key", "create", "slow", "--json")
    slow = strict.api.as_caller(made.json["key"])
    answers: list[Answer] = [await slow.send(key=f"slow-{at}") for at in range(12)]
    over = [at for at, answer in enumerate(answers) if answer.status == 429]
    assert over, [answer.status for answer in answers]
    problem(answers[over[0]], 429, "RATE_LIMITED")
    assert 1 <= int(answers[over[0]].headers["Retry-After"]) <= 60
    assert over[0] > 0, "the first is within the rate"
    replayed = await slow.send(key="slow-0")
    assert (replayed.status, replayed.body) == (202, answers[0].body), "a replay wins over the rate"
    assert (await strict.api.send()).status == 202, "one account's rate is not another's"


# --- 503


@pytest.mark.differs
async def test_while_the_store_is_down(fresh: World) -> None:
    """Another process holds the store's lock for longer than the gateway waits: nothing is taken or kept."""
    await fresh.status(await fresh.api.sent(), "DELIVERED")
    number = "+447700902002"
    async with fresh.store.held():
        sending = asyncio.create_task(fresh.api.send(to=number, key="down"))
        await fresh.until(lambda: has_ready(fresh, 503), "to be unready, which is looked at once a second")
        answer = await sending
        problem(answer, 503, "DEPENDENCY_UNAVAILABLE")
        assert int(answer.headers["Retry-After"]) >= 1
        assert (await fresh.gateway.health("live"))[0] == 200
    await fresh.until(lambda: has_ready(fresh, 200), "to be ready again")
    assert fresh.submits(to=number) == [], "what was refused must not be sent"
    await fresh.status(await fresh.api.sent(to=number, key="down"), "DELIVERED")


async def has_ready(at: World, status: int) -> bool:
    """Whether /health/ready answers so."""
    return (await at.gateway.health("ready"))[0] == status


async def test_over_the_backlog(template: Template, tmp_path: Path) -> None:
    """Without an answer from the carrier messages pile up; beyond the limit they are refused, early and honestly."""
    async with world(
        template,
        tmp_path,
        carriers={"alpha": {"answer": "never"}},
        operators={"alpha": {"window": 1}},
        config={"limits": {"backlog": 5, "drain_timeout_s": 1}},
    ) as full:
        answers = [await full.api.send(f"text {at}") for at in range(20)]
        statuses = [answer.status for answer in answers]
        assert statuses[0] == 202
        assert statuses[-1] == 503
        problem(answers[-1], 503, "OVERLOADED")
        assert int(answers[-1].headers["Retry-After"]) >= 1
        metrics = await full.gateway.metrics()
        assert metrics.value("http_failures_total", kind="OVERLOADED") == statuses.count(503)
        assert metrics.value("bad_input_total", source="http") == 0, "nobody has sent anything bad"
        await full.smsc.set(answer="now")
        await full.smsc.order("release")
        taken = [answer.json["messageId"] for answer in answers if answer.status == 202]
        for identity in taken:
            await full.status(identity, "DELIVERED")
        assert len(full.submits()) == len(taken)


# --- what is hardly HTTP


async def test_header_lines_beyond_the_limit(strict: World) -> None:
    before = await counted(strict, "parser")
    answer = parsed(
        await raw(strict.gateway.port, post(SEND, b"{}", strict.api.key, **{"X-Long": "h" * 10_000}))
    )
    assert answer.status == 431
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert await counted(strict, "parser") == before + 1


@pytest.mark.parametrize(
    "octets",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 100,
        b"\x00\x00\x00\x10\x80\x00\x00\x15\x00\x00\x00\x00\x00\x00\x00\x01",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET / HTTP/1.1\r\nno colon\r\n\r\n",
        b"POST /v1/sms/send HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST /v1/sms/send HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        b"POST /v1/sms/send HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ],
)
async def test_octets_that_are_no_http(strict: World, octets: bytes) -> None:
    before = await counted(strict, "parser")
    answer = parsed(await raw(strict.gateway.port, octets))
    assert answer.status == 400
    assert b"Traceback" not in answer.body
    assert await counted(strict, "parser") == before + 1
    assert (await strict.api.list()).status == 200, "the next caller is served"


async def test_a_slow_header(strict: World) -> None:
    before = await counted(strict, "slow_header")
    answer = parsed(await raw(strict.gateway.port, b"POST /v1/sms/send HTTP/1.1\r\nHost: gate"))
    assert answer.status == 408
    assert await counted(strict, "slow_header") == before + 1


async def test_a_slow_body(strict: World) -> None:
    before = await counted(strict, "slow_body")
    begun = post(SEND, b'{"to"', strict.api.key, **{"Content-Length": "100"})
    problem(parsed(await raw(strict.gateway.port, begun)), 408, "REQUEST_TIMEOUT")
    assert await counted(strict, "slow_body") == before + 1


async def test_a_caller_that_leaves_in_the_middle(strict: World) -> None:
    """Half a request and gone, a hundred times: nobody else notices."""
    begun = post(
        SEND, b'{"to": "+4477', strict.api.key, **{"Content-Length": "100", "Expect": "100-continue"}
    )
    for _ in range(100):
        assert await left_early(strict.gateway.port, begun)
    assert (await strict.api.send()).status == 202


async def left_early(port: int, octets: bytes) -> bool:
    """Write, wait for the interim answer, and go."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(octets)
    interim = await reader.readline()
    writer.transport.abort()
    return interim.startswith(b"HTTP/1.1 100")
