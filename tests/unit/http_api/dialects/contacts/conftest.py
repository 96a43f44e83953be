"""The contacts dialect on a listener, over the real services and a real store; carriers are driven by hand."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

import aiohttp
import pytest

from gateway.domain import ids
from gateway.domain.account import Caller, Env, Policy
from gateway.domain.money import Entry, Kind, Purse
from gateway.services.contacts import Contacts
from gateway.services.limits import Guard
from gateway.services.queries import Queries
from gateway.services.terms import Terms
from http_api.auth import Authenticator
from http_api.dialects.contacts import render
from http_api.dialects.contacts.routes import ContactsApi
from http_api.page import Cursors
from http_api.proxies import TrustedProxies
from http_api.published import openapi_route
from http_api.server import HttpServer
from http_api.settings import BodyLimits, HttpSettings
from http_api.times import write_time
from routing.pricefile import read_plan
from tests.unit.gateway.services.rig import NOW, Rig, a_rig
from tests.unit.http_api.memory import LIVE_KEY, MemoryAccounts

SEND = "/api/messages/sms/contacts"
LIST = "/api/messages/sms"
TERMS = "/api/terms"

ANNA, BERTA = "+573001234567", "+573009876543"
STARTED = write_time(NOW)
EMPTY = {"queueId": "", "channel": "sms", "messages": []}
"""The answer where there is nobody to write to."""

POLICY = Policy(default_sender="ACME")
PLAN = "prefix,price,currency\n57,0.25,EUR\n1,0.5,EUR\n"


def is_error(answer: tuple[int, dict[str, Any]], status: int, code: str, phrase: str) -> dict[str, Any]:
    """The body of an error, held to CONTRACTS.md: the shape `{statusCode, message, error}`."""
    found, body = answer
    assert (found, body["statusCode"], body["code"], body["error"]) == (status, status, code, phrase), body
    assert body["message"]
    return body


def recipients(body: dict[str, Any]) -> list[str]:
    """Of the messages of an answer."""
    return [message["recipient"] for message in body["messages"]]


@dataclass
class World:
    """A listener, who may ask, and what stands behind it."""

    rig: Rig
    server: HttpServer
    accounts: MemoryAccounts
    client: aiohttp.ClientSession
    queries: Queries
    versions: list[str] = field(default_factory=lambda: ["1"])  #: of the terms; the last one holds

    @property
    def caller(self) -> Caller:
        """Whom the client's key stands for."""
        return self.accounts.keys[LIVE_KEY]

    def allow(self, policy: Policy, key: str = LIVE_KEY, **changed: Any) -> Caller:
        """Give a key's account this policy."""
        known = self.accounts.keys[key]
        caller = self.accounts.keys[key] = replace(known, policy=policy, **changed)
        self.rig.policies[caller.account, caller.env] = policy
        return caller

    async def agree(self, key: str = LIVE_KEY) -> None:
        """A key accepts the current terms."""
        headers = {"Authorization": f"Bearer {key}"}
        async with self.client.post(TERMS, json={"version": self.versions[-1]}, headers=headers) as answer:
            assert answer.status == 201, await answer.text()

    async def pay(self, amount: str) -> None:
        """Top the account up."""
        purse = Purse("acme", Env.LIVE, "EUR")
        await self.rig.store.book(
            [Entry(ids.new_id(NOW), Kind.TOP_UP, purse, Decimal(amount), Decimal(0), NOW)]
        )

    async def balance(self) -> Decimal:
        """What the account has."""
        (found,) = await self.rig.store.balances("acme")
        return found.balance

    async def send(
        self,
        contacts: Sequence[Any],
        message: Any = "Hello",
        key: str = LIVE_KEY,
        idempotency: str = "",
        **more: Any,
    ) -> tuple[int, dict[str, Any]]:
        """POST /api/messages/sms/contacts."""
        headers = {"Authorization": f"Bearer {key}"}
        if idempotency:
            headers["Idempotency-Key"] = idempotency
        document = {"message": message, "contacts": contacts, **more}
        async with self.client.post(SEND, json=document, headers=headers) as answer:
            return answer.status, await answer.json()

    async def get(
        self, path: str, params: Mapping[str, str] | None = None, key: str = LIVE_KEY
    ) -> tuple[int, dict[str, Any]]:
        """GET."""
        headers = {"Authorization": f"Bearer {key}"}
        async with self.client.get(path, params=params, headers=headers) as answer:
            return answer.status, await answer.json()


@pytest.fixture
async def world() -> AsyncIterator[World]:
    """acme has a default sender and has accepted nothing."""
    # The longest URLs that Schemathesis makes up fit, for a longer one is refused before any route is known.
    settings = HttpSettings(listen="127.0.0.1:0", trusted_proxies=("127.0.0.0/8",), header_limit=65_536)
    async with a_rig() as rig:
        rig.plans = {"standard": read_plan("standard", PLAN, 6)}
        rig.submit._guard = Guard(rig.metrics)
        accounts = MemoryAccounts()
        queries = Queries(rig.store)
        versions = ["1"]
        auth = Authenticator(accounts, None, TrustedProxies(settings.trusted_proxies))
        api = ContactsApi(
            Contacts(rig.submit, queries, rig.clock),
            queries,
            Terms(rig.store, lambda: versions[-1], rig.clock),
            Cursors(b"s" * 32),
            auth.address,
        )
        routes = [*api.routes(auth, BodyLimits()), openapi_route(render.fault)]
        server = HttpServer("127.0.0.1:0", routes, render.fault, settings)
        await server.start()
        base = f"http://127.0.0.1:{server.port}"
        headers = {"Authorization": f"Bearer {LIVE_KEY}"}
        async with aiohttp.ClientSession(base, headers=headers, timeout=aiohttp.ClientTimeout(20)) as client:
            built = World(rig, server, accounts, client, queries, versions)
            for key in accounts.keys:
                built.allow(POLICY, key)
            yield built
        await server.stop(1.0)


@pytest.fixture
async def ready(world: World) -> World:
    """The same, and the terms are accepted."""
    await world.agree()
    return world
