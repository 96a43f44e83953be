"""Several gateways of one PostgreSQL store, the carrier that they share, and a tenant's webhook receiver."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import aiohttp

from tests.acceptance.harness.api import Api
from tests.acceptance.harness.config import merged, operator
from tests.acceptance.harness.gateway import Gateway, Template, configuration, make_template
from tests.acceptance.harness.sink import Sink
from tests.acceptance.harness.waiting import eventually
from tests.engines.postgres import Cluster
from tests.faults.evidence import (
    all_final,
    assert_told_in_order,
    statuses,
    stop,
    times_sent,
    written_submits,
)
from tests.faults.load import Load, Post
from tests.peers.smsc import NodeSmsc, smsc

LEASE_S = 3.0
WINDOW = 20
PATIENCE_S = 120.0
EVERYTHING = ("api", "sender", "webhooks")


@dataclass(frozen=True)
class Prepared:
    """A database with accounts and keys, to be copied, and the key file that all its processes need."""

    cluster: Cluster
    database: str
    template: Template

    async def copy(self) -> str:
        """The URL of a store of one's own."""
        return await self.cluster.empty(self.database)


async def prepare(cluster: Cluster, folder: Path) -> Prepared:
    """Make the accounts by the command line, beside no gateway."""
    url = await cluster.fresh()
    template = await asyncio.to_thread(
        make_template, folder, store={"url": url}, secrets={"key_file": str(folder / "trunkline.key")}
    )
    return Prepared(cluster, url.rpartition("/")[2], template)


@dataclass
class Fleet:
    """All of one test."""

    prepared: Prepared
    url: str
    folder: Path
    gateways: dict[str, Gateway]
    carrier: NodeSmsc
    submits_path: Path
    sink: Sink
    session: aiohttp.ClientSession
    loads: list[Load] = field(default_factory=list)
    accepted: list[Post] = field(default_factory=list)
    cut: list[Post] = field(default_factory=list)

    def api(self, name: str) -> Api:
        """The API of one gateway."""
        return Api(self.session, f"http://127.0.0.1:{self.gateways[name].port}", self.prepared.template.key)

    def picture(self) -> str:
        """For a person."""
        pictures = [f"--- {name}: {gateway.picture()}" for name, gateway in self.gateways.items()]
        return "\n".join([*pictures, str(self.carrier.events[-3:]), self.sink.picture()])

    async def until(self, look: Callable[[], Any], what: str, timeout_s: float = PATIENCE_S) -> Any:
        """Wait for a condition."""
        return await eventually(look, what, self.picture, timeout_s)

    async def start(self, *names: str) -> None:
        """Start these, at once; all when none is named."""
        await asyncio.gather(*(self.gateways[name].start() for name in names or self.gateways))

    # --- binds

    async def binds(self, name: str) -> set[int]:
        """The binds of the carrier that a gateway has up; none while it does not run."""
        gateway = self.gateways[name]
        if not gateway.running:
            return set()
        _, facts = await gateway.health("ready")
        found = facts.get("operators", {}).get("alpha", {}).get("binds", [])
        return {bind["bind"] for bind in found if bind["state"] == "bound"}

    async def hold(self, **wanted: int) -> None:
        """Wait until each of these gateways has so many binds."""

        async def look() -> bool:
            return all([len(await self.binds(name)) == count for name, count in wanted.items()])

        await self.until(look, f"binds {wanted}")

    # --- moments

    async def busy(self, unanswered: int) -> None:
        """Wait until so many parts have no answer."""

        async def look() -> bool:
            told = await self.carrier.stats()
            return bool(told["submits"] - told["answers"] >= unanswered)

        await self.until(look, f"{unanswered} parts without an answer")

    async def hold_when(self, name: str, unanswered: int) -> None:
        """SIGSTOP at a moment at which so many parts have no answer and the process waits for its sockets: it is not
        inside of a write then. SIGCONT lets it go on."""
        gateway = self.gateways[name]

        async def look() -> bool:
            await stop(gateway)
            told = await self.carrier.stats()
            if told["submits"] - told["answers"] >= unanswered and _waits(gateway.pid):
                return True
            gateway.send_signal(signal.SIGCONT)
            return False

        await self.until(look, f"{unanswered} parts without an answer")

    async def kill_when(self, name: str, unanswered: int) -> None:
        """SIGKILL at such a moment."""
        await self.hold_when(name, unanswered)
        await self.gateways[name].kill9()

    # --- load

    async def load(self, posts: Iterable[Post], *names: str, connections: int = 8) -> None:
        """Post through these gateways, all from the same iterator, without waiting for the end."""
        shared = iter(posts)
        for name in names:
            load = Load(self.gateways[name].port, self.prepared.template.key, shared)
            await load.start(connections)
            self.loads.append(load)

    async def answered(self, enough: int) -> None:
        """Wait until so many posts are answered."""
        await self.until(
            lambda: sum(len(load.answered) for load in self.loads) >= enough, f"{enough} answers"
        )

    async def posted(self) -> None:
        """Wait until the present loads have ended, by their posts' end or by their gateway's; and repeat what was cut,
        through the gateways that are left, until all of it is answered."""
        for load in self.loads:
            await load.ended(PATIENCE_S)
            self.accepted += load.answered
            self.cut += load.cut
        self.loads = []

    async def repeat_cut(self, name: str) -> None:
        """Post again what had no answer."""
        again = [post.again() for post in self.cut]
        self.cut = []
        await self.load(again, name)
        await self.posted()
        assert not self.cut

    # --- what must be true in the end

    async def all_delivered(self, name: str) -> None:
        """Every message has ended well, and its tenant was told."""
        assert not self.cut, "repeat them first"
        refused = [post for post in self.accepted if post.status != 202]
        assert not refused, [(post.status, post.answer) for post in refused[:3]]
        api = self.api(name)
        await self.until(lambda: all_final(api), "every message to end")
        ends = await statuses(api)
        assert set(ends) == {post.identity for post in self.accepted}
        assert set(ends.values()) == {"DELIVERED"}
        await self.until(lambda: self._told() >= set(ends), "every webhook")
        assert_told_in_order(self.sink, set(ends))

    def _told(self) -> set[str]:
        return {hook.data["messageId"] for hook in self.sink.taken("message.delivered")}

    async def sent_twice(self) -> int:
        """How many parts came more than once to the carrier, by how often; all that was accepted came."""
        sent = times_sent(await written_submits(self.carrier, self.submits_path))
        assert set(sent) == {(post.to, 1) for post in self.accepted}
        return sum(times - 1 for times in sent.values())


