"""A listener: from a connection's bytes to a route's handler and back. Knows routes, no dialect.

The order for every request: route, caller, media type, body, handler. Whatever goes wrong on the way is a
`RequestFault`, put into words by the route's own dialect.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
from bisect import bisect_left
from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Final

from gateway.errors import TrunklineError
from http_api.body import check_media_type, read_body, too_large
from http_api.connection import Connection, log
from http_api.counters import SECONDS, Cut, HttpCounters, Times
from http_api.errors import Fault, RequestFault, fault_of
from http_api.exchange import Refuse, Request, Response, Route
from http_api.incoming import Incoming
from http_api.router import Router
from http_api.settings import HttpSettings, host_and_port
from http_api.tls import Handshakes

GIVEN_UP_AFTER_S: Final = 2.0
"""What waits for a store that hangs has waited for longer; what does not is answered sooner."""

UNROUTED: Final = "-"
"""The route label of requests that no route is for: paths are the callers' to invent."""

BACKLOG: Final = 1024
"""Connections that may wait to be accepted; the system's own limit (net.core.somaxconn) may be lower."""

LINGER_S: Final = 1.0
"""How long a drain waits for the next request of a connection that was used just now: a few round trips."""
_LINGER_LOOK_S: Final = 0.02


class HttpServer:
    """One listener with its routes.

    `refuse` puts faults into words where no route is known. `start` opens the listener, `stop` drains it. `listening`:
    a socket that listens already and that others may accept from as well; what waits in its queue outlives this one.
    """

    def __init__(
        self,
        listen: str,
        routes: Sequence[Route],
        refuse: Refuse,
        settings: HttpSettings,
        tls: ssl.SSLContext | None = None,
        counters: HttpCounters | None = None,
        listening: socket.socket | None = None,
    ) -> None:
        self._listening = listening
        self._listen = listen
        self._router = Router(routes)
        self._refuse = refuse
        self._tls = None if tls is None else Handshakes.by(tls)
        self.settings = settings
        self.counters = counters or HttpCounters()
        self.connections: set[Connection] = set()
        self.draining = False
        self._now: Callable[[], float] = time.monotonic
        self._listener: asyncio.Server | None = None
        self._watch: asyncio.TimerHandle | None = None

    @property
    def port(self) -> int:
        """The port that is open: the configured one, or the one that the system gave for 0."""
        assert self._listener is not None, "the listener is not open"
        port: int = self._listener.sockets[0].getsockname()[1]
        return port

    async def start(self) -> None:
        """Open the listener. Raises `OSError` when the address can't be used."""
        loop = asyncio.get_running_loop()

        def accepted() -> Connection:
            return Connection(self, loop)

        if self._listening is not None:
            self._listener = await loop.create_server(
                accepted, sock=self._listening, ssl=self._tls, backlog=BACKLOG
            )
        else:
            host, port = host_and_port(self._listen)
            self._listener = await loop.create_server(
                accepted, host or None, port, ssl=self._tls, backlog=BACKLOG
            )
        self._watch_connections(loop)

    def take_certificate(self, tls: ssl.SSLContext) -> None:
        """Make the handshakes that begin from now on with `tls`; connections that are open go on. For a listener that
        was made with a certificate: another one speaks no TLS until it is opened anew."""
        assert self._tls is not None, "the listener speaks no TLS"
        self._tls.present = tls

    async def stop(self, timeout_s: float) -> None:
        """Take no more connections, let running requests finish and be answered for `timeout_s`, close the rest."""
        self.draining = True
        if self._listener is not None:
            self._listener.close()
        end = self._now() + timeout_s
        await self._let_idle_go(min(timeout_s, LINGER_S))
        while self.connections and self._now() < end:
            for connection in [each for each in self.connections if not each.busy]:
                connection.close()
            await asyncio.sleep(_LINGER_LOOK_S)
        for connection in list(self.connections):
            connection.abort()
        if self._watch is not None:
            self._watch.cancel()

    async def _let_idle_go(self, linger_s: float) -> None:
        """Close connections without a request, but not those that were opened or answered a moment ago: their next
        request may be on its way, and is answered with `Connection: close`."""
        end = self._now() + linger_s
        while (now := self._now()) < end:
            idle = [each for each in self.connections if not each.busy]
            for connection in idle:
                if connection.waiting_since is None and now - connection.idle_since >= linger_s:
                    connection.close()
            if not idle:
                return
            await asyncio.sleep(_LINGER_LOOK_S)

    def give_up(self, fault: RequestFault) -> None:
        """Answer every request that is here as a whole and under way for `GIVEN_UP_AFTER_S`, in its dialect's words.
        What their handlers have begun they end, unheard: to break it off would leave the rest of the process with half
        of it."""
        before = self._now() - GIVEN_UP_AFTER_S
        for connection in list(self.connections):
            incoming = connection.busy
            if incoming is None or incoming.asked_at is None or not incoming.complete:
                continue
            if incoming.asked_at <= before:
                connection.give_up(*self._without_handler(incoming, fault))

    def _watch_connections(self, loop: asyncio.AbstractEventLoop) -> None:
        """End connections whose head is on its way for too long, that ask nothing, or that do not read; one timer for
        all of them."""
        header_s, idle_s = self.settings.header_read_timeout_s, self.settings.keepalive_timeout_s
        write_s = self.settings.write_timeout_s
        oldest_head, oldest_idle = loop.time() - header_s, self._now() - idle_s
        oldest_unread = self._now() - write_s
        text = f"The headers did not arrive within {header_s:g} seconds."
        for connection in list(self.connections):
            if connection.busy:
                continue
            # What is too little to hold up the writer: a connection is not closed before it is sent.
            if connection.idle_since < oldest_unread and connection.is_unread:
                connection.cut_unread()
                continue
            if connection.waiting_since is None:
                if connection.idle_since < oldest_idle:
                    connection.close()
            elif connection.waiting_since < oldest_head:
                connection.cut(Cut.SLOW_HEADER, HTTPStatus.REQUEST_TIMEOUT, text)
        look_s = min(1.0, header_s / 4, idle_s / 4, write_s / 4)
        self._watch = loop.call_later(look_s, self._watch_connections, loop)

    async def answer(self, connection: Connection, incoming: Incoming) -> tuple[Response, str]:
        """One request, from head to answer. Raises `ConnectionResetError` when its caller leaves in its body."""
        began = incoming.asked_at = self._now()
        method = incoming.method
        path, _, query = incoming.target.partition("?")
        if not path.startswith("/"):
            path, query = _origin_form(path, query)
        methods, tail = self._router.methods(path)
        route = methods.get(method) or (methods.get("GET") if method == "HEAD" else None)
        request = Request(method, path, query, incoming.headers, connection.remote, tail)
        try:
            if route is None:
                raise self._unrouted(methods, request)
            if route.authenticate is not None:
                request.caller = await route.authenticate(request)
            if route.max_body_bytes:
                check_media_type(request, route)
                if incoming.complete:  # as a rule it came with the head, and nothing has to be waited for
                    request.body = incoming.take()
                    if len(request.body) > route.max_body_bytes:
                        raise too_large(route.max_body_bytes)
                else:
                    request.body = await read_body(
                        connection,
                        incoming,
                        route.max_body_bytes,
                        self.settings.body_read_timeout_s,
                        self.counters,
                    )
            response = await route.handler(request)
        except RequestFault as fault:
            response = self._words_for(route, methods, path)(request, fault)
        except TrunklineError as error:
            response = self._words_for(route, methods, path)(request, self._mapped(request, error))
        self._count(UNROUTED if route is None else route.path, response, self._now() - began)
        return response, _echo(request)

    def recover(self, incoming: Incoming) -> tuple[Response, str]:
        """The answer to a request whose handler failed in a way that nobody foresaw."""
        return self._without_handler(incoming, fault_of(TrunklineError()))

    def _without_handler(self, incoming: Incoming, fault: RequestFault) -> tuple[Response, str]:
        path = incoming.target.partition("?")[0]
        methods, tail = self._router.methods(path)
        request = Request(incoming.method, path, "", incoming.headers, "", tail)
        route = methods.get(incoming.method)
        refuse = self._words_for(route, methods, path)
        response = refuse(request, fault)
        self._count(UNROUTED if route is None else route.path, response, 0.0)
        return response, _echo(request)

    def _words_for(self, route: Route | None, methods: dict[str, Route], path: str) -> Refuse:
        """Whose words a fault is put into: the route's, those of the others at its path (405), or near it (404)."""
        neighbour = route or next(iter(methods.values()), None)
        return neighbour.refuse if neighbour is not None else self._router.words_near(path) or self._refuse

    def _unrouted(self, methods: dict[str, Route], request: Request) -> RequestFault:
        if not methods:
            known, _ = self._router.methods(request.path.rstrip("/"))
            hint = ": leave out the slash at its end" if known else ""
            return RequestFault(Fault.NO_SUCH_PATH, f"There is nothing at this path{hint}.")
        allowed = sorted({*methods, *(("HEAD",) if "GET" in methods else ())})
        return RequestFault(
            Fault.METHOD_NOT_ALLOWED,
            f"{request.method} is not possible here; {' and '.join(allowed)} {'is' if len(allowed) == 1 else 'are'}.",
            headers=(("Allow", ", ".join(allowed)),),
        )

    def _mapped(self, request: Request, error: TrunklineError) -> RequestFault:
        fault = fault_of(error)
        if fault.fault is Fault.INTERNAL:
            log.error("http.failed", path=request.path[:200], request_id=request.request_id, exc_info=error)
        return fault

    def _count(self, label: str, response: Response, took_s: float) -> None:
        counters = self.counters
        counters.answers[label, response.status] += 1
        if response.code:
            faults = counters.problems if response.status < 500 else counters.failures
            faults[label, response.code] += 1
        times = counters.times.get(label)
        if times is None:
            times = counters.times[label] = Times()
        times.buckets[bisect_left(SECONDS, took_s)] += 1
        times.total_s += took_s


def _origin_form(target: str, query: str) -> tuple[str, str]:
    """The path of the absolute form, as it is sent to proxies (RFC 9112, 3.2.2); `*` and what is no path stay."""
    scheme, separator, rest = target.partition("://")
    if not separator or scheme.lower() not in ("http", "https"):
        return target, query
    return f"/{rest.partition('/')[2]}", query


def _echo(request: Request) -> str:
    """The lines that every answer carries."""
    if request.traceparent is None:
        return f"X-Request-Id: {request.request_id}\r\n"
    return f"X-Request-Id: {request.request_id}\r\ntraceparent: {request.traceparent}\r\n"
