"""A store of an earlier release laid into an empty place, and the world of that time around it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp

from gateway.bench.child import free_port
from tests.acceptance.harness.api import Api
from tests.acceptance.harness.gateway import Gateway, configuration
from tests.acceptance.harness.sink import Sink
from tests.acceptance.harness.waiting import eventually
from tests.migration import life
from tests.migration.dumps import load
from tests.migration.freeze import facts_of, paths
from tests.peers.smsc import NodeSmsc, smsc

LATER = timedelta(hours=1)
"""How long after it was frozen the store is served again."""


class Upgraded:
    """A store of an earlier release, with the world of that time around it."""

    def __init__(self, release: str, engine: str, url: str, folder: Path) -> None:
        self.engine, self.url, self.folder = engine, url, folder
        self.facts = facts_of(release, engine)
        self.sink = Sink(free_port(), [self.facts.secret])
        text = paths(release, engine)[0].read_text()
        for receiver in self.facts.receivers:
            text = text.replace(receiver, f"127.0.0.1:{self.sink.port}")
        load(text, url, folder)
        (folder / "trunkline.key").write_text(self.facts.key_file)
        (folder / "trunkline.key").chmod(0o400)
        self.gateway: Gateway
        self.carriers: dict[str, NodeSmsc]
        self.api: Api

    def shift_s(self) -> int:
        """By how much its clock differs from ours."""
        then = datetime.fromisoformat(self.facts.written_at) + LATER
        return round((then - datetime.now(UTC)).total_seconds())

    def picture(self) -> str:
        """For a person."""
        return f"{self.sink.picture()}\n{self.gateway.picture()}"

    async def ends(self, label: str, status: str = "DELIVERED") -> None:
        """Wait until a message has this status, and its account was told."""
        identity = self.facts.messages[label].id

        async def look() -> bool:
            return bool((await self.api.message(identity))["status"] == status)

        await eventually(look, f"{label} to be {status}", self.picture)
        await eventually(lambda: self.hooks(label, status), f"the webhook of {label}", self.picture)

    def hooks(self, label: str, status: str) -> list[str]:
        """Events of a message that were taken."""
        told = [hook for hook in self.sink.of(self.facts.messages[label].id) if hook.answered < 300]
        return [hook.type for hook in told if hook.type == f"message.{status.lower()}"]

    def submits(self, to: str) -> int:
        """How often a carrier was given something for this number."""
        return sum(
            told["to"] == to.removeprefix("+")
            for carrier in self.carriers.values()
            for told in carrier.named("submit")
        )


@asynccontextmanager
async def around(at: Upgraded, skew: Path) -> AsyncIterator[None]:
    """Carriers, a receiver, and a gateway that is not started."""
    async with AsyncExitStack() as stack:
        started = {
            "alpha": smsc(receipt_delay_ms=5, first_id=100_000),
            "beta": smsc(receipts=False, first_id=int(life.PARKED_REF)),
            "gamma": smsc(receipt_delay_ms=5, first_id=200_000),
        }
        at.carriers = {name: await stack.enter_async_context(each) for name, each in started.items()}
        ports = {name: carrier.port for name, carrier in at.carriers.items()}
        process = {"lease_s": 1, "journal_folder": str(at.folder / "flights")}
        tables = life.operators(ports, on_doubt_wait_s=1)
        tables["routes"][-1]["operators"] = [
            "alpha"
        ]  # whichever is bound first: what is not French is alpha's
        document = configuration(**tables, store={"url": at.url}, process=process)
        at.gateway = Gateway(at.folder, document)
        at.gateway.environment = {"LD_PRELOAD": str(skew), "SKEW_S": str(at.shift_s())}
        stack.push_async_callback(at.gateway.close)
        await at.sink.open()
        stack.push_async_callback(at.sink.close)
        session = await stack.enter_async_context(aiohttp.ClientSession())
        at.api = Api(session, f"http://127.0.0.1:{at.gateway.port}", at.facts.keys["live"])
        yield
