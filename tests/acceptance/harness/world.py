"""A gateway with all that stands around it: carriers that are not ours, a tenant's client, its webhook receiver."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from gateway.bench.child import free_port
from tests.acceptance.harness.api import Api, JsonObject
from tests.acceptance.harness.config import merged, operator
from tests.acceptance.harness.gateway import Gateway, Template, configuration
from tests.acceptance.harness.sink import Hook, Sink
from tests.acceptance.harness.store import Store, copied
from tests.acceptance.harness.waiting import PATIENCE_S, eventually
from tests.peers.smsc import NodeSmsc, smsc

FINAL = {"DELIVERED", "UNDELIVERABLE", "FAILED", "CANCELED"}


@dataclass
class World:
    """Everything of one test."""

    template: Template
    store: Store
    gateway: Gateway
    carriers: dict[str, NodeSmsc]
    sink: Sink
    api: Api

    @property
    def smsc(self) -> NodeSmsc:
        """The carrier, where there is one."""
        (carrier,) = self.carriers.values()
        return carrier

    @property
    def tester(self) -> Api:
        """The API with acme's test key."""
        return self.api.as_caller(self.template.test_key)

    @property
    def other(self) -> Api:
        """The API with another account's key."""
        return self.api.as_caller(self.template.other_key)

    def submits(self, carrier: str = "", to: str = "") -> list[JsonObject]:
        """The submit_sm that the carrier got so far; those to one number, when it is given."""
        at = self.carriers[carrier] if carrier else self.smsc
        digits = to.removeprefix("+")
        return [told for told in at.named("submit") if not to or told["to"] == digits]

    async def submitted(self, carrier: str = "", to: str = "") -> list[JsonObject]:
        """`submits` once there is one: what the carrier tells of itself may come later than what the gateway knows."""
        await self.until(lambda: self.submits(carrier, to), "a submit_sm told of by the carrier")
        return self.submits(carrier, to)

    async def until(self, look: Callable[[], Any], what: str, timeout_s: float = PATIENCE_S) -> Any:
        """Wait for a condition; see `eventually`."""
        return await eventually(look, what, self.picture, timeout_s)

    async def status(self, identity: str, wanted: str, api: Api | None = None) -> JsonObject:
        """Wait until a message has this status; a final one that is another fails at once."""
        caller = api or self.api

        async def look() -> JsonObject | None:
            found = await caller.message(identity)
            if found["status"] == wanted:
                return found
            assert found["status"] not in FINAL, f"wanted {wanted}: {found}\n{self.picture()}"
            return None

        found: JsonObject = await self.until(look, f"message {identity} to be {wanted}")
        return found

    async def hook(self, identity: str, kind: str) -> Hook:
        """Wait until a webhook of this type about a message was taken."""

        def look() -> list[Hook]:
            return [hook for hook in self.sink.of(identity) if hook.type == kind and hook.answered < 300]

        hooks: list[Hook] = await self.until(look, f"webhook {kind} of {identity}")
        return hooks[0]

    async def bound(self, *carriers: str) -> None:
        """Wait until every operator (or the named ones) holds its bind."""
        wanted = carriers or tuple(self.carriers)

        async def look() -> bool:
            _, facts = await self.gateway.health("ready")
            operators = facts.get("operators", {})
            return all(operators.get(name, {}).get("up") for name in wanted)

        await self.until(look, f"binds of {', '.join(wanted)}")

    def picture(self) -> str:
        """Everything at this moment, for a person."""
        carriers = [
            f"carrier {name}: {len(carrier.events)} events\n"
            + "\n".join(f"  {_short(event)}" for event in carrier.events[-8:])
            for name, carrier in self.carriers.items()
        ]
        return "\n".join([*carriers, self.sink.picture(), self.gateway.picture()])


def _short(event: JsonObject) -> str:
    text = ", ".join(f"{name}={value}" for name, value in event.items() if value not in ("", 0, {}, None))
    return re.sub(r"short_message_hex=(\w{40})\w+", r"short_message_hex=\1...", text)


@asynccontextmanager
async def world(
    template: Template,
    folder: Path,
    *,
    carriers: Mapping[str, Mapping[str, Any]] | None = None,
    operators: Mapping[str, Mapping[str, Any]] | None = None,
    config: Mapping[str, Any] | None = None,
    start: bool = True,
) -> AsyncIterator[World]:
    """A started gateway whose operators are bound.

    `carriers`: the SMSCs and their settings; one, alpha, when left out. `operators`: settings of the operators of the
    same names. `config`: tables over the rest; without routes of its own, everything goes to all carriers in order.
    """
    template.copy_to(folder)
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(copied(template.url, folder))
        running = {
            name: await stack.enter_async_context(smsc(**settings))
            for name, settings in (carriers or {"alpha": {}}).items()
        }
        given = operators or {}
        tables: dict[str, Any] = {
            "operators": [operator(name, each.port, **given.get(name, {})) for name, each in running.items()],
            "routes": [{"id": "all", "to": ["+"], "operators": list(running)}],
        }
        gateway = Gateway(folder, configuration(**merged({**store.tables, **tables}, config or {})))
        sink = await _sink(template, gateway)
        stack.push_async_callback(sink.close)
        session = await stack.enter_async_context(aiohttp.ClientSession())
        stack.push_async_callback(gateway.close)
        api = Api(session, f"http://127.0.0.1:{gateway.port}", template.key)
        built = World(template, store, gateway, running, sink, api)
        if start:
            await gateway.start()
            await built.bound()
        yield built


async def _sink(template: Template, gateway: Gateway) -> Sink:
    """A receiver at the address that the template's accounts name; another one while a world has that already."""
    sink = Sink(template.sink_port, [template.secret])
    try:
        await sink.open()
    except OSError:
        await sink.close()
        sink.port = free_port()
        await sink.open()
        await gateway.cli("account", "set", "acme", f"webhook_url={sink.url()}")
    return sink
