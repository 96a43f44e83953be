"""The admin listener through the socket: alive, ready, metrics, and nothing of the API."""

from __future__ import annotations

import aiohttp
import pytest

from http_api import admin
from http_api.problem import ProblemWriter
from http_api.server import HttpServer
from http_api.settings import HttpSettings


class MovableStatus:
    """A gateway whose state a test sets."""

    def __init__(self) -> None:
        self.alive = True
        self.able = True

    def live(self) -> bool:
        return self.alive

    async def ready(self) -> tuple[bool, dict[str, object]]:
        return self.able, {"binds": [{"operator": "alpha", "state": "down"}]}

    def metrics(self) -> bytes:
        return b"trunkline_up 1\n"


@pytest.mark.parametrize("well", [True, False])
async def test_health_and_metrics(well: bool) -> None:
    status = MovableStatus()
    status.alive = status.able = well
    refuse = ProblemWriter("https://errors.example/").fault
    server = HttpServer("127.0.0.1:0", admin.routes(status, refuse), refuse, HttpSettings())
    await server.start()
    expected = (200, "ok") if well else (503, "unavailable")
    async with aiohttp.ClientSession(f"http://127.0.0.1:{server.port}") as client:
        async with client.get("/health/live") as answer:
            assert (answer.status, (await answer.json())["status"]) == expected
        async with client.get("/health/ready") as answer:
            body = await answer.json()
            assert (answer.status, body["status"]) == expected
            assert body["binds"] == [{"operator": "alpha", "state": "down"}]
        async with client.get("/metrics") as answer:
            assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
            assert await answer.text() == "trunkline_up 1\n"
        async with client.post("/v1/sms/send") as answer:
            assert answer.status == 404
    await server.stop(1.0)
