"""The rates of an SMPP operator: the core's pacer as its pool asks it, and what people are told of it.

Many processes may hold binds of one operator. Each uses its part of the rates: that of the binds it holds.
"""

from __future__ import annotations

from typing import Any

from gateway.domain.outcome import Part
from gateway.domain.pacing import Hold, Level, Limits, Pacer, Pair
from gateway.metrics import Metrics
from gateway.operators.smpp_config import Config

RECENT_S = 2.0  #: people look at states that are about so old


def limits_of(config: Config) -> Limits:
    """The rates that a configuration names."""
    return Limits(
        config.rate_per_s, config.rate_per_bind_per_s, config.rate_per_sender_per_s, config.rate_per_prefix
    )


class SmppPace:
    """`smpp.pace.Pace` for one operator."""

    def __init__(self, config: Config, metrics: Metrics) -> None:
        self._operator = config.id
        self._binds = config.binds
        self._pacer = Pacer(limits_of(config))
        self._metrics = metrics
        self._waits = {level: metrics.paced_waits.of(config.id, level.value) for level in Level}
        self.by_part = self._pacer.by_pair  #: whether senders and destinations have rates of their own

    def hold_binds(self, held: int) -> None:
        """So many of the operator's binds are this process's: 0: nothing is written, at whatever rate."""
        if held:
            self._pacer.share(held / self._binds)

    # --- what the dispatcher asks

    def admit(self, sender: str, recipient: str, parts: list[Part], now: float) -> Hold | None:
        """Whether a message may be handed over now, where parts differ; then each of its parts is written or
        `forgotten` later."""
        pair = Pair(sender, recipient)
        hold = self._pacer.admit(pair, len(parts), now)
        if hold is None:
            for part in parts:
                part.pace = pair
        return hold

    def forget(self, parts: list[Any]) -> None:
        """These were handed over and not written."""
        for part in parts:
            if part.pace is not None:
                self._pacer.forget(part.pace)
                part.pace = None

    # --- what the pool asks

    def free(self, bind: int, now: float) -> int:
        """See `Pace`."""
        return self._pacer.free(bind, now)

    def ready_at(self, bind: int, now: float) -> float:
        """See `Pace`."""
        hold = self._pacer.hold(bind, now)
        return now if hold is None else hold.until

    def take(self, bind: int, wanted: int, now: float) -> int:
        """See `Pace`."""
        return self._pacer.take(bind, wanted, now)

    def take_part(self, bind: int, tag: Any, now: float) -> float:
        """See `Pace`."""
        if tag.pace is None:  # it was not admitted: the operator's rate is that of all parts
            return 0.0 if self._pacer.take(bind, 1, now) else self.ready_at(bind, now)
        hold = self._pacer.take_part(bind, tag.pace, now)
        if hold is not None:
            return hold.until
        tag.pace = None
        return 0.0

    def slow_down(self, now: float) -> None:
        """See `Pace`."""
        if self._pacer.operator.slow_down(now):
            self._metrics.throttle_pauses.add(self._operator)

    def congested(self, state: int, now: float) -> None:
        """See `Pace`."""
        self._pacer.operator.congested(state, now)
        self._metrics.congestion_state.set(state, self._operator)

    # --- what people are told

    def show(self, now: float) -> None:
        """Set the metrics."""
        self._metrics.pace_per_s.set(self._pacer.operator.rate(now), self._operator)
        for level, count in self._waits.items():
            count.total = self._pacer.waits[level]

    def state(self, now: float) -> dict[str, object]:
        """The rate in force over the binds held here (0: no limit), and what something has waited for just now."""
        last = self._pacer.last
        waits_for = None
        if last is not None and last.until > now - RECENT_S:
            waits_for = f"{last.level.value} {last.key}".rstrip()
        return {"rate_per_s": round(self._pacer.operator.rate(now), 3), "waits_for": waits_for}
