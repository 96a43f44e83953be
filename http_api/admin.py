"""The admin listener: is it alive, is it ready, what does it count. Open to whoever reaches it, so keep it inside."""

from __future__ import annotations

from typing import Final, Protocol

import orjson

from http_api.exchange import Refuse, Request, Response, Route

# Prometheus text format 0.0.4, https://prometheus.io/docs/instrumenting/exposition_formats/
PROMETHEUS: Final = "text/plain; version=0.0.4; charset=utf-8"


class Status(Protocol):
    """How the gateway is, as its composition root knows it."""

    def live(self) -> bool:
        """Whether the process can do its work at all; False asks for a restart."""
        ...

    async def ready(self) -> tuple[bool, dict[str, object]]:
        """Whether requests should come here now, and what that was judged by (the binds among it)."""
        ...

    def metrics(self) -> bytes:
        """All metrics, in Prometheus' text format."""
        ...


def routes(status: Status, refuse: Refuse) -> list[Route]:
    """The routes of the admin listener."""

    async def live(_request: Request) -> Response:
        return _health(status.live(), {})

    async def ready(_request: Request) -> Response:
        return _health(*await status.ready())

    async def metrics(_request: Request) -> Response:
        return Response(200, status.metrics(), PROMETHEUS)

    return [
        Route("GET", "/health/live", live, refuse),
        Route("GET", "/health/ready", ready, refuse),
        Route("GET", "/metrics", metrics, refuse),
    ]


def _health(well: bool, facts: dict[str, object]) -> Response:
    body = orjson.dumps({"status": "ok" if well else "unavailable", **facts})
    return Response(200 if well else 503, body, headers=(("Cache-Control", "no-store"),))
