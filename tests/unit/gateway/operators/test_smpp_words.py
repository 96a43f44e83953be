"""SMPP's words as the core's: the whole tables of field.md, 4.2 and 4.3, written out here once more."""

from __future__ import annotations

import pytest

from gateway.domain.outcome import Accepted, NextRoute, Outcome, Refused, Retry, SessionFault, Throttled
from gateway.domain.words import UNDELIVERABLE_REASONS, PartState, Reason
from gateway.operators.smpp_words import (
    REASON_OF_GSM_ERROR,
    STATUS_CLASSES,
    UNKNOWN_STATUS_TRIES,
    StatusClass,
    loss_of,
    outcome_of,
    state_of,
)
from smpp.constants import MessageState, Status, status_name
from smpp.receipt import Receipt

SLOW_DOWN = {0x58, 0x14}
TRY_AGAIN = {0x08, 0x64, 0xFF, 0x102}
FAIL_OVER = {
    *(0x45, 0x65, 0x15, 0x48, 0x49, 0x50, 0x51, 0x43, 0x61, 0x62, 0x01),
    *(0xC0, 0xC1, 0xC2, 0xC3, 0xC4, 0x100, 0x101, 0x103, 0x104),
}
FINAL = {0x0A, 0x0B, 0x66, 0x33}
SESSION = {0x04, 0x05, 0x0D, 0x0E, 0x0F, 0x53}
CLASSES: dict[type[Outcome], set[int]] = {
    Throttled: SLOW_DOWN,
    Retry: TRY_AGAIN,
    NextRoute: FAIL_OVER,
    Refused: FINAL,
    SessionFault: SESSION,
}

CASES = [(status, kind) for kind, statuses in CLASSES.items() for status in sorted(statuses)]


@pytest.mark.parametrize(("status", "kind"), CASES)
def test_each_class_of_the_field(status: int, kind: type) -> None:
    outcome = outcome_of(status, {}, 1.0)
    assert type(outcome) is kind
    assert not isinstance(outcome, Accepted)
    assert outcome.error == status_name(status)


def test_the_table_says_no_more_and_no_less() -> None:
    assert set(STATUS_CLASSES) == {status for status, _ in CASES}


@pytest.mark.parametrize(
    "status", [s for s in Status if s not in STATUS_CLASSES and s] + [0x499, 0x7FFF_FFFF]
)
def test_every_other_status_is_tried_again_twice(status: int) -> None:
    outcome = outcome_of(status, {}, 1.0)
    assert isinstance(outcome, Retry)
    assert outcome.at_most == UNKNOWN_STATUS_TRIES == 2
    assert outcome.error


@pytest.mark.parametrize("kind", list(StatusClass))
def test_an_operator_s_file_changes_single_entries(kind: StatusClass) -> None:
    expected = {
        StatusClass.SLOW_DOWN: Throttled,
        StatusClass.RETRY: Retry,
        StatusClass.NEXT: NextRoute,
        StatusClass.FAIL: Refused,
        StatusClass.SESSION: SessionFault,
    }
    for status in (Status.ESME_RTHROTTLED, Status.ESME_RINVDSTADR, 0x4A1):
        assert type(outcome_of(status, {int(status): kind}, 1.0)) is expected[kind]


def test_a_throttled_part_waits_as_long_as_the_pacer() -> None:
    outcome = outcome_of(Status.ESME_RTHROTTLED, {}, 2.5)
    assert isinstance(outcome, Throttled)
    assert outcome.after_s == 2.5


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (Status.ESME_RINVDSTADR, Reason.INVALID_NUMBER),
        (Status.ESME_RINVNUMDESTS, Reason.INVALID_NUMBER),
        (Status.ESME_RINVSRCADR, Reason.REJECTED_BY_CARRIER),
        (Status.ESME_RX_R_APPN, Reason.REJECTED_BY_CARRIER),
        (Status.ESME_RX_P_APPN, Reason.REJECTED_BY_CARRIER),
        (Status.ESME_RSYSERR, Reason.CARRIER_ERROR),
    ],
)
def test_reasons(status: Status, reason: Reason) -> None:
    outcome = outcome_of(status, {}, 1.0)
    assert isinstance(outcome, (Refused, NextRoute, Retry))
    assert outcome.reason is reason


