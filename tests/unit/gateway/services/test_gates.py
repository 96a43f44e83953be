"""The pure gates: address, sender, body, segments, and the message that comes out."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.account import Caller, Env, Policy
from gateway.domain.message import Message
from gateway.domain.send import Origin, Refusal, Send, Why
from gateway.domain.words import Priority, Status
from gateway.services.gates import References, admit
from tests.unit.gateway.services.rig import NOW, OURS, PHONE, a_send

ORIGIN = Origin("req_1", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")


def a_caller(sub_tenant: str | None = None, **policy: object) -> Caller:
    """A caller with these settings."""
    settings = replace(Policy(), **policy)  # type: ignore[arg-type]
    return Caller("acme", Env.LIVE, settings, frozenset(), "key_1", sub_tenant=sub_tenant)


def admitted(send: Send, caller: Caller | None = None) -> Message | Refusal:
    """What the gates make of it."""
    return admit(caller or a_caller(), send, ORIGIN, References(), NOW, 72 * 3600.0)


def a_message(send: Send, caller: Caller | None = None) -> Message:
    """The message of a send that passes."""
    message = admitted(send, caller)
    assert isinstance(message, Message), message
    return message


def why(send: Send, caller: Caller | None = None) -> Why:
    """Why a send does not pass."""
    refusal = admitted(send, caller)
    assert isinstance(refusal, Refusal), refusal
    assert refusal.detail
    return refusal.why


@pytest.mark.parametrize(
    "recipient", ["", "447700900123", "+0123456789", "+123456", "+1234567890123456", "abc"]
)
def test_the_recipient_is_e164(recipient: str) -> None:
    assert why(a_send(recipient=recipient)) is Why.INVALID_RECIPIENT


@pytest.mark.parametrize("sender", [OURS, "60777", "ACME", "Acme Corp"])
def test_senders(sender: str) -> None:
    assert a_message(a_send(sender=sender)).sender == sender


@pytest.mark.parametrize("sender", ["TWELVE-CHARS", "12", "+12", "naïve\n"])
def test_no_senders(sender: str) -> None:
    assert why(a_send(sender=sender)) is Why.INVALID_SENDER


@pytest.mark.parametrize("sender", [None, ""])
def test_a_sender_may_be_the_account_s_default(sender: str | None) -> None:
    assert why(a_send(sender=sender)) is Why.SENDER_MISSING
    assert a_message(a_send(sender=sender), a_caller(default_sender="ACME")).sender == "ACME"


def test_an_account_may_restrict_its_senders() -> None:
    caller = a_caller(allowed_senders=frozenset({"ACME"}))
    assert a_message(a_send(sender="ACME"), caller).sender == "ACME"
    assert why(a_send(sender="GLOBEX"), caller) is Why.SENDER_NOT_ALLOWED


def test_a_body_is_not_empty() -> None:
    assert why(a_send("")) is Why.BODY_EMPTY


def test_a_body_is_measured_in_code_points() -> None:
    assert a_message(a_send("👋" * 1600)).segment_count == 49  # two code units each, 33 of them to a segment
    assert why(a_send("👋" * 1601)) is Why.BODY_TOO_LONG
    assert why(a_send("x" * 11, max_body_chars=10)) is Why.BODY_TOO_LONG


def test_an_account_may_have_characters_replaced_where_that_saves_a_segment() -> None:
    text = "It\u2019s " + "a" * 70
    caller = a_caller(smart_replacement=True)
    assert a_message(a_send(text)).segment_count == 2
    message = a_message(a_send(text), caller)
    assert (message.body, message.segment_count) == ("It's " + "a" * 70, 1)
    assert a_message(a_send("It\u2019s me"), caller).body == "It\u2019s me"


def test_an_account_may_have_segments_counted_with_national_tables() -> None:
    assert a_message(a_send("ğ" * 155)).segment_count == 3
    caller = a_caller(national_languages=frozenset({"tr"}))
    message = a_message(a_send("ğ" * 155), caller)
    assert (message.body, message.segment_count) == ("ğ" * 155, 1)
    assert a_message(a_send("ж" * 155), caller).segment_count == 3


def test_the_cheapest_gate_speaks_first() -> None:
    assert why(a_send("", recipient="x", sender="+1")) is Why.INVALID_RECIPIENT
    assert why(a_send("", sender="+1")) is Why.INVALID_SENDER


def test_what_comes_out() -> None:
    send = a_send(
        "hello",
        priority=Priority.OTP,
        message_class=0,
        callback_url="https://example.com/cb",
        metadata='{"a":"b"}',
        validity_s=90.0,
    )
    message = a_message(send)
    assert (message.account, message.env, message.dialect) == ("acme", Env.LIVE, "orchestrator")
    assert (message.sender, message.recipient, message.body) == (OURS, PHONE, "hello")
    assert (message.priority, message.message_class) == (Priority.OTP, 0)
    assert (message.callback_url, message.metadata) == ("https://example.com/cb", '{"a":"b"}')
    assert (message.key_id, message.request_id, message.traceparent) == ("key_1", "req_1", ORIGIN.traceparent)
    assert (message.accepted_at, message.next_at) == (NOW, NOW)
    assert message.expires_at == NOW + timedelta(seconds=90)
    assert (message.status, message.owner, message.attempts) == (Status.QUEUED, None, 0)


def test_validity_is_the_gateway_s_unless_it_is_given_and_begins_with_its_time() -> None:
    at = NOW + timedelta(hours=2)
    message = a_message(a_send(scheduled_at=at))
    assert (message.status, message.next_at) == (Status.SCHEDULED, at)
    assert message.expires_at == at + timedelta(hours=72)


@pytest.mark.parametrize(
    ("of_key", "of_send", "expected"),
    [(None, "", ""), (None, "north", "north"), ("south", "", "south"), ("south", "north", "south")],
)
def test_a_key_that_is_bound_to_a_sub_tenant_speaks_for_no_other(
    of_key: str | None, of_send: str, expected: str
) -> None:
    assert a_message(a_send(sub_tenant=of_send), a_caller(of_key)).sub_tenant == expected


class TestReferences:
    """What joins the parts of a long message: a counter per pair, so that two never share one at a time."""

    def test_only_long_messages_take_one(self) -> None:
        assert a_message(a_send("short")).concat_ref == 0
        assert a_message(a_send("x" * 161)).concat_ref != 0

    @given(st.integers(2, 300))
    def test_neighbours_differ_in_their_low_octet(self, count: int) -> None:
        references = References()
        seen = [references.next(OURS, PHONE) for _ in range(count)]
        assert all(1 <= reference <= 0xFFFF for reference in seen)
        for window in zip(*(seen[n:] for n in range(min(count, 255))), strict=False):
            assert (
                len({reference & 0xFF for reference in window}) >= len(window) - 1
            )  # one is skipped at the wrap

    def test_each_pair_has_its_own(self) -> None:
        references = References()
        first = references.next(OURS, PHONE)
        references.next(OURS, "+447700900124")
        assert references.next(OURS, PHONE) == first % 0xFFFF + 1

    def test_wraps(self) -> None:
        references = References()
        references._last[(OURS, PHONE)] = 0xFFFF
        assert references.next(OURS, PHONE) == 1

    def test_forgets_the_pair_that_was_used_longest_ago(self) -> None:
        references = References(bound=2)
        references.next("a", PHONE)
        second = references.next("b", PHONE)
        references.next("a", PHONE)
        references.next("c", PHONE)
        assert set(references._last) == {("a", PHONE), ("c", PHONE)}
        assert second


@pytest.mark.parametrize(
    ("given_labels", "member", "kept"),
    [
        ((), None, ()),
        (("tag:a",), None, ("tag:a",)),
        ((), "ann", ("user:ann",)),
        (("tag:a",), "ann", ("tag:a", "user:ann")),
        (("user:bob", "tag:a"), "ann", ("user:bob", "tag:a")),
        ((), "x" * 195, (f"user:{'x' * 195}",)),
        ((), "x" * 196, ()),
    ],
)
def test_the_member_is_a_label(
    given_labels: tuple[str, ...], member: str | None, kept: tuple[str, ...]
) -> None:
    """One who sends another's message again does not become its user; a name too long for a label is none."""
    send = a_send()._replace(labels=given_labels)
    assert a_message(send, replace(a_caller(), member=member)).labels == kept
