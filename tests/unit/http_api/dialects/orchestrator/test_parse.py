"""Bodies and query strings in the core's words: any input is a `Send`, a `Refusal` or a fault, never an exception."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.account import Env
from gateway.domain.send import FieldError, Refusal, Send, Why
from gateway.domain.words import Priority, Status
from gateway.ports import ListQuery
from http_api.dialects.orchestrator.parse import (
    Rules,
    parse_bulk,
    parse_list,
    parse_message_id,
    parse_send,
    why_not_callback,
)
from http_api.errors import RequestFault
from http_api.exchange import Request
from http_api.page import Cursors
from tests.unit.http_api.memory import caller

RULES = Rules()
CURSORS = Cursors(b"s" * 32)

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters()), inner, max_size=3),
    max_leaves=8,
)
names = st.sampled_from(["to", "from", "body", "messageType", "callbackUrl", "metadata", "other"])


def sent(**changed: Any) -> dict[str, Any]:
    """A good message, with changes."""
    return {"to": "+447700900123", "from": "ACME", "body": "hello", **changed}


def pointers(result: Send | Refusal) -> list[str]:
    """Where a refusal points."""
    assert isinstance(result, Refusal)
    assert result.why is Why.INVALID
    return [each.pointer for each in result.fields]


def test_a_whole_message() -> None:
    document = sent(
        messageType="OTP",
        callbackUrl="https://a.example/hook",
        metadata={"b": "2", "a": "1"},
        unknown={"x": 1},
    )
    assert parse_send(document, RULES) == Send(
        "orchestrator",
        "+447700900123",
        "ACME",
        "hello",
        Priority.OTP,
        None,
        "https://a.example/hook",
        '{"b":"2","a":"1"}',
        max_body_chars=1600,
    )


def test_what_is_left_out_is_none() -> None:
    send = parse_send({"to": "+447700900123", "body": "hello"}, RULES)
    assert isinstance(send, Send)
    assert (send.sender, send.callback_url, send.metadata) == (None, None, None)
    assert (send.priority, send.message_class) == (Priority.TRANSACTIONAL, None)


def test_flash_is_message_class_0() -> None:
    send = parse_send(sent(messageType="FLASH"), RULES)
    assert isinstance(send, Send)
    assert send.message_class == 0


@given(json_values | st.dictionaries(names, json_values))
def test_any_document_is_a_send_or_a_refusal(document: object) -> None:
    result = parse_send(document, RULES, "/messages/0")
    if isinstance(result, Refusal):
        assert result.fields
        assert all(each.pointer.startswith("/messages/0") for each in result.fields)
        assert result.detail.encode()
    else:
        assert isinstance(document, dict)
        assert (result.recipient, result.body) == (document["to"], document["body"])


@pytest.mark.parametrize(
    ("changed", "where"),
    [
        ({"to": None}, ["/to"]),
        ({"to": 447700900123}, ["/to"]),
        ({"to": ["+447700900123"]}, ["/to"]),
        ({"from": None}, ["/from"]),
        ({"from": ""}, ["/from"]),
        ({"body": ""}, ["/body"]),
        ({"body": {}}, ["/body"]),
        ({"body": "a\x00b"}, ["/body"]),
        ({"body": "\ud83d"}, ["/body"]),
        ({"messageType": "sms"}, ["/messageType"]),
        ({"messageType": None}, ["/messageType"]),
        ({"metadata": []}, ["/metadata"]),
        ({"metadata": {"a": 1, "b": None, "c": "ok"}}, ["/metadata/a", "/metadata/b"]),
        ({"metadata": {str(number): "" for number in range(51)}}, ["/metadata"]),
        ({"metadata": {"a": "x" * 4096}}, ["/metadata"]),
        ({"metadata": {"a": "x" * 4096}, "callbackUrl": "ftp://a"}, ["/metadata", "/callbackUrl"]),
        ({"callbackUrl": "x" * 2049}, ["/callbackUrl"]),
        ({"callbackUrl": ""}, ["/callbackUrl"]),
        ({"to": 1, "body": 2, "from": 3}, ["/to", "/from", "/body"]),
    ],
)
def test_bad_fields_are_all_found(changed: dict[str, Any], where: list[str]) -> None:
    assert pointers(parse_send(sent(**changed), RULES)) == where


@pytest.mark.parametrize("document", [None, [], "x", 1, True])
def test_a_message_that_is_no_object_points_to_itself(document: object) -> None:
    assert pointers(parse_send(document, RULES, "/messages/7")) == ["/messages/7"]


def test_addresses_and_lengths_are_left_to_the_core() -> None:
    for changed in (
        {"to": ""},
        {"to": "00447700900123"},
        {"from": "much too long a sender"},
        {"body": "x" * 5000},
    ):
        assert isinstance(parse_send(sent(**changed), RULES), Send)


@pytest.mark.parametrize(
    "url",
    [
        "https://tenant.example.com/webhooks/sms",
        "http://a.example:8080/x?y=z#f",
        "HTTPS://A.EXAMPLE",
        "https://8.8.8.8/",
        "https://[2606:4700::1111]/",
        "https://xn--bcher-kva.example/",
    ],
)
def test_callbacks_that_are_taken(url: str) -> None:
    assert why_not_callback(url, False) is None


@pytest.mark.parametrize(
    "url",
    [
        "",
        "tenant.example.com",
        "//a.example",
        "ftp://a.example/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "https://",
        "https:///path",
        "https://user:password@a.example/",
        "https://a.example:0/",
        "https://a.example:99999/",
        "https://a.example:x/",
        "https://[::1",
        "https://a b.example/",
        "https://a.example/\n",
        "https://a.example\\@b.example/",
        "https://bücher.example/",
        "https://127%2E0.0.1/",
        "https://１２７.0.0.1/",  # noqa: RUF001 - full-width digits, which some resolvers fold
    ],
)
def test_callbacks_that_are_no_url_for_us(url: str) -> None:
    assert why_not_callback(url, True) is not None


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "a.localhost",
        "10.1.2.3",
        "169.254.169.254",
        "[::1]",
        "[::ffff:10.0.0.1]",
        "2130706433",
        "0x7f.1",
        "0177.0.0.1",
        "127.1",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "0.0.0.0",
        "192.168.0.1",
        "localhost.",
    ],
)
def test_a_literal_private_address_is_refused_unless_the_config_allows_it(host: str) -> None:
    url = f"http://{host}:8080/hook"
    assert pointers(parse_send(sent(callbackUrl=url), RULES)) == ["/callbackUrl"]
    allowed = parse_send(sent(callbackUrl=url), Rules(allow_private_callbacks=True))
    assert isinstance(allowed, Send)
    assert allowed.callback_url == url


def test_a_bulk_keeps_its_order() -> None:
    items = parse_bulk({"messages": [sent(), {}, sent(to="+447700900124")]}, RULES)
    assert [type(item) for item in items] == [Send, Refusal, Send]


@given(json_values)
def test_any_envelope_is_a_list_or_a_fault(document: object) -> None:
    found: Sequence[object] = ()
    try:
        found = parse_bulk(document, RULES)
    except RequestFault as fault:
        found = fault.fields
    assert found


def query(text: str, sub_tenant: str | None = None) -> Request:
    """GET /v1/sms with a query string."""
    made = Request("GET", "/v1/sms", text, {}, "")
    made.caller = caller(sub_tenant=sub_tenant)
    return made


def test_a_query_with_every_filter() -> None:
    text = (
        "limit=5&status=SENT&status=FAILED&to=%2B447700900123"
        "&created_after=2026-04-18T10:00:00Z&created_before=2026-04-19T00:00:00+02:00"
    )
    assert parse_list(query(text, "branch"), CURSORS) == ListQuery(
        "acme",
        Env.LIVE,
        5,
        status=frozenset({Status.SENT, Status.FAILED}),
        recipient="+447700900123",
        created_after=datetime(2026, 4, 18, 10, tzinfo=UTC),
        created_before=datetime(2026, 4, 18, 22, tzinfo=UTC),
        sub_tenant="branch",
    )


def test_a_plus_that_was_not_encoded_is_meant() -> None:
    assert parse_list(query("to=+447700900123"), CURSORS).recipient == "+447700900123"


def test_a_query_without_anything() -> None:
    assert parse_list(query(""), CURSORS) == ListQuery("acme", Env.LIVE, 20)


@pytest.mark.parametrize(
    "text",
    [
        "limit=",
        "limit=0",
        "limit=101",
        "limit=-1",
        "limit=1e1",
        "limit=٣",
        "limit=1&limit=2",
        "status=",
        "status=sent",
        "created_after=",
        "created_before=now",
        "cursor=abc",
        "tag=x",
        "Limit=1",
        "\x00=1",
        "%ff%fe=1",
    ],
)
def test_parameters_that_are_refused(text: str) -> None:
    with pytest.raises(RequestFault) as caught:
        parse_list(query(text), CURSORS)
    assert caught.value.fields


@given(st.text(st.characters(max_codepoint=0x2000), max_size=60))
def test_any_query_is_read_or_refused(text: str) -> None:
    limits = [1]
    faults: list[FieldError] = []
    try:
        limits.append(parse_list(query(text), CURSORS).limit)
    except RequestFault as fault:
        faults += fault.fields
    assert max(limits) <= 100
    assert all(each.pointer.encode() and each.detail for each in faults)
    assert bool(faults) != (len(limits) == 2)


def test_message_ids_in_our_own_form_only() -> None:
    def of(tail: str) -> bytes | None:
        return parse_message_id(Request("GET", f"/v1/sms/{tail}", "", {}, "", tail))

    known = "018e7c3a-9b2f-7d4e-a5f1-3c2b1a0d9e00"
    assert of(known) == of(known.upper()) == bytes.fromhex(known.replace("-", ""))
    for wrong in (
        "",
        "x",
        known.replace("-", ""),
        "{" + known[2:],
        known[:-1] + "g",
        "018e7c3a9b2f7d4ea5f13c2b1a0d9e00----",
    ):
        assert of(wrong) is None
