"""The requests of the load client, prebuilt but for what differs: one message, in the words of each subject."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

SENDER = "447700900999"
TEXT = "Your code is 123456"


@dataclass(frozen=True, slots=True)
class Template:
    """A request in pieces: the message's number, in seven digits, stands between them."""

    pieces: tuple[str, ...]

    def write(self, number: int) -> bytes:
        """The request of the message with this number (0 to 9,999,999)."""
        return f"{number:07d}".join(self.pieces).encode("ascii")


_NUMBER = "\0"


def orchestrator(host: str, key: str, run: str | None) -> Template:
    """POST /v1/sms/send. `run` makes the idempotency keys of this run its own; None sends none."""
    body = f'{{"to":"+1202{_NUMBER}","from":"+{SENDER}","body":"{TEXT}","messageType":"SMS"}}'
    length = len(body) - len(_NUMBER) + 7
    idempotency = f"Idempotency-Key: {run}-{_NUMBER}\r\n" if run is not None else ""
    return _template(
        f"POST /v1/sms/send HTTP/1.1\r\nHost: {host}\r\nX-Api-Key: {key}\r\n{idempotency}"
        f"Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    )


def sendsms(host: str, user: str, password: str, sink_url: str) -> Template:
    """Kannel's GET /cgi-bin/sendsms; dlr-mask 3 asks for one callback, delivered or not."""
    callback = quote(f"{sink_url}/dlr?id=", safe="")
    return _template(
        f"GET /cgi-bin/sendsms?username={user}&password={password}&from={SENDER}&to=1202{_NUMBER}"
        f"&text={quote(TEXT)}&dlr-mask=3&dlr-url={callback}{_NUMBER} HTTP/1.1\r\nHost: {host}\r\n\r\n"
    )


def _template(text: str) -> Template:
    return Template(tuple(text.split(_NUMBER)))
