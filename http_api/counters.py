"""What the HTTP side counts: plain numbers, for they change with every request; `gateway.app` shows them as metrics."""

from __future__ import annotations

import enum
from collections import Counter
from dataclasses import dataclass, field
from typing import Final

SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper bounds of the buckets that answer times fall into; the last bucket, without a bound, comes after them."""


class Cut(enum.StrEnum):
    """Why a connection was ended without the answer that it wanted."""

    PARSER = "parser"  #: its bytes are no HTTP
    SLOW_HEADER = "slow_header"
    SLOW_BODY = "slow_body"
    SLOW_READER = "slow_reader"  #: it did not take its answer
    TOO_MANY = "too_many"  #: the limit of connections was reached
    GONE = "gone"  #: the caller left before the answer


@dataclass(slots=True)
class Times:
    """How long the answers of a route took."""

    #: answers per bucket of `SECONDS`
    buckets: list[int] = field(default_factory=lambda: [0] * (len(SECONDS) + 1))
    total_s: float = 0.0


@dataclass(slots=True)
class HttpCounters:
    """One listener's numbers since the start."""

    answers: Counter[tuple[str, int]] = field(default_factory=Counter)  #: (route, status)
    problems: Counter[tuple[str, str]] = field(default_factory=Counter)  #: (route, error code), the caller's
    failures: Counter[tuple[str, str]] = field(default_factory=Counter)  #: the same, ours: 5xx
    cuts: Counter[Cut] = field(default_factory=Counter)
    connections: int = 0  #: open now
    times: dict[str, Times] = field(default_factory=dict)  #: by route
