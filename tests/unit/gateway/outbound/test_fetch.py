"""Documents that the operator names: read whole, or refused with the reason."""

from __future__ import annotations

import pytest

from gateway.outbound import FetchFailed, fetch_json
from gateway.outbound.fetch import MAX_BYTES
from tests.unit.gateway.http_sink import (
    Answering,
    Bytes,
    HugeAnswer,
    RefusesConnections,
    Silent,
    Sink,
    Status,
)


async def test_a_document(sink: Sink) -> None:
    sink.answer = Status(200, b'{"keys": []}', {"content-type": "application/octet-stream"})
    assert await fetch_json(sink.url("/jwks")) == {"keys": []}
    assert (sink.received[0].method, sink.received[0].headers["accept"]) == ("GET", "application/json")


@pytest.mark.parametrize(
    ("answering", "reason"),
    [
        (Status(404, b"{}"), "answered 404"),
        (Status(200, b"<html>"), "is not JSON"),
        (Status(200, b"\xff\xfe\xfd"), "is not JSON"),
        (HugeAnswer(), f"is larger than {MAX_BYTES} bytes"),
        (Bytes(b"SSH-2.0-x\r\n", close=True), "can't be fetched"),
        (Silent(), "did not answer within 0.1 s"),
    ],
)
async def test_what_is_no_document(sink: Sink, answering: Answering, reason: str) -> None:
    sink.answer = answering
    with pytest.raises(FetchFailed, match=reason):
        await fetch_json(sink.url("/jwks"), timeout_s=0.1 if isinstance(answering, Silent) else 10.0)


async def test_nobody_there() -> None:
    with RefusesConnections() as nobody, pytest.raises(FetchFailed, match="can't be fetched"):
        await fetch_json(nobody.url)
    with pytest.raises(FetchFailed, match="can't be fetched"):
        await fetch_json("nowhere")
