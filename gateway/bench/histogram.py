"""Latencies in buckets of 10 microseconds: small between processes, and exact enough for a 99th percentile."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

BUCKETS_PER_S = 100_000


class Histogram:
    """Counts of latencies."""

    __slots__ = ("counts",)

    def __init__(self, counts: Mapping[int, int] | None = None) -> None:
        self.counts: Counter[int] = Counter(counts or {})

    def add(self, latency_s: float) -> None:
        """Count one."""
        self.counts[int(latency_s * BUCKETS_PER_S)] += 1

    @property
    def total(self) -> int:
        """How many were counted."""
        return self.counts.total()

    def percentile(self, percent: float) -> float:
        """The latency in seconds that this share does not exceed, to a bucket; 0.0 when nothing was counted."""
        wanted = self.total * percent / 100
        seen = 0
        for bucket in sorted(self.counts):
            seen += self.counts[bucket]
            if seen >= wanted:
                return (bucket + 1) / BUCKETS_PER_S
        return 0.0

    def as_json(self) -> dict[str, int]:
        """For another process; `from_json` is its inverse."""
        return {str(bucket): count for bucket, count in self.counts.items()}

    @classmethod
    def from_json(cls, counts: Mapping[str, int]) -> Histogram:
        """What another process has counted."""
        return cls({int(bucket): count for bucket, count in counts.items()})
