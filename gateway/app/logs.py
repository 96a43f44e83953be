"""Logs: one line per event that a person would look for, as JSON or for a console. None per message.

Never a body, a secret or a whole number: what is logged is named field by field where it happens, and numbers go
through `routing.numbers.mask` there.
"""

from __future__ import annotations

import io
import logging
import math
import queue
import sys
import threading
import time
from collections.abc import Callable
from typing import Literal, TextIO, cast

import structlog

TELL_EACH_S = 30.0
BURST_S = 5.0
"""Between two lines of a burst, at the most: what a person does again takes longer, and is told again."""

_TROUBLE = frozenset({"warning", "error"})
_COUNTED = frozenset({"bind", "worker", "process"})  # numbers that are names
_MAX_KNOWN = 1_000


WAITING_LINES = 10_000
"""Lines that wait for a disk or a reader; later ones are lost."""
FLUSH_S = 2.0
"""How long the end of a process waits for its last lines."""


class Lines(io.TextIOBase):
    """A stream for log lines that never raises and never waits: what fails or hangs with the disk that the log is on,
    or with whoever reads it, must not take the gateway with it. A thread writes; the first line that goes out again is
    preceded by how many did not.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lost = 0  # of the thread
        self._too_many = 0  # of who writes
        self._lines: queue.SimpleQueue[str | threading.Event] = queue.SimpleQueue()
        threading.Thread(target=self._write_all, name="log", daemon=True).start()

    def isatty(self) -> bool:
        """Whether a person reads it."""
        return self._stream.isatty()

    def write(self, text: str) -> int:
        """Have a line written, or lose it."""
        if self._lines.qsize() < WAITING_LINES:
            self._lines.put(text)
        else:
            self._too_many += 1
        return len(text)

    def settle(self, within_s: float = FLUSH_S) -> None:
        """Wait until what was written so far is out or lost; of a stream that hangs no longer than this."""
        done = threading.Event()
        self._lines.put(done)
        done.wait(within_s)

    def _write_all(self) -> None:
        while True:
            line = self._lines.get()
            if isinstance(line, threading.Event):
                line.set()
            else:
                self._write(line)

    def _write(self, text: str) -> None:
        lost, self._too_many = self._too_many, 0
        self._lost += lost
        try:
            if self._lost:
                self._stream.write(
                    f'{{"event": "log lines were lost", "lines": {self._lost}, "level": "error"}}\n'
                )
                self._stream.flush()
                self._lost = 0
            self._stream.write(text)
            self._stream.flush()
        except (OSError, ValueError):  # ValueError: it was closed
            self._lost += 1


class Bursts:
    """A processor that lets a line of trouble through once and then each half minute, for as long as it comes again and
    again: with the store away, every task that waits for it says so twice a second, and a person looks for what else
    happened. What is left out is counted in the next one, as `repeated`."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._known: dict[tuple[object, ...], tuple[float, float, int]] = {}  # told at, last at, left out

    def __call__(
        self, _logger: object, _name: str, line: structlog.typing.EventDict
    ) -> structlog.typing.EventDict:
        """Raises `structlog.DropEvent` for a line to leave out."""
        if line.get("level") not in _TROUBLE or "error" not in line:
            return line
        now = self._clock()
        if len(self._known) >= _MAX_KNOWN:
            self._known.clear()
        name = tuple(sorted((key, str(value)) for key, value in line.items() if _is_name(key, value)))
        told_at, last_at, left_out = self._known.get(name, (-math.inf, -math.inf, 0))
        if now - last_at <= BURST_S and now - told_at < TELL_EACH_S:
            self._known[name] = told_at, now, left_out + 1
            raise structlog.DropEvent
        self._known[name] = now, now, 0
        return {**line, "repeated": left_out} if left_out else line


def _is_name(key: str, value: object) -> bool:
    """Whether it tells one line from another: times and counts do not."""
    return key != "timestamp" and (key in _COUNTED or not isinstance(value, int | float))


def _own(stream: TextIO) -> TextIO:
    """Another stream on the same descriptor: Python flushes its own at the end, and would wait for a thread that is
    held in it."""
    try:
        number = stream.fileno()
    except (OSError, ValueError):  # one in memory
        return stream
    return open(number, "w", encoding=stream.encoding, errors=stream.errors, closefd=False)


def set_up(level: str, style: Literal["json", "console"]) -> Callable[[], None]:
    """Send all logs, also those of libraries, to standard error. What it gives back waits for the last lines: to be
    called at the end of the process."""
    number = logging.getLevelNamesMapping()[level.upper()]
    written = Lines(_own(sys.stderr))
    lines = cast(TextIO, written)  # all of a stream that loggers use
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last: structlog.typing.Processor = (
        structlog.processors.JSONRenderer()
        if style == "json"
        else structlog.dev.ConsoleRenderer(colors=lines.isatty())
    )
    structlog.configure(
        processors=[*shared, Bursts(), structlog.processors.format_exc_info, last],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.WriteLoggerFactory(lines),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(lines)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                last,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(number, logging.WARNING))
    return written.settle
