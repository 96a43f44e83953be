"""Delivery receipts: what a deliver_sm or data_sm says of a message sent before.

A receipt says it twice: in optional parameters (SMPP 3.4, 5.3.2.12, 5.3.2.31, 5.3.2.35) and in a text whose
form the specification leaves to the vendor; appendix B gives an example, which most follow, each in its own
way. The parameters win; the text is scanned for `key:value` in any order, with any of them missing.

A deliver_sm is a receipt by its esm_class (0x04, or 0x20 for an intermediate notification), by the parameter
receipted_message_id, or, since some carriers send esm_class 0, by a text that cannot well be anything else.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from smpp.constants import EsmClass, MessageState, Tag
from smpp.message_ids import answered_as
from smpp.pdu import DataSm, DeliverSm, QuerySmResp, tlv_int, tlv_text

# The words of `stat:`: appendix B, then what carriers write instead. A word that is not here is final and has
# no state: FAILED of Vonage and Route Mobile, NOCRED of SMS Central, BARRED and ZEROBAL of PSWinCom.
STATES: dict[str, MessageState] = {
    "DELIVRD": MessageState.DELIVERED,
    "EXPIRED": MessageState.EXPIRED,
    "DELETED": MessageState.DELETED,
    "UNDELIV": MessageState.UNDELIVERABLE,
    "ACCEPTD": MessageState.ACCEPTED,
    "UNKNOWN": MessageState.UNKNOWN,
    "REJECTD": MessageState.REJECTED,
    "ENROUTE": MessageState.ENROUTE,
    "SKIPPED": MessageState.SKIPPED,
    "SCHEDLD": MessageState.SCHEDULED,
    "SCHEDULED": MessageState.SCHEDULED,
    "BUFFRED": MessageState.ENROUTE,
    "BUFFERED": MessageState.ENROUTE,
    "DELIVERED": MessageState.DELIVERED,
    "UNDELIVERABLE": MessageState.UNDELIVERABLE,
    "UNDELIVERED": MessageState.UNDELIVERABLE,
    "ACCEPTED": MessageState.ACCEPTED,
    "REJECTED": MessageState.REJECTED,
}

# Kannel and Vonage take ACCEPTD as intermediate, though 3.4, 5.2.28 lists it among the final states.
NOT_FINAL = frozenset({MessageState.SCHEDULED, MessageState.ENROUTE, MessageState.ACCEPTED})

_TYPE_MASK = int(EsmClass.TYPE_MASK)
_FINAL_TYPE = int(EsmClass.DELIVERY_RECEIPT)
_INTERMEDIATE_TYPE = int(EsmClass.INTERMEDIATE)
_RECEIPT_TYPES = (_FINAL_TYPE, _INTERMEDIATE_TYPE)
_ACK_TYPES = (int(EsmClass.DELIVERY_ACK), int(EsmClass.USER_ACK), int(EsmClass.CONVERSATION_ABORT))
# An enum's member costs as much to look up as a call: these are asked for with each receipt.
_RECEIPTED_MESSAGE_ID, _MESSAGE_STATE = int(Tag.RECEIPTED_MESSAGE_ID), int(Tag.MESSAGE_STATE)
_NETWORK_ERROR_CODE, _USER_MESSAGE_REFERENCE = int(Tag.NETWORK_ERROR_CODE), int(Tag.USER_MESSAGE_REFERENCE)
_UNKNOWN = MessageState.UNKNOWN
_STATE_OF_OCTET = {bytes([state]): state for state in MessageState}

# The shape of Kannel, SMPPSim, Jasmin and most carriers; what it does not match is scanned. Possessive throughout:
# it matches in one way or not at all, so no place to come back to need be kept.
_ordinary = re.compile(
    r"id:([\w-]++)(?: sub:\w*+)?+(?: dlvrd:\w*+)?+ submit date:(\w*+) done date:(\w*+) stat:(\w++) err:(\w*+)"
    r"(?: [Tt]ext:(.*+))?+",
    re.DOTALL | re.ASCII,
).fullmatch
_KEYS = ("id", "submitdate", "donedate", "stat", "err", "text")
"""What `_ordinary` finds, in its order, as `_scan` names it."""
_key = re.compile(
    r"(?<![A-Za-z])(id|sub|dlvrd|(?:submit|done)[ _]*date|stat|err|text)\s*:",
    re.IGNORECASE | re.ASCII,
)


@dataclass(slots=True)
class Receipt:
    """What a carrier says of one part that it took. Texts are as it wrote them, "" where it wrote none."""

    ref: str
    """The carrier's id of the part."""
    other_ref: str | None
    """The id in the text where it is another one than in the parameters: cut short, or a second numbering."""
    state: MessageState | None
    """None for a word outside the specification, or none at all."""
    word: str
    """`stat`."""
    error: str
    """`err`: decimal, hexadecimal or a word, by carrier."""
    final: bool
    """Whether nothing more is to come for this part."""
    network_error: str | None
    """network_error_code as "type:code", both decimal (type 3 is GSM); another length in hexadecimal."""
    submitted_at: str
    """`submit date`: local time of the carrier, YYMMDDhhmm and often seconds."""
    done_at: str
    """`done date`."""
    text: str
    """The beginning of the message."""
    source: str
    """Who sent the message that this is about: the receipt's destination."""
    destination: str
    """Who was to get it: the receipt's source."""
    user_message_reference: int | None
    """The number that the submit_sm carried, where the carrier gives it back."""


