"""The simulated carrier as a command: serves until it is told to stop, takes inbound messages by its input.

Lines of the input are `SENDER RECIPIENT TEXT`: each is an inbound message; a line `drop` cuts every connection, a
line `counters` prints the counts so far, `outbind HOST:PORT` has an ESME that listens there bind.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import stat
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

from gateway.simulator.profile import Profile
from gateway.simulator.record import SubmitLog
from gateway.simulator.smsc import Simulator
from routing.errors import RoutingError
from smpp.capture import Capture


async def run_simulator(
    host: str,
    port: int,
    profile: Profile,
    *,
    log: Path | None = None,
    capture: Path | None = None,
    capture_bodies: bool = False,
    say: Callable[[str], None] = print,
    commands: TextIO | None = None,
) -> None:
    """Serve until SIGINT or SIGTERM, then print the counts. Raises OSError when it can't listen, or write to a file.

    `log` gets a line of JSON for each submit, `capture` all PDUs for Wireshark; `commands` is read when it is a
    terminal or a pipe.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    out = log.open("a", encoding="utf-8") if log is not None else None
    captured = None if capture is None else Capture.to(capture, bodies=capture_bodies)
    simulator = Simulator(
        profile,
        SubmitLog(out) if out is not None else None,
        captured,
        on_step=lambda step: say(f"script: {step.do}"),
    )
    reader = None
    try:
        await simulator.start(host, port)
        say(f"listening on {host}:{simulator.port}")
        reader = _read_commands(simulator, commands, say)
        await stop.wait()
    finally:
        if reader is not None:
            loop.remove_reader(reader)
        await simulator.stop()
        if out is not None:
            out.close()
        if captured is not None:
            captured.close()
        say(counters(simulator))


def counters(simulator: Simulator) -> str:
    """The counts so far, as one line of JSON."""
    return json.dumps(simulator.counters.as_dict())


def obey(simulator: Simulator, line: str) -> str:
    """Do what a line of the input says; returns what to say about it."""
    words = line.split(None, 2)
    if words == ["drop"]:
        return f"dropped {simulator.drop_connections()} connection(s)"
    if words == ["counters"]:
        return counters(simulator)
    if len(words) == 3:
        try:
            return f"sent as {simulator.inject(*words)} part(s)"
        except RoutingError as error:
            return f"not sent: {error}"
    return "write: SENDER RECIPIENT TEXT, or drop, or counters, or outbind HOST:PORT"


async def outbind(simulator: Simulator, address: str, say: Callable[[str], None]) -> None:
    """Do what a line `outbind HOST:PORT` says."""
    host, _, port = address.rpartition(":")
    try:
        await simulator.outbind(host.strip("[]"), int(port))
    except (OSError, ValueError) as error:
        say(f"no outbind to {address}: {error}")
    else:
        say(f"said outbind to {address}")


def _read_commands(simulator: Simulator, commands: TextIO | None, say: Callable[[str], None]) -> int | None:
    """Obey each line of the input; returns the descriptor that is watched, None when there is nothing to watch."""
    if commands is None or commands.closed:
        return None
    descriptor = commands.fileno()
    if not (commands.isatty() or stat.S_ISFIFO(os.fstat(descriptor).st_mode)):
        return None  # a file is no conversation, and the event loop can't wait for one
    loop = asyncio.get_running_loop()
    unfinished = b""
    outbinds = set[asyncio.Task[None]]()

    def read() -> None:
        nonlocal unfinished
        octets = os.read(descriptor, 65536)
        if not octets:
            loop.remove_reader(descriptor)
        *lines, unfinished = (unfinished + octets).split(b"\n")
        for line in lines:
            words = line.decode("utf-8", "replace").split(None, 1)
            if words[:1] == ["outbind"] and len(words) == 2:
                task = loop.create_task(outbind(simulator, words[1].strip(), say))
                outbinds.add(task)
                task.add_done_callback(outbinds.discard)
            elif words:
                say(obey(simulator, line.decode("utf-8", "replace")))

    loop.add_reader(descriptor, read)
    return descriptor
