"""The erasure of one person's number, beside a running gateway.

The person is put on the suppression list of every account that has something of theirs, so that nothing new comes
while the old goes. What is not final is ended (`opted_out`) and its account is told, by the name that stands for the
number from then on; what a process has in hand is waited for. At the end the list knows the number only by its name,
a keyed hash: a later send is still refused, and a START of that person lifts it.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Protocol

from gateway.domain import erasure
from gateway.domain.account import Env
from gateway.domain.erasure import Erased, Erasure
from gateway.domain.message import End, Message, PartRow, Step, end
from gateway.domain.suppression import ERASED_PREFIX, NameOf, Suppression
from gateway.domain.words import Reason
from gateway.errors import Refused
from gateway.ports import AnswerStore, Clock, ErasureStore, NumberStore, SuppressionStore
from gateway.secrets import Secrets
from gateway.services.accounts import Accounts
from gateway.services.events import Announcer
from gateway.services.suppressions import checked_number

PATIENCE_S = 60.0
"""How long is waited for what a process has in hand: longer than a carrier or a receiver may take to answer."""

PAUSE_S = 0.5

_NAME_HEX = 32  # 128 bits: no two numbers of the world share a name

OnErased = Callable[[str, int], None]
"""Told what was erased and how many so far."""


def names(box: Secrets) -> NameOf:
    """How erased numbers are called: HMAC-SHA-256 with a key of the key file, for E.164 has so few numbers that a
    plain hash would be looked up in a table."""
    key = box.derive("erased numbers")

    def name_of(number: str) -> str:
        return ERASED_PREFIX + hmac.new(key, number.encode(), hashlib.sha256).hexdigest()[:_NAME_HEX]

    return name_of


class Sections(AnswerStore, ErasureStore, NumberStore, SuppressionStore, Protocol):
    """Of the store: where a number stands, and what keeps it from being written to again."""


class Erasing:
    """Erasures. `pause(seconds)` waits."""

    def __init__(
        self,
        store: Sections,
        accounts: Accounts,
        box: Secrets,
        clock: Clock,
        pause: Callable[[float], Awaitable[None]],
    ) -> None:
        self._store = store
        self._accounts = accounts
        self._name_of = names(box)
        self._clock = clock
        self._pause = pause
        # The events wait in the store for a serving process.
        self._announcer = Announcer(accounts.policy, lambda _url: None)

    async def erase(self, number: str, account: str | None, on_erased: OnErased) -> Erased:
        """Erase a number, of one account or (None) of all; what was erased. `left` is not empty when a process held
        on to something for longer than `PATIENCE_S`: the same call goes on. Raises `Refused`, `NotFound`.
        """
        checked_number(number)
        if account is not None:
            await self._accounts.account(account)
        await self._refuse_own(number)
        await self._accounts.fresh()
        self._store.recognize(self._name_of)
        total = Erased()
        until = self._clock() + timedelta(seconds=PATIENCE_S)
        while True:
            asked = Erasure(number, self._name_of(number), account, self._clock())
            await self._suppress(asked)
            total.left = []  # what the pass before has left is looked at again
            total.add(await self._store.erase(asked))
            on_erased("messages erased", total.messages)
            if not total.left or self._clock() >= until:
                return total
            steps = await self._store.change(total.left, self._decide)
            if all(step is None for step in steps):
                await self._pause(PAUSE_S)

    async def _refuse_own(self, number: str) -> None:
        for owned in await self._store.numbers():
            if owned.number == number:
                raise Refused(f"{number} is no person's: account '{owned.account}' gets messages at it")

    async def _suppress(self, asked: Erasure) -> None:
        """For each account that has something of the person: a running gateway hears of it and lets go."""
        places: frozenset[tuple[str, Env]] = await self._store.traces(asked)
        entries = [
            Suppression(account, env, "", asked.number, erasure.REASON, asked.at)
            for account, env in sorted(places)
        ]
        if entries:
            await self._store.suppress(entries)

    def _decide(self, message: Message, _rows: list[PartRow]) -> Step | None:
        """End what waits, or has no receipt yet; leave what is final or in a process's hands."""
        if message.over or message.owner is not None:
            return None
        now = self._clock()
        step = Step(message)
        end(step, End(Reason.OPTED_OUT, "its recipient's number was erased"), now)
        self._announcer.announce(step, now)
        return step
