"""The measurement on PostgreSQL, with 1, 2 and 4 processes, beside the embedded store: one run, one table.

A PostgreSQL server of its own is made below --dir (a real disk, everything synced) and removed afterwards. CPU is that
of the gateway's processes; what the database server used stands below the table. Not collected by pytest:

    python -m tests.load.bench_production [--messages N] [--workers 1 2 4] [--clients N] [--dir DIR]
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from gateway.bench import BenchOptions, procfs, run_bench
from gateway.bench.measurement import Measurement, ratios
from gateway.bench.table import table
from tests.engines.postgres import Cluster


async def measure(
    cluster: Cluster, options: argparse.Namespace
) -> tuple[list[Measurement], dict[str, float]]:
    """The rows, and the CPU-ms per 1,000 messages that the server used for each."""
    found, servers = [], {}
    common = {
        "messages": options.messages,
        "clients": options.clients,
        "kannel": False,
        "directory": options.dir,
    }
    found += await run_bench(BenchOptions(**common), lambda *_: None)
    for workers in options.workers:
        url = await cluster.empty()
        before = procfs.cpu_s([cluster.pid])
        (row,) = await run_bench(BenchOptions(**common, store=url, workers=workers), lambda *_: None)
        row = replace(row, name=f"PostgreSQL, {workers} process{'es' if workers > 1 else ''}")
        servers[row.name] = (procfs.cpu_s([cluster.pid]) - before) / row.accepted * 1e6
        found.append(row)
        await cluster.drop(url)
    return found, servers


def main() -> None:
    """Measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=10_000)
    parser.add_argument("--clients", type=int, default=32)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2, 4])
    parser.add_argument("--dir", type=Path, default=Path.cwd())
    options = parser.parse_args()
    # The temporary folder may be kept in memory, and then nothing would be synced.
    tempfile.tempdir = os.fspath(options.dir)
    cluster = Cluster()
    cluster.start()
    try:
        found, servers = asyncio.run(measure(cluster, options))
    finally:
        cluster.remove()
    sys.stdout.write(table(found) + "\n")
    embedded = found[0]
    for row in found[1:]:
        compared = ratios(row, embedded)
        sys.stdout.write(
            f"{row.name}: {compared['cpuMsPer1000']:.2f} of the embedded store's CPU and "
            f"{compared['endToEndPerS']:.2f} of its rate; the database server used {servers[row.name]:.0f} CPU-ms "
            "per 1,000 messages besides\n"
        )
    for fault in [fault for row in found for fault in row.faults()]:
        sys.stdout.write(f"the counts do not agree: {fault}\n")


if __name__ == "__main__":
    main()
