"""The admin API of money: top-ups, adjustments, refunds, balances and entries. As `trunkline ledger`, over HTTP.

It needs an API key with the scope `admin`, of whatever account: such a key is the NOC's and acts on all of them. A key
of the test environment sees and moves test money alone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from typing import Final, TypeVar
from urllib.parse import parse_qs

import orjson
import structlog
from pydantic import BaseModel, ValidationError

from gateway.domain import ids
from gateway.domain.account import Env, Scope
from gateway.domain.money import Booked, Entry, plain
from gateway.domain.send import FieldError
from gateway.errors import Conflict, NotFound, Refused
from gateway.ports import LedgerQuery
from gateway.services.ledger import Ledger, Standing
from http_api.admin_schema import KIND_OF_WORD, WORD_OF_KIND, BookingRequest, RefundRequest
from http_api.auth import Authenticator
from http_api.errors import Fault, RequestFault
from http_api.exchange import JSON, Request, Response, Route
from http_api.headers import IDEMPOTENCY_KEY
from http_api.json_body import field_errors
from http_api.problem import Problem, ProblemWriter
from http_api.times import read_time, write_time

MAX_BODY_BYTES: Final = 16_384
MAX_LIMIT: Final = 500
DEFAULT_LIMIT: Final = 100

NOT_REFUNDABLE: Final = Problem(409, "NOT_REFUNDABLE", "There is nothing to give back")

_NO_STORE: Final = (("Cache-Control", "no-store"),)
_CURSOR: Final = re.compile(r"([0-9a-f]{32})([0-9a-f]{2})").fullmatch

log = structlog.get_logger("http_api.admin")

Asked = TypeVar("Asked", bound=BaseModel)


class AdminMoney:
    """The routes over the ledger."""

    def __init__(self, ledger: Ledger, problems: ProblemWriter) -> None:
        self._ledger = ledger
        self._problems = problems

    def routes(self, auth: Authenticator) -> list[Route]:
        """The routes, to be given to the admin listener's server."""
        admin, refuse = auth.needing(Scope.ADMIN), self._problems.fault
        account = "/admin/accounts/{account}"
        return [
            Route("POST", f"{account}/top-ups", self.top_up, refuse, admin, MAX_BODY_BYTES),
            Route("POST", f"{account}/adjustments", self.adjust, refuse, admin, MAX_BODY_BYTES),
            Route("GET", f"{account}/balance", self.balance, refuse, admin),
            Route("GET", f"{account}/ledger", self.entries, refuse, admin),
            Route(
                "POST",
                "/admin/messages/{messageId}/refund",
                self.refund,
                refuse,
                admin,
                MAX_BODY_BYTES,
                (JSON, ""),
            ),
        ]

    async def top_up(self, request: Request) -> Response:
        """POST /admin/accounts/{account}/top-ups"""
        asked = _read(BookingRequest, request.body)
        env, key = _env(request, asked.env), _key(request, asked.key)
        with _told_by_http():
            booked = await self._ledger.top_up(
                request.tail, env, asked.amount, asked.currency, key, asked.note
            )
        return await self._booked(request, booked)

    async def adjust(self, request: Request) -> Response:
        """POST /admin/accounts/{account}/adjustments"""
        asked = _read(BookingRequest, request.body)
        env, key = _env(request, asked.env), _key(request, asked.key)
        with _told_by_http():
            booked = await self._ledger.adjust(
                request.tail, env, asked.amount, asked.currency, key, asked.note
            )
        return await self._booked(request, booked)

    async def refund(self, request: Request) -> Response:
        """POST /admin/messages/{messageId}/refund"""
        asked = _read(RefundRequest, request.body or b"{}")
        message_id = ids.parse(request.tail)
        if message_id is None:
            raise NotFound("There is no message with this id.")
        only = Env.TEST if request.authenticated.env is Env.TEST else None
        try:
            booked = await self._ledger.refund(ids.message_of(message_id), asked.note, only)
        except Refused as refused:
            return self._problems.told(request, NOT_REFUNDABLE, _sentence(refused))
        return await self._booked(request, booked)

    async def balance(self, request: Request) -> Response:
        """GET /admin/accounts/{account}/balance"""
        with _told_by_http():
            found = await self._ledger.standings(request.tail)
        seen = [each for each in found if _may_see(request, each.balance.purse.env)]
        return _answer(200, {"account": request.tail, "purses": [_purse(each) for each in seen]})

    async def entries(self, request: Request) -> Response:
        """GET /admin/accounts/{account}/ledger"""
        query = _query(request)
        with _told_by_http():
            page = await self._ledger.entries(query)
        cursor = None if page.before is None else _cursor(page.before)
        return _answer(200, {"entries": [_entry(each) for each in page.items], "nextCursor": cursor})

    async def _booked(self, request: Request, booked: Booked) -> Response:
        entry = booked.entry
        if booked.new:
            log.info(
                "booked",
                kind=WORD_OF_KIND[entry.kind],
                account=entry.purse.account,
                env=entry.purse.env.value,
                amount=plain(entry.amount),
                currency=entry.purse.currency,
                entry=ids.text(entry.subject),
                by=request.authenticated.key_id,
            )
        standing = await self._ledger.standing(entry.purse)
        return _answer(201 if booked.new else 200, {"entry": _entry(entry), "purse": _purse(standing)})


