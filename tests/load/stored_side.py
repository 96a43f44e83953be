"""One gateway of the measurement with many messages stored: its store, its carrier, and what is asked of it."""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

from gateway.bench import BenchError, BenchOptions
from gateway.bench.child import Child
from gateway.bench.histogram import Histogram
from gateway.bench.load import answer_length
from gateway.bench.requests import Template
from gateway.bench.subject import Surroundings
from gateway.bench.trunkline import Trunkline
from gateway.domain import ids
from gateway.simulator import Simulator
from gateway.simulator.esme import Esme
from gateway.simulator.mailbox import Delivery, Mailbox
from gateway.simulator.profile import FinalState, Outcome, Profile
from gateway.simulator.receipts import ReceiptWriter
from gateway.simulator.record import Submit
from smpp.constants import Npi, Ton
from smpp.pdu import DataSm, SubmitSm
from tests.load.history import DAYS, SENDER, History

PATIENCE_S = 30.0
PAGES = 10
_DELIVERED = Outcome(state=FinalState.DELIVRD)


class Carrier(Simulator):
    """Sends a receipt when it is told to, and tells how long the gateway took to acknowledge it."""

    def __init__(self) -> None:
        self.submits: asyncio.Queue[Submit] = asyncio.Queue()
        profile = Profile(receipts=False, magic=False)
        super().__init__(profile, self.submits.put_nowait)
        self._writes = ReceiptWriter(profile)
        self.is_bound = asyncio.Event()
        self._box = Mailbox("")
        self._acknowledged: dict[Delivery, asyncio.Future[int]] = {}

    def bound(self, esme: Esme) -> Mailbox:
        """The gateway is there."""
        self._box = super().bound(esme)
        self.is_bound.set()
        return self._box

    def answered(self, mailbox: Mailbox, delivery: Delivery, status: int) -> None:
        """It has acknowledged a receipt."""
        super().answered(mailbox, delivery, status)
        self._acknowledged.pop(delivery).set_result(status)

    async def receipt(self, ref: int, submit: SubmitSm | DataSm) -> float:
        """Seconds from the receipt to its acknowledgement. Raises BenchError for one that is refused."""
        delivery = Delivery(self._writes.final(ref, submit, _DELIVERED, time.time()), receipt=True)
        done = self._acknowledged[delivery] = asyncio.get_running_loop().create_future()
        began = time.perf_counter()
        self._box.add(delivery)
        self._box.pump()
        async with asyncio.timeout(PATIENCE_S):
            status = await done
        if status:
            raise BenchError(f"the gateway has refused a receipt with {status:#x}")
        return time.perf_counter() - began


