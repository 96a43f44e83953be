"""Ten carriers that misbehave in every known way at once, forty binds that are cut at random, for minutes.

    python -m tests.load.soak_carriers --seconds 300 --rate 300

A gateway as it is run, a load that does not wait, a webhook sink. It fails unless every message that was accepted is
sent, ends and is told of, and whatever a carrier took twice had been in doubt; it prints what each carrier did.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvloop

from gateway.bench.child import Child, free_port, listens, output_of, until
from gateway.bench.errors import BenchError
from gateway.bench.procfs import rss_octets
from gateway.cli.output import print_table
from gateway.cli.progress import Progress
from gateway.domain import ids
from gateway.simulator import Profile, Simulator, Submit, with_quirks
from storage.open import open_store

TRUNKLINE = (sys.executable, "-c", "from gateway.cli import main; main()")
BINDS = 4

HABITS: tuple[tuple[str, ...], ...] = (
    ("hex-id", "duplicate-receipts"),
    ("decimal-id", "receipt-seconds", "no-tlv"),
    ("leading-zeros", "short-err", "intermediate"),
    ("id-case", "receipt-commas", "no-tlv", "garbage"),
    ("uuid", "receipt-first"),
    ("esm-class-0", "receipt-capitals", "unbinds"),
    ("throttle", "odd-pdus"),
    ("drop-links", "no-receipt-text"),
    ("never-answers", "refuse-binds"),
    ("slow-answers", "receipt-no-sub", "data-sm"),
)
"""Of each carrier. Left out: those by which nobody ever hears of a message (`no-receipts`), or only after a minute."""

MAX_PER_S = 60
"""Of the carrier that throttles: twice its share of the load."""

TRUTHS = Profile(receipt_delay_min_s=0.2, receipt_delay_max_s=2.0, magic=False)


@dataclass(slots=True)
class Carrier:
    """One of them, and what it was given."""

    name: str
    habits: tuple[str, ...]
    simulator: Simulator = field(init=False)
    taken: Counter[tuple[str, str]] = field(default_factory=Counter)
    cuts: int = 0

    def __post_init__(self) -> None:
        profile = with_quirks(TRUTHS, self.habits)
        if profile.max_per_s:  # ten a second would be less than it is given
            profile = profile.model_copy(update={"max_per_s": MAX_PER_S})
        self.simulator = Simulator(profile, self.submitted)

    def submitted(self, submit: Submit) -> None:
        """Count a part by recipient and text: no other message has this recipient, no other part of it this text."""
        if not submit.status:
            self.taken[submit.pdu.destination_addr, submit.text] += 1


def configuration(ports: Sequence[int], http: int, admin: int) -> str:
    """Each carrier has its prefix, and the next one to fall back upon."""
    lines = [
        f'[http]\nlisten = "127.0.0.1:{http}"\nadmin_listen = "127.0.0.1:{admin}"',
        '[store]\nurl = "sqlite:///soak.db"',
        "[webhooks]\nallow_private_addresses = true",
        '[log]\nlevel = "error"',
    ]
    for number, port in enumerate(ports):
        lines.append(
            f'[[operators]]\nid = "c{number}"\nkind = "smpp"\nhost = "127.0.0.1"\nport = {port}\nsystem_id = "soak"\n'
            f"binds = {BINDS}\nwindow = 20\nresponse_timeout_s = 3\nreconnect_max_s = 2\non_doubt_wait_s = 15"
        )
    for number in range(len(ports)):
        following = (number + 1) % len(ports)
        lines.append(f'[[routes]]\nto = ["+44770{number}"]\noperators = ["c{number}", "c{following}"]')
    return "\n".join(lines) + "\n"


class Callers:
    """The load: so many POSTs a second, whatever becomes of them."""

    def __init__(self, port: int, key: str) -> None:
        self._port, self._key = port, key
        self.accepted: set[str] = set()
        self.refused: Counter[int] = Counter()

    async def run(self, seconds: float, rate: int, progress: Progress) -> None:
        """Send until the time is over."""
        began = time.monotonic()
        queue: asyncio.Queue[int | None] = asyncio.Queue(maxsize=rate)
        async with asyncio.TaskGroup() as group:
            for _ in range(16):
                group.create_task(self._connection(queue))
            number = 0
            while (passed := time.monotonic() - began) < seconds:
                while number < passed * rate:
                    await queue.put(number)
                    number += 1
                progress(f"of {int(seconds * rate):,} messages sent, second {passed:.0f}", number)
                await asyncio.sleep(0.02)
            for _ in range(16):
                await queue.put(None)

    async def _connection(self, queue: asyncio.Queue[int | None]) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        while (number := await queue.get()) is not None:
            text = f"soak {number:06}" if number % 10 else f"soak {number:06} " + "a long text, " * 14
            body = json.dumps(
                {
                    "to": f"+44770{number % len(HABITS)}{number % 1_000_000:06}",
                    "from": "+447700900999",
                    "body": text,
                    "messageType": "SMS",
                }
            ).encode()
            writer.write(
                b"POST /v1/sms/send HTTP/1.1\r\nHost: soak\r\nContent-Type: application/json\r\n"
                + f"X-Api-Key: {self._key}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
                + body
            )
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
            answer = await reader.readexactly(length)
            status = int(head.split(b" ", 2)[1])
            if status == 202:
                self.accepted.add(json.loads(answer)["messageId"])
            else:
                self.refused[status] += 1
        writer.close()


async def cut(carriers: Sequence[Carrier], every_s: float, chance: random.Random) -> None:
    """Drop the connections of one of them, again and again."""
    while True:
        await asyncio.sleep(chance.uniform(0, 2 * every_s))
        carrier = chance.choice(carriers)
        carrier.cuts += carrier.simulator.drop_connections("cut by the soak")


async def wait_for_ends(sink: Child, wanted: int, patience_s: float, progress: Progress) -> int:
    """How many messages the sink knows the end of, once there are so many, or nothing has come for a while."""
    known, last = -1, time.monotonic()
    while True:
        told = int((await sink.ask("report"))["messages"])
        progress(f"of {wanted:,} messages told of", told)
        if told > known:
            known, last = told, time.monotonic()
        if known >= wanted or time.monotonic() - last > patience_s:
            return known
        await asyncio.sleep(0.5)


async def without_doubt(
    store_url: str, folder: Path, twice: set[str], messages: dict[str, bytes]
) -> list[str]:
    """Of the recipients that got a part twice, those of messages that had never been in doubt."""
    store = open_store(store_url, folder)
    await store.open()
    found = []
    try:
        for recipient in sorted(twice):
            view = await store.message(messages[recipient])
            if view is None or not any("answer" in (row.error or "") for row in view.rows):
                found.append(recipient)
    finally:
        await store.close()
    return found


async def soak(seconds: float, rate: int, cut_every_s: float, folder: Path, seed: int) -> dict[str, Any]:
    """One run; what was counted. Raises BenchError where nothing can be measured."""
    carriers = [Carrier(f"c{number}", habits) for number, habits in enumerate(HABITS)]
    for carrier in carriers:
        await carrier.simulator.start()
    sink = await Child.start("sink", (sys.executable, "-m", "gateway.bench.sink"), folder)
    hook = json.loads(await sink.line())["port"]
    http = free_port()
    config = folder / "gateway.toml"
    config.write_text(configuration([c.simulator.port for c in carriers], http, free_port()))
    at = ("--config", str(config))
    await output_of((*TRUNKLINE, "account", "create", "soak", "--json", *at))
    await output_of((*TRUNKLINE, "account", "set", "soak", f"webhook_url=http://127.0.0.1:{hook}/hook", *at))
    key = json.loads(await output_of((*TRUNKLINE, "key", "create", "soak", "--json", *at)))["key"]
    gateway = await Child.start("gateway", (*TRUNKLINE, "serve", *at), folder, talks=False)
    memory: list[int] = []
    try:
        await until(lambda: listens(http), gateway, "its listener")
        callers = Callers(http, key)
        with Progress() as progress:
            cutting = asyncio.create_task(cut(carriers, cut_every_s, random.Random(seed)))
            watching = asyncio.create_task(watch(gateway.pid, memory))
            await callers.run(seconds, rate, progress)
            cutting.cancel()
            told = await wait_for_ends(sink, len(callers.accepted), 90.0, progress)
            watching.cancel()
        if gateway.ended:
            raise BenchError(f"the gateway has ended: {gateway.last_words()}")
    finally:
        await gateway.stop()
        await sink.stop()
        for carrier in carriers:
            await carrier.simulator.stop()
    return await counted(carriers, callers, told, memory, folder)


async def watch(pid: int, memory: list[int]) -> None:
    """The gateway's memory, each second."""
    while True:
        memory.append(rss_octets([pid]))
        await asyncio.sleep(1)


