"""How far long work is: one line on a terminal that overwrites itself, nothing in a pipe."""

from __future__ import annotations

import sys
from time import monotonic

import click

EVERY_S = 0.1


class Progress:
    """Counts on standard error. Use it as a context: the line ends with it."""

    def __init__(self) -> None:
        self._shows = sys.stderr.isatty()
        self._shown_at = 0.0
        self._width = 0

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        if self._width:
            click.echo(err=True)

    def __call__(self, what: str, rows: int) -> None:
        """So many were done so far."""
        now = monotonic()
        if not self._shows or now - self._shown_at < EVERY_S:
            return
        self._shown_at = now
        line = f"{rows:,} {what}"
        click.echo("\r" + line.ljust(self._width), nl=False, err=True)
        self._width = len(line)
