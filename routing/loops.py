"""Two machines that answer each other: how many automatic replies a phone gets from one of our numbers.

A phone that is a robot (another gateway, an operator's auto-responder, one of our own numbers) may answer each reply
with a word that asks for the next one. A person asks a few times; so beyond some replies in an hour it is a loop.
Bounded: what is forgotten begins anew.
"""

from collections import OrderedDict

MAX_REPLIES = 5
"""In `WITHIN_S` to one phone: STOP, START and HELP, and one or two of them again."""

WITHIN_S = 3600.0
MAX_PAIRS = 100_000


class Replies:
    """The automatic replies of the last hour, by (our number, phone). Time is in seconds of any clock."""

    def __init__(self) -> None:
        self._told: OrderedDict[tuple[str, str], tuple[float, ...]] = OrderedDict()

    def may(self, number: str, phone: str, now: float) -> bool:
        """Whether one more is no loop. A number never answers itself."""
        told = self._told.get((number, phone), ())
        return number != phone and sum(0 <= now - at < WITHIN_S for at in told) < MAX_REPLIES

    def note(self, number: str, phone: str, now: float) -> None:
        """One was given."""
        told = self._told.pop((number, phone), ())
        self._told[number, phone] = (*told, now)[-MAX_REPLIES:]
        if len(self._told) > MAX_PAIRS:
            self._told.popitem(last=False)
