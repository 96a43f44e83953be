"""What each process has seen of numbers under a limit, told to all others: a stream that everybody reads whole.

Entries of the last hour are kept, so that a process that starts, or comes back, knows what the others know. An entry
holds what was seen in one turn of the event loop, a line each: what, account, environment, number, time.
"""

from __future__ import annotations

import asyncio
import re
import uuid
from typing import Any, Final

from redis.exceptions import ResponseError

from gateway.metrics import Metrics
from gateway.services.limits import WINDOW_S, OnSeen, Seen
from routing.ranges import Owner
from storage.redis.link import COMMAND_S, CONNECT_S, FAULTS, Link, connect

MAX_ENTRIES = 100_000  #: of the stream, about
MAX_LINES = 10  #: of an entry: together some 50 MB at the most
READ_AT_MOST = 100
BLOCK_S = 0.5
AGAIN_S = 0.1  #: between tries after a fault
TRIM_S = 60.0

# By Redis' own clock, as the ids of the entries are. Where nobody writes any more, nothing stays either.
TRIM: Final = """
local time = redis.call('TIME')
redis.call('XTRIM', KEYS[1], 'MINID', string.format('%d000', time[1] - ARGV[1]))
return redis.call('EXPIRE', KEYS[1], ARGV[1])
"""

_LINE = re.compile(rb"([+!-]) ([!-~]{1,64}) (live|test) ([1-9][0-9]{6,14}) ([0-9]{1,12}\.[0-9]{1,9})")


class RedisTold:
    """`gateway.services.limits.Told` over Redis."""

    def __init__(self, link: Link, metrics: Metrics) -> None:
        self._link = link
        self._metrics = metrics
        self._key = link.key("limits", "seen")
        self._me = uuid.uuid4().hex.encode()
        self._sent = metrics.redis_limits.of("sent")
        self._heard = metrics.redis_limits.of("heard")
        self._unreadable = metrics.redis_limits.of("unreadable")
        self._listener: OnSeen | None = None
        self._to_tell: list[str] = []
        self._last = b""  # the id of the last entry that was read
        self._listening = False
        self._trim_at = 0.0

    @property
    def well(self) -> bool:
        """Whether this process has read all that others have said."""
        return self._listening and self._link.up

    def subscribe(self, listener: OnSeen) -> None:
        """Who is to know what others have seen."""
        self._listener = listener

    def tell(self, owner: Owner, number: int, at: float, what: Seen) -> None:
        """See `Told.tell`."""
        if not self._link.up:
            return
        if not self._to_tell:
            asyncio.get_running_loop().call_soon(self._say)
        self._to_tell.append(f"{what.value} {owner[0]} {owner[1]} {number} {at:.6f}")

    def _say(self) -> None:
        lines, self._to_tell = self._to_tell, []
        for start in range(0, len(lines), MAX_LINES):
            some = lines[start : start + MAX_LINES]
            entry = ("by", self._me, "seen", "\n".join(some))
            if self._link.send("XADD", self._key, "MAXLEN", "~", MAX_ENTRIES, "*", *entry):
                self._sent.total += len(some)

    async def run(self) -> None:
        """Listen until cancelled."""
        while True:
            await self._link.until_up()
            await self._listen()
            await asyncio.sleep(AGAIN_S)

    async def _listen(self) -> None:
        """Until there is a fault."""
        client = connect(self._link.url)
        try:
            while True:
                async with asyncio.timeout(CONNECT_S + BLOCK_S + COMMAND_S):
                    await self._turn(client)
        except FAULTS as error:
            self._metrics.redis_failures.add("refused" if isinstance(error, ResponseError) else "reader")
            self._link.doubt()
        finally:
            self._listening = False
            await client.aclose()

    async def _turn(self, client: Any) -> None:
        """Read once: what is there, or what comes in a while."""
        if not self._last:
            seconds, _ = await client.time()
            self._last = b"%d-0" % ((seconds - int(WINDOW_S)) * 1000)
        now = asyncio.get_running_loop().time()
        if now >= self._trim_at and self._link.send("EVAL", TRIM, 1, self._key, int(WINDOW_S)):
            self._trim_at = now + TRIM_S
        block_ms = (
            round(BLOCK_S * 1000) if self._listening else None
        )  # what is there already comes without waiting
        told = await client.xread({self._key: self._last}, READ_AT_MOST, block_ms)
        entries = told[0][1] if told else []
        for entry, fields in entries:
            self._last = entry
            if fields.get(b"by") != self._me:
                self._hear(fields.get(b"seen", b""))
        if len(entries) < READ_AT_MOST:
            self._listening = True

    def _hear(self, said: bytes) -> None:
        for line in said.split(b"\n"):
            words = _LINE.fullmatch(line)
            if words is None:  # of another version, or not ours
                self._unreadable.total += 1
                continue
            what, account, env, number, at = (word.decode() for word in words.groups())
            self._heard.total += 1
            if self._listener is not None:
                self._listener((account, env), int(number), float(at), Seen(what))
