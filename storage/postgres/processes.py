"""Processes and their leases, and what the NOC sees and says: commands, operator states, the probe.

A lease is measured by the server's clock alone: the processes' own may differ by seconds. A process whose lease has
ended goes on until somebody else needs what it holds and ends it; from that commit on nothing is written in its name.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from gateway.domain.words import Role
from gateway.errors import Fenced
from gateway.ports import Command, OperatorState, Owner, Process
from storage import rows
from storage.postgres.accounts import bump_generation
from storage.postgres.database import Database
from storage.states import state, state_rows


async def probe(db: Database) -> None:
    """Write something small."""
    await db.run("probe")


async def register(
    db: Database,
    boot_id: str,
    now: datetime,
    lease: timedelta,
    roles: Collection[Role],
    former: Owner | None,
) -> Owner:
    """A row for this process; `former` is the one that it had before. What ended ones said of operators goes."""
    if former is not None:
        await end(db, [former.number], whatever_its_lease=True)
    row = await db.one("register", boot_id, os.getpid(), rows.micros(now), lease, sorted(roles))
    await db.run("drop_states_of_ended")
    return Owner(row[0], row[1])


async def renew(db: Database, owner: Owner, lease: timedelta) -> None:
    """Let the lease begin anew, in one statement, which needs no transaction around it. Raises `Fenced`."""
    if not await db.run("renew", owner.number, owner.token, lease):
        raise Fenced(
            "this process's lease was ended by another one: register again, and let go of what it held"
        )


async def dead(db: Database) -> list[Process]:
    """Those whose lease has ended and whose hands nobody has emptied yet."""
    return [Process(Owner(row[0], row[1]), row[2], row[3]) for row in await db.all("dead_processes")]


async def end(db: Database, numbers: Iterable[int], *, whatever_its_lease: bool = False) -> list[int]:
    """Fence those among `numbers` whose lease has ended; which ones. Waits for what they have under way, but not
    for those who say nothing."""
    wanted = sorted(set(numbers))
    if not wanted:
        return []
    if not whatever_its_lease:
        await db.all("cut_off", wanted)
    await db.all("wait_for_processes", wanted)
    return [row[0] for row in await db.all("end_processes", wanted, whatever_its_lease)]


async def recovered(db: Database, numbers: Sequence[int]) -> None:
    """Nothing is left in their hands, and what they said of operators is no more."""
    await db.run("processes_recovered", list(numbers))
    await db.run("drop_states_of_ended")


async def post_command(db: Database, verb: str, target: str, now: datetime) -> None:
    """Post a command; processes see it by the generation. That row's lock comes first: numbers are given in the order
    of the commits, so no process passes over one."""
    await bump_generation(db)
    await db.run("post_command", verb, target, rows.micros(now))


async def take_commands(db: Database, owner: Owner, now: datetime) -> list[Command]:
    """Commands that this process has not taken, in their order."""
    found = await db.all("new_commands", owner.number)
    if found:
        await db.run("take_commands", [row[0] for row in found], rows.micros(now))
        await db.run("commands_seen", owner.number, found[-1][0])
    return [Command(number, verb, target, rows.moment(at)) for number, verb, target, at in found]


async def write_states(db: Database, states: Sequence[OperatorState]) -> None:
    """What this process says of its operators now: of all that it has."""
    said = state_rows(states)
    await db.run("operators_taken_out", [row[0] for row in said], [row[1] for row in said])
    await db.many("write_states_of_operators", said)


async def states(db: Database) -> list[OperatorState]:
    """What processes say of their operators."""
    return [state(row) for row in await db.all("states_of_operators")]
