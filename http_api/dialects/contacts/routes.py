"""The contacts dialect's routes. Each is: parse, ask the service, render."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from gateway.domain.account import Caller, Scope
from gateway.domain.agreement import Agreement
from gateway.domain.send import IdempotencyKey, KeyConflict, Origin, Refusal, Send
from gateway.domain.words import Status
from gateway.errors import Conflict, NotFound
from gateway.ports import ListQuery
from gateway.services.contacts import Enqueued
from gateway.services.queries import MessagePage
from http_api.auth import Authenticator
from http_api.dialects.contacts import render
from http_api.dialects.contacts.parse import (
    parse_batch,
    parse_list,
    parse_queue,
    parse_queue_id,
    parse_terms,
)
from http_api.errors import Fault, RequestFault
from http_api.exchange import Request, Response, Route
from http_api.idempotency import idempotency_key
from http_api.json_body import read_json
from http_api.page import Cursors
from http_api.settings import BodyLimits


class Contacts(Protocol):
    """What is asked of `gateway.services.contacts.Contacts`."""

    async def send(
        self,
        caller: Caller,
        text: Send,
        contacts: Sequence[str],
        country: str | None,
        key: IdempotencyKey | None,
        origin: Origin,
    ) -> Enqueued | Refusal | KeyConflict: ...


class Queries(Protocol):
    """What is asked of `gateway.services.queries.Queries`."""

    async def page(self, caller: Caller, query: ListQuery) -> MessagePage: ...

    async def counts(self, caller: Caller, label: str) -> dict[Status, int]: ...


class Terms(Protocol):
    """What is asked of `gateway.services.terms.Terms`."""

    @property
    def version(self) -> str: ...

    async def accepted(self, caller: Caller) -> bool: ...

    async def agreement(self, caller: Caller) -> Agreement | None: ...

    async def accept(self, caller: Caller, version: str, address: str) -> Agreement: ...


class ContactsApi:
    """Document 003 over the core, the look-ups that it promises, and the terms."""

    def __init__(
        self,
        contacts: Contacts,
        queries: Queries,
        terms: Terms,
        cursors: Cursors,
        address: Callable[[Request], str],
    ) -> None:
        """`address`: from where a request came, as far as proxies are believed (`Authenticator.address`)."""
        self._address = address
        self._contacts = contacts
        self._queries = queries
        self._terms = terms
        self._cursors = cursors
        self._queue_cursors = cursors.of("queue")

    def routes(self, auth: Authenticator, limits: BodyLimits) -> list[Route]:
        """All routes of this dialect."""
        send, read = auth.needing(Scope.SEND_SMS), auth.needing(Scope.READ_MESSAGES)
        refuse, most = render.fault, limits.contacts
        return [
            Route("POST", "/api/messages/sms/contacts", self.send, refuse, send, most),
            Route("GET", "/api/messages/sms/queues/{queueId}", self.queue, refuse, read),
            Route("GET", "/api/messages/sms", self.messages, refuse, read),
            Route("GET", "/api/terms", self.terms, refuse, auth.caller),
            Route("POST", "/api/terms", self.accept_terms, refuse, auth.caller, most),
        ]

    async def send(self, request: Request) -> Response:
        """POST /api/messages/sms/contacts"""
        caller = request.authenticated
        if not await self._terms.accepted(caller):
            return render.terms_missing(self._terms.version)
        document = read_json(request.body)
        batch, key = parse_batch(document), idempotency_key(request, document)
        try:
            result = await self._contacts.send(caller, *batch, key, request.origin)
        except Conflict as error:
            raise RequestFault(Fault.KEY_CONFLICT, str(error)) from error
        return render.enqueued(result)

    async def queue(self, request: Request) -> Response:
        """GET /api/messages/sms/queues/{queueId}"""
        label = parse_queue_id(request)
        if label is None:
            raise NotFound("There is no queue with this id.")
        query = parse_queue(request, label, self._queue_cursors)
        counts = await self._queries.counts(request.authenticated, label)
        page = await self._queries.page(request.authenticated, query)
        # None on its first page: the caller's sub-tenant has none of it, for a batch is smaller than what a page is
        # looked for among.
        if not counts or not (page.items or query.before):
            raise NotFound("There is no queue with this id.")
        cursor = self._queue_cursors.following(request.authenticated, query, page.before)
        return render.queue(request, label, counts, page.items, query.limit, cursor)

    async def messages(self, request: Request) -> Response:
        """GET /api/messages/sms"""
        caller, query = request.authenticated, parse_list(request, self._cursors)
        page = await self._queries.page(caller, query)
        cursor = self._cursors.following(caller, query, page.before)
        return render.page(request, page.items, query.limit, cursor)

    async def terms(self, request: Request) -> Response:
        """GET /api/terms"""
        agreement = await self._terms.agreement(request.authenticated)
        return render.terms(200, self._terms.version, agreement)

    async def accept_terms(self, request: Request) -> Response:
        """POST /api/terms"""
        version = parse_terms(read_json(request.body))
        try:
            agreement = await self._terms.accept(request.authenticated, version, self._address(request))
        except Conflict as error:
            return render.terms_not_current(self._terms.version, str(error))
        return render.terms(201, version, agreement)
