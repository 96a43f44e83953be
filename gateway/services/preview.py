"""What a text would be as a message of the caller's: nothing is kept, sent or charged."""

from __future__ import annotations

from gateway.domain.account import Caller
from gateway.domain.send import Refusal
from gateway.services.gates import check_body
from routing.national import languages_of
from routing.preview import Preview, preview


def preview_text(caller: Caller, body: str, max_chars: int) -> Preview | Refusal:
    """The text by the account's own policy, through the gate that a message's text goes through."""
    refusal = check_body(body, max_chars)
    if refusal is not None:
        return refusal
    policy = caller.policy
    return preview(body, languages_of(policy.national_languages), policy.smart_replacement)
