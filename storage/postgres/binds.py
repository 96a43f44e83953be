"""Which process holds which bind of an operator, and what processes know of each other.

A bind changes hands in two ways: its owner gives it back, or its owner is ended (`processes.end`), after which nothing
is written in its name and, by its own clock, nothing to a carrier either.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from itertools import groupby
from operator import itemgetter

from gateway.domain.shares import share
from gateway.domain.words import Role
from gateway.ports import BindShare, Owner, Peer, Process
from storage.postgres.database import Database


async def share_out(
    db: Database, owner: Owner, binds: Mapping[str, int], given_back: Collection[tuple[str, int]]
) -> dict[str, BindShare]:
    """Give back, and take what is free up to this process's share; what it holds then."""
    await db.all("lock_binds")
    await db.run("give_back_binds", owner.number, *_columns(given_back))
    names = sorted(name for name, count in binds.items() if count)
    await db.run("wants_binds", owner.number, bool(names))
    await db.run("free_binds_of_ended", names)
    await db.run("make_binds", names, [binds[name] for name in names])
    senders = {
        number: frozenset(operators) if has_spoken else None
        for number, has_spoken, operators in await db.all("senders")
    }
    held: dict[str, set[int]] = {name: set() for name in names}
    free: dict[str, list[int]] = {name: [] for name in names}
    for operator, bind, holder in await db.all("binds_of", names):
        if holder == owner.number:
            held[operator].add(bind)
        elif holder is None and bind < binds[operator]:
            free[operator].append(bind)
    shares = {
        name: share(name, binds[name], owner.number, _senders_of(name, senders, owner)) for name in names
    }
    taken = [(name, bind) for name in names for bind in free[name][: max(0, shares[name] - len(held[name]))]]
    await db.run("take_binds", owner.number, *_columns(taken))
    for name, bind in taken:
        held[name].add(bind)
    return {name: BindShare(frozenset(held[name]), shares[name]) for name in names}


def _senders_of(operator: str, senders: Mapping[int, frozenset[str] | None], asks: Owner) -> frozenset[int]:
    """Those that have the operator in their configuration: while a change of it goes round, or where processes send for
    different carriers, a bind must not be left to one that will never open it. One that has said nothing yet may want
    any; who asks wants it now."""
    return frozenset(
        number
        for number, operators in senders.items()
        if operators is None or operator in operators or number == asks.number
    )


def _columns(binds: Collection[tuple[str, int]]) -> tuple[list[str], list[int]]:
    return [operator for operator, _ in binds], [bind for _, bind in binds]


async def peers(db: Database, owner: Owner) -> list[Peer]:
    """The other processes whose lease holds, with what they do and what they say of operators."""
    found = []
    for _, of_one in groupby(await db.all("peers", owner.number), key=itemgetter(0)):
        lines = list(of_one)
        number, token, boot_id, pid, roles, *_ = lines[0]
        known = frozenset(role for role in Role if role in roles)  # one of a later release may have more
        said = [line[-3:] for line in lines if line[-3] is not None]
        says = {operator: state for operator, state, _ in said}
        carriers = {operator: digest for operator, _, digest in said if digest}
        found.append(Peer(Process(Owner(number, token), boot_id, pid), known, says, carriers))
    return found
