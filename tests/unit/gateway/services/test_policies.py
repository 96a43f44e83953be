"""What an account may set, as a person writes it."""

from dataclasses import fields
from decimal import Decimal

import pytest

from gateway.domain.account import Policy
from gateway.errors import Refused
from gateway.services import policies


def test_every_field_of_a_policy_can_be_set() -> None:
    assert set(policies.PARSERS) == {field.name for field in fields(Policy)}


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("webhook_url", "https://a.example:8443/x?y=1", "https://a.example:8443/x?y=1"),
        ("webhook_url", "", None),
        ("webhook_format", "orchestrator", "orchestrator"),
        ("webhook_events", "sent, delivered", frozenset({"sent", "delivered"})),
        ("webhook_events", "", frozenset()),
        ("default_sender", "+447700900999", "+447700900999"),
        ("default_sender", "", None),
        ("allowed_senders", "ACME,60777", frozenset({"ACME", "60777"})),
        ("allowed_senders", "", None),
        ("rate_per_s", "2.5", 2.5),
        ("stop_replies", "off", False),
        ("stop_reply_text", "Bye.", "Bye."),
        ("start_reply_text", "Hello.", "Hello."),
        ("help_reply_text", "Call us.", "Call us."),
        ("suppress_on", "blocked", frozenset({"blocked"})),
        ("smart_replacement", "true", True),
        ("national_languages", "tr, hi", frozenset({"hi", "tr"})),
        ("allowed_countries", "DE, AT", frozenset({"AT", "DE"})),
        ("allowed_countries", "", None),
        ("max_segments", "3", 3),
        ("numbers_in_a_row", "0", 0),
        ("numbers_in_a_row", "2", 2),
        ("alert_balance", "20, 5.00, -80", frozenset({Decimal(20), Decimal(5), Decimal(-80)})),
    ],
)
def test_settings_read_and_shown(name: str, text: str, value: object) -> None:
    assert policies.parse(name, text) == value
    assert policies.parse(name, policies.as_text(value)) == value
    assert getattr(policies.changed(Policy(), {name: text}), name) == value


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        (
            "webhook_urls",
            "",
            "no setting 'webhook_urls': did you mean webhook_url\\? it has alert_balance, ",
        ),
        ("webhook_url", "a.example/x", "write a whole URL"),
        ("webhook_url", "ftp://a.example", "write a whole URL"),
        ("webhook_url", "https://a.example/\u00e9", "percent-encoded"),
        ("webhook_url", "https://[bad", "webhook_url="),
        ("webhook_format", "fax", "write one of orchestrator"),
        ("webhook_events", "delivered,lost", "'lost' is none of sent, delivered, "),
        ("webhook_events", "alert", "'alert' is none of sent, delivered, "),
        ("allowed_countries", "DE,001", "'001' is no country"),
        ("allowed_countries", "de", "two capital letters"),
        ("prefix_per_h", "-1", "write a whole number"),
        ("numbers_in_a_row", "1", "write 2 or more"),
        ("alert_balance", "5,low", "write an amount, like 250"),
        ("alert_balance", "--5", "write an amount that is not negative"),
        ("alert_balance", ",".join(map(str, range(21))), "at most 20 amounts"),
        ("default_sender", "+0", "neither an E.164 number"),
        ("allowed_senders", "ACME,,", "The sender is empty"),
        ("rate_per_s", "-1", "messages per second"),
        ("rate_per_s", "nan", "messages per second"),
        ("stop_replies", "maybe", "write true or false"),
        ("stop_reply_text", "", "write 1 to 480 characters"),
        ("help_reply_text", "x" * 481, "write 1 to 480 characters"),
        ("suppress_on", "sad", "'sad' is none of invalid_number"),
        ("national_languages", "tr,en", "'en' is none of tr, es, pt, bn, "),
    ],
)
def test_settings_that_are_refused(name: str, text: str, said: str) -> None:
    with pytest.raises(Refused, match=said):
        policies.parse(name, text)