# --- what is asked


def _read(model: type[Asked], body: bytes) -> Asked:
    """A body. Its numbers are read as decimals: a float would have lost digits before anybody could look."""
    try:
        document = json.loads(body.decode(), parse_float=Decimal, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        detail = f"The body is not JSON in UTF-8: {error}."
        raise RequestFault(Fault.INVALID, detail, fields=(FieldError("", detail),)) from None
    try:
        return model.model_validate(document)
    except ValidationError as error:
        faults = field_errors(error, "")
        detail = f"{faults[0].pointer}: {faults[0].detail}".removeprefix(": ")
        raise RequestFault(Fault.INVALID, detail, fields=faults) from None


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")


def _env(request: Request, word: str | None) -> Env:
    """Whose money is meant: that of the key's own environment, unless a live key names the other."""
    own = request.authenticated.env
    asked = own if word is None else Env(word)
    if not _may_see(request, asked):
        raise RequestFault(Fault.SCOPE_MISSING, "A key of the test environment moves no live money.")
    return asked


def _may_see(request: Request, env: Env) -> bool:
    return request.authenticated.env is Env.LIVE or env is Env.TEST


def _key(request: Request, key: str | None) -> str | None:
    header = request.headers.get(IDEMPOTENCY_KEY)
    if header is not None and key not in (None, header):
        raise _invalid("/key", "It is another one than the header Idempotency-Key.")
    return key if header is None else header


def _query(request: Request) -> LedgerQuery:
    given = parse_qs(request.query, keep_blank_values=True, max_num_fields=20)
    for name in given:
        if name not in ("env", "kind", "since", "until", "limit", "cursor"):
            raise _invalid(name[:100], "There is no such parameter.")
    env = given.get("env", [None])[0]
    if env not in (None, Env.LIVE.value, Env.TEST.value):
        raise _invalid("env", "It must be live or test.")
    kinds = given.get("kind", [])
    if any(kind not in KIND_OF_WORD for kind in kinds):
        raise _invalid("kind", f"It must be one of {', '.join(KIND_OF_WORD)}.")
    limit = given.get("limit", [str(DEFAULT_LIMIT)])[0]
    if not re.fullmatch("[0-9]{1,3}", limit, re.ASCII) or not 1 <= int(limit) <= MAX_LIMIT:
        raise _invalid("limit", f"It must be a number from 1 to {MAX_LIMIT}.")
    return LedgerQuery(
        request.tail,
        _env(request, env),
        int(limit),
        _before(given.get("cursor", [None])[0]),
        frozenset(KIND_OF_WORD[kind] for kind in kinds) or None,
        _time("since", given.get("since", [None])[0]),
        _time("until", given.get("until", [None])[0]),
    )


def _time(name: str, text: str | None) -> datetime | None:
    if text is None:
        return None
    found = read_time(text.replace(" ", "+"))  # a plus that was not encoded arrives as a space
    if found is None:
        raise _invalid(name, "It must be a time like 2026-04-18T10:00:00Z, not before 1970.")
    return found


def _before(cursor: str | None) -> tuple[bytes, int] | None:
    """The place that a cursor names. It is not signed: who may ask may see all of the account's entries."""
    if cursor is None:
        return None
    found = _CURSOR(cursor)
    if found is None:
        raise _invalid("cursor", "It is none: take `nextCursor` of the page before.")
    return bytes.fromhex(found.group(1)), int(found.group(2), 16)


def _cursor(before: tuple[bytes, int]) -> str:
    subject, kind = before
    return f"{subject.hex()}{kind:02x}"


def _invalid(where: str, detail: str) -> RequestFault:
    return RequestFault(Fault.INVALID, f"{where}: {detail}", fields=(FieldError(where, detail),))


@contextmanager
def _told_by_http() -> Iterator[None]:
    """What the ledger refuses, in HTTP's words."""
    try:
        yield
    except NotFound as error:
        raise RequestFault(Fault.NO_SUCH_PATH, _sentence(error)) from error
    except Conflict as error:
        raise RequestFault(Fault.KEY_CONFLICT, _sentence(error)) from error
    except Refused as error:
        raise RequestFault(Fault.INVALID, _sentence(error)) from error


def _sentence(error: Exception) -> str:
    text = str(error)
    return f"{text[:1].upper()}{text[1:].removesuffix('.')}."


# --- what is told


def _entry(entry: Entry) -> dict[str, object]:
    return {
        "id": ids.text(entry.subject),
        "kind": WORD_OF_KIND[entry.kind],
        "account": entry.purse.account,
        "env": entry.purse.env.value,
        "currency": entry.purse.currency,
        "amount": plain(entry.amount),
        "held": plain(entry.held),
        "at": write_time(entry.at),
        "key": entry.key,
        "note": entry.note,
    }


def _purse(standing: Standing) -> dict[str, object]:
    balance = standing.balance
    return {
        "env": balance.purse.env.value,
        "currency": balance.purse.currency,
        "balance": plain(balance.balance),
        "held": plain(balance.held),
        "credit": plain(standing.credit),
        "spendable": plain(standing.spendable),
    }


def _answer(status: int, document: dict[str, object]) -> Response:
    return Response(status, orjson.dumps(document), headers=_NO_STORE)
