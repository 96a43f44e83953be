"""Keeps the threads of a process together on one CPU, and moves them together when others need that CPU.

The event loop's thread and the embedded store's take turns at the interpreter's lock: they can't run at the same time,
but the scheduler puts them on different CPUs, and then each turn begins with cold caches and a wake-up across CPUs.
Measured on two CPUs, alternating runs under load: 10 % less CPU per message together, a third more messages per second
when other processes want the machine too (`trunkline bench` with `one_cpu` true and false).

Linux alone: elsewhere, and with one CPU, nothing is done.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import structlog

log = structlog.get_logger("gateway.one_cpu")

LOOK_EVERY_S = 2.0
MARGIN = 0.25
"""The share of a CPU by which another one must be less in demand: a move costs the caches that it is made for."""

_STAT = Path("/proc/stat")
_THREADS = Path("/proc/self/task")


@dataclass(frozen=True, slots=True)
class Load:
    """What CPUs have done since the machine's start. All in seconds."""

    at: float  #: monotonic
    own: float  #: by this process, wherever it ran
    busy: dict[int, float]  #: by everybody, by CPU


def read_load() -> Load:
    """The counters as they stand. Raises `OSError` and `ValueError` where they can't be read."""
    tick = os.sysconf("SC_CLK_TCK")
    busy = {}
    for line in _STAT.read_text().splitlines():
        name, *counts = line.split()
        if name.startswith("cpu") and name != "cpu":
            user, nice, system, _idle, _iowait, irq, softirq, steal = map(int, counts[:8])
            busy[int(name[3:])] = (user + nice + system + irq + softirq + steal) / tick
    return Load(time.monotonic(), time.process_time(), busy)


def choose(present: int | None, before: Load, now: Load, allowed: Collection[int]) -> int:
    """The CPU to be on: the present one, unless others want it and another one much less. `present` None: none yet."""
    interval_s = max(now.at - before.at, 1e-3)
    wanted = {
        cpu: (now.busy[cpu] - before.busy[cpu]) / interval_s
        for cpu in sorted(allowed)
        if cpu in now.busy and cpu in before.busy
    }
    if present in wanted:
        wanted[present] = max(0.0, wanted[present] - (now.own - before.own) / interval_s)
    if not wanted:
        raise ValueError("none of the CPUs that this process may use is in /proc/stat")
    best = min(wanted, key=lambda cpu: wanted[cpu])
    if present in wanted and wanted[best] + MARGIN > wanted[present]:
        return present
    return best


def put_on(cpus: Collection[int]) -> None:
    """Let every thread of this process run on these CPUs alone; threads to come inherit it. Raises `OSError`."""
    for thread in _THREADS.iterdir():
        try:
            os.sched_setaffinity(int(thread.name), cpus)
        except ProcessLookupError:
            continue  # it has just ended


async def stay_together() -> None:
    """Look every two seconds, until cancelled; gives the CPUs back at the end, and when one can't be had any more."""
    if not hasattr(os, "sched_getaffinity") or len(allowed := os.sched_getaffinity(0)) == 1:
        return
    present: int | None = None
    try:
        before = read_load()
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            now = read_load()
            cpu = choose(present, before, now, allowed)
            if cpu != present:
                put_on({cpu})
                log.debug("on another CPU", cpu=cpu, before=present)
            present, before = cpu, now
    except (OSError, ValueError) as error:
        # The set of CPUs may be changed from outside, and /proc be closed to us: neither is worth a message's delay.
        log.warning("the scheduler places the threads from now on", error=str(error))
    finally:
        _give_back(allowed)


def _give_back(allowed: Collection[int]) -> None:
    try:
        put_on(allowed)
    except OSError as error:
        log.debug("the CPUs of before can't be had any more", error=str(error))