@dataclass(frozen=True, slots=True)
class Habits:
    """How one carrier writes receipts, where that is not what most do."""

    unknown_is_final: bool = False
    groups: Callable[[str], Mapping[str, str] | None] | None = None
    """For texts that nothing else reads: the groups `id` and `stat`, and `err` where there is one, of a pattern of the
    carrier's own; None where it does not match. What it matches is a receipt, however it is marked."""
    states: Mapping[str, MessageState] = field(default_factory=dict)
    """What its own words of `stat:` mean, in capitals; they go before `STATES` and before message_state."""


USUAL = Habits()


def parse(pdu: DeliverSm | DataSm, habits: Habits = USUAL) -> Receipt | None:
    """The receipt that the PDU is, or None for an ordinary message.

    A PDU that is marked as a receipt always gives one, its `ref` empty where no id can be read.
    """
    kind = pdu.esm_class & _TYPE_MASK
    marked = kind in _RECEIPT_TYPES
    if kind in _ACK_TYPES:
        return None  # of the handset or its user, not of the SMSC
    text = _text(pdu)
    tlvs = pdu.tlvs
    own = None if habits.groups is None else habits.groups(text)
    if not marked and own is None and _RECEIPTED_MESSAGE_ID not in tlvs and "stat" not in text.lower():
        return None
    ordinary = _ordinary(text)
    if own is not None:
        text_ref, submitted_at, done_at, said = own["id"], "", "", ""
        word, error = own["stat"], own.get("err", "")
        surely = True
    elif ordinary is not None:
        text_ref, submitted_at, done_at, word, error, said = ordinary.groups("")
        surely = marked or (word.isalpha() and word.isupper())
    else:
        found = _scan(text.rstrip("\0"))
        text_ref, submitted_at, done_at, word, error, said = [found.get(key, "") for key in _KEYS]
        surely = _is_surely(found, text)
    ref = state = network_error = reference = None
    if tlvs:
        ref = tlv_text(pdu, _RECEIPTED_MESSAGE_ID)
        state = _STATE_OF_OCTET.get(tlvs.get(_MESSAGE_STATE, b""))
        network_error = _network_error(tlvs.get(_NETWORK_ERROR_CODE))
        reference = tlv_int(pdu, _USER_MESSAGE_REFERENCE)
    if not (marked or surely or (ref and (word or state is not None))):
        return None
    if habits.states and (meant := habits.states.get(word.upper())) is not None:
        state = meant
    elif state is None:
        state = STATES.get(word.upper())
    return Receipt(
        ref or text_ref,
        text_ref if ref and _is_another(text_ref, ref) else None,
        state,
        word,
        error,
        kind != _INTERMEDIATE_TYPE and _is_final(state, word, habits.unknown_is_final),
        network_error,
        submitted_at,
        done_at,
        said.strip(),
        pdu.destination_addr,
        pdu.source_addr,
        reference,
    )


def queried(pdu: QuerySmResp, ref: str, source: str, destination: str, habits: Habits = USUAL) -> Receipt:
    """What the answer to a query_sm says of a part, as a receipt would: `ref` and the addresses are those of the part.
    SMPP 3.4, 4.8.2."""
    state = _STATE_OF_OCTET.get(bytes([pdu.message_state]))
    error = str(pdu.error_code) if pdu.error_code else ""
    final = _is_final(state, "", habits.unknown_is_final)
    return Receipt(
        ref, None, state, "", error, final, None, "", pdu.final_date, "", source, destination, None
    )


def _text(pdu: DeliverSm | DataSm) -> str:
    """The text of the PDU as Latin-1, or as UTF-16 where its first octet is 0.

    data_coding does not tell: carriers copy that of the message into a receipt in ASCII. A receipt begins
    with an ASCII letter, so a leading zero octet means two octets a character.
    """
    message = pdu.short_message if isinstance(pdu, DeliverSm) else b""
    if not message:
        message = pdu.tlvs.get(Tag.MESSAGE_PAYLOAD, b"")
    if message[:1] == b"\0":
        return message.decode("utf-16-be", "replace")
    return message.decode("latin-1")


def _scan(text: str) -> dict[str, str]:
    """The values by key (lower case, without blanks); the first of each key counts.

    `text` holds what a person wrote and may look like anything: once id and stat are known it runs to the
    end.
    """
    found: dict[str, str] = {}
    keys = list(_key.finditer(text))
    for place, match in enumerate(keys):
        key = "".join(filter(str.isalpha, match[1].lower()))
        if key == "text" and "id" in found and "stat" in found:
            found.setdefault(key, text[match.end() :].strip())
            break
        end = keys[place + 1].start() if place + 1 < len(keys) else len(text)
        value = text[match.end() : end].strip().rstrip(",;|").rstrip()
        if key in ("id", "stat", "err"):
            value = value.split(None, 1)[0] if value else ""
        found.setdefault(key, value)
    return found


def _is_surely(found: dict[str, str], text: str) -> bool:
    """Whether an unmarked text can only be a receipt: it begins with a key and has id, stat and one more.

    A person may well write "stat:" in a message; what must not happen is that it settles another message.
    """
    word = found.get("stat", "")
    if not (found.get("id") and word.isalpha() and word.isupper()):
        return False
    return len(found) > 2 and _key.match(text.lstrip()) is not None


def _is_another(text_ref: str, ref: str) -> bool:
    return bool(text_ref) and text_ref != ref and text_ref not in answered_as(ref)


def _is_final(state: MessageState | None, word: str, unknown_is_final: bool) -> bool:
    if state is None:
        return bool(word)  # FAILED and whatever else a carrier invents
    if state is _UNKNOWN:
        return unknown_is_final
    return state not in NOT_FINAL


def _network_error(value: bytes | None) -> str | None:
    """SMPP 3.4, 5.3.2.31: an octet of network type, two of code."""
    if not value:
        return None
    if len(value) == 3:
        return f"{value[0]}:{int.from_bytes(value[1:], 'big')}"
    return value.hex()
