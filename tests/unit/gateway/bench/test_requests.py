"""The prebuilt requests are the requests that they stand for."""

import json
from urllib.parse import parse_qs, urlsplit

import pytest

from gateway.bench.requests import Template, orchestrator, sendsms


def parsed(request: bytes) -> tuple[str, dict[str, str], bytes]:
    """The first line, the headers in small letters, the body."""
    head, _, body = request.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    return first, {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}, body


@pytest.mark.parametrize("number", [0, 42, 9_999_999])
def test_a_message_for_the_gateway(number: int) -> None:
    first, headers, body = parsed(orchestrator("127.0.0.1:8080", "sok_live_x", "run").write(number))
    assert first == "POST /v1/sms/send HTTP/1.1"
    assert headers["x-api-key"] == "sok_live_x"
    assert headers["idempotency-key"] == f"run-{number:07d}"
    assert int(headers["content-length"]) == len(body)
    assert json.loads(body) == {
        "to": f"+1202{number:07d}",
        "from": "+447700900999",
        "body": "Your code is 123456",
        "messageType": "SMS",
    }


def test_keys_can_be_left_out() -> None:
    assert "idempotency-key" not in parsed(orchestrator("h", "k", None).write(1))[1]


def test_a_message_for_kannel() -> None:
    first, headers, body = parsed(sendsms("127.0.0.1:13013", "u", "p", "http://127.0.0.1:9000").write(7))
    method, target, version = first.split(" ")
    assert (method, version, headers, body) == ("GET", "HTTP/1.1", {"host": "127.0.0.1:13013"}, b"")
    assert urlsplit(target).path == "/cgi-bin/sendsms"
    assert parse_qs(urlsplit(target).query) == {
        "username": ["u"],
        "password": ["p"],
        "from": ["447700900999"],
        "to": ["12020000007"],
        "text": ["Your code is 123456"],
        "dlr-mask": ["3"],
        "dlr-url": ["http://127.0.0.1:9000/dlr?id=0000007"],
    }


def test_no_two_requests_are_equal() -> None:
    template = Template(("a", "b", "c"))
    assert template.write(3) == b"a0000003b0000003c"
    assert len({template.write(number) for number in range(100)}) == 100
