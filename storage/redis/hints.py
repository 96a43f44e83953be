"""Hints between processes: a stream per topic, and one consumer group in which each entry finds one reader.

An entry says how much waits; it is no right to anything, for that is the claim in the store. So a reader acknowledges
with the reading itself (NOACK), and who can't take all that an entry told of passes the rest on. Only what somebody has
room for is read: the other entries wait for others.
"""

from __future__ import annotations

import asyncio
from typing import Any

from redis.exceptions import ResponseError

from gateway.metrics import Metrics
from gateway.services.hints import Listener
from storage.redis.link import COMMAND_S, CONNECT_S, FAULTS, Link, connect

GROUP = "senders"
READER = "any"  #: one name for all: nothing stays with a reader that would have to be claimed from it
MAX_ENTRIES = 1_000  #: of a stream, about; what is older is found in the store
READ_AT_MOST = 100
BLOCK_S = 0.5  #: what there is room for may have changed after so long
FULL_S = 0.05  #: the same while there is room for nothing
AGAIN_S = 0.1  #: between tries after a fault


class RedisHints:
    """`gateway.services.hints.Hints` over Redis."""

    def __init__(self, link: Link, metrics: Metrics) -> None:
        self._link = link
        self._published = metrics.redis_hints.of("published")
        self._received = metrics.redis_hints.of("received")
        self._passed_on = metrics.redis_hints.of("passed_on")
        self._metrics = metrics
        self._listeners: list[Listener] = []
        self._to_tell: dict[str, int] = {}
        self._grouped: set[str] = set()
        self._listening = False
        link.on_change.append(self._link_changed)

    @property
    def well(self) -> bool:
        """Whether this process hears what is published."""
        return self._listening and self._link.up

    def publish(self, topic: str, count: int) -> None:
        """So much waits, since just now. All of one turn of the loop becomes one entry per topic."""
        if not self._link.up:
            return
        if not self._to_tell:
            asyncio.get_running_loop().call_soon(self._tell)
        self._to_tell[topic] = self._to_tell.get(topic, 0) + count

    def subscribe(self, listener: Listener) -> None:
        """Somebody listens here."""
        self._listeners.append(listener)

    def _tell(self) -> None:
        to_tell, self._to_tell = self._to_tell, {}
        for topic, count in to_tell.items():
            key = self._link.key(topic)
            if self._link.send("XADD", key, "MAXLEN", "~", MAX_ENTRIES, "*", "n", count):
                self._published.total += 1

    def _link_changed(self, _up: bool) -> None:
        """What was published meanwhile is lost, or may be."""
        self._tell_of_loss()

    def _tell_of_loss(self) -> None:
        for listener in self._listeners:
            listener.lost()

    async def run(self) -> None:
        """Listen until cancelled."""
        while True:
            await self._link.until_up()
            client = connect(self._link.url)
            try:
                self._grouped.clear()
                while True:
                    async with asyncio.timeout(CONNECT_S + BLOCK_S + COMMAND_S):
                        await self._turn(client)
                    if not self._listening:  # an emptied Redis may be back before the link has missed it
                        self._listening = True
                        self._tell_of_loss()
            except FAULTS as error:
                self._fault(error)
                self._link.doubt()
            finally:
                self._listening = False
                await client.aclose()
            await asyncio.sleep(AGAIN_S)

    def _fault(self, error: Exception) -> None:
        kind = "refused" if isinstance(error, ResponseError) else "reader"
        self._metrics.redis_failures.add(kind)
        self._tell_of_loss()

    async def _turn(self, client: Any) -> None:
        """Listen once to all that there is room for."""
        room: dict[str, int] = {}
        whose: dict[str, Listener] = {}
        for listener in self._listeners:
            for topic, count in listener.wanted().items():
                room[topic], whose[topic] = count, listener
        if not room:
            await asyncio.sleep(FULL_S)
            return
        topics = {self._link.key(topic): topic for topic in room}
        await self._join(client, [key for key in topics if key not in self._grouped])
        streams = dict.fromkeys(topics, ">")
        told = await client.xreadgroup(
            GROUP, READER, streams, READ_AT_MOST, block=round(BLOCK_S * 1000), noack=True
        )
        for key, entries in told or ():
            topic = topics[key.decode()]
            count = sum(_count(fields) for _, fields in entries)
            self._received.total += len(entries)
            whose[topic].told(topic, count)
            if count > room[topic]:
                self._passed_on.total += 1
                self.publish(topic, count - room[topic])

    async def _join(self, client: Any, keys: list[str]) -> None:
        """Make the groups of streams that are new to this connection. From the first entry: senders may start late."""
        if not keys:
            return
        async with client.pipeline(transaction=False) as pipeline:
            for key in keys:
                pipeline.xgroup_create(key, GROUP, id="0", mkstream=True)
            answers = await pipeline.execute(raise_on_error=False)
        for answer in answers:
            if isinstance(answer, ResponseError) and not str(answer).startswith("BUSYGROUP"):
                raise answer
        self._grouped.update(keys)


def _count(fields: dict[bytes, bytes] | None) -> int:
    """What an entry says; anything else that stands in the stream is a reason to look, too."""
    said = (fields or {}).get(b"n", b"1")
    return int(said) if said.isdigit() else 1
