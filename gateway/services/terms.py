"""The terms of use: which version holds, who has accepted it, and when.

Document 003: only members that accepted the current terms can send. A member is a person of an account (a key's
`--member`, a token's subject); a key without one is a service, and stands for itself. What somebody has accepted holds
for both environments, and never lapses: a new version asks again.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

from gateway.domain.account import Caller
from gateway.domain.agreement import ALL_SERVICES, Agreement
from gateway.errors import Conflict
from gateway.ports import AccountStore, Clock

MAX_CACHED = 10_000  #: members whose yes is remembered; who is forgotten costs one look into the store


class Terms:
    """Asked before each send, so that a yes is remembered; a no is looked for again, for it may have become a yes."""

    def __init__(self, store: AccountStore, version: Callable[[], str], clock: Clock) -> None:
        """`version`: the one that holds now; a reload of the configuration may change it."""
        self._store = store
        self._version = version
        self._clock = clock
        self._known: OrderedDict[tuple[str, str, str], None] = OrderedDict()

    @property
    def version(self) -> str:
        """The current version."""
        return self._version()

    async def accepted(self, caller: Caller) -> bool:
        """Whether the caller has accepted the current version. Raises `StoreUnavailable`."""
        key = (caller.account, member_of(caller), self._version())
        if key in self._known:
            return True
        if await self._find(caller, key[2]) is None:
            return False
        self._remember(key)
        return True

    async def agreement(self, caller: Caller) -> Agreement | None:
        """The caller's acceptance of the current version, if any: its own, or its account's for all services."""
        return await self._find(caller, self._version())

    async def accept(self, caller: Caller, version: str, address: str) -> Agreement:
        """Keep that the caller accepts; the first time counts. Raises `Conflict` unless `version` is the current one:
        who agrees to another has not read this one."""
        current = self._version()
        if version != current:
            raise Conflict("These are not the current terms: read and accept the current version.")
        member = member_of(caller)
        made = await self._store.agree(Agreement(caller.account, member, version, self._clock(), address))
        self._remember((caller.account, member, version))
        return made

    async def _find(self, caller: Caller, version: str) -> Agreement | None:
        own = await self._store.agreed(caller.account, member_of(caller), version)
        if own is not None or caller.member:
            return own
        return await self._store.agreed(caller.account, ALL_SERVICES, version)

    def _remember(self, key: tuple[str, str, str]) -> None:
        self._known[key] = None
        if len(self._known) > MAX_CACHED:
            self._known.popitem(last=False)


def member_of(caller: Caller) -> str:
    """Who the caller is within its account: the member, or the key where it has none."""
    return caller.member or caller.key_id
