"""What the settings of alerts may be, and every way in which they may not."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.account import Policy
from gateway.domain.money import is_kept, plain
from gateway.services import policies
from http_api.dialects.outbox.alerts import parse_settings
from http_api.errors import Fault, RequestFault


def told(document: object, *, allow_private: bool = False) -> list[tuple[str, str]]:
    """What is said of a body that is not taken, by field."""
    with pytest.raises(RequestFault) as caught:
        parse_settings(document, allow_private=allow_private)
    assert caught.value.fault is Fault.INVALID
    return [(field.pointer, field.detail) for field in caught.value.fields]


def changed(document: object) -> Policy:
    """A policy after a body."""
    before = Policy(alert_balance=frozenset({Decimal(7)}), alert_failures=4, alert_window_s=120)
    return policies.changed(before, parse_settings(document, allow_private=False))


@pytest.mark.parametrize(
    ("document", "name", "value"),
    [
        ({}, "alert_balance", {Decimal(7)}),
        ({"lowBalance": None}, "alert_balance", set()),
        ({"lowBalance": []}, "alert_balance", set()),
        (
            {"lowBalance": [5, 2.5, "0.10", " 3 ", -80]},
            "alert_balance",
            {5, Decimal("2.5"), Decimal("0.1"), 3, -80},
        ),
        ({"lowBalance": [5, 5.0, "5.00"]}, "alert_balance", {Decimal(5)}),
        ({"failures": None}, "alert_failures", 0),
        ({"failures": {"count": 9}}, "alert_failures", 9),
        ({"failures": {"count": 9}}, "alert_window_s", 120),
        ({"failures": {"count": 9, "windowSeconds": 3600}}, "alert_window_s", 3600),
        ({"failures": {"count": 9, "windowSeconds": None}}, "alert_window_s", 120),
        ({"webhookUrl": "https://example.com:8443/a?b=c"}, "alert_url", "https://example.com:8443/a?b=c"),
        ({"webhookUrl": None}, "alert_url", None),
        ({"resendLimit": 0}, "resend_limit", 0),
        ({"resendLimit": None}, "resend_limit", 3),
    ],
)
def test_what_is_taken(document: object, name: str, value: object) -> None:
    assert getattr(changed(document), name) == value


_ONE = 'Write one amount, like 12.5 or "12.50".'
_KEPT = "Write an amount that is not negative and has at most 6 decimals, like 12.50."
_PLAIN = "It must name a plain host and port, without user or password."


@pytest.mark.parametrize(
    ("document", "field", "detail"),
    [
        ([], "", "The body must be an object."),
        (None, "", "The body must be an object."),
        (
            {"lowBalnce": [5]},
            "lowBalnce",
            "There are no other fields than lowBalance, failures, webhookUrl, resendLimit.",
        ),
        ({"lowBalance": 5}, "lowBalance", "It must be a list of up to 20 amounts, or null."),
        ({"lowBalance": list(range(21))}, "lowBalance", "It must be a list of up to 20 amounts, or null."),
        ({"lowBalance": [5, True]}, "lowBalance/1", _ONE),
        ({"lowBalance": [None]}, "lowBalance/0", _ONE),
        ({"lowBalance": ["1,2"]}, "lowBalance/0", _ONE),
        ({"lowBalance": [""]}, "lowBalance/0", _ONE),
        ({"lowBalance": ["five"]}, "lowBalance/0", "Write an amount, like 250 or 12.50."),
        ({"lowBalance": ["\ud83d"]}, "lowBalance/0", "Write an amount, like 250 or 12.50."),
        ({"lowBalance": [0.0000001]}, "lowBalance/0", _KEPT),
        ({"lowBalance": [1e300]}, "lowBalance/0", "Write an amount, like 250 or 12.50."),
        ({"lowBalance": ["NaN"]}, "lowBalance/0", "Write an amount, like 250 or 12.50."),
        (
            {"failures": 5},
            "failures",
            "It must be an object with 'count' and 'windowSeconds', or null.",
        ),
        (
            {"failures": {"windowSeconds": 60}},
            "failures",
            "It must be an object with 'count' and 'windowSeconds', or null.",
        ),
        ({"failures": {"count": 0}}, "failures/count", "It must be a whole number from 1 to 999999999."),
        ({"failures": {"count": True}}, "failures/count", "It must be a whole number from 1 to 999999999."),
        ({"failures": {"count": "5"}}, "failures/count", "It must be a whole number from 1 to 999999999."),
        (
            {"failures": {"count": 5, "windowSeconds": 59}},
            "failures/windowSeconds",
            "It must be a whole number from 60 to 86400.",
        ),
        ({"webhookUrl": 5}, "webhookUrl", "It must be a URL, or null."),
        ({"webhookUrl": ""}, "webhookUrl", "It must be a URL, or null."),
        (
            {"webhookUrl": "example.com/a"},
            "webhookUrl",
            "Write a whole URL, like https://example.com/hooks, or nothing for none.",
        ),
        (
            {"webhookUrl": "https://example.com/\ud83d"},
            "webhookUrl",
            "Write other signs than printable ASCII percent-encoded.",
        ),
        ({"webhookUrl": "https://me:secret@example.com/"}, "webhookUrl", _PLAIN),
        ({"webhookUrl": "https://example.com:99999/"}, "webhookUrl", _PLAIN),
        ({"webhookUrl": "http://169.254.169.254/latest"}, "webhookUrl", "It points to a private address."),
        ({"webhookUrl": "http://localhost/"}, "webhookUrl", "It points to a private address."),
        ({"resendLimit": -1}, "resendLimit", "It must be a whole number from 0 to 100."),
        ({"resendLimit": 2.5}, "resendLimit", "It must be a whole number from 0 to 100."),
    ],
)
def test_what_is_not_taken_is_told_with_its_place(document: object, field: str, detail: str) -> None:
    assert told(document) == [(field, detail)]


def test_all_that_is_wrong_is_told_at_once() -> None:
    document = {"lowBalance": ["x", 1, "y"], "failures": 1, "webhookUrl": "x", "resendLimit": "x"}
    assert [field for field, _ in told(document)] == [
        "lowBalance/0",
        "lowBalance/2",
        "failures",
        "webhookUrl",
        "resendLimit",
    ]


def test_private_addresses_where_the_configuration_allows_them() -> None:
    assert parse_settings({"webhookUrl": "http://127.0.0.1:9/"}, allow_private=True) == {
        "alert_url": "http://127.0.0.1:9/"
    }


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=8,
)
_BODY = (
    st.dictionaries(st.sampled_from(["lowBalance", "failures", "webhookUrl", "resendLimit"]), _JSON) | _JSON
)


@given(_BODY)
def test_whatever_comes_is_taken_or_told_of(document: Any) -> None:
    try:
        settings = parse_settings(document, allow_private=False)
    except RequestFault as fault:
        wrong = orjson.dumps([field.detail for field in fault.fields])  # it can be written
    else:
        wrong = b""
        policies.changed(Policy(), settings)  # the account takes what the dialect has let through
    assert wrong != b"[]"


@given(st.lists(st.decimals(-(10**9), 10**9, places=6), max_size=20))
def test_amounts_come_through_exactly(amounts: list[Decimal]) -> None:
    """As text always; as a number as far as JSON's readers keep its digits."""
    assert all(map(is_kept, amounts))
    texts = orjson.loads(orjson.dumps({"lowBalance": [plain(amount) for amount in amounts]}))
    assert changed(texts).alert_balance == set(amounts)
    numbers = orjson.loads(b"[" + ",".join(map(plain, amounts)).encode() + b"]")
    assert changed({"lowBalance": numbers}).alert_balance == set(amounts)
