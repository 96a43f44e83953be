"""The measurement on PostgreSQL, with 1, 2 and 4 processes, beside the embedded store: one run, one table.

A PostgreSQL server of its own is made below --dir (a real disk, everything synced) and removed afterwards; with --redis
each row is measured a second time with a Redis server besides, with --metered another time with an account that pays
for each message from one balance, which is proved afterwards. CPU is that of the gateway's processes; what the servers
used stands below the table. Not collected by pytest:

    python -m tests.load.bench_production [--messages N] [--workers 1 2 4] [--clients N] [--redis] [--metered]
        [--dir DIR]
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from gateway.bench import BenchOptions, procfs, run_bench
from gateway.bench.comparison import ratios
from gateway.bench.measurement import Measurement
from gateway.bench.table import table
from tests.engines.postgres import Cluster
from tests.engines.redis import Server as Redis


@dataclass
class Servers:
    """What the gateways share."""

    cluster: Cluster
    redis: Redis | None

    async def rows(
        self, options: argparse.Namespace
    ) -> tuple[list[Measurement], dict[str, dict[str, float]]]:
        """The rows, and the CPU-ms per 1,000 messages that each server used for each."""
        found: list[Measurement] = []
        used: dict[str, dict[str, float]] = {}
        common = {
            "messages": options.messages,
            "clients": options.clients,
            "kannel": False,
            "directory": options.dir,
            "metered": options.metered,
        }
        (measured,) = await run_bench(BenchOptions(**common), lambda *_: None)
        found += reversed(measured)
        for workers in options.workers:
            for redis in (None, self.redis) if self.redis is not None else (None,):
                rows, servers = await self._rows(common, workers, redis)
                found += rows
                used |= {row.name: servers for row in rows}
        return found, used

    async def _rows(
        self, common: dict[str, Any], workers: int, redis: Redis | None
    ) -> tuple[list[Measurement], dict[str, float]]:
        """The account that does not pay, and the one that does where it is wanted."""
        url = await self.cluster.empty()
        if redis is not None:
            redis.say("FLUSHALL")
        pids = {"PostgreSQL": self.cluster.pid} | ({"Redis": redis.pid} if redis is not None else {})
        before = {name: procfs.cpu_s([pid]) for name, pid in pids.items()}
        address = redis.url if redis is not None else None
        options = BenchOptions(**common, store=url, redis=address, workers=workers)
        (measured,) = await run_bench(options, lambda *_: None)
        rows = list(reversed(measured))
        name = f"{' + '.join(pids)}, {workers} process{'es' if workers > 1 else ''}"
        accepted = sum(row.accepted for row in rows)
        used = {name: (procfs.cpu_s([pid]) - before[name]) / accepted * 1e6 for name, pid in pids.items()}
        await self.cluster.drop(url)
        return [
            replace(row, name=name + paid) for row, paid in zip(rows, ("", ", metered"), strict=False)
        ], used


def main() -> None:
    """Measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=10_000)
    parser.add_argument("--clients", type=int, default=32)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2, 4])
    parser.add_argument("--redis", action="store_true")
    parser.add_argument("--metered", action="store_true")
    parser.add_argument("--dir", type=Path, default=Path.cwd())
    options = parser.parse_args()
    # The temporary folder may be kept in memory, and then nothing would be synced.
    tempfile.tempdir = os.fspath(options.dir)
    with ExitStack() as cleanup:
        servers = Servers(Cluster(), Redis() if options.redis else None)
        cleanup.callback(servers.cluster.remove)
        servers.cluster.start()
        if servers.redis is not None:
            cleanup.callback(servers.redis.remove)
            servers.redis.start()
        found, used = asyncio.run(servers.rows(options))
    sys.stdout.write(table([tuple(found)]) + "\n")
    embedded = found[0]
    for row in found[1:]:
        if row.name not in used:
            continue  # the embedded store's own
        compared = ratios(row, embedded)
        besides = " and ".join(f"{name} {cpu_ms:.0f}" for name, cpu_ms in used[row.name].items())
        sys.stdout.write(
            f"{row.name}: {compared['cpuMsPer1000']:.2f} of the embedded store's CPU and "
            f"{compared['endToEndPerS']:.2f} of its rate; {besides} CPU-ms per 1,000 messages besides\n"
        )
    for fault in [fault for row in found for fault in row.faults()]:
        sys.stdout.write(f"the counts do not agree: {fault}\n")


if __name__ == "__main__":
    main()
