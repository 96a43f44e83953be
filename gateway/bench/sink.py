"""The sink for webhooks, a process of its own: takes everything with 200, counts messages once, checks signatures.

    python -m gateway.bench.sink

It prints its port. Each line of its input is answered with the report so far as a line of JSON; a line
`secret SECRET` tells how webhooks are signed. A message is known by `messageId` in the
body (Trunkline) or by `id` in the path (Kannel's dlr-url).
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import os
import sys
import time
from dataclasses import asdict

import uvloop

from gateway.bench.reports import SinkReport

CHECK_EVERY = 50
"""One in so many signatures is checked: all of them would measure HMAC."""

_HEAD_END = b"\r\n\r\n"
_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
_ID_OCTETS = 36  # of a UUID


class Sink:
    """Counts what comes."""

    def __init__(self) -> None:
        self.report = SinkReport()
        self._key = b""
        self._seen: set[bytes] = set()

    def obey(self, line: str) -> SinkReport:
        """Do what a line of the input says, and report."""
        word, _, rest = line.partition(" ")
        if word == "secret":
            self._key = base64.b64decode(rest.strip().removeprefix("whsec_"))
        return self.report

    def took(self, head: bytes, body: bytes) -> None:
        """One whole request."""
        report = self.report
        report.requests += 1
        message_id = message_id_of(head, body)
        if not message_id:
            report.wrong += 1
            return
        if message_id not in self._seen:
            self._seen.add(message_id)
            report.messages += 1
            report.last_at = time.monotonic()
        if self._key and report.requests % CHECK_EVERY == 1:
            if is_signed(self._key, head, body):
                report.checked += 1
            else:
                report.wrong += 1


class SinkConnection(asyncio.Protocol):
    """One connection of a gateway; requests may come in any pieces, and several at once."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._transport: asyncio.Transport | None = None
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment] # uvloop's are no asyncio.Transport by class

    def data_received(self, data: bytes) -> None:
        buffer = self._buffer + data if self._buffer else data
        answers = 0
        while (head_end := buffer.find(_HEAD_END)) >= 0:
            head = buffer[:head_end]
            end = head_end + len(_HEAD_END) + int(header(head, b"content-length") or b"0")
            if len(buffer) < end:
                break
            self._sink.took(head, buffer[head_end + len(_HEAD_END) : end])
            buffer = buffer[end:]
            answers += 1
        self._buffer = buffer
        if answers and self._transport is not None:
            self._transport.write(_ANSWER * answers)


def header(head: bytes, name: bytes) -> bytes:
    """The value of a header; empty where there is none. `name` in small letters."""
    at = head.lower().find(b"\r\n" + name + b":")
    if at < 0:
        return b""
    return head[at + len(name) + 3 :].split(b"\r\n", 1)[0].strip()


def message_id_of(head: bytes, body: bytes) -> bytes:
    """Which message a request is about; empty when it does not say."""
    at = body.find(b'"messageId":"')
    if at >= 0:
        return body[at + 13 : at + 13 + _ID_OCTETS]
    path = head.split(b" ", 2)[1] if head.count(b" ") >= 2 else b""
    return path.rpartition(b"id=")[2] if b"id=" in path else b""


def is_signed(key: bytes, head: bytes, body: bytes) -> bool:
    """Whether `webhook-signature` is right. Standard Webhooks: HMAC-SHA256 over `id.timestamp.body`."""
    signed = b".".join([header(head, b"webhook-id"), header(head, b"webhook-timestamp"), body])
    expected = b"v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256))
    return any(hmac.compare_digest(expected, one) for one in header(head, b"webhook-signature").split())


async def run() -> None:
    """Serve until the input ends."""
    loop = asyncio.get_running_loop()
    sink = Sink()
    server = await loop.create_server(lambda: SinkConnection(sink), "127.0.0.1", 0)
    _say({"port": server.sockets[0].getsockname()[1]})
    ended = asyncio.Event()

    def read() -> None:
        lines = os.read(sys.stdin.fileno(), 65536).decode()
        if not lines:
            loop.remove_reader(sys.stdin.fileno())
            ended.set()
        for line in lines.splitlines():
            _say(asdict(sink.obey(line)))

    loop.add_reader(sys.stdin.fileno(), read)
    await ended.wait()
    server.close()


def _say(value: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    uvloop.run(run())
