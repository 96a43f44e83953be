"""Erasure of a person's number."""

from __future__ import annotations

from typing import Protocol

from gateway.domain.account import Env
from gateway.domain.erasure import Erased, Erasure
from gateway.domain.suppression import NameOf


class ErasureStore(Protocol):
    """Numbers that are to be known by a name alone."""

    def recognize(self, name_of: NameOf) -> None:
        """How erased numbers are called. From now on acceptance, claims, START and what carriers say know a number
        that was erased by its name; a process that serves says so before it does."""
        ...

    async def traces(self, asked: Erasure) -> frozenset[tuple[str, Env]]:
        """The accounts that are concerned, and their environments, in which the number stands."""
        ...

    async def erase(self, asked: Erasure) -> Erased:
        """Put the name in the number's place: in final messages with their parts, refs and webhooks, in inbound
        messages and kept answers, and at last on the suppression list. Many short transactions; a second call does
        what the first has left. Returns when every serving process knows of it."""
        ...
