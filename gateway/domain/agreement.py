"""Terms of use, and who has accepted which version of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Agreement:
    """A member of an account has accepted a version of the terms."""

    account: str
    member: str  #: the key's member, or its key id where it has none
    version: str
    at: datetime
    address: str  #: the caller's address at that moment; "" when a person did it on the command line
