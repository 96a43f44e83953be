"""Word from process to process that messages wait in the store: it saves the time until the next look, no more."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Protocol


class Hints(Protocol):
    """A way between processes that may lose what it carries: whoever listens looks into the store all the same."""

    def publish(self, operators: Collection[str]) -> None:
        """Messages wait for these operators, since just now, and not here. Does not wait, and never raises."""
        ...

    def subscribe(self, on_waiting: Callable[[Collection[str]], None]) -> None:
        """Be told, on the event loop's thread, what other processes publish."""
        ...


class NoHints:
    """Nobody is told; lanes look by themselves."""

    def publish(self, operators: Collection[str]) -> None:
        """Nobody listens."""

    def subscribe(self, on_waiting: Callable[[Collection[str]], None]) -> None:
        """Nobody speaks."""
