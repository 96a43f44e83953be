"""The table that a run prints."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.bench.measurement import Measurement, ratios

_COLUMNS = (
    ("messages", "accepted", "{:,}"),
    ("accept/s", "acceptPerS", "{:,.0f}"),
    ("end to end/s", "endToEndPerS", "{:,.0f}"),
    ("CPU ms/1,000", "cpuMsPer1000", "{:,.0f}"),
    ("answer p50 ms", "answerP50Ms", "{:,.1f}"),
    ("p99 ms", "answerP99Ms", "{:,.1f}"),
    ("RSS MiB", "rssMiB", "{:,.0f}"),
)


def table(measurements: Sequence[Measurement]) -> str:
    """One row for each subject, and the ratios of the first to the second where there are two."""
    rows = [["", *(title for title, _, _ in _COLUMNS)]]
    for measurement in measurements:
        values = measurement.as_json()
        rows.append([measurement.name, *(form.format(values[key]) for _, key, form in _COLUMNS)])
    if len(measurements) == 2:
        ours, theirs = measurements
        found = ratios(ours, theirs)
        cells = (f"{found[key]:.2f}" if key in found else "-" for _, key, _ in _COLUMNS)
        rows.append([f"{ours.name} / {theirs.name}", *cells])
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
