"""The table that a run prints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gateway.bench.comparison import figures, spreads
from gateway.bench.measurement import Round

_COLUMNS = (
    ("messages", "accepted", "{:,.0f}"),
    ("accept/s", "acceptPerS", "{:,.0f}"),
    ("end to end/s", "endToEndPerS", "{:,.0f}"),
    ("CPU ms/1,000", "cpuMsPer1000", "{:,.0f}"),
    ("answer p50 ms", "answerP50Ms", "{:,.1f}"),
    ("p99 ms", "answerP99Ms", "{:,.1f}"),
    ("RSS MiB", "rssMiB", "{:,.0f}"),
)


def table(rounds: Sequence[Round]) -> str:
    """One row for each subject, and the ratios of the first to the second where there are two: the medians of the
    rounds and, of several rounds, the lowest and the highest."""
    rows = [["", *(title for title, _, _ in _COLUMNS)]]
    for name, values in figures(rounds).items():
        rows.append([name, *(form.format(values[key]) for _, key, form in _COLUMNS)])
    found = spreads(rounds)
    if found:
        names = " / ".join(one.name for one in rounds[0])
        rows.append([names, *_cells({key: each.median for key, each in found.items()})])
        if len(rounds) > 1:
            rows.append(
                [f"  lowest of {len(rounds)}", *_cells({key: each.lowest for key, each in found.items()})]
            )
            rows.append(
                [f"  highest of {len(rounds)}", *_cells({key: each.highest for key, each in found.items()})]
            )
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(
            [
                row[0].ljust(widths[0]),
                *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)),
            ]
        ).rstrip()
        for row in rows
    )


def _cells(ratios: Mapping[str, float]) -> list[str]:
    return [f"{ratios[key]:.2f}" if key in ratios else "-" for _, key, _ in _COLUMNS]
