"""What a text would be as a message of the caller's, and what it would cost: nothing is kept, sent or charged."""

from __future__ import annotations

from typing import NamedTuple

from gateway.domain.account import Caller
from gateway.domain.send import Refusal
from gateway.ports import Clock
from gateway.services.gates import check_body
from gateway.services.pricing import Pricing, Quote
from routing.national import languages_of
from routing.numbers import is_e164
from routing.preview import Preview, preview


class Previewed(NamedTuple):
    """A text as a message, and its price; None: the account is not metered, it was not said where the message would go,
    or there is no price for that."""

    text: Preview
    metered: bool
    price: Quote | None


class Previews:
    """Looks at texts by the account's own policy."""

    def __init__(self, pricing: Pricing, clock: Clock) -> None:
        self._pricing = pricing
        self._clock = clock

    def preview(self, caller: Caller, body: str, recipient: str, max_chars: int) -> Previewed | Refusal:
        """The text, through the gate that a message's text goes through. `recipient`: E.164, or anything else where it
        is not known."""
        refusal = check_body(body, max_chars)
        if refusal is not None:
            return refusal
        policy = caller.policy
        text = preview(body, languages_of(policy.national_languages), policy.smart_replacement)
        quote = None
        if is_e164(recipient):
            quote = self._pricing.quote(policy, recipient, text.segments.count, self._clock())
        return Previewed(text, policy.rate_plan is not None, quote if isinstance(quote, Quote) else None)