async def counted(
    carriers: Sequence[Carrier], callers: Callers, told: int, memory: Sequence[int], folder: Path
) -> dict[str, Any]:
    """What a run has shown."""
    taken: Counter[tuple[str, str]] = Counter()
    for carrier in carriers:
        taken.update(carrier.taken)
    messages = await by_recipient("sqlite:///soak.db", folder, callers.accepted)
    twice = {recipient for (recipient, _), times in taken.items() if times > 1}
    reached = {recipient for recipient, _ in taken}
    quarter = max(len(memory) // 4, 1)
    return {
        "accepted": len(callers.accepted),
        "refused": dict(callers.refused),
        "never at a carrier": len(set(messages) - reached),
        "told of their end": told,
        "parts taken": taken.total(),
        "parts taken again": taken.total() - len(taken),
        "again without doubt": await without_doubt("sqlite:///soak.db", folder, twice, messages),
        "rss_mib": [round(max(memory[i : i + quarter]) / 2**20) for i in range(0, len(memory), quarter)][:4],
        "carriers": [
            (
                carrier.name,
                " ".join(carrier.habits),
                carrier.simulator.counters.binds,
                carrier.cuts,
                carrier.simulator.counters.submits,
                len(carrier.taken),
                carrier.taken.total() - len(carrier.taken),
                sum(carrier.simulator.counters.refused.values()),
                carrier.simulator.counters.receipts,
            )
            for carrier in carriers
        ],
    }


async def by_recipient(store_url: str, folder: Path, accepted: set[str]) -> dict[str, bytes]:
    """The accepted messages by their recipient, as carriers write it."""
    store = open_store(store_url, folder)
    await store.open()
    try:
        found = {}
        for text in accepted:
            message_id = ids.parse(text)
            view = await store.message(message_id) if message_id is not None else None
            if view is not None:
                found[view.message.recipient.removeprefix("+")] = view.message.id
        return found
    finally:
        await store.close()


def failures(result: dict[str, Any]) -> list[str]:
    """What must not be."""
    found = []
    if result["never at a carrier"]:
        found.append(f"{result['never at a carrier']} accepted messages never reached a carrier")
    if result["told of their end"] < result["accepted"]:
        found.append(
            f"{result['accepted'] - result['told of their end']} messages are stuck, or nobody was told"
        )
    if result["again without doubt"]:
        found.append(f"sent twice and never in doubt: {result['again without doubt'][:5]}")
    memory = result["rss_mib"]
    if len(memory) == 4 and memory[3] > 1.25 * memory[1]:
        found.append(f"memory grows: {memory} MiB by quarters")
    return found


def main() -> int:
    """Run it; 0 when nothing is wrong."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--rate", type=int, default=300, help="messages per second")
    parser.add_argument("--cut-every", type=float, default=2.0, help="seconds between two cuts, on average")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--dir", type=Path, default=None, help="on a real disk")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="trunkline-soak-", dir=asked.dir) as name:
        result = uvloop.run(soak(asked.seconds, asked.rate, asked.cut_every, Path(name), asked.seed))
    heads = ("carrier", "habits", "binds", "cut", "submits", "parts taken", "again", "refused", "receipts")
    print_table(heads, result.pop("carriers"), "")
    for what, value in result.items():
        print(f"{what}: {value}")  # noqa: T201
    wrong = failures(result)
    for line in wrong:
        print(f"FAILED: {line}")  # noqa: T201
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
