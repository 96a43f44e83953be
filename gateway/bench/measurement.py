"""What was measured of one gateway, and whether its counts agree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gateway.bench.histogram import Histogram


@dataclass(frozen=True, slots=True)
class Measurement:
    """One subject under load. Counts include the warm-up; times, CPU and latencies do not."""

    name: str
    accepted: int
    taken: int
    """By the carrier: submits that it answered ESME_ROK."""
    receipts: int
    """Acknowledged by the subject."""
    webhooks: int
    """Different messages that the sink was told of."""
    webhook_requests: int
    refused: dict[str, int]
    wrong_webhooks: int
    checked_signatures: int
    measured: int
    """Messages accepted in the measured part."""
    load_s: float
    """From the first request to the last answer."""
    total_s: float
    """From the first request to the last webhook."""
    cpu_s: float
    rss_octets: int
    latencies: Histogram
    books: tuple[str, ...] = ()
    """What the subject's own books say is wrong."""

    @property
    def accept_per_s(self) -> float:
        """Messages accepted per second."""
        return self.measured / self.load_s if self.load_s else 0.0

    @property
    def end_to_end_per_s(self) -> float:
        """Messages per second from request to webhook."""
        return self.measured / self.total_s if self.total_s else 0.0

    @property
    def cpu_ms_per_1000(self) -> float:
        """CPU milliseconds of the subject's processes per 1,000 messages, end to end."""
        return self.cpu_s * 1e6 / self.measured if self.measured else 0.0

    def faults(self) -> list[str]:
        """What is wrong with its counts, one line each; nothing when every message made its whole way."""
        found = []
        if self.refused:
            found.append(f"{self.name}: answers that were not the expected one: {self.refused}")
        if not self.accepted:
            found.append(f"{self.name}: no message was accepted")
        for what, count in (("taken", self.taken), ("receipts", self.receipts), ("webhooks", self.webhooks)):
            if count != self.accepted:
                found.append(f"{self.name}: accepted {self.accepted}, {what} {count}")
        found += [f"{self.name}: {flaw}" for flaw in self.books]
        if self.wrong_webhooks:
            found.append(
                f"{self.name}: {self.wrong_webhooks} webhooks without a message or with a wrong signature"
            )
        return found

    def as_json(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "accepted": self.accepted,
            "taken": self.taken,
            "receipts": self.receipts,
            "webhooks": self.webhooks,
            "webhookRequests": self.webhook_requests,
            "checkedSignatures": self.checked_signatures,
            "acceptPerS": round(self.accept_per_s, 1),
            "endToEndPerS": round(self.end_to_end_per_s, 1),
            "cpuMsPer1000": round(self.cpu_ms_per_1000, 1),
            "answerP50Ms": round(self.latencies.percentile(50) * 1000, 2),
            "answerP99Ms": round(self.latencies.percentile(99) * 1000, 2),
            "rssMiB": round(self.rss_octets / 2**20, 1),
            "faults": self.faults(),
        }


Round = tuple[Measurement, ...]
"""The subjects of one round, always in the same order."""
