"""Processes and what the NOC sees and says: commands, operator states, the probe; and retention."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime

from gateway.domain import ids
from gateway.ports import Command, OperatorState, Owner, Process
from storage import rows
from storage.acceptance import KEY_LIFETIME
from storage.lifetimes import COMMAND_LIFETIME, PARKED_LIFETIME
from storage.sqlite.database import Database, Row
from storage.sqlite.failures import Failures
from storage.sqlite.labels import Labels
from storage.sqlite.recent import Recent
from storage.states import state, state_rows

PURGE_ROWS = 500
"""Rows of one transaction of the purge: some milliseconds, so that callers hardly notice it."""


class Noc:
    """The tables `processes`, `commands`, `operator_states`."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def probe(self) -> None:
        """Write something small."""
        self._db.run("probe")

    def register(self, boot_id: str, now: datetime) -> Owner:
        """A row for this process; what earlier ones said of their operators goes."""
        row = self._db.all("register", boot_id, os.getpid(), rows.micros(now))[0]
        self._db.run("drop_states_of_others", row[0])
        return Owner(row[0], row[1])

    def earlier_processes(self) -> list[Process]:
        """Those that served before the present one and that nobody has recovered."""
        found = self._db.all("earlier_processes")
        return [Process(Owner(number, token), boot_id, pid) for number, token, boot_id, pid in found]

    def forget_others(self, owner: Owner) -> None:
        """Nothing is left in their hands."""
        self._db.run("forget_other_processes", owner.number)

    def post_command(self, verb: str, target: str, now: datetime) -> None:
        """Post a command; processes see it by the generation."""
        self._db.run("post_command", verb, target, rows.micros(now))
        self._db.run("bump_generation")

    def take_commands(self, owner: Owner, now: datetime) -> list[Command]:
        """Commands that nobody has taken, in their order."""
        found = self._db.all("new_commands")
        if found:
            self._db.run("take_commands", owner.number, rows.micros(now))
        return [Command(number, verb, target, rows.moment(at)) for number, verb, target, at in found]

    def write_states(self, states: Sequence[OperatorState]) -> None:
        """What this process says of its operators now: of all that it has."""
        said = state_rows(states)
        for process in {row[1] for row in said}:
            has = [row[0] for row in said if row[1] == process]
            self._db.run("operators_taken_out", process, rows.json_text(has))
        self._db.many("write_states_of_operators", [value for row in said for value in row], 9)

    def states(self) -> list[OperatorState]:
        """What processes say of their operators."""
        return [state(row) for row in self._db.all("states_of_operators")]


class Purge:
    """Drops what is past its time, a few rows per call, until a call returns 0."""

    def __init__(self, database: Database, recent: Recent) -> None:
        self._db = database
        self._recent = recent

    def final_messages(self, after: bytes, cutoff: datetime) -> tuple[int, bytes]:
        """Drop final messages with their parts and refs; how many, and the last id looked at."""
        found = self._db.all(
            "final_messages", after, ids.first_id_at(cutoff), rows.micros(cutoff), PURGE_ROWS
        )
        dropped = drop_messages(self._db, self._recent, found)
        return len(dropped), dropped[-1] if dropped else after

    def old_rows(self, now: datetime, cutoff: datetime) -> int:
        """Drop settled webhooks, keys, parked receipts, inbound messages, commands, alerts and counts; how many."""
        before, first = rows.micros(cutoff), ids.first_id_at(cutoff)
        return sum(
            (
                self._db.run("drop_webhooks", first, before, PURGE_ROWS),
                self._keys(rows.micros(now - KEY_LIFETIME)),
                self._db.run("drop_parked", rows.micros(now - PARKED_LIFETIME)),
                self._db.run("drop_inbound", first, PURGE_ROWS),
                self._db.run("drop_inbound_parts", before, PURGE_ROWS),
                self._db.run("drop_commands", rows.micros(now - COMMAND_LIFETIME)),
                self._db.run("drop_alerts", first),
                Failures(self._db).drop(now),
            )
        )

    def _keys(self, before: int) -> int:
        found = [row for row in self._db.all("old_keys_used", PURGE_ROWS) if row[2] <= before]
        if found:
            self._recent.keys = None
        self._db.many("drop_keys_used", [row[1] for row in found])
        places = [value for row in found for value in row[:2]]
        self._db.many("drop_digests", places, 2)
        self._db.many("drop_late_digests", places, 2)
        return len(found)


def drop_messages(database: Database, recent: Recent, found: Sequence[Row]) -> list[bytes]:
    """Drop messages, given as their rows, with all that stands beside them; their ids."""
    dropped = [row[1] for row in found]
    loaded = [rows.message(row) for row in found]
    parts = [part for _, beside in loaded for part in beside]
    parts += [rows.part(row) for row in database.many("parts_of", dropped)]
    refs = {(p.operator, p.ref, p.recipient, p.message_id) for p in parts if p.ref is not None}
    database.many("drop_refs_of", [value for ref in sorted(refs) for value in ref], 4)
    database.many("drop_parts_of", dropped)
    database.many("drop_messages", dropped)
    Labels(database).drop(message for message, _ in loaded)
    places = [value for row in found for value in (row[5], row[4], row[0])]
    database.many("drop_recipients_of", places, 3)
    database.many("drop_late_recipients_of", places, 3)
    recent.forget_messages(dropped)
    return dropped
