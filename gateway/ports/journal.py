"""The flight journal, beside the store."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from gateway.domain.outcome import Part


class Journal(Protocol):
    """The flight journal (DESIGN.md, promise 2)."""

    def written(self, parts: Sequence[Part]) -> None:
        """Note the parts that the next socket write holds; before it, with one `write(2)`."""
        ...

    def returned(self, part: Part) -> None:
        """The carrier answered that it did not take the part, and it stays in memory to be written again."""
        ...

    def recorded(self, parts: Sequence[tuple[bytes, int, int]]) -> None:
        """Their outcomes are in the store: (message id, attempt, part)."""
        ...
