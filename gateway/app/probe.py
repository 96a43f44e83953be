"""A carrier tried by itself: bind, send texts of difficult signs, and say what came back.

It is the operator of the configuration with a bind of its own, beside a running gateway or without one. Nothing of it
is in the store: what a probe sends is no tenant's message.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from gateway.domain import ids
from gateway.domain.account import Env
from gateway.domain.message import Message
from gateway.domain.outcome import Accepted, Doubt, Outcome, Part
from gateway.domain.receipt import Inbound, Receipt
from gateway.domain.words import PartState, Priority
from gateway.metrics import Metrics
from gateway.operators import smpp
from gateway.operators.smpp_config import message_ids_of
from gateway.operators.smpp_parts import Written, written
from gateway.operators.wiring import Wiring
from gateway.ports import Acknowledge, Clock
from routing import segments

_BASIC = (
    "@ \u00a3 $ \u00a5 _ ! # \u00a4 % & \u00a1 \u00bf \u00a7 \u00c4 \u00d6 \u00d1 \u00dc \u00e4 \u00f6 \u00f1 "
    "\u00fc \u00e0 \u00e8 \u00e9 \u00f9 \u00ec \u00f2 \u00c7 \u00d8 \u00f8 \u00c5 \u00e5 \u00c6 \u00e6 \u00df \u00c9"
)

TEXTS: tuple[tuple[str, str], ...] = (
    ("GSM 7 bit", _BASIC),
    ("its extension", "^ { } \\ [ ~ ] | \u20ac"),
    ("Greek capitals", "\u0394 \u03a6 \u0393 \u039b \u03a9 \u03a0 \u03a8 \u03a3 \u0398 \u039e"),
    (
        "UCS-2",
        "\u00ff \u041f\u0440\u0438\u0432\u0435\u0442 \u4f60\u597d \u0645\u0631\u062d\u0628\u0627 \U0001f600",
    ),
    ("two parts", "0123456789 " * 13 + "[boundary] \u20ac " + "end of the second part"),
)
"""What is difficult, and a text of it. Each is sent with its number in front, so that a person can tell them apart."""

BIND_WITHIN_S = 30.0

FINAL = (PartState.DELIVERED, PartState.UNDELIVERABLE, PartState.FAILED)


@dataclass(slots=True)
class Sent:
    """One part of one text, and what became of it. Times in seconds after it was written."""

    text: int
    difficulty: str
    part: int
    total: int
    wire: Written
    answer: str = "no answer"
    ref: str | None = None
    answer_s: float | None = None
    receipt: str | None = None
    receipt_ref: str | None = None
    receipt_s: float | None = None
    final: bool = False


@dataclass(slots=True)
class Findings:
    """What a probe has found."""

    operator: str
    bound_s: float | None = None
    failure: str = ""
    parts: list[Sent] = field(default_factory=list)
    unknown_receipts: list[str] = field(default_factory=list)
    inbound: list[str] = field(default_factory=list)
    message_ids: str = ""
    """How the carrier writes ids, once enough receipts have come."""

    @property
    def well(self) -> bool:
        """Whether every part was taken."""
        return not self.failure and bool(self.parts) and all(part.ref is not None for part in self.parts)


class _Unjournaled:
    """A flight journal for parts that nobody has to find again."""

    def written(self, _parts: Sequence[Part]) -> None: ...
    def returned(self, _part: Part) -> None: ...
    def recorded(self, _parts: Sequence[tuple[bytes, int, int]]) -> None: ...


class Probe:
    """The reports of the operator that is tried."""

    def __init__(self, config: smpp.Config, clock: Clock, capture: Any = None) -> None:
        self._operator = smpp.make(
            config.model_copy(update={"binds": 1}),
            Wiring(_Unjournaled(), Metrics(), clock, may_write=lambda: True, capture=capture),
        )
        self._clock = clock
        self._told = asyncio.Event()
        self._open: dict[tuple[bytes, int], tuple[Sent, float]] = {}
        self.findings = Findings(config.id)

    async def run(
        self, sender: str, recipient: str, bind_within_s: float, wait_s: float, on_part: Callable[[], None]
    ) -> Findings:
        """Send all texts, and wait for their receipts. `on_part` is called when a part has its answer or receipt."""
        findings = self.findings
        began = monotonic()
        running = asyncio.create_task(self._operator.run(self))
        try:
            if not await self._until(lambda: self._operator.up and self._operator.room() > 0, bind_within_s):
                errors = [state["last_error"] for state in self._operator.states() if state["last_error"]]
                findings.failure = (
                    f"not bound within {bind_within_s:g} s: {errors[0] if errors else 'no answer'}"
                )
                return findings
            findings.bound_s = monotonic() - began
            for number, (difficulty, text) in enumerate(TEXTS, start=1):
                self._send(number, difficulty, f"{number}/{len(TEXTS)} {text}", sender, recipient)
                await self._until(lambda: not self._unanswered(), wait_s, on_part)
            await self._until(lambda: all(part.final for part in findings.parts), wait_s, on_part)
            findings.message_ids = str(self._operator.states()[0]["message_ids"])
            await self._operator.drain(5.0)
        finally:
            running.cancel()
            await asyncio.wait([running])
        return findings

    def _send(self, number: int, difficulty: str, body: str, sender: str, recipient: str) -> None:
        now = self._clock()
        message = Message(
            ids.new_id(now),
            "probe",
            Env.LIVE,
            "probe",
            sender,
            recipient,
            body,
            segments.count(body),
            Priority.TRANSACTIONAL,
            now,
            now + timedelta(hours=1),
            attempts=1,
            concat_ref=number,
        )
        parts = self._operator.parts(message)
        for part in parts:
            sent = Sent(number, difficulty, part.part, part.total, written(part))
            self.findings.parts.append(sent)
            self._open[part.message_id, part.part] = sent, monotonic()
        self._operator.submit(parts, self._on_outcome)

    def _unanswered(self) -> list[Sent]:
        return [part for part in self.findings.parts if part.answer_s is None]

    def _on_outcome(self, part: Part, outcome: Outcome) -> None:
        sent, at = self._open[part.message_id, part.part]
        sent.answer_s = monotonic() - at
        if isinstance(outcome, Accepted):
            sent.answer, sent.ref = "taken", outcome.ref
            sent.final = not outcome.receipt
        else:
            sent.answer = "no answer" if isinstance(outcome, Doubt) else outcome.error
            sent.final = True
        self._told.set()

    async def _until(
        self, holds: Callable[[], bool], within_s: float, on_part: Callable[[], None] | None = None
    ) -> bool:
        try:
            async with asyncio.timeout(within_s):
                while not holds():
                    self._told.clear()
                    await self._told.wait()
                    if on_part is not None:
                        on_part()
        except TimeoutError:
            return False
        return True

    # --- what the operator tells

    def room(self, operator: str) -> None:  # noqa: ARG002 - of one operator
        """Parts may be written."""
        self._told.set()

    def changed(self, operator: str) -> None:  # noqa: ARG002
        """The bind came or went."""
        self._told.set()

    def receipt(self, receipt: Receipt, acknowledge: Acknowledge) -> None:
        """A receipt: for the part whose id it has, in whatever form. One of the gateway's own messages, which the
        carrier may send over any bind, is refused, so that it comes again."""
        likes = self._operator.config.refs_like(receipt.ref)
        for sent, at in self._open.values():
            if sent.ref is not None and sent.ref in likes:
                sent.receipt, sent.receipt_ref = receipt.error, receipt.ref
                sent.receipt_s = monotonic() - at
                sent.final = receipt.state in FINAL
                acknowledge(True)
                break
        else:
            acknowledge(False)
            self.findings.unknown_receipts.append(f"{receipt.ref}: {receipt.error}")
        self._told.set()

    def inbound(self, inbound: Inbound, acknowledge: Acknowledge) -> None:
        """A message from a phone, while the probe holds the bind: refused, so that the carrier keeps it for the
        gateway."""
        acknowledge(False)
        self.findings.inbound.append(inbound.sender)
        self._told.set()


def advice(findings: Findings) -> list[str]:
    """What to do about what was found, and what a person should look at."""
    if findings.failure:
        return [findings.failure]
    said = []
    refused = [part for part in findings.parts if part.ref is None]
    if refused:
        said.append(f"{len(refused)} of {len(findings.parts)} parts were not taken: see their answers above")
    silent = [part for part in findings.parts if part.ref is not None and not part.final]
    if silent:
        said.append(
            f"{len(silent)} parts have no final receipt yet: wait longer (--wait), or ask the carrier whether it sends "
            "receipts to this system_id"
        )
    if findings.unknown_receipts:
        said.append(
            "receipts came that fit no part of this probe, and were left with the carrier: of the gateway's messages, "
            "or with ids in a form that nobody knows: " + ", ".join(findings.unknown_receipts[:3])
        )
    if findings.inbound:
        said.append(
            f"{len(findings.inbound)} inbound messages came and were left with the carrier for the gateway"
        )
    pairs = {(part.ref, part.receipt_ref) for part in findings.parts if part.ref and part.receipt_ref}
    differ = [(ref, other) for ref, other in pairs if ref != other]
    if differ:
        said.append(
            f"ids differ, {differ[0][0]} in the answer and {differ[0][1]} in the receipt: "
            f'message_ids = "{message_ids_of(*differ[0])}"'
        )
    elif pairs:
        said.append('ids are the same in answer and receipt: message_ids = "as_is"')
    said.append(
        "on the phone, each text must stand as it was sent. Wrong signs: in text 1 or 2, data_coding 0 is not GSM 7 "
        "bit there (default_alphabet = latin1, ascii, utf8 or gsm7_packed); in text 4, see data_codings; text 5 in two "
        "pieces, or with signs before it: another `split`"
    )
    return said


async def probe(
    config: smpp.Config,
    sender: str,
    recipient: str,
    *,
    clock: Callable[[], datetime],
    bind_within_s: float | None = None,
    wait_s: float = 30.0,
    on_part: Callable[[], None] = lambda: None,
    capture: Any = None,
) -> Findings:
    """Try a carrier. `capture`: what `smpp.capture` has made, for its PDUs. Raises OperatorError when files of the
    operator can't be read."""
    return await Probe(config, clock, capture).run(
        sender, recipient, BIND_WITHIN_S if bind_within_s is None else bind_within_s, wait_s, on_part
    )