def _waits(pid: int) -> bool:
    """Whether a process is in epoll_wait or epoll_pwait (proc(5); the numbers of x86-64 and of arm64)."""
    return Path(f"/proc/{pid}/syscall").read_text().split()[0] in {"232", "281", "22"}


def posts(count: int, first: int = 0) -> Iterable[Post]:
    """Short messages, each to a phone of its own."""
    return islice((Post(n, f"+44770{n:07}", f"Message {n:06}") for n in range(first, first + count)), count)


@asynccontextmanager
async def fleet(
    prepared: Prepared,
    folder: Path,
    roles: Mapping[str, Sequence[str]],
    *,
    binds: int = 2,
    lease_s: float = LEASE_S,
    carrier: Mapping[str, Any] | None = None,
    alpha: Mapping[str, Any] | None = None,
    stores: Mapping[str, str] | None = None,
    **tables: Any,
) -> AsyncIterator[Fleet]:
    """Gateways by name and roles, not started. `stores`: URLs of those that reach the store by a way of their own, with
    {database} in them."""
    url = await prepared.copy()
    submits = folder / "submits.jsonl"
    async with AsyncExitStack() as stack:
        settings = {"answer_delay_ms": 20, "receipt_delay_ms": 100, **(carrier or {})}
        smsc_ = await stack.enter_async_context(smsc(f"--quiet-submits={submits}", **settings))
        settled = {"window": WINDOW, "binds": binds, "on_doubt_wait_s": 2, **(alpha or {})}
        shared = {
            "operators": [operator("alpha", smsc_.port, **settled)],
            "routes": [{"id": "all", "to": ["+"], "operators": ["alpha"]}],
            "secrets": {"key_file": str(prepared.template.folder / "trunkline.key")},
        }
        gateways = {}
        for name, does in roles.items():
            (folder / name).mkdir()
            process = {"roles": list(does), "lease_s": lease_s, "journal_folder": str(folder / "flights")}
            store = (stores or {}).get(name, "{url}").format(url=url, database=url.rpartition("/")[2])
            own = {"process": process, "store": {"url": store}}
            gateway = Gateway(folder / name, merged(configuration(**shared, **own), tables))
            stack.push_async_callback(gateway.close)
            gateways[name] = gateway
        sink = Sink(prepared.template.sink_port, [prepared.template.secret])
        await sink.open()
        stack.push_async_callback(sink.close)
        session = await stack.enter_async_context(aiohttp.ClientSession())
        yield Fleet(prepared, url, folder, gateways, smsc_, submits, sink, session)
    await prepared.cluster.drop(url)
