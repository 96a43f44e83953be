"""The orchestrator's routes. Each is: parse, ask the service, render."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from gateway.domain.account import Caller, Scope
from gateway.domain.send import AcceptResult, IdempotencyKey, Origin, Refusal, Send
from gateway.errors import NotFound
from gateway.ports import ListQuery, MessageView
from gateway.services.preview import Previewed
from gateway.services.queries import MessagePage
from http_api.auth import Authenticator
from http_api.dialects.orchestrator import render
from http_api.dialects.orchestrator.parse import Rules, parse_bulk, parse_list, parse_message_id, parse_send
from http_api.dialects.orchestrator.preview import parse_preview, previewed
from http_api.dialects.orchestrator.schema import MAX_BODY_CHARS
from http_api.exchange import Request, Response, Route
from http_api.idempotency import idempotency_key
from http_api.json_body import read_json
from http_api.page import Cursors
from http_api.problem import ProblemWriter
from http_api.settings import BodyLimits


class Submit(Protocol):
    """What is asked of `gateway.services.submit.Submit`."""

    async def accept(
        self, caller: Caller, items: Sequence[Send | Refusal], key: IdempotencyKey | None, origin: Origin
    ) -> AcceptResult: ...


class Queries(Protocol):
    """What is asked of `gateway.services.queries.Queries`."""

    async def message(self, caller: Caller, message_id: bytes) -> MessageView: ...

    async def page(self, caller: Caller, query: ListQuery) -> MessagePage: ...


class Previews(Protocol):
    """What is asked of `gateway.services.preview.Previews`."""

    def preview(self, caller: Caller, body: str, recipient: str, max_chars: int) -> Previewed | Refusal: ...


class OrchestratorApi:
    """Document 000 over the core, and a preview beside it. `rules` may be replaced while it runs."""

    def __init__(
        self,
        submit: Submit,
        queries: Queries,
        previews: Previews,
        cursors: Cursors,
        problems: ProblemWriter,
        rules: Rules,
    ) -> None:
        self._submit = submit
        self._queries = queries
        self._previews = previews
        self._cursors = cursors
        self._problems = problems
        self.rules = rules

    def routes(self, auth: Authenticator, limits: BodyLimits) -> list[Route]:
        """The routes, to be given to a server."""
        send, read = auth.needing(Scope.SEND_SMS), auth.needing(Scope.READ_MESSAGES)
        refuse = self._problems.fault
        return [
            Route("POST", "/v1/sms/send", self.send, refuse, send, limits.send),
            Route("POST", "/v1/sms/bulk", self.bulk, refuse, send, limits.bulk),
            Route("POST", "/v1/sms/preview", self.preview, refuse, send, limits.send),
            Route("GET", "/v1/sms/{messageId}", self.message, refuse, read),
            Route("GET", "/v1/sms", self.list, refuse, read),
        ]

    async def send(self, request: Request) -> Response:
        """POST /v1/sms/send"""
        document = read_json(request.body)
        send, key = parse_send(document, self.rules), idempotency_key(request, document)
        result = await self._submit.accept(request.authenticated, (send,), key, request.origin)
        return render.accepted(request, result, self._problems)

    async def bulk(self, request: Request) -> Response:
        """POST /v1/sms/bulk"""
        document = read_json(request.body)
        sends, key = parse_bulk(document, self.rules), idempotency_key(request, document)
        result = await self._submit.accept(request.authenticated, sends, key, request.origin)
        return render.bulk(result)

    async def preview(self, request: Request) -> Response:
        """POST /v1/sms/preview"""
        asked = parse_preview(read_json(request.body))
        result = self._previews.preview(request.authenticated, asked.body, asked.to, MAX_BODY_CHARS)
        return previewed(request, result, self._problems)

    async def message(self, request: Request) -> Response:
        """GET /v1/sms/{messageId}"""
        message_id = parse_message_id(request)
        if message_id is None:
            raise NotFound("There is no message with this id.")
        return render.message(await self._queries.message(request.authenticated, message_id))

    async def list(self, request: Request) -> Response:
        """GET /v1/sms"""
        caller = request.authenticated
        query = parse_list(request, self._cursors)
        page = await self._queries.page(caller, query)
        cursor = self._cursors.following(caller, query, page.before)
        return render.page(request, page.items, query.limit, cursor)
