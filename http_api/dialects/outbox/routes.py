"""The outbox's routes. Each is: parse, ask the service, render."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

from gateway.domain.account import Caller, Scope
from gateway.domain.message import Message
from gateway.domain.send import AcceptResult, IdempotencyKey, KeyConflict, Origin, Refusal, Send
from gateway.errors import Conflict, NotFound, TrunklineError
from gateway.ports import Clock, ListQuery
from gateway.services.outbox import NotResent, Outbox
from http_api.auth import Authenticator
from http_api.dialects.outbox import export, render
from http_api.dialects.outbox.parse import parse_export, parse_list, parse_resend, parse_send
from http_api.dialects.outbox.words import DIALECT, SENT, read_outbox_id, word_of, words_of
from http_api.errors import Fault, RequestFault, fault_of
from http_api.exchange import Request, Response, Route
from http_api.idempotency import idempotency_key
from http_api.json_body import read_json
from http_api.page import Cursors
from http_api.settings import BodyLimits


class Submit(Protocol):
    """What is asked of `gateway.services.submit.Submit`."""

    async def accept(
        self, caller: Caller, items: Sequence[Send | Refusal], key: IdempotencyKey | None, origin: Origin
    ) -> AcceptResult: ...


class OutboxApi:
    """Document 002 over the core."""

    def __init__(self, submit: Submit, outbox: Outbox, cursors: Cursors, clock: Clock) -> None:
        self._submit = submit
        self._outbox = outbox
        self._cursors = cursors
        self._export_cursors = cursors.of("export")
        self._clock = clock

    def routes(self, auth: Authenticator, limits: BodyLimits) -> list[Route]:
        """The routes, to be given to a server."""
        send, read = auth.needing(Scope.SEND_SMS), auth.needing(Scope.READ_MESSAGES)
        refuse, most = render.fault, limits.outbox
        return [
            Route("POST", "/api/sms/send", self.send, refuse, send, most),
            Route("POST", "/api/sms/outbox/resend", self.resend, refuse, send, most),
            Route("GET", "/api/sms/outbox", self.list, refuse, read),
            Route("GET", "/api/sms/outbox/export", self.export, refuse, read),
            Route("GET", "/api/sms/outbox/{outboxId}", self.entry, refuse, read),
        ]

    async def send(self, request: Request) -> Response:
        """POST /api/sms/send"""
        document = read_json(request.body)
        send, key = parse_send(document, self._clock()), idempotency_key(request, document)
        result = await self._submit.accept(request.authenticated, (send,), key, request.origin)
        if isinstance(result, KeyConflict):
            raise RequestFault(
                Fault.KEY_CONFLICT,
                "The Idempotency-Key was used for another body or path within the last 48 hours.",
            )
        try:
            return render.accepted(await self._outbox.taken(request.authenticated, result))
        except Conflict as error:
            raise RequestFault(Fault.KEY_CONFLICT, str(error)) from error

    async def entry(self, request: Request) -> Response:
        """GET /api/sms/outbox/{outboxId}"""
        first = read_outbox_id(request.tail)
        if first is None:
            raise NotFound("There is no outbox entry with this id.")
        return render.entry(await self._outbox.entry(request.authenticated, first))

    async def list(self, request: Request) -> Response:
        """GET /api/sms/outbox"""
        caller, query = request.authenticated, parse_list(request, self._cursors)
        page = await self._outbox.page(caller, *_sorted_out(query))
        cursor = self._cursors.following(caller, query, page.before)
        return render.page(request, page, query.limit, cursor)

    async def export(self, request: Request) -> Response:
        """GET /api/sms/outbox/export"""
        caller, query = request.authenticated, parse_export(request, self._export_cursors)
        page = await self._outbox.bookings(caller, *_sorted_out(query))
        cursor = self._export_cursors.following(caller, query, page.before)
        head = query.before is None
        return export.part(request, page.bookings, query.limit, cursor, head=head)

    async def resend(self, request: Request) -> Response:
        """POST /api/sms/outbox/resend"""
        names, many = parse_resend(read_json(request.body))
        results = await asyncio.gather(*(self._resend(request, name) for name in names))
        if not many:
            return render.resent(results[0])
        faults = [each for each in results if isinstance(each, RequestFault)]
        if len(faults) == len(results) and all(each.fault is Fault.UNAVAILABLE for each in faults):
            raise faults[0]
        return render.all_resent(zip(names, results, strict=True))

    async def _resend(self, request: Request, name: str) -> render.Resent:
        first = read_outbox_id(name)
        if first is None:
            return NotResent.NOT_FOUND
        try:
            return await self._outbox.resend(request.authenticated, first, request.origin, DIALECT)
        except TrunklineError as error:
            return fault_of(error)


def _sorted_out(query: ListQuery) -> tuple[ListQuery, Callable[[Message], bool]]:
    """The query as the core takes it, and whether a message has one of the words that were asked for: the core's `sent`
    may be either of two."""
    if query.status is None:
        return query, lambda _message: True
    words = words_of(query.status)
    return replace(query, over=SENT in words), lambda m: word_of(m.status, over=m.over) in words
