"""What a simulated carrier remembers of what it received: counts, and a line of JSON for each submit on request."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any, TextIO

from gateway.simulator.receipts import text_of
from smpp.constants import status_name
from smpp.pdu import DataSm, SubmitSm


@dataclass(slots=True)
class SimulatorCounters:
    """Since the start."""

    binds: int = 0
    binds_refused: int = 0
    submits: int = 0
    taken: int = 0
    """Submits that were accepted, answered or not."""
    refused: Counter[int] = field(default_factory=Counter)
    """Submits by the command_status that refused them."""
    receipts: int = 0
    """Receipts made; each may be sent more than once before it is acknowledged."""
    receipts_acknowledged: int = 0
    receipts_refused: int = 0
    """Answers to receipts with an error: those are sent again."""
    inbound: int = 0
    """Parts of inbound messages made."""
    inbound_acknowledged: int = 0
    questions: int = 0
    """query_sm, cancel_sm and replace_sm."""
    alerts: int = 0
    outbinds: int = 0
    outbinds_failed: int = 0
    """Those of the script that nobody took."""
    steps: int = 0
    """Steps of the script that were played."""
    connections_lost: int = 0

    def as_dict(self) -> dict[str, Any]:
        """For JSON; refusals by the names of their status."""
        refused = {status_name(status): count for status, count in sorted(self.refused.items())}
        return {**asdict(self), "refused": refused}


@dataclass(frozen=True, slots=True)
class Submit:
    """One submit_sm (or data_sm) as it came, and what was answered: `message_id` is empty when it was refused."""

    at: datetime
    system_id: str
    message_id: str
    status: int
    pdu: SubmitSm | DataSm

    @property
    def text(self) -> str:
        """Its text without a user data header; empty for binary data."""
        return text_of(self.pdu)


class SubmitLog:
    """Writes a line of JSON for each submit."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def __call__(self, submit: Submit) -> None:
        """Write one line and flush it: somebody may be watching."""
        pdu = submit.pdu
        line = {
            "at": submit.at.astimezone(UTC).isoformat(timespec="milliseconds"),
            "systemId": submit.system_id,
            "messageId": submit.message_id,
            "status": status_name(submit.status),
            "from": pdu.source_addr,
            "to": pdu.destination_addr,
            "text": submit.text,
            "dataCoding": pdu.data_coding,
            "esmClass": pdu.esm_class,
            "registeredDelivery": pdu.registered_delivery,
        }
        self._out.write(json.dumps(line, ensure_ascii=False) + "\n")
        self._out.flush()
