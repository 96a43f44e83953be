"""The outbox dialect on a listener, over the real services and a real store; carriers are driven by hand."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import aiohttp
import pytest

from gateway.domain import ids
from gateway.domain.account import Caller, Env, Policy
from gateway.domain.money import Entry, Kind, Purse
from gateway.domain.outcome import Accepted, Refused
from gateway.domain.words import Reason
from gateway.services.outbox import Outbox
from http_api.auth import Authenticator
from http_api.dialects.outbox import render
from http_api.dialects.outbox.routes import OutboxApi
from http_api.page import Cursors
from http_api.proxies import TrustedProxies
from http_api.server import HttpServer
from http_api.settings import BodyLimits, HttpSettings
from routing.pricefile import read_plan
from tests.unit.gateway.services.rig import Rig, a_receipt, a_rig
from tests.unit.http_api.memory import LIVE_KEY, MemoryAccounts

SEND = "/api/sms/send"
LIST = "/api/sms/outbox"
RESEND = "/api/sms/outbox/resend"
EXPORT = "/api/sms/outbox/export"

RECIPIENT = "+447700900123"
POLICY = Policy(default_sender="ACME", rate_plan="standard")
PLAN = "prefix,price,currency\n44,0.025,EUR\n"


@dataclass
class Answer:
    """An answer, read whole. `json`: numbers with a point are decimals, as they were written."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body, parse_float=Decimal)


@dataclass
class World:
    """A listener, who may ask, and what stands behind it."""

    rig: Rig
    server: HttpServer
    accounts: MemoryAccounts
    client: aiohttp.ClientSession
    outbox: Outbox

    def allow(self, policy: Policy = POLICY, key: str = LIVE_KEY, **changed: Any) -> Caller:
        """Give a key's account this policy."""
        caller = self.accounts.keys[key] = replace(self.accounts.keys[key], policy=policy, **changed)
        self.rig.policies[caller.account, caller.env] = policy
        return caller

    async def pay(self, amount: str) -> None:
        """Top the account up."""
        at = self.rig.now
        purse = Purse("acme", Env.LIVE, "EUR")
        await self.rig.store.book(
            [Entry(ids.new_id(at), Kind.TOP_UP, purse, Decimal(amount), Decimal(0), at)]
        )

    async def ask(self, method: str, path: str, key: str = LIVE_KEY, **request: Any) -> Answer:
        """Any request, a second after the one before."""
        self.rig.later(1)
        headers = {"Authorization": f"Bearer {key}", **request.pop("headers", {})}
        async with self.client.request(method, path, headers=headers, **request) as answer:
            read = Answer(answer.status, dict(answer.headers), await answer.read())
        await asyncio.sleep(0)
        return read

    async def send(self, message: str = "Your code is 123456", key: str = LIVE_KEY, **fields: Any) -> Answer:
        """POST /api/sms/send."""
        document = {"recipientPhoneNumber": RECIPIENT, "message": message, **fields}
        return await self.ask("POST", SEND, key, json=document)

    async def sent(self, message: str = "Your code is 123456", **fields: Any) -> str:
        """As `send`, which must be accepted; the entry's id."""
        answer = await self.send(message, **fields)
        assert answer.status == 201, answer
        identity: str = answer.json["outboxId"]
        return identity

    async def failed(self, message: str = "Your code is 123456", **fields: Any) -> str:
        """An entry that the carrier has refused for good."""
        identity = await self.sent(message, **fields)
        await self.fail()
        return identity

    async def fail(self) -> None:
        """Alpha refuses the oldest message for good."""
        self.rig.operators["alpha"].answer(Refused(Reason.REJECTED_BY_CARRIER, "ESME_RSUBMITFAIL"))
        await self.rig.quiet()

    async def take(self, ref: str, *, receipt: bool = True) -> None:
        """Alpha takes the oldest message; `receipt`: and was asked for one."""
        self.rig.later(1)
        self.rig.operators["alpha"].answer(Accepted(ref, receipt=receipt))
        await self.rig.quiet()

    async def tell(self, ref: str, **fields: Any) -> None:
        """Alpha tells what became of it."""
        self.rig.later(1)
        await self.rig.get_receipt(a_receipt(ref, sender="ACME", at=self.rig.now, **fields))

    async def deliver(self, ref: str) -> None:
        """Both."""
        await self.take(ref)
        await self.tell(ref)

    async def entry(self, identity: str) -> dict[str, Any]:
        """GET /api/sms/outbox/{outboxId}, which must be there."""
        answer = await self.ask("GET", f"{LIST}/{identity}")
        assert answer.status == 200, answer
        found: dict[str, Any] = answer.json
        return found

    async def listed(self, **params: Any) -> list[str]:
        """The ids on a page."""
        answer = await self.ask("GET", LIST, params=params)
        assert answer.status == 200, answer
        return [item["outboxId"] for item in answer.json["items"]]

    async def resend(self, identity: str) -> Answer:
        """POST /api/sms/outbox/resend for one."""
        return await self.ask("POST", RESEND, json={"outboxId": identity})


def error(answer: Answer, status: int, code: str) -> dict[str, Any]:
    """The body of an error, held to its shape (CONTRACTS, "outbox")."""
    assert answer.status == status, answer
    assert answer.headers["Content-Type"] == "application/json"
    document: dict[str, Any] = answer.json
    assert list(document) == ["error"]
    found: dict[str, Any] = document["error"]
    assert list(found) == ["code", "message", "details"]
    assert found["code"] == code, found
    assert len(found["message"]) > 10
    assert all(list(each) == ["field", "message"] for each in found["details"])
    return found


@pytest.fixture
async def world() -> AsyncIterator[World]:
    """acme is metered, has a default sender and 10 EUR."""
    settings = HttpSettings(listen="127.0.0.1:0")
    async with a_rig() as rig:
        rig.plans = {"standard": read_plan("standard", PLAN, 6)}
        rig.operators["alpha"].chars = 1_000
        accounts = MemoryAccounts()
        auth = Authenticator(accounts, None, TrustedProxies(()))
        outbox = Outbox(rig.store, rig.submit)
        api = OutboxApi(rig.submit, outbox, Cursors(b"s" * 32), rig.clock)
        server = HttpServer("127.0.0.1:0", api.routes(auth, BodyLimits()), render.fault, settings)
        await server.start()
        base = f"http://127.0.0.1:{server.port}"
        async with aiohttp.ClientSession(base, timeout=aiohttp.ClientTimeout(20)) as client:
            built = World(rig, server, accounts, client, outbox)
            for key in accounts.keys:
                built.allow(key=key)
            await built.pay("10")
            yield built
        await server.stop(1.0)
