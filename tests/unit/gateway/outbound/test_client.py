"""The pooled client against a real server: what arrives, what is answered, and every fault by name."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import pytest

from gateway.outbound import Limits, PooledClient, Resolver
from gateway.ports import WebhookAnswer, WebhookClient
from tests.unit.gateway.http_sink import (
    Bytes,
    ClosesAfterRequest,
    GivesUpIdleConnections,
    Held,
    HugeAnswer,
    HugeHeaders,
    Received,
    RedirectsTo,
    RefusesConnections,
    Silent,
    Sink,
    SlowBody,
    SlowHeaders,
    Status,
)

HEADERS = (("content-type", "application/json"), ("webhook-id", "m1"))
# For tests that wait for the deadline: the client looks at it four times in that time.
IMPATIENT = Limits(answer_timeout_s=0.2, connect_timeout_s=5.0)


@pytest.fixture
async def sink() -> AsyncIterator[Sink]:
    async with Sink().serving() as listening:
        yield listening


@pytest.fixture
async def client() -> AsyncIterator[PooledClient]:
    made = PooledClient(allow_private_addresses=True)
    yield made
    await made.close()


@pytest.fixture
async def impatient() -> AsyncIterator[PooledClient]:
    made = PooledClient(allow_private_addresses=True, limits=IMPATIENT)
    yield made
    await made.close()


async def send_all(client: PooledClient, url: str, count: int) -> list[WebhookAnswer]:
    """`count` requests at once."""
    return await asyncio.gather(*(client.post(url, HEADERS, str(n).encode()) for n in range(count)))


# --- what arrives and what comes back


async def test_the_request_arrives_whole(client: PooledClient, sink: Sink) -> None:
    answer = await client.post(sink.url("/a/b?c=d"), HEADERS, b'{"x":1}')
    assert answer == WebhookAnswer(200, "ok", None)
    headers = {
        "host": f"127.0.0.1:{sink.port}",
        "content-type": "application/json",
        "webhook-id": "m1",
        "content-length": "7",
    }
    assert sink.received == [Received("POST", "/a/b?c=d", headers, b'{"x":1}', 1)]


async def test_it_is_a_webhook_client(client: PooledClient, sink: Sink) -> None:
    port: WebhookClient = client
    assert (await port.post(sink.url(), HEADERS, b"{}")).status == 200


async def test_connections_are_kept(client: PooledClient, sink: Sink) -> None:
    for _ in range(5):
        await client.post(sink.url(), HEADERS, b"{}")
    assert [request.connection for request in sink.received] == [1] * 5
    assert client.connections == 1


async def test_connections_to_one_origin_are_bounded(client: PooledClient, sink: Sink) -> None:
    held = sink.answer = Held()
    answers = asyncio.gather(*(client.post(sink.url(), HEADERS, b"{}") for _ in range(20)))
    await sink.until(lambda: len(sink.received) == 8)
    assert client.connections == 8
    held.go.set()
    assert {answer.status for answer in await answers} == {200}
    assert (len(sink.received), sink.connections) == (20, 8)


async def test_all_connections_are_bounded_and_idle_ones_make_room(sink: Sink) -> None:
    client = PooledClient(allow_private_addresses=True, limits=Limits(all_connections=2))
    async with Sink().serving() as other, Sink(Held()).serving() as third:
        await client.post(sink.url(), HEADERS, b"{}")
        await client.post(other.url(), HEADERS, b"{}")
        waiting = asyncio.create_task(client.post(third.url(), HEADERS, b"{}"))
        await third.until(lambda: len(third.received) == 1)
        await sink.until(lambda: sink.open == 0)  # the idle connection there made room
        second = asyncio.create_task(client.post(third.url(), HEADERS, b"{}"))
        await third.until(lambda: len(third.received) == 2)
        refused = await client.post(sink.url(), HEADERS, b"{}")
        assert refused == WebhookAnswer(0, "", "too many requests are under way")
        await client.close()
        assert (await waiting).error == (await second).error == "the connection was closed before the answer"


async def test_the_answer_is_told_later(client: PooledClient) -> None:
    told: asyncio.Future[WebhookAnswer] = asyncio.get_running_loop().create_future()
    client.send("nowhere", HEADERS, b"{}", told.set_result)
    assert not told.done()
    assert (await told).error == "the URL must begin with http:// or https://"


async def test_a_callback_may_send_again(client: PooledClient, sink: Sink) -> None:
    done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    statuses: list[int] = []

    def again(answer: WebhookAnswer) -> None:
        statuses.append(answer.status)
        if len(statuses) < 4:
            client.send(sink.url(), HEADERS, b"{}", again)
        else:
            done.set_result(None)

    client.send(sink.url(), HEADERS, b"{}", again)
    await done
    assert statuses == [200] * 4
    assert sink.connections == 1


async def test_a_line_break_in_a_header_is_refused(client: PooledClient, sink: Sink) -> None:
    for value in ("a\r\nx-evil: b", "a\nb", "a\rb"):
        with pytest.raises(ValueError, match="line break"):
            await client.post(sink.url(), [("x", value)], b"{}")
    assert sink.received == []


@pytest.mark.parametrize(
    ("content", "status", "excerpt"),
    [
        pytest.param(
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nt: 1\r\n\r\n",
            200,
            "abcde",
            id="chunked",
        ),
        pytest.param(b"HTTP/1.1 204 No Content\r\n\r\n", 204, "", id="no content"),
        pytest.param(
            b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nretry-after: 7\r\n\r\n"
            b"HTTP/1.1 201 Created\r\ncontent-length: 1\r\n\r\n!",
            201,
            "!",
            id="informational first",
        ),
        pytest.param(
            b"HTTP/1.1 500 Oh\r\ncontent-length: 600\r\n\r\n" + b"e" * 600, 500, "e" * 512, id="excerpt"
        ),
        pytest.param(b"HTTP/1.1 500 Oh\r\ncontent-length: 2\r\n\r\n\xff\xfe", 500, "��", id="no text"),
    ],
)
async def test_answers_of_every_shape_keep_the_connection(
    client: PooledClient, sink: Sink, content: bytes, status: int, excerpt: str
) -> None:
    sink.answer = Bytes(content)
    for _ in range(2):
        assert await client.post(sink.url(), HEADERS, b"{}") == WebhookAnswer(status, excerpt, None)
    assert sink.connections == 1


@pytest.mark.parametrize(
    "answering",
    [
        pytest.param(Status(close=True), id="connection close"),
        pytest.param(Bytes(b"HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nok"), id="HTTP/1.0"),
        pytest.param(Bytes(b"HTTP/1.1 200 OK\r\n\r\nok", close=True), id="until the end of the connection"),
        pytest.param(
            Bytes(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nok", close=True), id="cut in its body"
        ),
        pytest.param(
            Bytes(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nokHTTP/1.1 500 No\r\n\r\n"), id="two answers"
        ),
        pytest.param(
            Bytes(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok\0garbage"), id="garbage behind the answer"
        ),
    ],
)
async def test_answers_that_end_the_connection(
    client: PooledClient, sink: Sink, answering: Status | Bytes
) -> None:
    sink.answer = answering
    for _ in range(2):
        assert await client.post(sink.url(), HEADERS, b"{}") == WebhookAnswer(200, "ok", None)
    assert [request.connection for request in sink.received] == [1, 2]
    await sink.until(lambda: sink.open == 0)


async def test_one_answer_fits_twenty_callers(client: PooledClient, sink: Sink) -> None:
    sink.answer = Status(close=True)
    assert {answer.status for answer in await send_all(client, sink.url(), 20)} == {200}
    assert sorted(request.body for request in sink.received) == sorted(str(n).encode() for n in range(20))


@pytest.mark.parametrize(
    ("value", "expected"), [("120", 120.0), ("0", 0.0), ("soon", None), ("-1", None), ("9" * 40, 999999999.0)]
)
async def test_retry_after_in_seconds(
    client: PooledClient, sink: Sink, value: str, expected: float | None
) -> None:
    sink.answer = Status(429, b"slow down", {"Retry-After": value})
    assert await client.post(sink.url(), HEADERS, b"{}") == WebhookAnswer(429, "slow down", None, expected)


async def test_retry_after_as_a_date(client: PooledClient, sink: Sink) -> None:
    sink.answer = Status(503, b"", {"retry-after": "Wed, 01 Jan 2200 00:00:00 GMT"})
    seconds = (await client.post(sink.url(), HEADERS, b"{}")).retry_after_s
    assert seconds is not None
    assert seconds > 3600 * 24 * 365
    sink.answer = Status(503, b"", {"retry-after": "Wed, 01 Jan 2020 00:00:00 GMT"})
    assert (await client.post(sink.url(), HEADERS, b"{}")).retry_after_s == 0.0


# --- faults


async def test_a_connection_given_up_while_idle_is_replaced(client: PooledClient, sink: Sink) -> None:
    sink.answer = GivesUpIdleConnections()
    for body in (b"1", b"2", b"3"):
        assert (await client.post(sink.url(), HEADERS, body)).status == 200
    assert [request.body for request in sink.received] == [b"1", b"2", b"2", b"3", b"3"]


async def test_a_new_connection_that_closes_is_a_failure(client: PooledClient, sink: Sink) -> None:
    sink.answer = ClosesAfterRequest()
    answer = await client.post(sink.url(), HEADERS, b"{}")
    assert (answer.status, answer.error) == (0, "the connection was closed before the answer")
    assert len(sink.received) == 1, "sent again although the first may have been read"


async def test_a_stale_connection_is_replaced_once(client: PooledClient, sink: Sink) -> None:
    await client.post(sink.url(), HEADERS, b"1")
    sink.answer = ClosesAfterRequest()
    assert (await client.post(sink.url(), HEADERS, b"2")).status == 0
    assert [request.body for request in sink.received] == [b"1", b"2", b"2"]


async def test_bytes_that_nobody_asked_for_end_an_idle_connection(client: PooledClient, sink: Sink) -> None:
    class TalksOn:
        async def __call__(self, request: Received, writer: asyncio.StreamWriter) -> bool:
            await Status()(request, writer)
            await writer.drain()
            await more.wait()
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
            return True

    more = asyncio.Event()
    sink.answer = TalksOn()
    await client.post(sink.url(), HEADERS, b"1")
    more.set()
    await sink.until(lambda: sink.open == 0)
    sink.answer = Status(202)
    assert (await client.post(sink.url(), HEADERS, b"2")).status == 202
    assert sink.connections == 2


async def test_nobody_listens(client: PooledClient) -> None:
    with RefusesConnections() as nobody:
        answer = await client.post(nobody.url, HEADERS, b"{}")
    assert answer.status == 0
    assert answer.error is not None
    assert answer.error.startswith(f"no connection to {nobody.url.removesuffix('/hook')}: ")
    assert client.connections == 0


@pytest.mark.parametrize("answering", [Silent(), SlowHeaders()], ids=["silent", "slow headers"])
async def test_an_answer_that_does_not_come(
    impatient: PooledClient, sink: Sink, answering: Silent | SlowHeaders
) -> None:
    sink.answer = answering
    answer = await impatient.post(sink.url(), HEADERS, b"{}")
    assert answer == WebhookAnswer(0, "", "no answer within 0.2 s")
    await sink.until(lambda: impatient.connections == 0)


async def test_a_silent_connection_is_not_taken_for_a_stale_one(impatient: PooledClient, sink: Sink) -> None:
    await impatient.post(sink.url(), HEADERS, b"1")
    sink.answer = Silent()
    assert (await impatient.post(sink.url(), HEADERS, b"2")).error == "no answer within 0.2 s"
    assert [request.body for request in sink.received] == [b"1", b"2"]


async def test_whoever_waits_for_a_connection_has_a_deadline_too(sink: Sink) -> None:
    limits = Limits(connections=1, answer_timeout_s=0.2)
    client = PooledClient(allow_private_addresses=True, limits=limits)
    sink.answer = Silent()
    answers = await send_all(client, sink.url(), 3)
    errors = [answer.error for answer in answers]
    assert errors[0] == "no answer within 0.2 s"
    assert set(errors[1:]) <= {"no answer within 0.2 s", "no connection was free within 0.2 s"}
    await client.close()


async def test_a_body_that_does_not_end_does_not_hide_the_status(impatient: PooledClient, sink: Sink) -> None:
    sink.answer = SlowBody()
    assert await impatient.post(sink.url(), HEADERS, b"{}") == WebhookAnswer(200, "begun", None)


async def test_a_huge_answer_is_not_read_to_its_end(client: PooledClient, sink: Sink) -> None:
    sink.answer = HugeAnswer()
    assert await client.post(sink.url(), HEADERS, b"{}") == WebhookAnswer(200, "x" * 512, None)
    await sink.until(lambda: sink.open == 0)


async def test_a_huge_head_is_a_failure(client: PooledClient, sink: Sink) -> None:
    sink.answer = HugeHeaders()
    answer = await client.post(sink.url(), HEADERS, b"{}")
    assert answer == WebhookAnswer(0, "", "its answer is longer than 65536 bytes")


@pytest.mark.parametrize(
    "content",
    [
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"\0\0\0\x10\x80\0\0\x15\0\0\0\0\0\0\0\x01",
        b"HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\n",
        b"HTTP/1.1 101 Switching\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n",
    ],
)
async def test_what_is_no_answer_is_a_failure(client: PooledClient, sink: Sink, content: bytes) -> None:
    sink.answer = Bytes(content)
    answer = await client.post(sink.url(), HEADERS, b"{}")
    assert answer.status == 0
    assert answer.error
    await sink.until(lambda: sink.open == 0)


async def test_idle_connections_are_closed(sink: Sink) -> None:
    client = PooledClient(allow_private_addresses=True, limits=Limits(idle_timeout_s=0.1))
    await client.post(sink.url(), HEADERS, b"{}")
    await sink.until(lambda: sink.open == 0)
    await client.close()


async def test_a_name_that_is_slow_to_resolve() -> None:
    async def never(host: str) -> list[str]:
        await asyncio.Event().wait()
        raise AssertionError(host)

    limits = Limits(connect_timeout_s=0.05)
    client = PooledClient(limits=limits, resolver=Resolver(lookup=never))
    answer = await client.post("http://slow.example/", HEADERS, b"{}")
    assert answer == WebhookAnswer(0, "", "no connection to http://slow.example:80 within 0.05 s")
    await client.close()


async def test_close_tells_everybody(sink: Sink) -> None:
    client = PooledClient(allow_private_addresses=True, limits=Limits(connections=2))
    sink.answer = Silent()
    answers = asyncio.gather(*(client.post(sink.url(), HEADERS, b"{}") for _ in range(4)))
    await sink.until(lambda: len(sink.received) == 2)
    await client.close()
    errors = [answer.error for answer in await answers]
    assert errors == ["the connection was closed before the answer"] * 2 + ["the client is closed"] * 2
    late = await client.post(sink.url(), HEADERS, b"{}")
    assert late == WebhookAnswer(0, "", "the client is closed")
    assert client.connections == 0


async def test_close_before_anything_is_connected(sink: Sink) -> None:
    client = PooledClient(allow_private_addresses=True)
    told: list[WebhookAnswer] = []
    client.send(sink.url(), HEADERS, b"{}", told.append)
    await client.close()
    assert told == [WebhookAnswer(0, "", "the client is closed")]


async def test_a_caller_that_is_gone_harms_nobody(client: PooledClient, sink: Sink) -> None:
    held = sink.answer = Held()
    caller = asyncio.create_task(client.post(sink.url(), HEADERS, b"1"))
    await sink.until(lambda: len(sink.received) == 1)
    caller.cancel()
    held.go.set()
    assert (await client.post(sink.url(), HEADERS, b"2")).status == 200


# --- redirects


@pytest.mark.parametrize("code", [301, 302, 307, 308])
async def test_redirects_keep_the_post(client: PooledClient, sink: Sink, code: int) -> None:
    sink.of_path["/old"] = RedirectsTo("/new?a=b", code)
    assert (await client.post(sink.url("/old"), HEADERS, b'{"x":1}')).status == 200
    first, second = sink.received
    assert (second.method, second.path, second.body) == ("POST", "/new?a=b", b'{"x":1}')
    assert second.headers == first.headers


async def test_see_other_is_not_followed(client: PooledClient, sink: Sink) -> None:
    sink.of_path["/old"] = RedirectsTo("/thanks", 303)
    assert (await client.post(sink.url("/old"), HEADERS, b"{}")).status == 303
    assert len(sink.received) == 1


async def test_redirects_to_another_origin(client: PooledClient, sink: Sink) -> None:
    async with Sink().serving() as other:
        sink.answer = RedirectsTo(other.url("/there"))
        assert (await client.post(sink.url(), HEADERS, b"{}")).status == 200
        assert other.received[0].headers["host"] == f"127.0.0.1:{other.port}"


async def test_redirects_end(client: PooledClient, sink: Sink) -> None:
    sink.answer = RedirectsTo("/again")
    answer = await client.post(sink.url(), HEADERS, b"{}")
    assert (answer.status, answer.error) == (307, "it redirects more than 3 times")
    assert len(sink.received) == 4


async def test_a_redirect_to_nowhere(client: PooledClient, sink: Sink) -> None:
    sink.answer = RedirectsTo("ftp://elsewhere/")
    answer = await client.post(sink.url(), HEADERS, b"{}")
    assert (answer.status, answer.error) == (307, "the URL must begin with http:// or https://")
    sink.answer = Status(307)
    assert (await client.post(sink.url(), HEADERS, b"{}")).status == 307


# --- private addresses


async def test_private_addresses_are_not_connected_to(sink: Sink) -> None:
    client = PooledClient()
    for host in ("127.0.0.1", "localhost", "127.1", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]"):
        answer = await client.post(sink.url(host=host), HEADERS, b"{}")
        assert answer.status == 0
        assert answer.error is not None
        assert "is a private address" in answer.error
    assert sink.connections == 0
    await client.close()


async def test_a_name_with_a_private_address_is_not_connected_to(sink: Sink) -> None:
    async def rebinding(host: str) -> list[str]:
        return ["93.184.215.14", "127.0.0.1"]

    client = PooledClient(resolver=Resolver(lookup=rebinding))
    answer = await client.post(sink.url(host="rebinding.example"), HEADERS, b"{}")
    error = "rebinding.example resolves to the private address 127.0.0.1"
    assert answer == WebhookAnswer(0, "", error)
    assert sink.connections == 0
    await client.close()


@pytest.mark.parametrize("target", ["http://10.0.0.1/", "http://private.example/", "//localhost/x"])
async def test_redirects_to_private_addresses_are_refused(sink: Sink, target: str) -> None:
    async def lookup(host: str) -> list[str]:
        return ["169.254.169.254"]

    class OneIsAllowed(Resolver):
        """The first hop is a test's; everything else is checked as always."""

        async def addresses(self, host: str) -> list[str]:
            return ["127.0.0.1"] if host == "tenant.example" else await super().addresses(host)

    sink.answer = RedirectsTo(target)
    client = PooledClient(resolver=OneIsAllowed(lookup=lookup))
    answer = await client.post(sink.url(host="tenant.example"), HEADERS, b"{}")
    assert answer.status == 0
    assert answer.error is not None
    assert "private address" in answer.error
    assert len(sink.received) == 1
    await client.close()


