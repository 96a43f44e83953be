"""Erasure of a person's number, of the embedded store."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gateway.domain.erasure import Erased, Erasure
from gateway.domain.suppression import NameOf
from storage.erased import MAX_LEFT
from storage.sqlite.erasure import Erasures
from storage.sqlite.verbs.elsewhere import Elsewhere
from storage.sqlite.verbs.session import written


class ErasureVerbs(Elsewhere):
    """See `ErasureStore`."""

    def recognize(self, name_of: NameOf) -> None:
        """See `ErasureStore.recognize`."""
        self._names.of = name_of

    traces = written(lambda session: session._erasures, Erasures.traces)

    async def erase(self, asked: Erasure) -> Erased:
        """See `ErasureStore.erase`."""
        done = Erased()
        if await self._alone(lambda: self._begin_erasure(asked)):
            await self._settle_elsewhere(asked.at)
            await self._pages(done, self._erasures.messages, asked, ("", 0))
            await self._pages(done, self._erasures.inbound, asked, b"")
        await self._pages(done, self._erasures.results, asked, 0)
        if not done.left:
            done.add(await self._alone(lambda: self._erasures.end(asked)))
        return done

    def _begin_erasure(self, erasure: Erasure) -> bool:
        found = self._erasures.begin(erasure)
        self._knowing.look()
        return found

    async def _pages(
        self,
        done: Erased,
        page: Callable[[Erasure, Any], tuple[Erased, Any | None]],
        erasure: Erasure,
        first: Any,
    ) -> None:
        """Page after page, each a transaction of its own."""
        place: Any | None = first
        while place is not None and len(done.left) < MAX_LEFT:
            after = place
            more, place = await self._alone(lambda: page(erasure, after))  # noqa: B023 it is awaited
            done.add(more)
