"""Latencies with many messages stored, beside those of a store with next to none: one run, in turns, one table.

Two gateways, each with a database of its own on the same server (or a file of its own), are asked the same in small
rounds, one after the other: sends, receipts, look-ups and lists, with a few connections that wait for each answer.
The stores are filled beside the verbs with what the product leaves of a month (`history.py`). Everything is made below
--dir (a real disk) and removed afterwards. Not collected by pytest; `test_bench_stored.py` runs it small:

    python -m tests.load.bench_stored [--messages N] [--engine postgres|sqlite] [--rounds N] [--size N] [--dir DIR]
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import uvloop

from gateway.bench import BenchError, BenchOptions, procfs
from gateway.bench.histogram import Histogram
from gateway.bench.trunkline import ACCOUNT
from tests.engines.postgres import FAST, Cluster
from tests.load.fill import fill_postgres, fill_sqlite
from tests.load.history import History
from tests.load.stored_side import Side, start_sink

FILLING = (*FAST, "wal_level=minimal", "max_wal_senders=0", "max_wal_size=4GB", "maintenance_work_mem=512MB")
"""The server's settings while a store is filled. It is measured with its defaults, everything synced."""

Progress = Callable[[str, int, int], None]
"""Told what is done, and how many of how many steps are."""


@dataclass(frozen=True)
class StoredOptions:
    """One run."""

    messages: int = 10_000_000
    beside: int = 20_000
    """Messages of the other store: nearly none, but something to look up."""
    engine: str = "postgres"
    rounds: int = 40
    size: int = 40
    """Requests of a kind in one round."""
    clients: int = 4
    directory: Path = Path()


Found = dict[str, tuple[Histogram, Histogram]]
"""By what was asked: the latencies of the nearly empty store, and those of the full one."""


async def run_stored(options: StoredOptions, progress: Progress) -> Found:
    """Fill, measure, remove. Raises BenchError when something can't be had."""
    folder = _folder(options.directory.resolve())
    async with AsyncExitStack() as cleanup:
        cleanup.callback(shutil.rmtree, folder, ignore_errors=True)
        cluster = _cluster(folder, cleanup) if options.engine == "postgres" else None
        sink_port = await start_sink(folder, cleanup)
        sides = [
            await _side(name, messages, folder, cluster, sink_port)
            for name, messages in (("beside", options.beside), ("full", options.messages))
        ]
        for side in sides:
            await asyncio.to_thread(_fill, side, progress)
        if cluster is not None:
            cluster.stop()
            cluster.settings = ()
            cluster.start()
        os.sync()  # nothing was while the stores were filled
        for side in sides:
            await side.start(cleanup, options.clients)
        await _rounds(sides, options, progress)
    beside, full = (side.latencies for side in sides)
    return {name: (beside[name], full[name]) for name in full}


def _folder(directory: Path) -> Path:
    if procfs.filesystem(directory) in {"tmpfs", "ramfs"}:
        raise BenchError(f"{directory} is kept in memory: a durable store needs a disk, name one with --dir")
    return Path(tempfile.mkdtemp(prefix="trunkline-stored-", dir=directory))


def _cluster(folder: Path, cleanup: AsyncExitStack) -> Cluster:
    tempfile.tempdir = os.fspath(folder)
    cluster = Cluster(*FILLING)
    tempfile.tempdir = None
    folder.chmod(0o711)  # the server is another user
    cleanup.callback(cluster.remove)
    cluster.start()
    return cluster


async def _side(name: str, messages: int, folder: Path, cluster: Cluster | None, sink_port: int) -> Side:
    """A migrated store with an account and a key."""
    own = folder / name
    own.mkdir()
    url = None if cluster is None else await cluster.empty()
    options = BenchOptions(store=url, directory=own, kannel=False)
    history = History(
        messages, datetime.now(UTC) - timedelta(minutes=1), ACCOUNT, f"http://127.0.0.1:{sink_port}/hook"
    )
    side = Side(name, own, options, history, sink_port)
    await side.subject.prepare(own, sink_port)
    return side


def _fill(side: Side, progress: Progress) -> None:
    total = side.history.messages
    if side.options.store is not None:
        fill_postgres(side.options.store, side.history, lambda done: progress("fill", done, total))
    else:
        fill_sqlite(side.folder / "gateway.db", side.history, lambda done: progress("fill", done, total))


async def _rounds(sides: list[Side], options: StoredOptions, progress: Progress) -> None:
    # Each open message gets one receipt.
    old = min(options.size, min(len(side.open_numbers) for side in sides) // (options.rounds + 1))
    for side in sides:
        await side.round(options.size, old)  # caches, pools and statements
        side.latencies.clear()
    for number in range(options.rounds):
        for side in sides if number % 2 else sides[::-1]:
            await side.round(options.size, old)
        progress("rounds", number + 1, options.rounds)


def table(found: Found) -> str:
    """One row for each thing that was asked: milliseconds, and the full store's by the other's."""
    lines: list[tuple[str, ...]] = [
        ("", "asked", "p50 ms", "p99 ms", "full p50", "full p99", "ratio p50", "ratio p99")
    ]
    for name, (beside, full) in found.items():
        times = [side.percentile(percent) * 1000 for side in (beside, full) for percent in (50, 99)]
        ratios = (times[2] / times[0], times[3] / times[1])
        lines.append((name, f"{full.total:,}", *(f"{value:.2f}" for value in (*times, *ratios))))
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    return "\n".join(
        "  ".join(
            [line[0].ljust(widths[0]), *(c.rjust(w) for c, w in zip(line[1:], widths[1:], strict=True))]
        )
        for line in lines
    )


def _show(what: str, done: int, total: int) -> None:
    if sys.stderr.isatty():
        bar = "#" * (40 * done // total)
        sys.stderr.write(f"\r{what:8} [{bar:40}] {done:,} of {total:,}" + "\n" * (done == total))
        sys.stderr.flush()


def main() -> None:
    """Measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=StoredOptions.messages)
    parser.add_argument("--beside", type=int, default=StoredOptions.beside)
    parser.add_argument("--engine", choices=("postgres", "sqlite"), default="postgres")
    parser.add_argument("--rounds", type=int, default=StoredOptions.rounds)
    parser.add_argument("--size", type=int, default=StoredOptions.size)
    parser.add_argument("--clients", type=int, default=StoredOptions.clients)
    parser.add_argument("--dir", type=Path, default=Path.cwd(), dest="directory")
    options = StoredOptions(**vars(parser.parse_args()))
    began = time.monotonic()
    found = uvloop.run(run_stored(options, _show))
    sys.stdout.write(f"{options.messages:,} messages, {options.engine}, beside {options.beside:,}:\n")
    sys.stdout.write(table(found) + f"\nin {time.monotonic() - began:.0f} s\n")


if __name__ == "__main__":
    main()
