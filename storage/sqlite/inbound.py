"""Messages from phones: parts joined durably, a repetition known, and all that follows written in one commit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from gateway.domain.receipt import Inbound
from gateway.domain.suppression import PriorSend
from gateway.ports import DecideInbound, InboundContext, InboundStep
from storage import rows
from storage.conversations import GAP, PRIOR_SENDS, REPEAT_WINDOW, explains, prior_of, with_gaps
from storage.sqlite.accounts import Accounts
from storage.sqlite.database import Database, Row
from storage.sqlite.messages import Messages


class Inbounds:
    """The tables `inbound` and `inbound_parts`."""

    def __init__(self, database: Database, messages: Messages, accounts: Accounts) -> None:
        self._db = database
        self._messages = messages
        self._accounts = accounts

    def record(self, calls: list[Sequence[Inbound]], decide: DecideInbound) -> list[list[InboundStep | None]]:
        """One step or None per inbound; see `Store.record_inbound`."""
        return [[self._record(inbound, decide) for inbound in call] for call in calls]

    def answered(self, calls: list[Sequence[tuple[str, bytes]]]) -> list[None]:
        """The same fields again are a new message; see `Store.answered_inbound`."""
        flat = [value for pair in sorted({pair for call in calls for pair in call}) for value in pair]
        self._db.many("answered_inbound", flat, 2)
        return [None] * len(calls)

    def flush(self, calls: list[Sequence[datetime]], decide: DecideInbound) -> list[list[InboundStep]]:
        """Incomplete messages whose last part came before each call's time, joined with gaps."""
        return [[step for before in call for step in self._flush(before, decide)] for call in calls]

    def _record(self, inbound: Inbound, decide: DecideInbound) -> InboundStep | None:
        if self._is_repetition(inbound):
            return None
        single = inbound.concat_total <= 1
        self._keep_part(inbound, joined=single)
        if single:
            return self._decided(inbound, decide)
        key = (inbound.operator, inbound.sender, inbound.recipient, inbound.concat_ref, inbound.concat_total)
        return self._join(key, decide, whole=True)

    def _flush(self, before: datetime, decide: DecideInbound) -> list[InboundStep]:
        found = self._db.all("inbound_incomplete", rows.micros(before))
        steps = [self._join(row[:5], decide, whole=False) for row in found]
        return [step for step in steps if step is not None]

    def _is_repetition(self, inbound: Inbound) -> bool:
        if not inbound.fingerprint:
            return False
        since = rows.micros(inbound.at - REPEAT_WINDOW)
        return self._db.one("same_fingerprint", inbound.operator, inbound.fingerprint, since) is not None

    def _keep_part(self, inbound: Inbound, *, joined: bool) -> None:
        self._db.run(
            "insert_inbound_part",
            inbound.operator,
            inbound.sender,
            inbound.recipient,
            inbound.concat_ref,
            inbound.concat_total,
            inbound.concat_part,
            "" if joined else inbound.body,
            None if joined else inbound.data,
            rows.micros(inbound.at),
            inbound.fingerprint,
            1 if joined else 0,
        )

    def _join(self, key: Row, decide: DecideInbound, *, whole: bool) -> InboundStep | None:
        """Join the parts of one message; None while some are missing and `whole` is asked for. When a part number is
        there twice the older one belongs to this message, the other to the next with the same reference."""
        operator, sender, recipient, _, total = key
        pieces: dict[int, Row] = {}
        for row in self._db.all("parts_of_inbound", *key):
            pieces.setdefault(row[1], row)
        if whole and any(number not in pieces for number in range(1, total + 1)):
            return None
        numbers = range(1, total + 1) if whole else with_gaps(pieces, total)
        body = "".join(pieces[number][2] if number in pieces else GAP for number in numbers)
        data = b"".join(piece[3] or b"" for _, piece in sorted(pieces.items()))
        joined = Inbound(
            operator,
            sender,
            recipient,
            body,
            rows.moment(max(p[4] for p in pieces.values())),
            data=data or None,
        )
        self._db.many("join_inbound_parts", sorted(piece[0] for piece in pieces.values()))
        return self._decided(joined, decide)

    def _decided(self, inbound: Inbound, decide: DecideInbound) -> InboundStep:
        context = InboundContext(
            self._accounts.owners_of(inbound.recipient),
            self._prior(inbound),
            self._accounts.stopped(inbound.sender),
        )
        step = decide(inbound, context)
        self._db.many("insert_inbound", rows.inbound_row(step.inbound), rows.INBOUND)
        if step.suppress is not None:
            self._accounts.suppress([step.suppress])
        if step.lift is not None:
            self._accounts.unsuppress(*step.lift)
        if step.reply is not None:
            self._messages.insert([step.reply])
        if step.events:
            self._messages.insert_events(step.events)
        return step

    def _prior(self, inbound: Inbound) -> PriorSend | None:
        """The latest send from our number to that phone which can explain its answer."""
        self._messages.recipients.catch_up()
        numbers = self._db.all("latest_of_pair", inbound.sender, inbound.recipient, PRIOR_SENDS)
        for row in self._db.many("messages_by_number", [number for (number,) in numbers]):
            sent, _ = rows.message(row)
            if explains(sent, inbound):
                return prior_of(sent)
        return None