async def test_the_checked_address_is_the_one_connected_to(sink: Sink) -> None:
    lookups: list[str] = []

    async def lookup(host: str) -> list[str]:
        lookups.append(host)
        return ["127.0.0.1"]

    client = PooledClient(resolver=Resolver(allow_private=True, lookup=lookup))
    # No resolver of the system knows this name: only the pinned address can have been used.
    url = sink.url(host="pinned.invalid")
    assert (await client.post(url, HEADERS, b"{}")).status == 200
    assert lookups == ["pinned.invalid"]
    assert sink.received[0].headers["host"] == f"pinned.invalid:{sink.port}"
    await client.close()


async def test_the_next_address_is_tried(sink: Sink) -> None:
    async def lookup(host: str) -> list[str]:
        return ["127.0.0.2", "127.0.0.1"]  # nobody listens at the first

    client = PooledClient(resolver=Resolver(allow_private=True, lookup=lookup))
    assert (await client.post(sink.url(host="two.example"), HEADERS, b"{}")).status == 200
    await client.close()


async def test_deadlines_follow_the_clock_that_is_handed_in(sink: Sink) -> None:
    now = time.monotonic()
    limits = Limits(answer_timeout_s=0.04)  # looked at every 10 ms
    client = PooledClient(allow_private_addresses=True, limits=limits, monotonic=lambda: now)
    sink.answer = Silent()
    first = asyncio.create_task(client.post(sink.url(), HEADERS, b"1"))
    await sink.until(lambda: len(sink.received) == 1)
    async with asyncio.timeout(0.2):  # of real time, in which nothing expires
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.shield(first), 0.1)
    now += 0.05
    assert (await first).error == "no answer within 0.04 s"
    await client.close()
