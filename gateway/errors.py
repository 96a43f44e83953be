"""The gateway's errors, all of them.

    TrunklineError
      StoreError                the store could not do what was asked
        StoreUnavailable        it is down, locked, full or read-only: try again later (HTTP 503)
        StoreHangs              it can't be closed, for what it does has no end
        StoreInUse              another process serves this store
        SchemaTooNew            the store was written by a newer release
      Fenced                  another process has taken over what this one held
      NotFound                  no such thing in the caller's account and environment
      Refused                   the request is understood and not allowed; says why
        Conflict                it contradicts what the store holds (a taken name, a final message)
      Overloaded                refused early; `retry_after_s` says when to come back
      SecretError               a secret can't be read, opened or written
      OperatorError             a transport can't be set up as configured

`str(error)` is for the person or program that asked: what is wrong and what to do. Causes (driver errors,
system errors) are chained as `__cause__` and belong in the log alone. Errors of a configuration file stand
apart (`gateway.config.ConfigErrors`): they are never part of answering a request.
"""

from __future__ import annotations


class TrunklineError(Exception):
    """The root of all that the gateway raises on purpose."""


class StoreError(TrunklineError):
    """The store could not do what was asked."""


class StoreUnavailable(StoreError):
    """The store is down, locked, full or read-only. Nothing of the call was kept; trying again later is
    right.
    """


class StoreHangs(StoreError):
    """The store can't be closed: its disk does not come back from what was asked of it, and whether that is kept only
    the next start will tell. Threads wait for the disk: a process that wants to end must not wait for them.
    """


class StoreInUse(StoreError):
    """Another process serves this store; two would send every message twice."""


class Fenced(StoreError):
    """Another process has ended this one's lease and taken over what it held. Nothing of the call was kept, and nothing
    will be kept in this process's name; it must close its binds and register anew.
    """


class SchemaTooNew(StoreError):
    """The store was written by a newer release; this one would damage it."""


class NotFound(TrunklineError):
    """No such thing in the caller's account and environment."""


class Refused(TrunklineError):
    """The request is understood and not allowed."""


class Conflict(Refused):
    """The request contradicts what the store holds."""


class Overloaded(TrunklineError):
    """Refused early, nothing was kept.

    `retry_after_s` is a whole number of seconds for `Retry-After`; `by_rate` tells a caller's own limit (429)
    from the gateway's (503).
    """

    def __init__(self, message: str, *, retry_after_s: int, by_rate: bool) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s
        self.by_rate = by_rate


class SecretError(TrunklineError):
    """A secret can't be read, opened or written."""


class OperatorError(TrunklineError):
    """A transport can't be set up as configured."""
