"""What `trunkline bench` does with its options: measures, shows progress on a terminal, prints one table."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence

from gateway.bench.measurement import Measurement, ratios
from gateway.bench.options import BenchOptions
from gateway.bench.run import run_bench
from gateway.bench.table import table

_BAR = 30


async def bench(options: BenchOptions, *, as_json: bool, say: Callable[[str], None]) -> list[str]:
    """Measure and say the result; returns what is wrong with the counts: a run is good when that is empty.

    Raises BenchError when something can't be measured at all.
    """
    shown = _bar if sys.stderr.isatty() else _silence
    try:
        measurements = await run_bench(options, shown)
    finally:
        if shown is _bar:
            sys.stderr.write("\r\033[K")
    say(_json(measurements) if as_json else _text(measurements, options))
    return [fault for measurement in measurements for fault in measurement.faults()]


def _text(measurements: Sequence[Measurement], options: BenchOptions) -> str:
    keys = "an Idempotency-Key each" if options.idempotency else "no Idempotency-Key"
    counted = "; ".join(
        f"{one.name}: accepted {one.accepted:,}, receipts {one.receipts:,}, webhooks {one.webhooks:,}"
        for one in measurements
    )
    about = f"{options.clients} keep-alive clients, window {options.window}, {keys}, {options.warm_up:,} to warm up"
    return f"{table(measurements)}\n\n{about}\n{counted}"


def _json(measurements: Sequence[Measurement]) -> str:
    values = {one.name: one.as_json() for one in measurements}
    if len(measurements) == 2:
        return json.dumps(values | {"ratios": ratios(*measurements)})
    return json.dumps(values)


def _silence(name: str, done: int, steps: int) -> None:
    """In a pipe nothing is shown."""


def _bar(name: str, done: int, steps: int) -> None:
    share = min(1.0, done / steps) if steps else 0.0
    filled = round(share * _BAR)
    sys.stderr.write(f"\r\033[K{name:10s} {'█' * filled}{'·' * (_BAR - filled)} {share:4.0%}")
    sys.stderr.flush()
