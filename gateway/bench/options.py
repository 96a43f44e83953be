"""What is measured, and how much of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class BenchOptions:
    """One run. `seconds` ends the load early; `kannel` None measures it when it is installed."""

    messages: int = 15_000
    """Of each round."""
    seconds: float = 0.0
    clients: int = 32
    warm_up: int = 1_000
    """Messages before the measured ones, for each subject alike: caches, pools and the store's first pages."""
    window: int = 100
    idempotency: bool = True
    """Whether each request has its own Idempotency-Key, as the contract recommends; Kannel knows no such thing."""
    kannel: bool | None = None
    directory: Path | None = None
    """Where stores and logs are, on a real disk; None: a new one in the current directory, removed afterwards."""
    profile: Path | None = None
    """Where py-spy, when it is installed, writes the gateway's stacks: those of workers, and of the account that pays,
    into files beside it (`stacks-1.txt`, `stacks-metered.txt`)."""
    store: str | None = None
    """An empty PostgreSQL database of the run's own, as `store.url` has it; None: an embedded store."""
    redis: str | None = None
    """`redis.url`, with a PostgreSQL store."""
    workers: int = 1
    """Processes that share the PostgreSQL store, and as many binds."""
    rounds: int = 1
    """How often each subject is measured, in turns and each time from an empty store: on a machine that others use too
    one round proves little. A PostgreSQL store is empty once."""
    metered: bool = False
    """Measure the gateway twice: one account that pays for every message, then one that does not. No Kannel."""
    patience_s: float = 30.0
    """How long nothing may arrive before a run is given up."""

    def __post_init__(self) -> None:
        if self.messages < 1 or self.clients < 1 or self.window < 1 or self.warm_up < 0:
            raise ValueError("messages, clients and window must be at least 1, warm_up at least 0")
        if self.rounds < 1 or (self.rounds > 1 and self.store is not None):
            raise ValueError("at least one round; with --store just one, for its database is empty once")
        if self.rounds > 1 and self.profile is not None:
            raise ValueError("with --profile just one round: each would write its stacks over the last one's")
        if self.workers < 1 or (self.workers > 1 and self.store is None):
            raise ValueError("many workers share a PostgreSQL store: name one with --store")
        if self.store is not None and not self.store.startswith("postgresql://"):
            raise ValueError(
                "--store names a PostgreSQL database, postgresql://...; left out: an embedded store"
            )
        if self.redis is not None and self.store is None:
            raise ValueError("--redis goes with a PostgreSQL store: name one with --store")
        if self.metered and self.kannel:
            raise ValueError(
                "--metered measures the gateway alone, for Kannel knows no money: leave out --kannel"
            )
