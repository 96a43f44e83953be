"""Habits of carriers by name, for `--quirk NAME`: each is a few fields of the profile.

Most have cost somebody a support case; `QUIRKS` is the table that the command's help and the documents show.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from pydantic import ValidationError

from gateway.simulator.profile import IdStyle, Profile, ProfileError, ReceiptText, complaints


class Quirk(NamedTuple):
    """What it does, for people, and the fields that do it."""

    says: str
    changes: Mapping[str, Any]


def _quirk(says: str, **changes: Any) -> Quirk:
    return Quirk(says, MappingProxyType(changes))


QUIRKS: Mapping[str, Quirk] = MappingProxyType(
    {
        "hex-id": _quirk(
            "ids are hexadecimal in the answer, decimal in the receipt", ids=IdStyle.HEX_THEN_DECIMAL
        ),
        "decimal-id": _quirk(
            "ids are decimal in the answer, hexadecimal in the receipt", ids=IdStyle.DECIMAL_THEN_HEX
        ),
        "leading-zeros": _quirk(
            "ids have leading zeros in the answer, none in the receipt", ids=IdStyle.PADDED_THEN_BARE
        ),
        "id-case": _quirk(
            "ids are in capitals in the answer, small in the receipt", ids=IdStyle.UPPER_THEN_LOWER
        ),
        "uuid": _quirk("ids are UUIDs", ids=IdStyle.UUID),
        "receipt-first": _quirk("the receipt comes before the answer", receipt_first=True),
        "duplicate-receipts": _quirk("every receipt comes twice", receipt_copies=2),
        "no-receipts": _quirk("no receipt ever comes", receipts=False),
        "no-tlv": _quirk("receipts have a text and no TLVs", receipt_tlvs=False),
        "no-receipt-text": _quirk("receipts have TLVs and no text", receipt_text=ReceiptText.EMPTY),
        "esm-class-0": _quirk("receipts are not marked as such", receipt_esm_class=0),
        "data-sm": _quirk("receipts and inbound messages come in data_sm", data_sm=True),
        "alerts": _quirk("an alert_notification follows every submit", alert_every=1),
        "no-questions": _quirk("query_sm, cancel_sm and replace_sm are not known", questions=False),
        "receipt-seconds": _quirk("dates in receipts have seconds", receipt_text=ReceiptText.SECONDS),
        "receipt-no-sub": _quirk("receipts lack sub and dlvrd", receipt_text=ReceiptText.NO_SUB),
        "receipt-commas": _quirk("commas between the values of a receipt", receipt_text=ReceiptText.COMMAS),
        "receipt-capitals": _quirk(
            "the keys of a receipt are in capitals", receipt_text=ReceiptText.CAPITALS
        ),
        "short-err": _quirk("err has two digits", receipt_text=ReceiptText.SHORT_ERR),
        "intermediate": _quirk("an ACCEPTD receipt comes first, though nobody asked", intermediate=True),
        "slow-receipts": _quirk(
            "receipts take 30 to 60 s", receipt_delay_min_s=30.0, receipt_delay_max_s=60.0
        ),
        "throttle": _quirk("more than 10 submits in a second are answered ESME_RTHROTTLED", max_per_s=10),
        "drop-links": _quirk("a connection is dropped at its 100th submit", drop_after=100),
        "unbinds": _quirk("a connection is unbound after 100 submits", unbind_after=100),
        "refuse-binds": _quirk("the first three binds are refused with ESME_RBINDFAIL", refuse_binds=3),
        "slow-answers": _quirk("an answer takes 2 s", answer_delay_s=2.0),
        "never-answers": _quirk("every 10th submit is taken and never answered", never_answer_every=10),
        "garbage": _quirk("after every 50th submit come octets that are no PDU", garbage_every=50),
        "odd-pdus": _quirk(
            "every 10th submit brings an unknown command and an answer to nothing", odd_pdus_every=10
        ),
    }
)


def with_quirks(profile: Profile, names: Iterable[str]) -> Profile:
    """The profile with these habits, in order. Raises ProfileError for a name that is not in the table."""
    changes: dict[str, Any] = {}
    for name in names:
        quirk = QUIRKS.get(name)
        if quirk is None:
            raise ProfileError(f"there is no quirk {name!r}; there are {', '.join(QUIRKS)}")
        changes.update(quirk.changes)
    try:
        return Profile.model_validate(profile.model_dump() | changes)
    except ValidationError as error:
        raise ProfileError("; ".join(complaints(error))) from error
