"""The rounds, and one measurement: the surroundings, a warm-up, the load, the wait for the last webhook, the counts."""

from __future__ import annotations

import asyncio
import json
import shutil
import sys
import tempfile
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from gateway.bench import kannel, procfs
from gateway.bench.child import Child, until
from gateway.bench.errors import BenchError
from gateway.bench.histogram import Histogram
from gateway.bench.measurement import Measurement, Round
from gateway.bench.options import BenchOptions
from gateway.bench.profiler import Profiler, check_profile
from gateway.bench.reports import LoadResult, LoadSpec, SinkReport
from gateway.bench.subject import Subject, Surroundings
from gateway.bench.trunkline import Trunkline

Progress = Callable[[str, int, int], None]
"""Told the subject, and how many of how many steps are done (accepted and arrived both count)."""

# A carrier without delay: receipts follow in the next turn of its loop.
CARRIER = "receipt_delay_min_s = 0.0\nreceipt_delay_max_s = 0.0\nmagic = false\nwindow = {window}\n"
_POLL_S = 0.1


async def run_bench(options: BenchOptions, progress: Progress) -> list[Round]:
    """Measure the gateway, and Kannel when it is wanted and there, one after the other and in turns, for every second
    round goes the other way round: what a busy machine does to one it does to the other.

    Raises BenchError when a subject can't be measured. Counts that do not agree are no error here: see
    `Measurement.faults`.
    """
    check_profile(options.profile)
    parent = options.directory if options.directory is not None else Path.cwd()
    directory = Path(tempfile.mkdtemp(prefix="trunkline-bench-", dir=parent))
    if procfs.filesystem(directory) in {"tmpfs", "ramfs"}:
        shutil.rmtree(directory)
        raise BenchError(f"{parent} is kept in memory: a durable store needs a disk, name one with --dir")
    found: list[Round] = []
    for number in range(options.rounds):
        subjects = _subjects(options)
        measured = {}
        for subject in reversed(subjects) if number % 2 else subjects:
            own = directory / f"{number + 1}-{subject.name}"
            own.mkdir()
            measured[subject.name] = await _measure(
                subject, own, options, _of_round(number, options, progress)
            )
        found.append(tuple(measured[subject.name] for subject in subjects))
    if options.directory is None and not any(one.faults() for measured in found for one in measured):
        shutil.rmtree(directory)
    return found


def _subjects(options: BenchOptions) -> list[Subject]:
    """Who is measured in a round; the first is compared with the second."""
    if options.metered:
        return [Trunkline(options, metered=True), Trunkline(options)]
    if options.kannel if options.kannel is not None else kannel.installed():
        return [Trunkline(options), kannel.Kannel(options)]
    return [Trunkline(options)]


def _of_round(number: int, options: BenchOptions, progress: Progress) -> Progress:
    if options.rounds == 1:
        return progress
    return lambda name, done, total: progress(f"round {number + 1} of {options.rounds}, {name}", done, total)


async def _measure(
    subject: Subject, directory: Path, options: BenchOptions, progress: Progress
) -> Measurement:
    async with AsyncExitStack() as cleanup:
        carrier, carrier_port = await _carrier(directory, options, cleanup)
        sink, sink_port = await _sink(directory, subject, cleanup)
        cleanup.push_async_callback(subject.stop)
        await subject.start(Surroundings(directory, carrier_port, sink_port, options))

        async def bound() -> bool:
            held: int = (await carrier.ask("counters"))["binds"]
            return held >= subject.binds

        await until(bound, carrier, "the binds of the gateway")
        course = _Course(subject, carrier, sink, options, progress, directory)
        measured = await course.run()
        await subject.stop()
        return replace(measured, books=tuple(await subject.audit(measured.accepted)))


