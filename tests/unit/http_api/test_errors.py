"""The core's errors become faults, without what is nobody's business."""

from __future__ import annotations

from gateway.errors import NotFound, Overloaded, StoreUnavailable, TrunklineError
from http_api.errors import Fault, fault_of


def test_each_error_of_the_core_has_its_fault() -> None:
    cases: list[tuple[TrunklineError, Fault, str | None]] = [
        (Overloaded("slow down", retry_after_s=3, by_rate=True), Fault.RATE_LIMITED, "3"),
        (Overloaded("full", retry_after_s=10, by_rate=False), Fault.OVERLOADED, "10"),
        (StoreUnavailable("/var/secret is full"), Fault.UNAVAILABLE, "1"),
        (NotFound("There is no such message."), Fault.NOT_FOUND, None),
        (TrunklineError("/var/secret"), Fault.INTERNAL, None),
    ]
    for error, kind, retry_after in cases:
        fault = fault_of(error)
        assert fault.fault is kind
        assert dict(fault.headers).get("Retry-After") == retry_after
        assert "secret" not in fault.detail
