"""How well operators do, as this process sees it: answers and receipts counted for each operator and country.

Each process counts for itself, what passes through its own hands: a carrier that does badly is found by each of them
within its own traffic, and nothing is shared. What is wrong with the message or its recipient says nothing about the
operator and is not counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

import structlog

from gateway.domain.outcome import Accepted, Doubt, NextRoute, Outcome, Retry
from gateway.domain.receipt import Receipt
from gateway.domain.words import PartState, Reason
from routing.breaker import Breakers, Kind, Limits, Standing
from routing.health import Ailing, Place

log = structlog.get_logger("gateway.standings")

_SAYS: Mapping[type, bool] = MappingProxyType({Accepted: True, Retry: False, NextRoute: False, Doubt: False})
"""What an answer says of its operator. A refusal is about the message, a throttled part is about our pace, a fault of
the session is seen by the state of its binds: they say nothing."""

OF_THE_RECIPIENT = frozenset(
    {
        Reason.INVALID_NUMBER,
        Reason.BLOCKED,
        Reason.OPTED_OUT,
        Reason.ABSENT,
        Reason.BUSY,
        Reason.AGE_RESTRICTED,
        Reason.PREPAID_FUNDS,
    }
)
"""Why a message is not delivered whoever carries it."""

# An enum's member costs as much to look up as a call: these are asked for with each message.
_ANSWERS, _RECEIPTS, _DELIVERED = Kind.ANSWERS, Kind.RECEIPTS, PartState.DELIVERED

OnStanding = Callable[[str, str, str], None]
"""Told of each change: operator, country code, standing."""


def _nobody(_operator: str, _country: str, _standing: str) -> None:
    """For those whom it does not concern."""


class Standings:
    """The breakers of this process."""

    def __init__(
        self, clock: Callable[[], float], limits: Limits | None = None, on_standing: OnStanding = _nobody
    ) -> None:
        """`clock`: seconds since whenever; read for each answer and receipt."""
        self._clock = clock
        self._breakers = Breakers(limits or Limits())
        self._on_standing = on_standing
        self._told: dict[Place, Standing] = {}
        self.ailing: Mapping[Place, Ailing] = MappingProxyType({})  #: another one after each change

    def set_up(self, limits: Limits, operators: Iterable[str]) -> None:
        """Take a configuration. With other limits everybody begins anew."""
        if limits != self._breakers.limits:
            self._breakers = Breakers(limits)
        self._breakers.keep(operators)
        self._changed()

    def answered(self, operator: str, recipient: str, outcome: Outcome) -> None:
        """Count an answer."""
        good = _SAYS.get(type(outcome))
        if good is not None and self._breakers.note(operator, recipient, _ANSWERS, good, self._clock()):
            self._changed()

    def receipted(self, receipt: Receipt) -> None:
        """Count a final receipt."""
        if receipt.state is None:
            return
        good = receipt.state is _DELIVERED
        if not good and receipt.reason in OF_THE_RECIPIENT:
            return
        if self._breakers.note(receipt.operator, receipt.recipient, _RECEIPTS, good, self._clock()):
            self._changed()

    def look(self) -> None:
        """Let time pass."""
        if self.ailing and self._breakers.tick(self._clock()):
            self._changed()

    def tried(self, operator: str, recipient: str) -> None:
        """A message was given to an operator that is on trial."""
        if self._breakers.probed(operator, recipient):
            self._changed()

    def _changed(self) -> None:
        self.ailing = MappingProxyType(dict(self._breakers.ailing()))
        for place in {*self._told, *self.ailing}:
            standing = self._breakers.standing(place)
            if self._told.get(place, Standing.WELL) is standing:
                continue
            if standing is Standing.WELL:
                self._told.pop(place, None)
            else:
                self._told[place] = standing
            why = self.ailing[place].why if place in self.ailing else "it does well again"
            log.warning(
                "an operator's standing", operator=place[0], country=place[1], is_now=standing.value, why=why
            )
            self._on_standing(*place, standing.value)

    def said(self, operator: str) -> list[dict[str, object]]:
        """For people: where an operator does badly now."""
        self.look()
        return [
            {"country": country, "trial": ailing.trial, "why": ailing.why}
            for (key, country), ailing in sorted(self.ailing.items())
            if key == operator
        ]
