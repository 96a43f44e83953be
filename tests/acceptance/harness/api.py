"""A tenant's HTTP client: aiohttp for what is well formed, a bare socket for what is not."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp

SENDER = "+447700900999"
RECIPIENT = "+447700900123"
ANSWER_WITHIN_S = 20.0

JsonObject = dict[str, Any]


@dataclass(frozen=True)
class Answer:
    """An HTTP answer, read whole."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The decoded body."""
        return json.loads(self.body)


class Api:
    """The API of a gateway as one caller sees it. `key` "" sends no credentials."""

    def __init__(self, session: aiohttp.ClientSession, base: str, key: str = "") -> None:
        self.session = session
        self.base = base
        self.key = key

    def as_caller(self, key: str) -> Api:
        """The same API with other credentials."""
        return Api(self.session, self.base, key)

    async def request(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        data: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
    ) -> Answer:
        """Any request; with credentials unless `headers` bring their own."""
        sent = dict(headers or {})
        if self.key and not {"X-Api-Key", "Authorization"} & sent.keys():
            sent["X-Api-Key"] = self.key
        if data is not None:
            sent.setdefault("Content-Type", "application/json")
        async with asyncio.timeout(ANSWER_WITHIN_S):
            async with self.session.request(
                method, self.base + path, json=json, data=data, headers=sent, params=params
            ) as response:
                return Answer(response.status, response.headers.copy(), await response.read())

    async def send(self, body: str = "Your code is 123456", *, key: str = "", **fields: Any) -> Answer:
        """POST /v1/sms/send; `key` is the Idempotency-Key. `sender` stands for `from`."""
        headers = {"Idempotency-Key": key} if key else {}
        return await self.request("POST", "/v1/sms/send", json=message(body, **fields), headers=headers)

    async def sent(self, body: str = "Your code is 123456", **fields: Any) -> str:
        """As `send`, which must be accepted; the message's id."""
        answer = await self.send(body, **fields)
        assert answer.status == 202, answer
        identity: str = answer.json["messageId"]
        return identity

    async def bulk(self, messages: list[Any], **headers: str) -> Answer:
        """POST /v1/sms/bulk."""
        return await self.request("POST", "/v1/sms/bulk", json={"messages": messages}, headers=headers)

    async def message(self, identity: str) -> JsonObject:
        """GET /v1/sms/{id}, which must be there."""
        answer = await self.request("GET", f"/v1/sms/{identity}")
        assert answer.status == 200, answer
        found: JsonObject = answer.json
        return found

    async def list(self, **params: str) -> Answer:
        """GET /v1/sms."""
        return await self.request("GET", "/v1/sms", params=params)


def message(body: str = "Your code is 123456", *, sender: str | None = SENDER, **fields: Any) -> JsonObject:
    """A body for /v1/sms/send."""
    document: JsonObject = {"to": RECIPIENT, "body": body, **fields}
    if sender is not None:
        document["from"] = sender
    return document


def problem(answer: Answer, status: int, code: str) -> JsonObject:
    """The body of an error, held to the shape of document 000, section 2."""
    assert answer.status == status, answer
    assert answer.headers["Content-Type"] == "application/problem+json"
    document: JsonObject = answer.json
    assert document["code"] == code, document
    assert document["status"] == status
    assert document["type"] == f"https://errors.ghasi.io/sms/{code}"
    assert len(document["title"]) > 3
    assert len(document["detail"]) > 3
    assert document["instance"].startswith("/")
    assert document["requestId"] == answer.headers["X-Request-Id"]
    assert re.fullmatch(r"req_[0-9A-HJKMNP-TV-Z]{26}", document["requestId"])
    known = {"type", "title", "status", "code", "detail", "instance", "requestId"}
    assert known <= document.keys() <= known | {"errors"}
    return document


def pointers(document: JsonObject) -> set[str]:
    """The places that an INVALID_PAYLOAD names."""
    return {error.get("pointer", error.get("parameter")) for error in document["errors"]}


async def raw(port: int, octets: bytes, *, more: bytes = b"") -> bytes:
    """The gateway's answer to these octets. `more` is written behind them, as far as it still listens."""
    async with asyncio.timeout(ANSWER_WITHIN_S):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            writer.write(octets)
            await writer.drain()
            if more:
                writer.write(more)
            return await _one_answer(reader)
        finally:
            writer.close()


async def _one_answer(reader: asyncio.StreamReader) -> bytes:
    """Up to the end of the answer, or of the connection."""
    seen = b""
    while not _is_whole(seen):
        try:
            chunk = await reader.read(65536)
        except ConnectionResetError:
            break  # it closed while we were still writing; what it said before stands
        if not chunk:
            break
        seen += chunk
    return seen


def _is_whole(octets: bytes) -> bool:
    if b"\r\n\r\n" not in octets:
        return False
    length = int(parsed(octets).headers["Content-Length"])
    return len(octets.partition(b"\r\n\r\n")[2]) >= length


def parsed(octets: bytes) -> Answer:
    """The first HTTP answer in what `raw` gave."""
    head, _, body = octets.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines[1:])
    return Answer(int(lines[0].split()[1]), headers, body[: int(headers.get("Content-Length", len(body)))])


def post(path: str, body: bytes, key: str, **headers: str) -> bytes:
    """A POST as octets, whatever its body is; the connection ends with it."""
    lines = {
        "Host": "gateway",
        "X-Api-Key": key,
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        "Connection": "close",
        **headers,
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"POST {path} HTTP/1.1\r\n{head}\r\n".encode("latin-1") + body
