"""Webhook events out of decisions: to whom, about what, in which order, and what they say."""

from __future__ import annotations

import pytest

from gateway.domain import ids
from gateway.domain.account import Env, Policy
from gateway.domain.event import CHOSEN, EventKind
from gateway.domain.message import LastError, Message, Step
from gateway.domain.suppression import PriorSend, StoredInbound, Suppression
from gateway.domain.words import Priority, Reason, Status
from gateway.services.events import KIND_OF_STATUS, Announcer, destination_of
from tests.unit.gateway.services.rig import EVERYTHING, NOW, OURS, PHONE, URL, kinds

MINE = 7
CALLBACK = "https://other.example.com:8443/cb?x=1"


def an_announcer(policy: Policy | None = None, claims: bool = True) -> Announcer:
    """One policy for everybody; `claims`: whether this process delivers what it may."""
    settings = policy or Policy(webhook_url=URL, webhook_events=EVERYTHING)
    return Announcer(lambda _account, _env: settings, lambda _url: MINE if claims else None)


def a_step(*passed: Status, **fields: object) -> Step:
    """A decision that has moved a message through these statuses."""
    message = Message(
        ids.new_id(NOW),
        "acme",
        Env.LIVE,
        "orchestrator",
        OURS,
        PHONE,
        "hello",
        2,
        Priority.OTP,
        NOW,
        NOW,
        operator="alpha",
        route="uk",
        attempts=3,
        metadata='{"a":"b"}',
    )
    for name, value in fields.items():
        setattr(message, name, value)
    return Step(message, passed=list(passed))


def an_inbound(**fields: object) -> StoredInbound:
    """One that belongs to acme."""
    stored = StoredInbound(
        ids.new_id(NOW), "alpha", PHONE, OURS, "Stop!", NOW, "acme", Env.LIVE, "", "STOP", "stop", None
    )
    for name, value in fields.items():
        setattr(stored, name, value)
    return stored


def test_one_event_for_each_status_passed() -> None:
    step = a_step(Status.SENT, Status.DELIVERED)
    an_announcer().announce(step, NOW)
    assert kinds(step.events) == [EventKind.SENT, EventKind.DELIVERED]
    assert [event.seq for event in step.events] == [1, 2]
    assert {event.subject for event in step.events} == {step.message.id}
    assert step.message.events == 2


def test_numbers_go_on_where_the_last_commit_ended() -> None:
    step = a_step(Status.DELIVERED, events=1)
    an_announcer().announce(step, NOW)
    assert [event.seq for event in step.events] == [2]


def test_only_what_the_account_wants_to_hear() -> None:
    step = a_step(Status.SENT, Status.DELIVERED)
    an_announcer(Policy(webhook_url=URL)).announce(step, NOW)
    assert kinds(step.events) == [EventKind.DELIVERED]
    assert [event.seq for event in step.events] == [1]


def test_nobody_to_tell() -> None:
    step = a_step(Status.DELIVERED)
    an_announcer(Policy()).announce(step, NOW)
    assert (step.events, step.message.events) == ([], 0)


def test_the_message_s_own_url_goes_before_the_account_s() -> None:
    step = a_step(Status.DELIVERED, callback_url=CALLBACK)
    an_announcer().announce(step, NOW)
    assert step.events[0].url == CALLBACK
    assert step.events[0].destination == "acme https://other.example.com:8443"


def test_the_gateway_s_own_reply_is_no_news() -> None:
    step = a_step(Status.DELIVERED, bypass=True)
    an_announcer().announce(step, NOW)
    assert step.events == []


def test_only_the_first_goes_from_hand_to_hand() -> None:
    step = a_step(Status.SENT, Status.DELIVERED)
    an_announcer().announce(step, NOW)
    assert [event.owner for event in step.events] == [MINE, None]
    unclaimed = a_step(Status.SENT)
    an_announcer(claims=False).announce(unclaimed, NOW)
    assert unclaimed.events[0].owner is None


def test_what_an_event_says() -> None:
    error = LastError(Reason.INVALID_NUMBER, "refused by alpha", "ESME_RINVDSTADR", NOW)
    step = a_step(Status.UNDELIVERABLE, reason=Reason.INVALID_NUMBER, error=error)
    an_announcer().announce(step, NOW)
    (event,) = step.events
    assert (event.account, event.env, event.dialect, event.at) == ("acme", Env.LIVE, "orchestrator", NOW)
    assert event.data == {
        "message_id": ids.text(step.message.id),
        "status": "undeliverable",
        "reason": "invalid_number",
        "recipient": PHONE,
        "sender": OURS,
        "segment_count": 2,
        "operator": "alpha",
        "route": "uk",
        "attempts": 3,
        "metadata": '{"a":"b"}',
        "operator_error": "ESME_RINVDSTADR",
    }


def test_sent_says_where_it_is_the_end() -> None:
    """And not where a receipt has come in the same commit."""
    over, waits = (
        a_step(Status.SENT, status=Status.SENT, final_at=NOW),
        a_step(Status.SENT, status=Status.SENT),
    )
    for step in (over, waits):
        an_announcer().announce(step, NOW)
    assert (over.events[0].data["over"], "over" in waits.events[0].data) == (True, False)
    delivered = a_step(Status.SENT, Status.DELIVERED, status=Status.DELIVERED, final_at=NOW)
    an_announcer().announce(delivered, NOW)
    assert ["over" in event.data for event in delivered.events] == [False, False]


