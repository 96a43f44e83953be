"""A request's id and trace: taken when they are valid, else made or left out."""

from __future__ import annotations

import pytest

from http_api.exchange import Request, is_traceparent

GOOD = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


@pytest.mark.parametrize(
    "value", [GOOD, GOOD[:-2] + "00", "01" + GOOD[2:], "cc" + GOOD[2:] + "-what-the-future-brings"]
)
def test_traces_that_are_taken(value: str) -> None:
    assert is_traceparent(value)


@pytest.mark.parametrize(
    "value",
    [
        "",
        GOOD.upper(),
        GOOD + "-more",  # version 00 has four fields
        GOOD + " ",
        "ff" + GOOD[2:],
        "00-" + "0" * 32 + "-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-" + "0" * 16 + "-01",
        GOOD[:-1],
        "cc" + GOOD[2:] + "x",
        "cc" + GOOD[2:] + "-\u00e9",
        "cc" + GOOD[2:] + "-" + "x" * 600,
    ],
)
def test_traces_that_are_left_out(value: str) -> None:
    assert not is_traceparent(value)
    assert Request("GET", "/", "", {"traceparent": value}, "").traceparent is None


def test_the_origin_is_what_is_kept() -> None:
    origin = Request("GET", "/", "", {"x-request-id": "abc", "traceparent": GOOD}, "").origin
    assert (origin.request_id, origin.traceparent) == ("abc", GOOD)


@pytest.mark.parametrize("value", ["a", "3f2504e0-4f89-11d3-9a0c-0305e82c3301", "x" * 128, "a=b;c/d+e"])
def test_request_ids_that_are_taken(value: str) -> None:
    assert Request("GET", "/", "", {"x-request-id": value}, "").request_id == value


@pytest.mark.parametrize("value", ["", " ", "a b", "x" * 129, 'a"b', "a\\b", "\x1b[31m", "é"])
def test_request_ids_that_are_replaced(value: str) -> None:
    assert Request("GET", "/", "", {"x-request-id": value}, "").request_id.startswith("req_")


def test_a_route_without_authentication_has_no_caller() -> None:
    with pytest.raises(AssertionError, match="does not authenticate"):
        _ = Request("GET", "/open", "", {}, "").authenticated
