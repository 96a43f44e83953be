"""The sink: requests in any pieces, each message once, signatures as Standard Webhooks has them."""

import asyncio

from gateway.bench.sink import CHECK_EVERY, Sink, SinkConnection, header, is_signed, message_id_of

# The example of the Standard Webhooks specification, "Verifying signatures".
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
SIGNED = (
    b"POST /hook HTTP/1.1\r\nHost: x\r\nwebhook-id: msg_p5jXN8AQM9LWM0D4loKWxJek\r\n"
    b"Webhook-Timestamp: 1614265330\r\nwebhook-signature: v1,bm9wZQ== v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
)
SIGNED_BODY = b'{"test": 2432232314}'


class Recorder(asyncio.Transport):
    """What the sink answers."""

    def __init__(self) -> None:
        self.written = b""

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += data


def webhook(message_id: str) -> bytes:
    body = f'{{"data":{{"messageId":"{message_id}","status":"DELIVERED"}}}}'.encode()
    return b"POST /hook HTTP/1.1\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)


def fed(sink: Sink, *pieces: bytes) -> bytes:
    connection, transport = SinkConnection(sink), Recorder()
    connection.connection_made(transport)
    for piece in pieces:
        connection.data_received(piece)
    return transport.written


def uuid(number: int) -> str:
    return f"018e7c3a-9b2f-7d4e-a5f1-{number:012d}"


def test_requests_come_in_any_pieces() -> None:
    sink = Sink()
    stream = b"".join(webhook(uuid(number)) for number in range(3))
    written = fed(sink, *(stream[at : at + 7] for at in range(0, len(stream), 7)))
    assert written.count(b"200 OK") == 3
    assert (sink.report.messages, sink.report.requests, sink.report.wrong) == (3, 3, 0)


def test_a_message_counts_once() -> None:
    sink = Sink()
    fed(sink, webhook(uuid(1)) + webhook(uuid(2)) + webhook(uuid(1)))
    first = sink.report.last_at
    fed(sink, webhook(uuid(1)))
    assert (sink.report.messages, sink.report.requests) == (2, 4)
    assert sink.report.last_at == first > 0


def test_kannels_callback_counts_by_its_path() -> None:
    sink = Sink()
    assert fed(sink, b"GET /dlr?id=0000007 HTTP/1.1\r\nHost: x\r\n\r\n").count(b"200 OK") == 1
    assert sink.report.messages == 1
    assert message_id_of(b"GET /dlr?id=0000007 HTTP/1.1", b"") == b"0000007"


def test_a_request_about_nothing_is_wrong() -> None:
    sink = Sink()
    fed(sink, b"GET / HTTP/1.1\r\n\r\n")
    assert (sink.report.messages, sink.report.wrong) == (0, 1)


def test_the_specifications_own_example_is_signed_right() -> None:
    sink = Sink()
    sink.obey(f"secret {SECRET}")
    assert is_signed(sink._key, SIGNED, SIGNED_BODY)
    assert not is_signed(sink._key, SIGNED, SIGNED_BODY + b" ")
    assert not is_signed(b"another", SIGNED, SIGNED_BODY)


def test_one_in_so_many_signatures_is_checked() -> None:
    sink = Sink()
    sink.obey(f"secret {SECRET}")
    fed(sink, b"".join(webhook(uuid(number)) for number in range(CHECK_EVERY + 1)))
    assert (sink.report.checked, sink.report.wrong) == (0, 2)


def test_headers_are_found_in_any_case() -> None:
    assert header(SIGNED, b"webhook-timestamp") == b"1614265330"
    assert header(SIGNED, b"missing") == b""


def test_a_report_is_asked_for_by_any_line() -> None:
    sink = Sink()
    assert sink.obey("report") is sink.report
