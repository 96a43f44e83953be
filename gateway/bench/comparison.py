"""Two gateways compared over rounds.

What else runs on a machine makes the figures of one round jump by a third. Two subjects that are measured one right
after the other share most of it, so each round has its own ratio, and the middle one counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from gateway.bench.interpreter import interpreter
from gateway.bench.measurement import Measurement, Round

COMPARED = ("acceptPerS", "endToEndPerS", "cpuMsPer1000", "answerP50Ms", "answerP99Ms", "rssMiB")
"""Figures that have a ratio: rates want to be more, the others less."""


@dataclass(frozen=True, slots=True)
class Spread:
    """A ratio of all rounds."""

    median: float
    lowest: float
    highest: float


def figures(rounds: Sequence[Round]) -> dict[str, dict[str, float]]:
    """Each subject's figures, the medians of the rounds; `accepted` is their sum."""
    found = {}
    for several in zip(*rounds, strict=True):
        values = [one.as_json() for one in several]
        of_subject = {name: median(each[name] for each in values) for name in COMPARED}
        of_subject["accepted"] = sum(one.accepted for one in several)
        found[several[0].name] = of_subject
    return found


def ratios(ours: Measurement, theirs: Measurement) -> dict[str, float]:
    """Ours by theirs: above 1 is more."""
    mine, other = ours.as_json(), theirs.as_json()
    return {name: round(mine[name] / other[name], 2) for name in COMPARED if other[name]}


def spreads(rounds: Sequence[Round]) -> dict[str, Spread]:
    """The first subject's figures by the second's, round by round; none where one subject was measured alone."""
    each = [ratios(*measured) for measured in rounds if len(measured) == 2]
    found = {}
    for name in COMPARED:
        values = [one[name] for one in each if name in one]
        if values:
            found[name] = Spread(round(median(values), 2), min(values), max(values))
    return found


def as_json(rounds: Sequence[Round]) -> dict[str, Any]:
    """For `--json`: the medians, and beside them every round as it was."""
    return {
        "python": interpreter(),
        "measurements": figures(rounds),
        "ratios": {
            name: {"median": found.median, "lowest": found.lowest, "highest": found.highest}
            for name, found in spreads(rounds).items()
        },
        "rounds": [{one.name: one.as_json() for one in measured} for measured in rounds],
    }
