"""How a store hands a verb of its port on.

Most verbs are one function of the engine's, run at a place that the store chooses: a reader, or a transaction of its
own. A section says which, in a line: `key = asked(accounts.key)` makes the method `key(digest)` of
`accounts.key(db, digest)`, with its arguments and its result. Those that many callers share, and that are called for
every message, are written out: a call less.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any

Act = Callable[[Any], Any]
"""A verb with its arguments; it wants the place where it runs."""


def handed_on(verb: Callable[..., Any], run: Callable[[Any, Act], Awaitable[Any]]) -> Any:
    """The method of a store that runs `verb(place, *arguments)` where `run(store, act)` has it run. Its types are those
    that the engine's own words for this give it."""

    @wraps(verb)
    async def method(store: Any, *arguments: Any, **named: Any) -> Any:
        return await run(store, lambda place: verb(place, *arguments, **named))

    return method