class Link:
    """A keep-alive connection to the gateway."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def ask(self, request: bytes, wanted: int) -> tuple[float, bytes]:
        """Seconds, and the body. Raises BenchError for another status than the `wanted`."""
        began = time.perf_counter()
        self._writer.write(request)
        answer = b""
        while (length := answer_length(answer) if answer else None) is None or len(answer) < length:
            async with asyncio.timeout(PATIENCE_S):
                more = await self._reader.read(1 << 18)
            if not more:
                raise BenchError("the gateway has closed a connection")
            answer += more
        took_s = time.perf_counter() - began
        head, _, body = answer.partition(b"\r\n\r\n")
        if int(head[9:12]) != wanted:
            raise BenchError(f"{request[:200]!r} was answered with {answer[:500]!r}")
        return took_s, body

    def close(self) -> None:
        """End it."""
        self._writer.close()


@dataclass
class Side:
    """A gateway on a store with a history. `prepare`, fill the store, `start`, then round after round."""

    name: str
    folder: Path
    options: BenchOptions
    history: History
    sink_port: int
    chance: random.Random = field(default_factory=lambda: random.Random(7))
    latencies: dict[str, Histogram] = field(default_factory=lambda: defaultdict(Histogram))
    subject: Trunkline = field(init=False)
    carrier: Carrier = field(init=False)
    links: list[Link] = field(default_factory=list)
    key: str = ""
    sent: int = 0
    strays: int = 0
    open_numbers: list[int] = field(init=False)
    template: Template = field(init=False)

    def __post_init__(self) -> None:
        self.subject = Trunkline(self.options)
        self.open_numbers = list(self.history.open_numbers)
        self.chance.shuffle(self.open_numbers)

    async def start(self, cleanup: AsyncExitStack, clients: int) -> None:
        """The gateway, bound to its carrier, and connections to it."""
        self.carrier = Carrier()
        await self.carrier.start()
        cleanup.push_async_callback(self.carrier.stop)
        cleanup.push_async_callback(self.subject.stop)
        await self.subject.start(Surroundings(self.folder, self.carrier.port, self.sink_port, self.options))
        self.template = self.subject.template()
        head = self.template.pieces[0]
        self.key = head.partition("X-Api-Key: ")[2].partition("\r\n")[0]
        async with asyncio.timeout(PATIENCE_S):
            await self.carrier.is_bound.wait()
        for _ in range(clients):
            link = Link(*await asyncio.open_connection("127.0.0.1", self.subject.port, limit=1 << 20))
            cleanup.callback(link.close)
            self.links.append(link)

    async def each(self, jobs: list[Callable[[Link], Awaitable[None]]]) -> None:
        """Do all, each connection one at a time."""
        left = iter(jobs)

        async def work(link: Link) -> None:
            for job in left:
                await job(link)

        await asyncio.gather(*(work(link) for link in self.links))

    async def round(self, size: int, old: int) -> None:
        """Everything once, `size` times where that is cheap; `old` receipts of the last days."""
        await self.each([self._send] * size)
        await self._receipts_of_sent(size)
        await self.each([self._old_receipt] * old)
        await self.each([self._stray_receipt] * size)
        await self.each([self._look_up] * size)
        for name, filters in self._lists().items():
            await self.each([self._list(name, filters) for _ in range(max(size // 4, 1))])
        await self.each([self._pages])

    # --- what is asked

    async def _send(self, link: Link) -> None:
        number, self.sent = self.sent, self.sent + 1
        took_s, _ = await link.ask(self.template.write(number), 202)
        self.latencies["send"].add(took_s)

    async def _receipts_of_sent(self, count: int) -> None:
        jobs = []
        for _ in range(count):
            async with asyncio.timeout(PATIENCE_S):
                jobs.append(self._receipt_of(await self.carrier.submits.get()))
        await self.each(jobs)

    def _receipt_of(self, submit: Submit) -> Callable[[Link], Awaitable[None]]:
        async def job(_: Link) -> None:
            took_s = await self.carrier.receipt(int(submit.message_id), submit.pdu)
            self.latencies["receipt, just sent"].add(took_s)

        return job

    async def _old_receipt(self, _: Link) -> None:
        """For a message of the days before that waits for it."""
        n = self.open_numbers.pop()
        took_s = await self.carrier.receipt(int(self.history.ref(n, 1)), self._submit(n))
        self.latencies["receipt, of the last days"].add(took_s)

    async def _stray_receipt(self, _: Link) -> None:
        """For a ref that no store knows: a carrier's restart, or another gateway's message."""
        n = self.chance.randrange(self.history.messages)
        self.strays += 1
        took_s = await self.carrier.receipt(10**14 + self.strays, self._submit(n))
        self.latencies["receipt, unknown"].add(took_s)

    def _submit(self, n: int) -> SubmitSm:
        return SubmitSm(
            source_addr_ton=Ton.INTERNATIONAL,
            source_addr_npi=Npi.ISDN,
            source_addr=SENDER[1:],
            dest_addr_ton=Ton.INTERNATIONAL,
            dest_addr_npi=Npi.ISDN,
            destination_addr=self.history.recipient(n)[1:],
            short_message=b"x",
        )

    async def _look_up(self, link: Link) -> None:
        n = self._mine()
        wanted = ids.text(self.history.message_id(n))
        took_s, body = await link.ask(self._get(f"/{wanted}"), 200)
        if json.loads(body)["to"] != self.history.recipient(n):
            raise BenchError(f"message {n} of the history is not the one that was stored")
        self.latencies["look-up"].add(took_s)

    def _mine(self) -> int:
        """A random message of the account that asks."""
        n = self.chance.randrange(self.history.messages)
        return n - n % 5 + n % 2 if n - n % 5 + 1 < self.history.messages else 0

    def _get(self, path: str) -> bytes:
        return f"GET /v1/sms{path} HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Api-Key: {self.key}\r\n\r\n".encode(
            "ascii"
        )

    def _lists(self) -> dict[str, Callable[[], str]]:
        """Filters by the name of what they ask for."""
        return {
            "list": lambda: "",
            "list, delivered": lambda: "&status=DELIVERED",
            "list, failed": lambda: "&status=FAILED",
            "list, not final": lambda: "&status=QUEUED&status=SENT",
            "list, none such": lambda: "&status=CANCELED",
            "list, one recipient": lambda: "&to=" + quote(self.history.recipient(self._mine())),
            "list, one day": self._day,
            "list, failed on a day": lambda: self._day() + "&status=FAILED",
        }

    def _day(self) -> str:
        begin = self.history.until - timedelta(days=self.chance.uniform(1, DAYS))
        times = (begin, begin + timedelta(days=1))
        return "".join(
            f"&created_{word}={time_.strftime('%Y-%m-%dT%H:%M:%SZ')}"
            for word, time_ in zip(("after", "before"), times, strict=True)
        )

    def _list(self, name: str, filters: Callable[[], str]) -> Callable[[Link], Awaitable[None]]:
        async def job(link: Link) -> None:
            took_s, body = await link.ask(self._get("?limit=20" + filters()), 200)
            found = json.loads(body)["messages"]
            if not found and name in ("list", "list, delivered", "list, one recipient"):
                raise BenchError(f"'{name}' found nothing: {body!r}")
            self.latencies[name].add(took_s)

        return job

    async def _pages(self, link: Link) -> None:
        """Ten pages of 100, one after the other, from a random moment on."""
        before = self.history.until - timedelta(days=self.chance.uniform(0, DAYS / 2))
        path = f"?limit=100&created_before={before.strftime('%Y-%m-%dT%H:%M:%SZ')}"
        for _ in range(PAGES):
            took_s, body = await link.ask(self._get(path), 200)
            self.latencies["list, following pages"].add(took_s)
            cursor = json.loads(body)["nextCursor"]
            if cursor is None:
                break
            path = f"?limit=100&cursor={quote(cursor)}"


async def start_sink(folder: Path, cleanup: AsyncExitStack) -> int:
    """Takes the webhooks of all sides; its port."""
    sink = await Child.start("sink", (sys.executable, "-m", "gateway.bench.sink"), folder)
    cleanup.push_async_callback(sink.stop)
    port: int = json.loads(await sink.line())["port"]
    return port
