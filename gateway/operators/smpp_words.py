"""SMPP's words as the core's: what a command_status and a receipt mean (field.md, 4.2 and 4.3).

Tables, so that an operator's file can change single entries; a code that is not here is tried again twice
and then left for the next operator.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping

from gateway.domain.outcome import NextRoute, Outcome, Refused, Retry, SessionFault, Throttled
from gateway.domain.words import UNDELIVERABLE_REASONS, PartState, Reason
from smpp.constants import MessageState, Status, status_name
from smpp.receipt import Receipt as CarrierReceipt


class StatusClass(enum.StrEnum):
    """What to do about a command_status that is not ESME_ROK."""

    SLOW_DOWN = "slow_down"  #: same operator; the pacer pauses
    RETRY = "retry"  #: same operator after growing pauses, then the next one
    NEXT = "next"  #: the next operator at once: our configuration or account is wrong at this one
    FAIL = "fail"  #: final
    SESSION = "session"  #: nothing wrong with the part; the bind is not what it should be


STATUS_CLASSES: Mapping[int, StatusClass] = {
    Status.ESME_RTHROTTLED: StatusClass.SLOW_DOWN,
    Status.ESME_RMSGQFUL: StatusClass.SLOW_DOWN,
    Status.ESME_RSYSERR: StatusClass.RETRY,
    Status.ESME_RX_T_APPN: StatusClass.RETRY,
    Status.ESME_RUNKNOWNERR: StatusClass.RETRY,
    0x102: StatusClass.RETRY,  # SMPP 5.0: ESME_RSERTYPUNAVAIL
    Status.ESME_RSUBMITFAIL: StatusClass.NEXT,
    Status.ESME_RX_P_APPN: StatusClass.NEXT,
    Status.ESME_RINVSERTYP: StatusClass.NEXT,
    Status.ESME_RINVSRCTON: StatusClass.NEXT,
    Status.ESME_RINVSRCNPI: StatusClass.NEXT,
    Status.ESME_RINVDSTTON: StatusClass.NEXT,
    Status.ESME_RINVDSTNPI: StatusClass.NEXT,
    Status.ESME_RINVESMCLASS: StatusClass.NEXT,
    Status.ESME_RINVSCHED: StatusClass.NEXT,
    Status.ESME_RINVEXPIRY: StatusClass.NEXT,
    Status.ESME_RINVMSGLEN: StatusClass.NEXT,
    **dict.fromkeys(range(0xC0, 0xC5), StatusClass.NEXT),  # optional parameters
    **dict.fromkeys((0x100, 0x101, 0x103, 0x104), StatusClass.NEXT),  # SMPP 5.0: ESME_RSERTYP*, ESME_RINVDCS
    Status.ESME_RINVSRCADR: StatusClass.FAIL,
    Status.ESME_RINVDSTADR: StatusClass.FAIL,
    Status.ESME_RX_R_APPN: StatusClass.FAIL,
    Status.ESME_RINVNUMDESTS: StatusClass.FAIL,
    Status.ESME_RINVBNDSTS: StatusClass.SESSION,
    Status.ESME_RALYBND: StatusClass.SESSION,
    Status.ESME_RBINDFAIL: StatusClass.SESSION,
    Status.ESME_RINVPASWD: StatusClass.SESSION,
    Status.ESME_RINVSYSID: StatusClass.SESSION,
    Status.ESME_RINVSYSTYP: StatusClass.SESSION,
}

_REASON_OF_STATUS: Mapping[int, Reason] = {
    Status.ESME_RINVDSTADR: Reason.INVALID_NUMBER,
    Status.ESME_RINVNUMDESTS: Reason.INVALID_NUMBER,
    Status.ESME_RINVSRCADR: Reason.REJECTED_BY_CARRIER,
    Status.ESME_RX_R_APPN: Reason.REJECTED_BY_CARRIER,
    Status.ESME_RX_P_APPN: Reason.REJECTED_BY_CARRIER,
}

UNKNOWN_STATUS_TRIES = 2


def outcome_of(status: int, overrides: Mapping[int, StatusClass], pause_s: float) -> Outcome:
    """What a refusing submit_sm_resp means for its part. `pause_s`: how long the pacer pauses when
    throttled.
    """
    error = status_name(status)
    reason = _REASON_OF_STATUS.get(status, Reason.CARRIER_ERROR)
    kind = overrides.get(status) or STATUS_CLASSES.get(status)
    if kind is StatusClass.SLOW_DOWN:
        return Throttled(pause_s, error)
    if kind is StatusClass.RETRY:
        return Retry(reason, error)
    if kind is StatusClass.NEXT:
        return NextRoute(reason, error)
    if kind is StatusClass.FAIL:
        return Refused(reason, error)
    if kind is StatusClass.SESSION:
        return SessionFault(error)
    return Retry(reason, error, at_most=UNKNOWN_STATUS_TRIES)


_LOSSES = (
    ("unbound by the peer", "unbound_by_peer"),
    ("unbound", "unbound"),
    ("closed by the peer", "closed_by_peer"),
    ("connection lost", "connection_lost"),
    ("broken PDU", "broken_pdu"),
    ("enquire_link not answered", "no_answer"),
    ("unbind not answered", "no_answer"),
    ("no transaction", "inactive"),
    ("not allowed to write", "not_allowed"),  # by our own flight journal, or lease
)
_UNANSWERED = ("were not answered", "unanswered requests")


def loss_of(reason: str) -> str:
    """Why a bind ended, as one word of a closed set: a label of the metrics."""
    if any(words in reason for words in _UNANSWERED):
        return "no_answer"
    return next((word for beginning, word in _LOSSES if reason.startswith(beginning)), "other")


# An enum's member costs as much to look up as a call: this is asked for with each receipt.
_DELIVERED = (PartState.DELIVERED, None)

# message_state (SMPP 3.4, 5.2.28) as the core sees it. UNDELIVERABLE is looked at more closely: by its error.
_STATE_OF_MESSAGE_STATE: Mapping[MessageState, tuple[PartState, Reason | None]] = {
    MessageState.DELIVERED: _DELIVERED,
    MessageState.EXPIRED: (PartState.UNDELIVERABLE, Reason.EXPIRED),
    MessageState.DELETED: (PartState.FAILED, Reason.REJECTED_BY_CARRIER),
    MessageState.UNKNOWN: (PartState.FAILED, Reason.UNKNOWN),
    MessageState.REJECTED: (PartState.FAILED, Reason.REJECTED_BY_CARRIER),
    MessageState.SKIPPED: (PartState.FAILED, Reason.REJECTED_BY_CARRIER),
}

# network_error_code of type 3, GSM: MAP errors (3GPP TS 29.002, 17.6.6; TS 23.040, 3.3.2).
REASON_OF_GSM_ERROR: Mapping[str, Reason] = {
    "3:1": Reason.INVALID_NUMBER,  # unknown subscriber
    "3:5": Reason.INVALID_NUMBER,  # unidentified subscriber
    "3:6": Reason.ABSENT,  # absent subscriber SM
    "3:9": Reason.BLOCKED,  # illegal subscriber
    "3:12": Reason.BLOCKED,  # illegal equipment
    "3:13": Reason.BLOCKED,  # call barred
    "3:27": Reason.ABSENT,  # absent subscriber
    "3:31": Reason.BUSY,  # subscriber busy for MT SMS
}


def state_of(
    receipt: CarrierReceipt, reasons: Mapping[str, Reason]
) -> tuple[PartState | None, Reason | None]:
    """What a receipt says of its part; (None, None) when more is to come.

    `reasons`: the operator's own `err` codes. They decide between undeliverable and failed.
    """
    if not receipt.final:
        return None, None
    known = _STATE_OF_MESSAGE_STATE.get(receipt.state) if receipt.state is not None else None
    if known is _DELIVERED:
        return known
    own = reasons.get(receipt.error.lstrip("0") or receipt.error) or reasons.get(receipt.error)
    if own is None and receipt.network_error is not None:
        own = REASON_OF_GSM_ERROR.get(receipt.network_error)
    if own is None and known is not None:
        return known
    reason = own or Reason.CARRIER_ERROR
    return (PartState.UNDELIVERABLE if reason in UNDELIVERABLE_REASONS else PartState.FAILED), reason