async def _carrier(directory: Path, options: BenchOptions, cleanup: AsyncExitStack) -> tuple[Child, int]:
    profile = directory / "carrier.toml"
    profile.write_text(CARRIER.format(window=options.window))
    command = (sys.executable, "-m", "gateway.simulator", "0", str(profile))
    child = await Child.start("carrier", command, directory)
    cleanup.push_async_callback(child.stop)
    return child, int((await child.line()).rpartition(":")[2])


async def _sink(directory: Path, subject: Subject, cleanup: AsyncExitStack) -> tuple[Child, int]:
    child = await Child.start("sink", (sys.executable, "-m", "gateway.bench.sink"), directory)
    cleanup.push_async_callback(child.stop)
    port = int(json.loads(await child.line())["port"])
    secret = await subject.prepare(directory, port)
    await child.ask(f"secret {secret}")
    return child, port


@dataclass
class _Course:
    """The load on one subject, once everything runs."""

    subject: Subject
    carrier: Child
    sink: Child
    options: BenchOptions
    progress: Progress
    directory: Path

    async def run(self) -> Measurement:
        """Warm up, then measure."""
        warm_up = await self._load(0, self.options.warm_up, 0.0, "warm-up") if self.options.warm_up else None
        before = warm_up.accepted if warm_up is not None else 0
        await self._arrived(before)
        profiler = await Profiler.start(self.options.profile, self.subject, self.directory)
        cpu_before = procfs.cpu_s(self.subject.pids())
        load = await self._load(self.options.warm_up, self.options.messages, self.options.seconds, "load")
        report = await self._arrived(before + load.accepted)
        cpu_s = procfs.cpu_s(self.subject.pids()) - cpu_before
        rss = procfs.rss_octets(self.subject.pids())
        await profiler.stop()
        counters = await self._settled(before + load.accepted)
        refused = dict(load.refused)
        for status, count in (warm_up.refused if warm_up is not None else {}).items():
            refused[status] = refused.get(status, 0) + count
        return Measurement(
            name=self.subject.name,
            accepted=before + load.accepted,
            taken=counters["taken"],
            receipts=counters["receipts_acknowledged"],
            webhooks=report.messages,
            webhook_requests=report.requests,
            refused=refused,
            wrong_webhooks=report.wrong,
            checked_signatures=report.checked,
            measured=load.accepted,
            load_s=load.ended_at - load.started_at,
            total_s=max(report.last_at, load.ended_at) - load.started_at,
            cpu_s=cpu_s,
            rss_octets=rss,
            latencies=Histogram.from_json(load.latencies),
        )

    async def _load(self, first: int, messages: int, seconds: float, name: str) -> LoadResult:
        spec = LoadSpec(
            self.subject.port, self.subject.template().pieces, first, messages, self.options.clients, seconds
        )
        command = (sys.executable, "-m", "gateway.bench.load", json.dumps(asdict(spec)))
        child = await Child.start(name, command, self.directory)
        try:
            while True:
                said = json.loads(await child.line(self.options.patience_s))
                if "result" in said:
                    return LoadResult(**said["result"])
                self.progress(self.subject.name, said["accepted"], 2 * messages)
        finally:
            await child.stop()

    async def _arrived(self, wanted: int) -> SinkReport:
        """Wait for the last webhook; give up when nothing arrives for a while."""
        quiet_s, last = 0.0, -1
        while True:
            report = SinkReport(**await self.sink.ask("report"))
            quiet_s = quiet_s + _POLL_S if report.messages == last else 0.0
            last = report.messages
            self.progress(self.subject.name, wanted + last, 2 * wanted)
            if last >= wanted or quiet_s >= self.options.patience_s:
                return report
            await asyncio.sleep(_POLL_S)

    async def _settled(self, wanted: int) -> dict[str, Any]:
        """The carrier's counts, once the last acknowledgements have come too."""
        waited_s = 0.0
        while True:
            counters: dict[str, Any] = await self.carrier.ask("counters")
            if counters["receipts_acknowledged"] >= wanted or waited_s >= self.options.patience_s:
                return counters
            await asyncio.sleep(_POLL_S)
            waited_s += _POLL_S
