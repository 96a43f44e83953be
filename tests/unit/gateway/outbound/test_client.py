"""The client as its users see it: requests, redirects, private addresses, faults on the way, the end."""

from __future__ import annotations

import asyncio

import pytest

from gateway.outbound import Limits, PooledClient, Resolver, lines_of
from gateway.ports import WebhookAnswer, WebhookClient
from tests.unit.gateway.http_sink import (
    HEADERS,
    Held,
    Received,
    RedirectsTo,
    RefusesConnections,
    Silent,
    Sink,
    Status,
)


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


async def test_the_answer_is_told_later(client: PooledClient) -> None:
    told: asyncio.Future[WebhookAnswer] = asyncio.get_running_loop().create_future()
    client.send("nowhere", "", b"{}", told.set_result)
    assert not told.done()
    assert (await told).error == "the URL must begin with http:// or https://"


async def test_a_callback_may_send_again(client: PooledClient, sink: Sink) -> None:
    done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    statuses: list[int] = []

    def again(answer: WebhookAnswer) -> None:
        statuses.append(answer.status)
        if len(statuses) < 4:
            client.send(sink.url(), "", b"{}", again)
        else:
            done.set_result(None)

    client.send(sink.url(), "", b"{}", again)
    await done
    assert statuses == [200] * 4
    assert sink.connections == 1


async def test_lines_that_the_caller_has_written(client: PooledClient, sink: Sink) -> None:
    told: asyncio.Future[WebhookAnswer] = asyncio.get_running_loop().create_future()
    client.send(sink.url(), lines_of(HEADERS) + "x: y\r\n", b"{}", told.set_result)
    assert (await told).status == 200
    sent = sink.received[0].headers
    assert (sent["webhook-id"], sent["x"], sent["content-length"]) == ("m1", "y", "2")


async def test_a_line_break_in_a_header_is_refused(client: PooledClient, sink: Sink) -> None:
    for value in ("a\r\nx-evil: b", "a\nb", "a\rb"):
        with pytest.raises(ValueError, match="line break"):
            await client.post(sink.url(), [("x", value)], b"{}")
    assert sink.received == []


async def test_nobody_listens(client: PooledClient) -> None:
    with RefusesConnections() as nobody:
        answer = await client.post(nobody.url, HEADERS, b"{}")
    assert answer.status == 0
    assert answer.error is not None
    assert answer.error.startswith(f"no connection to {nobody.url.removesuffix('/hook')}: ")
    assert client.connections == 0


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
    assert errors == ["the client is closed"] * 4
    late = await client.post(sink.url(), HEADERS, b"{}")
    assert late == WebhookAnswer(0, "", "the client is closed")
    assert client.connections == 0


async def test_close_is_not_taken_for_a_stale_connection(sink: Sink) -> None:
    client = PooledClient(allow_private_addresses=True)
    await client.post(sink.url(), HEADERS, b"1")
    sink.answer = Silent()
    asked = asyncio.create_task(client.post(sink.url(), HEADERS, b"2"))
    await sink.until(lambda: len(sink.received) == 2)
    await client.close()
    assert (await asked).error == "the client is closed"
    assert sink.connections == 1


@pytest.mark.parametrize("turns", range(12))
async def test_close_while_it_connects(sink: Sink, turns: int) -> None:
    """However far the connection has come."""
    sink.answer = Silent()
    client = PooledClient(allow_private_addresses=True)
    told: list[WebhookAnswer] = []
    client.send(sink.url(), "", b"{}", told.append)
    for _ in range(turns):
        await asyncio.sleep(0)
    await client.close()
    assert told == [WebhookAnswer(0, "", "the client is closed")]
    assert client.connections == 0


async def test_a_caller_that_is_gone_harms_nobody(client: PooledClient, sink: Sink) -> None:
    held = sink.answer = Held()
    caller = asyncio.create_task(client.post(sink.url(), HEADERS, b"1"))
    await sink.until(lambda: len(sink.received) == 1)
    caller.cancel()
    held.go.set()
    assert (await client.post(sink.url(), HEADERS, b"2")).status == 200


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
