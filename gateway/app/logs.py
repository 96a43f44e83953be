"""Logs: one line per event that a person would look for, as JSON or for a console. None per message.

Never a body, a secret or a whole number: what is logged is named field by field where it happens, and numbers go
through `routing.numbers.mask` there.
"""

from __future__ import annotations

import io
import logging
import sys
from typing import Literal, TextIO, cast

import structlog


class Lines(io.TextIOBase):
    """A stream for log lines that never raises: what fails with the disk that the log is on, or with whoever reads it,
    must not take the gateway with it. The first line that goes out again is preceded by how many did not.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lost = 0

    def isatty(self) -> bool:
        """Whether a person reads it."""
        return self._stream.isatty()

    def write(self, text: str) -> int:
        """Write and flush a line, or lose it."""
        try:
            if self._lost:
                self._stream.write(
                    f'{{"event": "log lines were lost", "lines": {self._lost}, "level": "error"}}\n'
                )
                self._stream.flush()
                self._lost = 0
            self._stream.write(text)
            self._stream.flush()
        except OSError:
            self._lost += 1
        return len(text)


def set_up(level: str, style: Literal["json", "console"]) -> None:
    """Send all logs, also those of libraries, to standard error."""
    number = logging.getLevelNamesMapping()[level.upper()]
    lines = cast(TextIO, Lines(sys.stderr))  # all of a stream that loggers use
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
        processors=[*shared, structlog.processors.format_exc_info, last],
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
