"""Bodies and query strings in the core's words, and every way in which they are none."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.send import Refusal, Send, Why
from gateway.domain.words import Priority
from http_api.dialects.outbox.parse import parse_export, parse_list, parse_resend, parse_send
from http_api.errors import Fault, RequestFault
from http_api.exchange import Request
from http_api.json_body import read_json
from http_api.page import Cursors
from tests.unit.http_api.memory import caller

NOW = datetime(2026, 4, 18, 10, tzinfo=UTC)
CURSORS = Cursors(b"s" * 32)

WHOLE: dict[str, Any] = {
    "recipientPhoneNumber": "+447700900123",
    "message": "Your code is 123456",
    "senderId": "ACME",
    "tags": ["notification", "OTP"],
    "customData": {"purpose": "login", "linkedTransactionId": "tx-001"},
    "scheduledAt": "2026-04-18T12:00:00+01:00",
}


def parsed(**changed: Any) -> Send:
    """The send of a body."""
    found = parse_send({**WHOLE, **changed}, NOW)
    assert isinstance(found, Send), found
    return found


def refused(document: object) -> list[str]:
    """The fields that a body is refused for."""
    found = parse_send(document, NOW)
    assert isinstance(found, Refusal), found
    assert found.why is Why.INVALID
    return [field.pointer for field in found.fields]


def test_all_fields() -> None:
    send = parsed()
    assert (send.dialect, send.recipient, send.sender) == ("outbox", "+447700900123", "ACME")
    assert (send.body, send.max_body_chars) == ("Your code is 123456", 1600)
    assert send.priority is Priority.TRANSACTIONAL
    assert send.labels == ("tag:notification", "tag:OTP")
    assert send.metadata == '{"purpose":"login","linkedTransactionId":"tx-001"}'
    assert send.scheduled_at == datetime(2026, 4, 18, 11, tzinfo=UTC)


def test_only_what_is_needed() -> None:
    send = parse_send({"recipientPhoneNumber": "+447700900123", "message": "x", "userId": "bob"}, NOW)
    assert isinstance(send, Send)
    assert (send.sender, send.labels, send.metadata, send.scheduled_at) == (None, (), None, None)


@pytest.mark.parametrize("name", ["senderId", "tags", "customData", "scheduledAt"])
def test_null_is_left_out(name: str) -> None:
    without = {key: value for key, value in WHOLE.items() if key != name}
    assert parse_send({**WHOLE, name: None}, NOW) == parse_send(without, NOW)


@pytest.mark.parametrize(
    ("changed", "fields"),
    [
        ({"recipientPhoneNumber": None}, ["/recipientPhoneNumber"]),
        ({"recipientPhoneNumber": 447700900123}, ["/recipientPhoneNumber"]),
        ({"message": ""}, ["/message"]),
        ({"message": "\0"}, ["/message"]),
        ({"message": "\ud83d"}, ["/message"]),
        ({"senderId": ""}, ["/senderId"]),
        ({"tags": "OTP"}, ["/tags"]),
        ({"tags": [str(n) for n in range(21)]}, ["/tags"]),
        ({"tags": ["a", "", "x" * 65, 7, "\0"]}, ["/tags/1", "/tags/2", "/tags/3", "/tags/4"]),
        ({"customData": "x"}, ["/customData"]),
        ({"customData": {str(n): n for n in range(51)}}, ["/customData"]),
        ({"customData": {"a": "x" * 4096}}, ["/customData"]),
        ({"customData": {"a": ["\0"]}}, ["/customData"]),
        ({"customData": {"a": {"\0": 1}}}, ["/customData"]),
        ({"customData": {"a": ["\ud83d"]}}, ["/customData"]),
        ({"customData": {"a": 2**65}}, ["/customData"]),
        ({"scheduledAt": "tomorrow"}, ["/scheduledAt"]),
        ({"scheduledAt": "2026-04-18T10:00:00Z"}, ["/scheduledAt"]),
        ({"scheduledAt": "2026-05-23T10:00:00.001Z"}, ["/scheduledAt"]),
        ({"scheduledAt": "2026-05-24T10:00:00Z", "customData": {"a": "\0"}}, ["/customData", "/scheduledAt"]),
    ],
)
def test_bad_fields(changed: dict[str, Any], fields: list[str]) -> None:
    assert refused({**WHOLE, **changed}) == fields


@pytest.mark.parametrize("document", [None, [], "text", 7])
def test_a_body_is_an_object(document: object) -> None:
    assert refused(document) == [""]


def test_edges() -> None:
    latest = NOW + timedelta(days=35)
    assert parsed(scheduledAt=latest.isoformat()).scheduled_at == latest
    assert len(parsed(tags=[str(n) for n in range(20)]).labels) == 20
    assert parsed(tags=["🎉" * 64, "a", "a"]).labels == ("tag:" + "🎉" * 64, "tag:a")
    assert parsed(customData={"a": "x" * (4096 - len('{"a":""}'))}).metadata is not None


def test_depth() -> None:
    data: object = {}
    for _ in range(8):
        data = [data]
    assert parsed(customData={"a": data}).metadata == '{"a":' + "[" * 8 + "{}" + "]" * 8 + "}"
    assert refused({**WHOLE, "customData": {"a": [data]}}) == ["/customData"]
    endless: object = {}
    for _ in range(900):
        endless = [endless]
    assert refused({**WHOLE, "customData": {"a": endless}}) == ["/customData"]


texts = st.characters(exclude_characters="\0", exclude_categories=["Cs"])
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(texts, max_size=10),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.text("xyz", min_size=1, max_size=3), json_values, min_size=1, max_size=5))
def test_custom_data_comes_back_as_it_was(data: dict[str, Any]) -> None:
    found = parse_send({**WHOLE, "customData": data}, NOW)
    if isinstance(found, Send):
        assert found.metadata is not None
        assert json.loads(found.metadata) == data


@pytest.mark.parametrize(
    "number", ["123456789012345678901234567890", "-18446744073709551616", "1e19", "-1e300"]
)
def test_no_number_loses_digits(number: str) -> None:
    """An id of many digits would come back as another one."""
    body = b'{"recipientPhoneNumber":"+447700900123","message":"x","customData":{"a":[{"b":%s}]}}'
    found = parse_send(read_json(body % number.encode()), NOW)
    assert isinstance(found, Refusal)
    assert [each.pointer for each in found.fields] == ["/customData"]
    for kept in ("18446744073709551615", "-9223372036854775808", "0.025", "1e18", f'"{number}"'):
        found = parse_send(read_json(body % kept.encode()), NOW)
        assert isinstance(found, Send)
        assert json.loads(found.metadata or "") == {"a": [{"b": json.loads(kept)}]}


class TestResend:
    def test_one(self) -> None:
        assert parse_resend({"outboxId": "obx_1"}) == (["obx_1"], False)

    def test_many(self) -> None:
        assert parse_resend({"outboxIds": ["b", "a", "b"]}) == (["b", "a", "b"], True)
        assert parse_resend({"outboxId": None, "outboxIds": ["b"]}) == (["b"], True)

    @pytest.mark.parametrize(
        "document", [None, [], {}, {"outboxId": 1}, {"outboxIds": {}}, {"outboxIds": [None]}]
    )
    def test_none(self, document: object) -> None:
        with pytest.raises(RequestFault) as caught:
            parse_resend(document)
        assert caught.value.fault is Fault.INVALID


def asked(query: str) -> Request:
    """A request for a page."""
    request = Request("GET", "/api/sms/outbox", query, {}, "")
    request.caller = caller()
    return request


def test_a_query_with_everything() -> None:
    query = parse_list(
        asked(
            "status=sent&status=pending&tag=a%20b&tag=c&sender=ACME&recipient=%2B447700900123&user=ann"
            "&from=2026-04-18T10:00:00Z&to=2026-04-19T10:00:00%2B01:00&limit=7"
        ),
        CURSORS,
    )
    assert query.status is not None
    assert {status.value for status in query.status} == {"delivered", "sent", "scheduled", "queued"}
    assert query.labels == ("tag:a b", "tag:c", "user:ann")
    assert (query.sender, query.recipient, query.limit) == ("ACME", "+447700900123", 7)
    assert query.created_after == NOW
    assert query.created_before == datetime(2026, 4, 19, 9, tzinfo=UTC) - timedelta(milliseconds=1)


def test_nothing_is_the_first_page() -> None:
    query = parse_list(asked(""), CURSORS)
    assert (query.limit, query.before, query.status, query.labels) == (20, None, None, ())
    assert parse_export(asked(""), CURSORS).limit == 1000


def test_an_export_takes_more_rows() -> None:
    assert parse_export(asked("limit=2000"), CURSORS).limit == 2_000
    with pytest.raises(RequestFault):
        parse_export(asked("limit=2001"), CURSORS)


@given(
    st.lists(st.text(texts, min_size=1, max_size=64), max_size=3, unique=True),
    st.text(texts, min_size=1, max_size=195),
)
def test_whatever_is_asked_for_fits_into_a_cursor(tags: list[str], user: str) -> None:
    query = parse_list(asked(""), CURSORS)
    labels = (*(f"tag:{tag}" for tag in tags), f"user:{user}")
    long = query.__class__(query.account, query.env, 20, sender="x" * 32, recipient="y" * 32, labels=labels)
    cursor = CURSORS.write(caller(), long, bytes(16))
    assert parse_list(asked(f"cursor={cursor}"), CURSORS).labels == labels
