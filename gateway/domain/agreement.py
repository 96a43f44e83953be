"""Terms of use, and who has accepted which version of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

FIRST_VERSION = "1"  #: of the terms, where the configuration names none

ALL_SERVICES = ""
"""As a member: all of an account's keys that have none, also those to come (`terms_accepted=current`)."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """A member of an account has accepted a version of the terms."""

    account: str
    member: str  #: the key's member, or its key id where it has none
    version: str
    at: datetime
    address: str  #: the caller's address at that moment; "" when a person did it on the command line
