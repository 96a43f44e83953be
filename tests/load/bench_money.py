"""What money costs a message, and whether one balance makes its account's messages wait for each other.

Concurrent callers accept a message each and record its answer, on SQLite and on PostgreSQL (with one store, and with
four as four processes have them), both with a real disk's commits. In turn, round by round in one run: an account that
is not metered, one with a single hot purse, twenty that share the same load; and on PostgreSQL one whose purse is a
single row, as it would be without slots. At last what a reader costs who holds a view of PostgreSQL for long, as
`trunkline ledger verify` and `pg_dump` do: all versions of a purse since then stay, and are gone through. Not collected
by pytest:

    python -m tests.load.bench_money [--messages N] [--callers N] [--rounds N] [--directory DIR]
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import hashlib
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import asyncpg

from gateway.domain import ids
from gateway.domain.account import Env
from gateway.domain.message import Answer, Message
from gateway.domain.money import Allowance, Charge, Entry, Kind, Purse
from gateway.domain.outcome import Accepted as Took
from gateway.domain.send import Acceptance, Accepted, IdempotencyKey, Taken
from gateway.ports import Owner, Store
from storage.open import open_store
from tests.engines.postgres import Cluster
from tests.load.bench_store import NOW, decide_answers, new_message

PRICE = Decimal("0.0375")
FUNDS = Decimal(1_000_000)
SPREAD = 20

VERSIONS = (30_000, 100_000)
"""Changes of a purse while a reader holds its view: some minutes of a busy account."""

MANY_VERSIONS = (
    """DO $$ BEGIN FOR n IN 1..{} LOOP UPDATE purses SET held = held WHERE slot = n % 8; END LOOP; END $$"""
)

KINDS = ("unmetered", "one purse", f"{SPREAD} purses", "one slot")


class Load:
    """Callers of some stores, who send for accounts of one kind."""

    def __init__(self, stores: Sequence[tuple[Store, Owner]], kind: str, callers: int) -> None:
        self.stores = stores
        self.kind = kind
        self.callers = callers
        self.number = KINDS.index(kind) * 10_000_000
        self.wall_s = self.cpu_s = 0.0
        self.sent = 0

    async def fund(self, url: str) -> None:
        """Money enough for all rounds."""
        purses = {self._account(n) for n in range(SPREAD)}
        if self.kind == "one slot":
            await make_narrow(min(purses), url)
        entries = [
            Entry(ids.new_id(NOW), Kind.TOP_UP, Purse(name, Env.LIVE, "EUR"), FUNDS, Decimal(0), NOW)
            for name in sorted(purses)
        ]
        await self.stores[0][0].book(entries)

    async def round(self, count: int) -> None:
        """Send so many messages and record their answers."""
        numbers = iter(range(self.number, self.number + count))
        self.number += count
        wall, cpu = time.perf_counter(), time.process_time()
        await asyncio.gather(
            *(self._call(numbers, *self.stores[who % len(self.stores)]) for who in range(self.callers))
        )
        self.wall_s += time.perf_counter() - wall
        self.cpu_s += time.process_time() - cpu
        self.sent += count

    async def _call(self, numbers: Iterator[int], store: Store, owner: Owner) -> None:
        for number in numbers:
            m = self._message(number, owner)
            key = IdempotencyKey(hashlib.sha256(m.id).digest(), "POST", "/v1/sms/send", bytes(32))
            (result,) = await store.accept([Acceptance([m], key, NOW, Allowance(per_day=FUNDS))])
            assert isinstance(result, Accepted)
            assert isinstance(result.items[0], Taken)
            taken = Took(m.id.hex()[4:24])
            answer = Answer(m.id, 1, 1, 1, "alpha", "uk-us", m.sender, m.recipient, taken, NOW)
            await store.record_answers([answer], decide_answers)

    def _message(self, number: int, owner: Owner) -> Message:
        charge = None if self.kind == "unmetered" else Charge(PRICE, PRICE, "EUR")
        return replace(new_message(number, owner), account=self._account(number), charge=charge)

    def _account(self, number: int) -> str:
        return f"account{number % SPREAD}" if self.kind == KINDS[2] else self.kind.replace(" ", "-")


async def make_narrow(account: str, url: str) -> None:
    """Make its purse, of one slot: it keeps as many as it has."""
    connection = await asyncpg.connect(url)
    await connection.execute("INSERT INTO purses VALUES ($1, 'live', 'EUR', 0, 0, 0, 0, 0)", account)
    await connection.close()


async def measure(title: str, urls: Sequence[str], arguments: argparse.Namespace) -> None:
    """Round after round of each kind; then one line of ratios."""
    stores = []
    for url in urls:
        store = open_store(url, Path.cwd())
        await store.open()
        stores.append((store, await store.register(NOW, "bench")))
    kinds = KINDS[:3] if urls[0].startswith("sqlite") else KINDS
    loads = [Load(stores, kind, arguments.callers) for kind in kinds]
    for load in loads:
        if load.kind != "unmetered":
            await load.fund(urls[0])
        await load.round(arguments.messages // 4)  # warm
        load.wall_s = load.cpu_s = load.sent = 0
    for _ in range(arguments.rounds):
        for load in loads:
            await load.round(arguments.messages)
    plain = loads[0]
    for load in loads:
        sys.stdout.write(
            f"{title:22} {load.kind:10} {load.sent / load.wall_s:7.0f} messages/s"
            f"   wall x{load.wall_s / plain.wall_s:.2f}   CPU here x{load.cpu_s / plain.cpu_s:.2f}\n"
        )
    sys.stdout.flush()
    count, flaws = await stores[0][0].audit()
    assert not flaws, flaws
    sys.stdout.write(f"{'':22} {count} entries add up\n")
    for store, _ in stores:
        await store.close()


async def beside_a_reader(url: str, arguments: argparse.Namespace) -> None:
    """One hot purse before, while and after somebody holds a view of the store; one line per round."""
    store = open_store(url, Path.cwd())
    await store.open()
    load = Load([(store, await store.register(NOW, "bench"))], KINDS[1], arguments.callers)
    await load.fund(url)
    await load.round(arguments.messages)  # warm
    reader, writer = await asyncpg.connect(url), await asyncpg.connect(url)
    load.wall_s = load.sent = 0
    await load.round(arguments.messages)
    free_s = load.wall_s
    for versions in (0, *VERSIONS):
        if not versions:
            await reader.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            await reader.fetchval("SELECT count(*) FROM ledger")
        await writer.execute(MANY_VERSIONS.format(versions))
        load.wall_s = 0
        await load.round(arguments.messages)
        dead = await writer.fetchval("SELECT pg_relation_size('purses')")
        sys.stdout.write(
            f"{'beside a reader':22} {versions:7} changes more   wall x{load.wall_s / free_s:.2f}"
            f"   purses {dead / 2**20:.1f} MiB\n"
        )
        sys.stdout.flush()
    await reader.execute("ROLLBACK")
    await writer.execute("VACUUM purses")
    load.wall_s = 0
    await load.round(arguments.messages)
    sys.stdout.write(f"{'when it has gone':22} {'and VACUUM purses':23}wall x{load.wall_s / free_s:.2f}\n")
    for connection in (reader, writer):
        await connection.close()
    await store.close()


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=2_000, help="of each round and kind")
    parser.add_argument("--callers", type=int, default=128)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--directory", type=Path, default=Path("var"))
    arguments = parser.parse_args()
    arguments.directory.mkdir(parents=True, exist_ok=True)
    gc.freeze()
    gc.set_threshold(10_000, 50, 100)  # as the gateway's process does
    with tempfile.TemporaryDirectory(dir=arguments.directory) as folder:
        await measure("SQLite", [f"sqlite:///{folder}/bench.db"], arguments)
    cluster = Cluster()  # with a disk that is waited for
    cluster.start()
    try:
        await measure("PostgreSQL, 1 store", [await cluster.fresh()], arguments)
        await measure("PostgreSQL, 4 stores", [await cluster.fresh()] * 4, arguments)
        await beside_a_reader(await cluster.fresh(), arguments)
    finally:
        cluster.remove()


if __name__ == "__main__":
    asyncio.run(main())
