"""Pages put together of several reads: no read goes through more than a bounded number of rows, so one may find little
of what is asked for, and the next one goes on where it ended."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import Final, TypeVar

from gateway.ports import Page
from gateway.ports.pages import cut

MAX_READS: Final = 20
"""Reads for one page: where nearly all is passed over, a page is short and says where to go on."""

Item = TypeVar("Item")
Place = TypeVar("Place")


async def gathered(
    read: Callable[[Place | None], Awaitable[Page[Item, Place]]],
    before: Place | None,
    limit: int,
    place: Callable[[Item], Place],
    *,
    sift: Callable[[list[Item]], Awaitable[Iterable[Item]]] | None = None,
    reads: int | None = MAX_READS,
) -> Page[Item, Place]:
    """A page of what `sift` leaves of all that is read from `before` on (None: from the beginning): one read after the
    other until there are `limit` items, or no more, or `reads` have been done; None: however many that takes."""
    kept: list[Item] = []
    done = 0
    while True:
        page = await read(before)
        kept += page.items if sift is None else await sift(page.items)
        before, done = page.before, done + 1
        if before is None or len(kept) >= limit or done == reads:
            return cut(kept, limit, before, place)
