"""Erasure of a person's number, of the production store."""

from __future__ import annotations

from gateway.domain.erasure import Erased, Erasure
from gateway.domain.suppression import NameOf
from storage.postgres import erasure
from storage.postgres.verbs.session import Session, asked_for_long


class ErasureVerbs(Session):
    """See `ErasureStore`."""

    def recognize(self, name_of: NameOf) -> None:
        """See `ErasureStore.recognize`."""
        self._names.of = name_of

    traces = asked_for_long(erasure.traces)

    async def erase(self, asked: Erasure) -> Erased:
        """See `ErasureStore.erase`."""
        return await erasure.erase(self._long, asked, self._owner)
