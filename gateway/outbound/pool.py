"""Connections to one origin: who is free, who waits, and how many there may be."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from gateway.outbound.connection import Connection, Exchange
from gateway.outbound.target import Origin
from gateway.ports import WebhookAnswer

MAX_WAITING = 1_000
"""Requests that may wait for a connection to one origin; one more fails at once."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How many connections, and for how long."""

    connections: int = 8  #: to one origin
    all_connections: int = 512  #: to all origins
    connect_timeout_s: float = 3.0
    answer_timeout_s: float = 15.0
    idle_timeout_s: float = 30.0


class Client(Protocol):
    """What a pool asks of the client that holds it."""

    limits: Limits
    monotonic: Callable[[], float]

    def connect(self, pool: Pool, exchange: Exchange) -> None:
        """Open a connection for the exchange: ends in `Pool.connected` or `Pool.unreachable`."""

    def make_room(self) -> bool:
        """Whether one more connection may be opened; closes an idle one for it if need be."""

    def gone(self) -> None:
        """A connection is gone, or could not be opened."""

    def follow(self, exchange: Exchange, answer: WebhookAnswer, location: str) -> None:
        """The answer to an exchange names another place."""


class Pool:
    """The connections to one origin. `count` includes those that are being opened."""

    __slots__ = (
        "_answer_timeout_s",
        "_client",
        "_idle",
        "_idle_timeout_s",
        "_monotonic",
        "_waiting",
        "connections",
        "count",
        "origin",
    )

    def __init__(self, client: Client, origin: Origin) -> None:
        self._client = client
        self._answer_timeout_s = client.limits.answer_timeout_s
        self._idle_timeout_s = client.limits.idle_timeout_s
        self._monotonic = client.monotonic
        self._idle: list[Connection] = []  # the freshest last: it is used next, the others grow old
        self._waiting: deque[Exchange] = deque()
        self.connections: set[Connection] = set()
        self.count = 0
        self.origin = origin

    @property
    def empty(self) -> bool:
        """Nothing is left of it."""
        return not self.count and not self._waiting

    def send(self, exchange: Exchange) -> None:
        """Write the request on a free connection, on a new one, or when there is one."""
        deadline = self._monotonic() + self._answer_timeout_s
        while self._idle:
            connection = self._idle.pop()
            if connection.open:
                connection.start(exchange, deadline)
                return
        client = self._client
        if self.count < client.limits.connections and client.make_room():
            self._open(exchange)
        elif self.count and len(self._waiting) < MAX_WAITING:
            exchange.deadline = deadline
            self._waiting.append(exchange)
        else:
            asyncio.get_running_loop().call_soon(exchange.fail, "too many requests are under way")

    def connected(self, connection: Connection, exchange: Exchange) -> None:
        """A connection that `Client.connect` has opened."""
        self.connections.add(connection)
        connection.start(exchange, self._monotonic() + self._answer_timeout_s)

    def unreachable(self, exchange: Exchange, error: str) -> None:
        """A connection could not be opened."""
        self.count -= 1
        self._client.gone()
        self._open_for_waiting()
        exchange.fail(error)

    def answered(self, connection: Connection, exchange: Exchange, answer: WebhookAnswer) -> None:
        """From a connection: the exchange is over. Free first, then tell: who is told may send again at
        once."""
        location = connection.location if answer.status >= 300 else None
        if connection.open:
            self._free(connection)
        if location is None:
            exchange.on_answer(answer)
        else:
            self._client.follow(exchange, answer, location)

    def lost(self, connection: Connection, unanswered: Exchange | None, error: str) -> None:
        """From a connection: it is gone."""
        if connection not in self.connections:
            return  # cut while it was being opened: `unreachable` tells
        self.connections.remove(connection)
        self.count -= 1
        self._client.gone()
        if connection in self._idle:
            self._idle.remove(connection)
        if unanswered is not None and connection.stale:
            # The other side gave the connection up while this request was on its way and has not read it, or
            # it would have answered: safe to send again, and the receiver knows a repetition by its id
            # anyway. Once, because a new connection is never stale.
            self._open(unanswered)
            return
        self._open_for_waiting()
        if unanswered is not None:
            unanswered.fail(error)

    def close_idle(self) -> bool:
        """Close the connection that was idle for longest; False when none is."""
        if not self._idle:
            return False
        self._idle.pop(0).close("its place was needed")
        return True

    def expire(self, now: float) -> None:
        """End what is past its deadline."""
        timeout_s = self._answer_timeout_s
        for connection in [c for c in self.connections if c.deadline <= now]:
            if connection in self._idle:
                self._idle.remove(connection)
            connection.close(f"no answer within {timeout_s:g} s")
        while self._waiting and self._waiting[0].deadline <= now:
            self._waiting.popleft().fail(f"no connection was free within {timeout_s:g} s")

    def close(self, why: str) -> None:
        """Close everything; what is under way fails."""
        for connection in tuple(self.connections):
            connection.close(why)
        while self._waiting:
            self._waiting.popleft().fail(why)

    def _free(self, connection: Connection) -> None:
        now = self._monotonic()
        if self._waiting:
            connection.start(self._waiting.popleft(), now + self._answer_timeout_s)
        else:
            connection.deadline = now + self._idle_timeout_s
            self._idle.append(connection)

    def _open(self, exchange: Exchange) -> None:
        self.count += 1
        self._client.connect(self, exchange)

    def _open_for_waiting(self) -> None:
        if self._waiting and self.count < self._client.limits.connections:
            self._open(self._waiting.popleft())