# --- receipts


def a_receipt(
    state: MessageState | None, error: str = "000", network_error: str | None = None, final: bool = True
) -> Receipt:
    """What smpp.receipt reads."""
    return Receipt(
        ref="1",
        other_ref=None,
        state=state,
        word="",
        error=error,
        final=final,
        network_error=network_error,
        submitted_at="",
        done_at="",
        text="",
        source="+447700900999",
        destination="+447700900123",
        user_message_reference=None,
    )


FINAL_STATES = {
    MessageState.DELIVERED: (PartState.DELIVERED, None),
    MessageState.EXPIRED: (PartState.UNDELIVERABLE, Reason.EXPIRED),
    MessageState.DELETED: (PartState.FAILED, Reason.REJECTED_BY_CARRIER),
    MessageState.UNDELIVERABLE: (PartState.FAILED, Reason.CARRIER_ERROR),
    MessageState.UNKNOWN: (PartState.FAILED, Reason.UNKNOWN),
    MessageState.REJECTED: (PartState.FAILED, Reason.REJECTED_BY_CARRIER),
    MessageState.SKIPPED: (PartState.FAILED, Reason.REJECTED_BY_CARRIER),
    None: (PartState.FAILED, Reason.CARRIER_ERROR),  # FAILED, and other words of the vendors' own
}
MORE_TO_COME = {MessageState.SCHEDULED, MessageState.ENROUTE, MessageState.ACCEPTED}


@pytest.mark.parametrize("state", [*MessageState, None])
def test_every_state_with_an_error_that_says_nothing(state: MessageState | None) -> None:
    if state in MORE_TO_COME:
        assert state_of(a_receipt(state, final=False), {}) == (None, None)
    else:
        assert state_of(a_receipt(state), {}) == FINAL_STATES[state]


@pytest.mark.parametrize("state", [*MessageState, None])
def test_what_is_not_final_says_nothing(state: MessageState | None) -> None:
    assert state_of(a_receipt(state, "011", final=False), {"11": Reason.BLOCKED}) == (None, None)


@pytest.mark.parametrize("reason", list(Reason))
@pytest.mark.parametrize("state", [MessageState.UNDELIVERABLE, MessageState.REJECTED, None])
def test_the_operator_s_own_error_decides(state: MessageState | None, reason: Reason) -> None:
    lost = PartState.UNDELIVERABLE if reason in UNDELIVERABLE_REASONS else PartState.FAILED
    assert state_of(a_receipt(state, "011"), {"011": reason}) == (lost, reason)


def test_delivered_is_delivered_whatever_the_error_says() -> None:
    receipt = a_receipt(MessageState.DELIVERED, "011", "3:1")
    assert state_of(receipt, {"11": Reason.BLOCKED}) == (PartState.DELIVERED, None)


@pytest.mark.parametrize(("code", "reason"), REASON_OF_GSM_ERROR.items())
def test_the_network_s_error_stands_in_where_the_operator_s_says_nothing(code: str, reason: Reason) -> None:
    assert state_of(a_receipt(MessageState.UNDELIVERABLE, "", code), {})[1] is reason
    own = state_of(a_receipt(MessageState.UNDELIVERABLE, "7", code), {"7": Reason.SPAM})
    assert own == (PartState.FAILED, Reason.SPAM)


@pytest.mark.parametrize(
    ("reason", "word"),
    [
        ("closed by the peer", "closed_by_peer"),
        ("connection lost: [Errno 104] Connection reset by peer", "connection_lost"),
        ("unbound by the peer", "unbound_by_peer"),
        ("enquire_link not answered", "no_answer"),
        ("not allowed to write: the flight journal in /var: No space left on device", "not_allowed"),
        ("something new", "other"),
    ],
)
def test_why_a_bind_ended_is_a_word_of_a_closed_set(reason: str, word: str) -> None:
    assert loss_of(reason) == word
