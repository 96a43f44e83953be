"""What the processes of a measurement tell each other, as JSON of these types."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class LoadSpec:
    """What to send, and where. Messages are numbered from `first`; `seconds` 0 is without a limit of time."""

    port: int
    pieces: tuple[str, ...]
    first: int
    messages: int
    clients: int
    seconds: float = 0.0
    accepted_status: int = 202


@dataclass(slots=True)
class LoadResult:
    """What came of it. Times are of the machine's monotonic clock, which all processes share."""

    accepted: int
    refused: dict[str, int]
    """Answers by status that were not the expected one, and `lost` for connections that ended."""
    started_at: float
    ended_at: float
    latencies: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class SinkReport:
    """What has come so far. `last_at`: when the newest message came, by the machine's monotonic clock."""

    messages: int = 0
    """Different messages that a final event came for."""
    requests: int = 0
    checked: int = 0
    """Signatures that were checked and right."""
    wrong: int = 0
    """Signatures that were checked and wrong, and requests without a message's id."""
    last_at: float = 0.0
