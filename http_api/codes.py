"""Error codes that dialects share: what their documents leave to the service they are for.

A dialect begins with these tables and puts its own words for the rest; a test walks every member through each of them.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from gateway.domain.send import Why
from http_api.errors import Fault


class Problem(NamedTuple):
    """How one kind of error reads."""

    status: int
    code: str


FAULTS: Final[dict[Fault, Problem]] = {
    Fault.UNAUTHENTICATED: Problem(401, "UNAUTHENTICATED"),
    Fault.WRONG_TENANT: Problem(403, "TENANT_MISMATCH"),
    Fault.SCOPE_MISSING: Problem(403, "INSUFFICIENT_SCOPE"),
    Fault.NO_SUCH_PATH: Problem(404, "NOT_FOUND"),
    Fault.METHOD_NOT_ALLOWED: Problem(405, "METHOD_NOT_ALLOWED"),
    Fault.BODY_TIMEOUT: Problem(408, "REQUEST_TIMEOUT"),
    Fault.KEY_CONFLICT: Problem(409, "IDEMPOTENCY_CONFLICT"),
    Fault.TOO_LARGE: Problem(413, "REQUEST_TOO_LARGE"),
    Fault.MEDIA_TYPE: Problem(415, "UNSUPPORTED_MEDIA_TYPE"),
    Fault.EXPECTATION: Problem(417, "EXPECTATION_FAILED"),
    Fault.RATE_LIMITED: Problem(429, "RATE_LIMITED"),
    Fault.INTERNAL: Problem(500, "INTERNAL_ERROR"),
    Fault.OVERLOADED: Problem(503, "OVERLOADED"),
    Fault.UNAVAILABLE: Problem(503, "DEPENDENCY_UNAVAILABLE"),
}
"""All but what can't be read, and what a dialect looks up."""

REFUSALS: Final[dict[Why, Problem]] = {
    Why.SENDER_NOT_ALLOWED: Problem(422, "SENDER_NOT_ALLOWED"),
    Why.SUPPRESSED: Problem(422, "RECIPIENT_SUPPRESSED"),
    Why.COUNTRY_NOT_ALLOWED: Problem(422, "COUNTRY_NOT_ALLOWED"),
    Why.TOO_MANY_SEGMENTS: Problem(422, "TOO_MANY_SEGMENTS"),
    Why.TOO_MANY_TO_RECIPIENT: Problem(429, "TOO_MANY_TO_RECIPIENT"),
    Why.TOO_MANY_TO_PREFIX: Problem(429, "TOO_MANY_TO_PREFIX"),
    Why.NUMBERS_IN_A_ROW: Problem(422, "NUMBERS_IN_A_ROW"),
    Why.NOT_PRICED: Problem(422, "DESTINATION_NOT_PRICED"),
    Why.INSUFFICIENT_BALANCE: Problem(402, "INSUFFICIENT_BALANCE"),
    Why.SPENDING_CAP: Problem(402, "SPENDING_CAP_REACHED"),
}
"""What the core refuses by an account's rules and money, not for how a field is written."""