@pytest.mark.parametrize(
    ("wanted", "told"), [("delivered", True), ("sent", True), ("failed,undeliverable,inbound", False)]
)
def test_who_hears_how_messages_end_hears_of_sent_as_an_end(wanted: str, told: bool) -> None:
    policy = Policy(webhook_url=URL, webhook_events=frozenset(wanted.split(",")))
    over = a_step(Status.SENT, status=Status.SENT, final_at=NOW)
    waits = a_step(Status.SENT, status=Status.SENT)
    for step in (over, waits):
        an_announcer(policy).announce(step, NOW)
    assert [event.data["status"] for event in over.events] == ["sent"] * told
    assert len(waits.events) == (wanted == "sent"), "one that waits for its receipt is not at its end"


def test_no_event_holds_the_text_of_a_message() -> None:
    step = a_step(Status.DELIVERED, body="the secret code is 4711")
    an_announcer().announce(step, NOW)
    assert "4711" not in repr(step.events)


class TestSuppressOn:
    """An end that the account's `suppress_on` names puts its recipient on the list."""

    def ended(self, reason: Reason, operator_error: str | None, **fields: object) -> Step:
        """A message that ended for this reason."""
        error = LastError(reason, "why", operator_error, NOW)
        return a_step(Status.UNDELIVERABLE, reason=reason, error=error, sub_tenant="north", **fields)

    def test_what_a_carrier_has_said(self) -> None:
        step = self.ended(Reason.BLOCKED, "REJECTD err:013")
        an_announcer().announce(step, NOW)
        assert step.suppress == Suppression("acme", Env.LIVE, "north", PHONE, "blocked", NOW)

    @pytest.mark.parametrize("reason", [Reason.EXPIRED, Reason.ABSENT])
    def test_not_what_the_account_leaves_out(self, reason: Reason) -> None:
        step = self.ended(reason, "EXPIRED err:000")
        an_announcer().announce(step, NOW)
        assert step.suppress is None

    def test_not_what_our_own_gate_has_said(self) -> None:
        step = self.ended(Reason.OPTED_OUT, None)
        an_announcer().announce(step, NOW)
        assert step.suppress is None

    def test_not_by_the_gateway_s_own_reply(self) -> None:
        step = self.ended(Reason.BLOCKED, "REJECTD err:013", bypass=True)
        an_announcer().announce(step, NOW)
        assert step.suppress is None


class TestInbound:
    """What a phone has sent."""

    def test_to_its_owner(self) -> None:
        stored = an_inbound()
        (event,) = an_announcer().of_inbound(stored, None, NOW)
        assert (event.kind, event.subject, event.url, event.seq) == (EventKind.INBOUND, stored.id, URL, 1)
        assert event.dialect == "orchestrator"
        assert event.data == {
            "inbound_id": ids.text(stored.id),
            "sender": PHONE,
            "recipient": OURS,
            "body": "Stop!",
            "keyword": "STOP",
            "action": "stop",
            "operator": "alpha",
            "reply_to": None,
            "metadata": None,
        }

    def test_in_the_dialect_and_to_the_url_of_the_send_that_it_answers(self) -> None:
        prior = PriorSend(ids.new_id(NOW), "acme", Env.LIVE, "", "messaging", CALLBACK, '{"a":"b"}', NOW)
        (event,) = an_announcer().of_inbound(an_inbound(), prior, NOW)
        assert (event.dialect, event.url) == ("messaging", CALLBACK)
        assert (event.data["reply_to"], event.data["metadata"]) == (ids.text(prior.message_id), '{"a":"b"}')

    def test_nobody_s_is_told_to_nobody(self) -> None:
        assert an_announcer().of_inbound(an_inbound(account=None), None, NOW) == []

    @pytest.mark.parametrize("policy", [Policy(), Policy(webhook_url=URL, webhook_events=frozenset())])
    def test_who_does_not_want_to_hear(self, policy: Policy) -> None:
        assert an_announcer(policy).of_inbound(an_inbound(), None, NOW) == []


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://Example.COM/a?b=c", "https://example.com"),
        ("https://user:pass@example.com:8443/", "https://example.com:8443"),
        ("http://[2001:db8::1]:80/x", "http://[2001:db8::1]:80"),
    ],
)
def test_a_destination_is_account_scheme_host_and_port(url: str, expected: str) -> None:
    assert destination_of("acme", url) == f"acme {expected}"


def test_every_final_status_is_an_event() -> None:
    assert set(Status) - set(KIND_OF_STATUS) == {Status.SCHEDULED, Status.QUEUED}
    assert set(KIND_OF_STATUS.values()) == set(CHOSEN) - {EventKind.INBOUND}


def test_tenants_of_one_host_are_counted_apart() -> None:
    assert destination_of("acme", URL) != destination_of("globex", URL)
