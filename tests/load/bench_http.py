"""CPU-microseconds of a listener per request that does no work: this project's beside aiohttp's, in one run.

Each is a process of its own under uvloop; 32 keep-alive connections post a body of the usual size, one at a time each.
Not collected by pytest:

    python -m tests.load.bench_http [--requests N] [--rounds N]
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import os
import sys
from multiprocessing.connection import Connection as Pipe

import uvloop
from aiohttp import web

from http_api.exchange import Request, Response, Route
from http_api.problem import ProblemWriter
from http_api.server import HttpServer
from http_api.settings import HttpSettings

CONNECTIONS = 32
BODY = b'{"to":"+447700900123","from":"+447700900999","body":"Your code is 123456","messageType":"SMS"}'
REQUEST = (
    b"POST /v1/sms/send HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nX-Api-Key: sok_live_0123456789abcdef"
    b"\r\nIdempotency-Key: k-000123456\r\nContent-Length: %d\r\n\r\n%b" % (len(BODY), BODY)
)


async def serve_ours() -> int:
    """A listener of `http_api`; its port."""

    async def handler(_request: Request) -> Response:
        return Response(202, BODY)

    refuse = ProblemWriter("https://errors.example/").fault
    route = Route("POST", "/v1/sms/send", handler, refuse, max_body_bytes=65536)
    server = HttpServer("127.0.0.1:0", [route], refuse, HttpSettings())
    await server.start()
    return server.port


async def serve_aiohttp() -> int:
    """A listener of aiohttp's lowest level; its port."""

    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        await request.read()
        return web.Response(status=202, body=BODY, content_type="application/json")

    listener = await asyncio.get_running_loop().create_server(web.Server(handler), "127.0.0.1", 0)
    port: int = listener.sockets[0].getsockname()[1]
    return port


SUBJECTS = {"trunkline": serve_ours, "aiohttp": serve_aiohttp}


def subject(name: str, pipe: Pipe) -> None:
    """The process of a server: says its port, then its CPU time whenever asked."""

    async def run() -> None:
        pipe.send(await SUBJECTS[name]())
        loop = asyncio.get_running_loop()
        ended = asyncio.Event()

        def told() -> None:
            if pipe.recv():
                times = os.times()
                pipe.send(times.user + times.system)
            else:
                ended.set()

        loop.add_reader(pipe.fileno(), told)
        await ended.wait()
        loop.remove_reader(pipe.fileno())

    uvloop.run(run())


class Caller(asyncio.Protocol):
    """One connection with one request at a time."""

    def __init__(self, left: list[int], done: asyncio.Future[None]) -> None:
        self.left = left
        self.done = done
        self.seen = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self.transport = transport
        self.transport.write(REQUEST)

    def data_received(self, data: bytes) -> None:
        self.seen += data
        if not self.seen.endswith(BODY):
            return
        assert self.seen.startswith(b"HTTP/1.1 202")
        self.seen = b""
        self.left[0] -= 1
        if self.left[0] >= CONNECTIONS:
            self.transport.write(REQUEST)
        elif self.left[0] == 0 and not self.done.done():
            self.done.set_result(None)


async def load(port: int, requests: int) -> None:
    """So many requests, answered."""
    loop = asyncio.get_running_loop()
    left = [requests + CONNECTIONS]
    done = loop.create_future()
    callers = [
        (await loop.create_connection(lambda: Caller(left, done), "127.0.0.1", port))[0]
        for _ in range(CONNECTIONS)
    ]
    await done
    for each in callers:
        each.close()


def measure(name: str, requests: int, rounds: int) -> float:
    """CPU-microseconds per request of one server: the best of some rounds."""
    near, far = multiprocessing.Pipe()
    child = multiprocessing.get_context("spawn").Process(target=subject, args=(name, far))
    child.start()
    port: int = near.recv()
    found = []
    for _ in range(rounds):
        near.send(True)
        before: float = near.recv()
        asyncio.run(load(port, requests))
        near.send(True)
        after: float = near.recv()
        found.append((after - before) / (requests + CONNECTIONS) * 1e6)
    near.send(False)
    child.join()
    return min(found)


def main() -> None:
    """Measure both, print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    found = {name: measure(name, options.requests, options.rounds) for name in SUBJECTS}
    for name, us in found.items():
        sys.stdout.write(
            f"{name:10} {us:6.1f} us of CPU per request, {us / found['aiohttp']:.2f} of aiohttp's\n"
        )


if __name__ == "__main__":
    main()
