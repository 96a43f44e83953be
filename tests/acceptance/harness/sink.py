"""A tenant's webhook receiver: records what comes, checks signatures on its own, fails and dawdles on order.

The signature is computed here from the text of the Standard Webhooks specification, not with the product's code.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import time
from collections import deque
from dataclasses import dataclass
from typing import Any

from aiohttp import web

_MAX_AGE_S = 300  # Standard Webhooks: what is older than five minutes is a replay


@dataclass(frozen=True)
class Hook:
    """One webhook request as it came."""

    path: str
    headers: dict[str, str]  #: names in lower case
    raw: bytes
    answered: int
    signed: bool

    @property
    def body(self) -> dict[str, Any]:
        """The decoded body."""
        document: dict[str, Any] = json.loads(self.raw)
        return document

    @property
    def data(self) -> dict[str, Any]:
        """What the event tells."""
        data: dict[str, Any] = self.body["data"]
        return data

    @property
    def type(self) -> str:
        """`message.delivered` and so on."""
        kind: str = self.body["type"]
        return kind


class Sink:
    """The receiver, on one port for all its life. `answers` are the next statuses; then 200."""

    def __init__(self, port: int, secrets: list[str]) -> None:
        self.port = port
        self.secrets = secrets
        self.hooks: list[Hook] = []
        self.answers: deque[int] = deque()
        self.statuses: dict[str, int] = {}  #: by path, for good
        self.under_way = 0
        self.open_gate = asyncio.Event()
        self.open_gate.set()
        self._runner: web.ServerRunner | None = None

    async def open(self) -> None:
        """Listen."""
        server = web.Server(self._take)
        self._runner = web.ServerRunner(server, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True).start()

    async def close(self) -> None:
        """Listen no more; connections end."""
        self.open_gate.set()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def url(self, path: str = "/hooks") -> str:
        """The address of a path here."""
        return f"http://127.0.0.1:{self.port}{path}"

    def of(self, identity: str) -> list[Hook]:
        """What came about one message, taken or not."""
        return [hook for hook in self.hooks if hook.data.get("messageId") == identity]

    def taken(self, kind: str = "") -> list[Hook]:
        """What was answered with success; of one type, when it is given."""
        return [hook for hook in self.hooks if hook.answered < 300 and kind in ("", hook.type)]

    def picture(self) -> str:
        """The last requests, for a person."""
        lines = [f"  {hook.answered} {hook.path} {hook.raw[:300]!r}" for hook in self.hooks[-8:]]
        return "\n".join([f"sink: {len(self.hooks)} requests, {self.under_way} under way", *lines])

    async def _take(self, request: web.BaseRequest) -> web.Response:
        raw = await request.read()
        self.under_way += 1
        await self.open_gate.wait()
        self.under_way -= 1
        status = self.answers.popleft() if self.answers else self.statuses.get(request.path, 200)
        headers = {name.lower(): value for name, value in request.headers.items()}
        signed = any(is_signed(secret, headers, raw) for secret in self.secrets)
        self.hooks.append(Hook(request.path, headers, raw, status, signed))
        return web.Response(status=status)


def is_signed(secret: str, headers: dict[str, str], raw: bytes) -> bool:
    """Whether the request bears a valid Standard Webhooks signature by this `whsec_` secret, and is fresh."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    stamp = headers.get("webhook-timestamp", "")
    signed = f"{headers.get('webhook-id', '')}.{stamp}.".encode() + raw
    expected = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    fresh = stamp.isdigit() and abs(time.time() - int(stamp)) < _MAX_AGE_S
    return fresh and expected in headers.get("webhook-signature", "").split()
