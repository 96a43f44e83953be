"""What commands print: tables for people, JSON for programs, times and numbers alike everywhere."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import click

from gateway.domain.money import plain


def print_json(value: object) -> None:
    """One JSON value on one line."""
    click.echo(json.dumps(value, ensure_ascii=False, default=_plain))


def print_table(heads: Sequence[str], rows: Sequence[Sequence[object]], nothing: str) -> None:
    """Columns under their heads; `nothing` (on standard error) when there are no rows."""
    if not rows:
        click.echo(nothing, err=True)
        return
    for line in table_lines([[head.upper() for head in heads], *rows]):
        click.echo(line)


def table_lines(rows: Sequence[Sequence[object]]) -> list[str]:
    """Rows as lines with columns of one width; none for no rows."""
    cells = [[shown(cell) for cell in row] for row in rows]
    widths = [max(map(_width, column)) for column in zip(*cells, strict=True)]
    return [
        "  ".join(
            cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)
        ).rstrip()
        for row in cells
    ]


def print_facts(facts: Mapping[str, object]) -> None:
    """A name and its value per line."""
    width = max(map(len, facts))
    for name, value in facts.items():
        click.echo(f"{name:<{width}}  {shown(value)}".rstrip())


def shown(value: object) -> str:
    """A value as people read it; of text, nothing that a terminal would obey."""
    match value:
        case None:
            return "-"
        case bool():
            return "yes" if value else "no"
        case datetime():
            return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%SZ")
        case Decimal():
            return plain(value)
        case timedelta():
            return f"{int(value.total_seconds())} s"
        case str():
            return "".join(sign if sign.isprintable() else "\ufffd" for sign in value)
        case Sequence() | frozenset() | set():
            return (
                ", ".join(sorted(map(shown, value)))
                if not isinstance(value, Sequence)
                else ", ".join(map(shown, value))
            )
    return str(value)


def _width(text: str) -> int:
    """Columns on a terminal: wide signs take two."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


def _plain(value: object) -> object:
    """What JSON has no type for."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, frozenset | set):
        return sorted(map(str, value))
    if isinstance(value, Decimal):
        return plain(value)  # a text: a number would be read as a float
    raise TypeError(f"no JSON for {type(value).__name__}")
