"""Messages from phones: parts joined durably, a repetition known, and all that follows written in one commit.

All that a batch may ask is read before, in a fixed number of statements; then its messages are joined and decided one
after the other, each seeing what the ones before have led to; then all is written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from gateway.domain.account import Env
from gateway.domain.event import Event
from gateway.domain.message import Message
from gateway.domain.receipt import Inbound
from gateway.domain.suppression import OwnedNumber, PriorSend, Suppression
from gateway.ports import DecideInbound, InboundContext, InboundStep
from storage import documents, rows
from storage.conversations import GAP, PRIOR_SENDS, REPEAT_WINDOW, explains, prior_of, with_gaps
from storage.postgres import messages
from storage.postgres.accounts import bump_generation
from storage.postgres.database import Database

Group = tuple[str, str, str, int, int]
"""(operator, sender, recipient, concatenation reference, total) of the parts of one message."""

Stop = tuple[str, str, str, str]
"""(number, account, env, sub-tenant) of a suppression."""


@dataclass(slots=True)
class _Piece:
    """A part that waits to be joined. `number` is None for one of this batch."""

    number: int | None
    inbound: Inbound
    joined: bool = False


async def record(
    db: Database, calls: list[Sequence[Inbound]], decide: DecideInbound
) -> list[list[InboundStep | None]]:
    """One step or None per inbound; see `Store.record_inbound`."""
    inbounds = [inbound for call in calls for inbound in call]
    batch = _Batch(decide)
    await batch.read(db, inbounds, {_group(i) for i in inbounds if i.concat_total > 1})
    results = [[batch.record(inbound) for inbound in call] for call in calls]
    await batch.write(db)
    return results


async def answered(db: Database, calls: list[Sequence[tuple[str, bytes]]]) -> list[None]:
    """The same fields again are a new message; see `Store.answered_inbound`."""
    await db.many("answered_inbound", sorted({pair for call in calls for pair in call}))
    return [None] * len(calls)


async def flush(db: Database, before: datetime, decide: DecideInbound) -> list[InboundStep]:
    """Incomplete messages whose last part came before that time, joined with gaps."""
    found = await db.all("inbound_incomplete", rows.micros(before))
    groups = [(row[0], row[1], row[2], row[3], row[4]) for row in found]
    if not groups:
        return []
    last = [Inbound(operator, sender, recipient, "", before) for operator, sender, recipient, _, _ in groups]
    batch = _Batch(decide)
    await batch.read(db, last, set(groups))
    steps = [batch.join(group, whole=False) for group in groups if batch.is_late(group, before)]
    await batch.write(db)
    return [step for step in steps if step is not None]


class _Batch:
    """The inbound messages of one transaction."""

    def __init__(self, decide: DecideInbound) -> None:
        self._decide = decide
        self._heard: dict[tuple[str, bytes], list[datetime]] = {}  #: unanswered, by operator and fingerprint
        self._pieces: dict[Group, list[_Piece]] = {}
        self._kept: list[_Piece] = []
        self._owners: dict[str, list[OwnedNumber]] = {}
        self._stopped: dict[str, set[tuple[str, Env, str]]] = {}
        self._sent: dict[tuple[str, str], list[Message]] = {}
        self._steps: list[InboundStep] = []

    async def read(self, db: Database, inbounds: Sequence[Inbound], groups: set[Group]) -> None:
        """Everything that may be asked about these, once nobody else can add to it."""
        senders, recipients = {i.sender for i in inbounds}, {i.recipient for i in inbounds}
        await db.all("hold_conversations", sorted(senders))
        prints = sorted({(i.operator, i.fingerprint) for i in inbounds if i.fingerprint})
        for operator, fingerprint, at in await db.many("unanswered_fingerprints", prints):
            self._heard.setdefault((operator, fingerprint), []).append(rows.moment(at))
        for row in await db.many("parts_of_inbound", sorted(groups)):
            piece = _Piece(row[0], _part(row))
            self._pieces.setdefault(_group(piece.inbound), []).append(piece)
        for row in await db.all("owners_of", sorted(recipients)):
            self._owners.setdefault(row[0], []).append(documents.number(row))
        for number, account, env, sub_tenant in await db.all("stopped", sorted(senders)):
            self._stopped.setdefault(number, set()).add((account, rows.ENVS[env], sub_tenant))
        pairs = sorted({(i.sender, i.recipient) for i in inbounds})
        for row in await db.many("latest_of_pairs", pairs, PRIOR_SENDS):
            sent, _ = rows.message(row[2:])
            self._sent.setdefault((row[0], row[1]), []).append(sent)

    def record(self, inbound: Inbound) -> InboundStep | None:
        """One PDU; see `Store.record_inbound`."""
        if self._is_repetition(inbound):
            return None
        if inbound.fingerprint:
            self._heard.setdefault((inbound.operator, inbound.fingerprint), []).append(inbound.at)
        piece = _Piece(None, inbound)
        self._kept.append(piece)
        if inbound.concat_total <= 1:
            piece.joined = True
            return self._decided(inbound)
        group = _group(inbound)
        self._pieces.setdefault(group, []).append(piece)
        return self.join(group, whole=True)

    def join(self, group: Group, *, whole: bool) -> InboundStep | None:
        """Join the parts of one message; None while some are missing and `whole` is asked for. When a part number is
        there twice the older one belongs to this message, the other to the next with the same reference."""
        operator, sender, recipient, _, total = group
        pieces: dict[int, _Piece] = {}
        for piece in self._pieces.get(group, ()):
            if not piece.joined:
                pieces.setdefault(piece.inbound.concat_part, piece)
        if not pieces or (whole and any(number not in pieces for number in range(1, total + 1))):
            return None
        numbers = range(1, total + 1) if whole else with_gaps(pieces, total)
        body = "".join(pieces[number].inbound.body if number in pieces else GAP for number in numbers)
        data = b"".join(piece.inbound.data or b"" for _, piece in sorted(pieces.items()))
        at = max(piece.inbound.at for piece in pieces.values())
        for piece in pieces.values():
            piece.joined = True
        return self._decided(Inbound(operator, sender, recipient, body, at, data=data or None))

    def is_late(self, group: Group, before: datetime) -> bool:
        """Whether nothing has been added to it meanwhile."""
        return all(piece.inbound.at < before for piece in self._pieces.get(group, ()))

    def _is_repetition(self, inbound: Inbound) -> bool:
        heard = self._heard.get((inbound.operator, inbound.fingerprint), ())
        return any(at >= inbound.at - REPEAT_WINDOW for at in heard)

    def _decided(self, inbound: Inbound) -> InboundStep:
        context = InboundContext(
            self._owners.get(inbound.recipient, []),
            self._prior(inbound),
            frozenset(self._stopped.get(inbound.sender, ())),
        )
        step = self._decide(inbound, context)
        self._steps.append(step)
        if step.suppress is not None and step.suppress.reason == "stop":
            s = step.suppress
            self._stopped.setdefault(s.number, set()).add((s.account, s.env, s.sub_tenant))
        if step.lift is not None:
            account, env, sub_tenant, number = step.lift
            self._stopped.get(number, set()).discard((account, env, sub_tenant))
        return step

    def _prior(self, inbound: Inbound) -> PriorSend | None:
        """The latest send from our number to that phone which can explain its answer."""
        for sent in self._sent.get((inbound.sender, inbound.recipient), ()):
            if explains(sent, inbound):
                return prior_of(sent)
        return None

    async def write(self, db: Database) -> None:
        """All that the batch has led to."""
        await messages.insert(db, [step.reply for step in self._steps if step.reply is not None])
        await db.many("insert_inbound_parts", map(_part_row, self._kept))
        joined = [
            p.number for pieces in self._pieces.values() for p in pieces if p.joined and p.number is not None
        ]
        if joined:
            await db.run("join_inbound_parts", sorted(joined))
        await db.many("insert_inbound", (inbound_row(step) for step in self._steps))
        events: list[Event] = [event for step in self._steps for event in step.events]
        await messages.insert_events(db, events)
        await self._write_stops(db)

    async def _write_stops(self, db: Database) -> None:
        """STOP and START in their order: the last word counts, and a row that was lifted begins anew."""
        lifted: set[Stop] = set()
        stops: dict[Stop, Suppression] = {}
        for step in self._steps:
            if step.suppress is not None:
                s = step.suppress
                stops.setdefault((s.number, s.account, s.env.value, s.sub_tenant), s)
            if step.lift is not None:
                account, env, sub_tenant, number = step.lift
                lifted.add((number, account, env.value, sub_tenant))
                stops.pop((number, account, env.value, sub_tenant), None)
        await db.many("lift_suppressions", sorted(lifted))
        await messages.add_suppressions(db, stops.values())
        if lifted or stops:
            await bump_generation(db)


def inbound_row(step: InboundStep) -> rows.Row:
    """The columns of an inbound message; its body is JSON here."""
    row = rows.inbound_row(step.inbound)
    return (*row[:4], rows.json_text(row[4]), *row[5:])


def _group(inbound: Inbound) -> Group:
    ref = -1 if inbound.concat_ref is None else inbound.concat_ref
    return inbound.operator, inbound.sender, inbound.recipient, ref, inbound.concat_total


def _part(row: Sequence[Any]) -> Inbound:
    _, operator, sender, recipient, ref, total, part, body, data, at = row
    concat_ref = None if ref == -1 else ref
    return Inbound(
        operator, sender, recipient, orjson.loads(body), rows.moment(at), concat_ref, total, part, data
    )


def _part_row(piece: _Piece) -> rows.Row:
    i = piece.inbound
    body, data = ('""', None) if piece.joined else (rows.json_text(i.body), i.data)
    group = _group(i)
    return (*group, i.concat_part, body, data, rows.micros(i.at), i.fingerprint, piece.joined)
