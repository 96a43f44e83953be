"""How the binds of an operator are spread over the processes that send: each has its number of them, all together have
all, and a process that comes or goes moves as few as can be.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache
from hashlib import blake2b


def share(operator: str, binds: int, process: int, senders: Collection[int]) -> int:
    """How many of an operator's binds `process` should hold, among the numbers of all that send.

    Binds that can't be split evenly go to the first of an order that is each operator's own (rendezvous hashing), so
    that many operators with one bind each are spread too. 0 for a process that does not send.
    """
    if process not in senders:
        return 0
    even, rest = divmod(binds, len(senders))
    ours = _weight(operator, process), process
    before = sum((_weight(operator, other), other) > ours for other in senders)
    return even + (before < rest)


@lru_cache(maxsize=65_536)
def _weight(operator: str, process: int) -> int:
    digest = blake2b(operator.encode(), digest_size=8, salt=process.to_bytes(8, "big")).digest()
    return int.from_bytes(digest, "big")
