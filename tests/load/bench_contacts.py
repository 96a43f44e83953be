"""What others wait for while one call sends to thousands of contacts, beside what they wait for otherwise.

    python -m tests.load.bench_contacts [CONTACTS]

A gateway with an embedded store, as its users run it. One caller sends a message at a time by the orchestrator dialect,
another looks at `/health/live`, which needs no store: what that waits for is the event loop. Told are the longest waits
in a stretch without and one with the list, and their ratio. Test keys: no carrier is in it.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import aiohttp

from tests.acceptance.harness.api import Api
from tests.acceptance.harness.gateway import Gateway, configuration, make_template

STRETCH_S = 3.0
PAUSE_S = 0.002


async def measure(contacts: int) -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        template = make_template(Path(folder))
        gateway = Gateway(Path(folder), configuration())
        await gateway.cli(
            "account", "set", "acme", "default_sender=ACME", "terms_accepted=current", "webhook_url="
        )
        await gateway.start()
        try:
            async with aiohttp.ClientSession() as session:
                api = Api(session, f"http://127.0.0.1:{gateway.port}", template.test_key)
                await _stretch(api, gateway)  # the first requests of a process are slow
                before = await _stretch(api, gateway)
                took, beside = await asyncio.gather(_send(api, contacts), _stretch(api, gateway))
        finally:
            await gateway.close()
    lines = [
        f"{contacts} contacts in {took:.2f} s; the longest wait of others, in ms:",
        f"{'':16}{'without':>10}{'beside it':>12}{'ratio':>8}",
        *(
            f"{what:16}{without * 1e3:10.1f}{with_list * 1e3:12.1f}{with_list / without:8.1f}"
            for what, without, with_list in zip(("event loop", "send"), before, beside, strict=True)
        ),
    ]
    sys.stdout.write("\n".join(lines) + "\n")


async def _stretch(api: Api, gateway: Gateway) -> tuple[float, float]:
    """The longest look at the event loop and the longest send within some seconds."""

    async def look() -> None:
        async with api.session.get(f"{gateway.admin}/health/live") as answer:
            await answer.read()

    async def send() -> None:
        assert (await api.send()).status == 202

    return await asyncio.gather(_longest(look), _longest(send))


async def _longest(ask: Callable[[], Awaitable[None]]) -> float:
    end = time.perf_counter() + STRETCH_S
    longest = 0.0
    while (began := time.perf_counter()) < end:
        await ask()
        longest = max(longest, time.perf_counter() - began)
        await asyncio.sleep(PAUSE_S)
    return longest


async def _send(api: Api, contacts: int) -> float:
    await asyncio.sleep(STRETCH_S / 6)
    document = {
        "message": "Hello to all of you",
        "contacts": [f"300{number:07d}" for number in range(contacts)],
        "country": "CO",
    }
    began = time.perf_counter()
    answer = await api.request("POST", "/api/messages/sms/contacts", json=document)
    assert answer.status == 201, answer
    return time.perf_counter() - began


if __name__ == "__main__":
    asyncio.run(measure(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000))
