"""The load client, a process of its own: keep-alive connections, each with one request at a time.

    python -m gateway.bench.load '{"port": 8080, "pieces": [...], "first": 0, "messages": 1000, "clients": 32, ...}'

It prints a line of JSON with its progress now and then, and one with the result at the end.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict

import uvloop

from gateway.bench.histogram import Histogram
from gateway.bench.reports import LoadResult, LoadSpec
from gateway.bench.requests import Template

PROGRESS_S = 0.2
_HEAD_END = b"\r\n\r\n"


class Load:
    """Gives each connection its next request, and counts the answers."""

    def __init__(self, spec: LoadSpec) -> None:
        self.spec = spec
        self.template = Template(spec.pieces)
        self.latencies = Histogram()
        self.accepted = 0
        self.refused: Counter[str] = Counter()
        self.done = asyncio.Event()
        self._next = spec.first
        self._end = spec.first + spec.messages
        self._open = 0
        self._deadline = float("inf")

    async def run(self) -> LoadResult:
        """Send everything; raises OSError when nobody listens."""
        loop = asyncio.get_running_loop()
        clients = [
            (await loop.create_connection(lambda: Caller(self), "127.0.0.1", self.spec.port))[1]
            for _ in range(min(self.spec.clients, self.spec.messages))
        ]
        started_at = time.monotonic()
        if self.spec.seconds:
            self._deadline = started_at + self.spec.seconds
        self._open = len(clients)
        for client in clients:
            client.begin()
        await self.done.wait()
        ended_at = time.monotonic()
        for client in clients:
            client.close()
        return LoadResult(self.accepted, dict(self.refused), started_at, ended_at, self.latencies.as_json())

    def next_request(self, now: float) -> bytes | None:
        """The next request; None when there are no more."""
        if self._next >= self._end or now >= self._deadline:
            self.ended()
            return None
        request = self.template.write(self._next)
        self._next += 1
        return request

    def answered(self, status: int, latency_s: float) -> None:
        """A request was answered."""
        if status == self.spec.accepted_status:
            self.accepted += 1
            self.latencies.add(latency_s)
        else:
            self.refused[str(status)] += 1

    def ended(self) -> None:
        """A connection has nothing more to do."""
        self._open -= 1
        if not self._open:
            self.done.set()


class Caller(asyncio.Protocol):
    """One connection, one request at a time."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self._transport: asyncio.Transport | None = None
        self._buffer = b""
        self._sent_at = 0.0
        self._waiting = False

    def begin(self) -> None:
        """Send the first request."""
        self._send(time.monotonic())

    def close(self) -> None:
        """Close the connection."""
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment] # uvloop's are no asyncio.Transport by class

    def data_received(self, data: bytes) -> None:
        self._buffer = self._buffer + data if self._buffer else data
        length = answer_length(self._buffer)
        if length is None or len(self._buffer) < length:
            return
        now = time.monotonic()
        status = int(self._buffer[9:12])
        self._buffer = b""  # one request at a time: nothing can follow its answer
        self._waiting = False
        self._load.answered(status, now - self._sent_at)
        self._send(now)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        self._transport = None
        if self._waiting:
            self._waiting = False
            self._load.refused["lost"] += 1
            self._load.ended()

    def _send(self, now: float) -> None:
        request = self._load.next_request(now)
        if request is not None and self._transport is not None:
            self._waiting = True
            self._sent_at = now
            self._transport.write(request)


def answer_length(buffer: bytes) -> int | None:
    """Octets of the answer that the buffer begins with; None until its head is complete.

    Raises ValueError for an answer without Content-Length: no subject sends one to these requests.
    """
    head_end = buffer.find(_HEAD_END)
    if head_end < 0:
        return None
    head = buffer[:head_end].lower()
    at = head.find(b"\r\ncontent-length:")
    if at < 0:
        raise ValueError(f"an answer without Content-Length: {head[:100]!r}")
    value = head[at + 17 :].split(b"\r\n", 1)[0]
    return head_end + len(_HEAD_END) + int(value)


async def run(spec: LoadSpec, say: Callable[[str], None]) -> None:
    """Run the load and tell its progress, then its result."""
    load = Load(spec)
    running = asyncio.ensure_future(load.run())
    while not running.done():
        await asyncio.wait([running], timeout=PROGRESS_S)
        say(json.dumps({"accepted": load.accepted}))
    say(json.dumps({"result": asdict(running.result())}))


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main(arguments: list[str]) -> None:
    """Run the specification that is the only argument."""
    values = json.loads(arguments[0])
    spec = LoadSpec(**(values | {"pieces": tuple(values["pieces"])}))
    uvloop.run(run(spec, _say))


if __name__ == "__main__":
    main(sys.argv[1:])
