"""A whole gateway between its way in and simulated carriers over TCP, in the test's own loop."""

from __future__ import annotations

import asyncio
import io
import tomllib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gateway.app import App
from gateway.app.core import Core, utc_now
from gateway.app.serving import serving
from gateway.config.example import toml
from gateway.domain import ids
from gateway.domain.account import Caller, Env, Policy
from gateway.domain.message import Message
from gateway.domain.send import Accepted, Origin, Send, Taken
from gateway.domain.suppression import OwnedNumber, StoredInbound
from gateway.domain.words import Status
from gateway.ports import MessageView
from gateway.simulator import Profile, Simulator, Submit
from smpp.capture import Capture

OURS, PHONE = "+447700900999", "+447700900123"
CALLER = Caller("acme", Env.LIVE, Policy(), frozenset(), "key_1")
PATIENCE_S = 120.0


@dataclass(slots=True)
class Carrier:
    """A simulated carrier and what it was given."""

    simulator: Simulator = field(init=False)
    submits: list[Submit] = field(default_factory=list)
    wire: io.BytesIO = field(default_factory=io.BytesIO)
    """All that has passed, as a capture."""

    @property
    def taken(self) -> list[Submit]:
        """What it did not refuse."""
        return [submit for submit in self.submits if not submit.status]


@dataclass(slots=True)
class Scene:
    """Everybody who plays."""

    folder: Path
    config: dict[str, Any]
    carriers: list[Carrier]
    app: App | None = None

    @property
    def carrier(self) -> Carrier:
        """The first one."""
        return self.carriers[0]

    @property
    def core(self) -> Core:
        """The services of the gateway that runs."""
        assert self.app is not None
        assert self.app.core is not None
        return self.app.core

    async def send(
        self, body: str = "hello", recipient: str = PHONE, sender: str = OURS, **fields: Any
    ) -> bytes:
        """One message by the gateway's own way in."""
        (message_id,) = await self.send_all([body], recipient, sender, **fields)
        return message_id

    async def send_all(
        self, bodies: list[str], recipient: str = PHONE, sender: str = OURS, **fields: Any
    ) -> list[bytes]:
        """Several, accepted together in their order."""
        sends = [Send("orchestrator", recipient, sender, body, **fields) for body in bodies]
        result = await self.core.submit.accept(CALLER, sends, None, Origin("req_1"))
        assert isinstance(result, Accepted)
        found = []
        for item in result.items:
            assert isinstance(item, Taken), item
            found.append(item.message_id)
        return found

    async def look(self, message_id: bytes) -> MessageView:
        """The message with its parts."""
        view = await self.core.store.message(message_id)
        assert view is not None, ids.text(message_id)
        return view

    async def reach(self, message_id: bytes, wanted: Status = Status.DELIVERED) -> Message:
        """The message, once it has this status."""
        async with asyncio.timeout(PATIENCE_S):
            while (message := (await self.look(message_id)).message).status is not wanted:
                assert message.final_at is None, (message.status, message.reason, message.error)
        return message

    async def until(self, holds: Callable[[], object]) -> None:
        """Wait for a condition; each look is one turn of the store's thread."""
        async with asyncio.timeout(PATIENCE_S):
            while not holds():
                await self.core.store.message(bytes(16))

    async def own(self) -> None:
        """Give our number to the account."""
        await self.core.store.save_number(OwnedNumber(OURS, "", CALLER.account, Env.LIVE, utc_now()))

    async def inbound(self, count: int = 1) -> list[StoredInbound]:
        """The inbound messages, once there are so many; the oldest first."""
        async with asyncio.timeout(PATIENCE_S):
            while len(found := await self.core.store.inbound(None, 100)) < count:
                pass
        return found[::-1]

    def state(self, operator: str = "alpha") -> dict[str, Any]:
        """The first bind of an operator, as `operator list` shows it."""
        return self.core.operators[operator].states()[0]

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        """The gateway runs; at the end it drains."""
        path = self.folder / "gateway.toml"
        path.write_text(written(self.config))
        async with serving(path) as self.app:
            yield


def written(config: dict[str, Any]) -> str:
    """A configuration as a file says it."""
    lines = []
    for name, section in config.items():
        for table in section if isinstance(section, list) else [section]:
            lines.append(f"[[{name}]]" if isinstance(section, list) else f"[{name}]")
            lines += [f"{key} = {toml(value)}" for key, value in table.items()]
    return "\n".join(lines) + "\n"


def config_of(ports: list[int], operators: list[dict[str, Any]], more: str) -> dict[str, Any]:
    """A configuration with one operator per carrier, in the order of the one route."""
    names = ["alpha", "beta", "gamma"][: len(ports)]
    config: dict[str, Any] = {
        "http": {"listen": "127.0.0.1:0", "admin_listen": "127.0.0.1:0"},
        "store": {"url": "sqlite:///trunkline.db"},
        "limits": {"drain_timeout_s": 5},
        "routes": [{"id": "all", "to": "+", "operators": names}],
        **tomllib.loads(more),
    }
    config["operators"] = [
        {"id": name, "kind": "smpp", "host": "127.0.0.1", "port": port, "system_id": "esme"} | settings
        for name, port, settings in zip(names, ports, operators, strict=True)
    ]
    return config


@asynccontextmanager
async def set_up(
    folder: Path, profiles: list[Profile], operators: list[dict[str, Any]], more: str = ""
) -> AsyncIterator[Scene]:
    """Carriers that listen, and a gateway that is configured for them and does not run yet."""
    carriers = []
    for profile in profiles:
        carrier = Carrier()
        carrier.simulator = Simulator(profile, carrier.submits.append, Capture(carrier.wire, bodies=True))
        await carrier.simulator.start()
        carriers.append(carrier)
    try:
        yield Scene(folder, config_of([c.simulator.port for c in carriers], operators, more), carriers)
    finally:
        for carrier in carriers:
            await carrier.simulator.stop()


@asynccontextmanager
async def scene(
    folder: Path, carrier: Profile | None = None, more: str = "", **operator: Any
) -> AsyncIterator[Scene]:
    """One carrier and a gateway that serves. `operator`: settings of it, as its file says them."""
    async with (
        set_up(folder, [carrier or QUICK], [operator], more) as built,
        built.serving(),
    ):
        yield built


QUICK = Profile(receipt_delay_min_s=0, receipt_delay_max_s=0.01, magic=False)
