"""A listener of the API on a free port over a core in memory, and a client for it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime

import aiohttp
import pytest
import uvloop

from gateway.services.preview import Previews
from gateway.services.pricing import Pricing
from http_api.auth import Authenticator
from http_api.dialects.orchestrator.parse import Rules
from http_api.dialects.orchestrator.routes import OrchestratorApi
from http_api.page import Cursors
from http_api.problem import ProblemWriter
from http_api.proxies import TrustedProxies
from http_api.published import openapi_route
from http_api.server import HttpServer
from http_api.settings import HttpSettings
from http_api.tokens import TokenVerifier
from routing.pricefile import read_plan
from tests.unit.http_api.memory import LIVE_KEY, MemoryAccounts, MemoryCore

ON_BOTH_LOOPS = {
    "test_connection.py",
    "test_connection_half_closed.py",
    "test_server.py",
    "test_tls.py",
}
"""Tests of what touches the event loop: on asyncio's own, and on the gateway's."""


def pytest_asyncio_loop_factories(
    item: pytest.Item,
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    factories: dict[str, Callable[[], asyncio.AbstractEventLoop]] = {"asyncio": asyncio.new_event_loop}
    if item.path.name in ON_BOTH_LOOPS:
        factories["uvloop"] = uvloop.new_event_loop
    return factories


PLAN = "prefix,price,currency\n44,0.0375,EUR\n"
PLANS = {"standard": read_plan("standard", PLAN, 6)}
PREVIEWS = Previews(Pricing(lambda: PLANS), lambda: datetime(2026, 3, 1, 12, tzinfo=UTC))


@dataclass
class Api:
    """A running listener, and what stands behind it."""

    server: HttpServer
    core: MemoryCore
    accounts: MemoryAccounts
    client: aiohttp.ClientSession

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A bare connection, for bytes that no client library would send."""
        return await asyncio.open_connection("127.0.0.1", self.server.port)

    async def speak(self, data: bytes) -> bytes:
        """Send bytes and read until the server closes the connection."""
        reader, writer = await self.connect()
        writer.write(data)
        answer = await reader.read()
        writer.close()
        return answer


StartApi = Callable[..., Awaitable[Api]]


@pytest.fixture
async def start_api() -> AsyncIterator[StartApi]:
    """Starts listeners, with settings as needed."""
    async with AsyncExitStack() as stack:

        async def start(
            settings: HttpSettings | None = None,
            tokens: TokenVerifier | None = None,
            rules: Rules | None = None,
        ) -> Api:
            settings = settings or HttpSettings(listen="127.0.0.1:0")
            core, accounts = MemoryCore(), MemoryAccounts()
            problems = ProblemWriter(settings.error_type_base)
            api = OrchestratorApi(core, core, PREVIEWS, Cursors(b"s" * 32), problems, rules or Rules())
            auth = Authenticator(accounts, tokens, TrustedProxies(settings.trusted_proxies))
            routes = [*api.routes(auth, settings.body_limits), openapi_route(problems.fault)]
            server = HttpServer("127.0.0.1:0", routes, problems.fault, settings)
            await server.start()
            stack.push_async_callback(server.stop, 1.0)
            base = f"http://127.0.0.1:{server.port}"
            headers = {"Authorization": f"Bearer {LIVE_KEY}"}
            client = aiohttp.ClientSession(base, headers=headers, timeout=aiohttp.ClientTimeout(20))
            await stack.enter_async_context(client)
            return Api(server, core, accounts, client)

        yield start


@pytest.fixture
async def api(start_api: StartApi) -> Api:
    """A listener with the settings that it has by default."""
    return await start_api()
