"""Pages: the parts in which lists are read, each within a bounded number of rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

LOOKS: Final = 5_000
"""Rows that a page is looked for among: some milliseconds, however much there is."""

Item = TypeVar("Item")
Place = TypeVar("Place")


@dataclass(frozen=True, slots=True)
class Page(Generic[Item, Place]):
    """A part of a list, in its order: up to its query's `limit`, and fewer, or none, where the list ends or where
    enough rows have been looked at for it."""

    items: list[Item]
    before: Place | None  #: where to go on, as the next query's `before`; None: there is no more


def cut(
    found: Sequence[Item], limit: int, before: Place | None, place: Callable[[Item], Place]
) -> Page[Item, Place]:
    """A page of what was found, in its order, and where the rest begins: behind the page's last item where there is
    more than it takes, else where the look ended."""
    if len(found) > limit:
        return Page(list(found[:limit]), place(found[limit - 1]))
    return Page(list(found), before)
