"""What can be wrong with a request before or around the core's own answer: a closed set, and the error that carries it.
And what can be wrong with a listener.

    Fault             why a request is not answered with what it asked for; each dialect has a table to its own words
    RequestFault      the exception; `detail` is for the caller to read, a secret is never in it
    CertificateError  the files of HTTPS can't be used: nobody's request, but the one who configures is told

A `Refusal` (`gateway.domain.send.Why`) is not among them: that is the core's answer about one message.
"""

from __future__ import annotations

import enum

from gateway.domain.send import FieldError
from gateway.errors import Fenced, NotFound, Overloaded, Refused, StoreUnavailable, TrunklineError


class Fault(enum.StrEnum):
    """Whose fault it is stands in the status that a dialect gives it: the caller's (4xx) or ours (5xx)."""

    INVALID = "invalid"  #: body, query or header can't be read; `fields` tells where
    UNAUTHENTICATED = "unauthenticated"
    WRONG_TENANT = "wrong_tenant"
    SCOPE_MISSING = "scope_missing"
    NO_SUCH_PATH = "no_such_path"
    NOT_FOUND = "not_found"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    BODY_TIMEOUT = "body_timeout"
    KEY_CONFLICT = "key_conflict"
    TOO_LARGE = "too_large"
    MEDIA_TYPE = "media_type"
    EXPECTATION = "expectation"
    RATE_LIMITED = "rate_limited"
    OVERLOADED = "overloaded"
    UNAVAILABLE = "unavailable"
    INTERNAL = "internal"


class RequestFault(Exception):
    """A request that is answered with an error. `headers` go out with the answer."""

    def __init__(
        self,
        fault: Fault,
        detail: str,
        *,
        fields: tuple[FieldError, ...] = (),
        headers: tuple[tuple[str, str], ...] = (),
    ) -> None:
        super().__init__(detail)
        self.fault = fault
        self.detail = detail
        self.fields = fields
        self.headers = headers


class CertificateError(Refused):
    """The certificate of HTTPS, or its key, can't be used. `setting` is the one of [http] that names the file."""

    def __init__(self, setting: str, what: str, hint: str) -> None:
        super().__init__(f"[http] {setting}: {what}: {hint}")
        self.setting = setting
        self.what = what
        self.hint = hint


def fault_of(error: TrunklineError) -> RequestFault:
    """The core's own errors, mapped once for every dialect. Causes stay in the log."""
    if isinstance(error, Overloaded):
        fault = Fault.RATE_LIMITED if error.by_rate else Fault.OVERLOADED
        return RequestFault(fault, str(error), headers=retry_after(error.retry_after_s))
    if isinstance(error, NotFound):
        return RequestFault(Fault.NOT_FOUND, str(error))
    if isinstance(error, StoreUnavailable | Fenced):
        return RequestFault(
            Fault.UNAVAILABLE,
            "The store is not available. Nothing of this request was kept; try again.",
            headers=retry_after(1),
        )
    return RequestFault(
        Fault.INTERNAL, "The gateway failed to answer; the request id finds the reason in its log."
    )


def outcome_unknown() -> RequestFault:
    """Of a request that the store does not come back from: it may be kept, or not."""
    return RequestFault(
        Fault.UNAVAILABLE,
        "The store does not answer in time. What this request asked for may still be done, or not: repeat it with the "
        "same Idempotency-Key, and it is done once; if it had none, look first whether it was done.",
        headers=retry_after(10),
    )


def retry_after(seconds: int | None) -> tuple[tuple[str, str], ...]:
    """The header that says when to come again (RFC 9110, 10.2.3), where that is known."""
    return () if seconds is None else (("Retry-After", str(seconds)),)
