"""Word from process to process that something waits in the store: it saves the time until the next look, no more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from gateway.domain.words import Priority

WEBHOOKS = "webhooks"
"""The topic of events that wait to be delivered."""


def topic_of(operator: str, priority: Priority) -> str:
    """The topic of messages of a class that wait for an operator."""
    return f"dispatch:{operator}:{priority.name.lower()}"


class Listener(Protocol):
    """Who looks into the store when told. Called on the event loop's thread."""

    def wanted(self) -> Mapping[str, int]:
        """The topics of which something could be taken now, and how much."""
        ...

    def told(self, topic: str, count: int) -> None:
        """So much waits of a topic that was wanted a moment ago."""
        ...

    def lost(self) -> None:
        """Something may have been said that did not come through."""
        ...


class Hints(Protocol):
    """A way between processes that may lose what it carries: whoever listens looks into the store all the same."""

    @property
    def well(self) -> bool:
        """Whether hints come through, as far as this process can tell: then it need not look so often."""
        ...

    def publish(self, topic: str, count: int) -> None:
        """So much waits, since just now, and may not be taken here. Does not wait, and never raises."""
        ...

    def subscribe(self, listener: Listener) -> None:
        """Be told what is published."""
        ...


class NoHints:
    """Nobody is told; everybody looks by himself."""

    well = False

    def publish(self, topic: str, count: int) -> None:
        """Nobody listens."""

    def subscribe(self, listener: Listener) -> None:
        """Nobody speaks."""
