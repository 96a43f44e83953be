"""What can go wrong on the way out, all of it.

    OutboundError
      BadUrl            the URL can't be used: its scheme, its host, its port
      PrivateAddress    the host is, or resolves to, an address that tenants must not reach
      Unresolved        the name has no address now
      FetchFailed       a document could not be fetched (`fetch_json`)

`str(error)` is one sentence for a person. `PooledClient` raises none of them: it puts the sentence into
its answer.
"""

from __future__ import annotations


class OutboundError(Exception):
    """The root of what a request to the outside fails with before there is an answer."""


class BadUrl(OutboundError):
    """The URL can't be used; trying again with the same one is in vain."""


class PrivateAddress(OutboundError):
    """The host is, or resolves to, an address that tenants must not reach."""


class Unresolved(OutboundError):
    """The name has no address now."""


class FetchFailed(OutboundError):
    """A document could not be fetched, or is not what was expected."""
