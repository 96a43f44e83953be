"""`trunkline operator`: carriers of a running gateway, by the rows that it writes and the commands that it polls."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

import click

from gateway.cli.beside import Beside, json_option, utc_now, with_store
from gateway.cli.output import print_json, print_table
from gateway.errors import NotFound, Refused
from gateway.ports import OperatorState, Queue

STALE_AFTER = timedelta(seconds=15)  #: a running gateway writes its states every two seconds
CONFIRM_WITHIN_S = 10.0
POLL_S = 0.2

_WELL = ("bound", "listening")
_NOT_THERE = ("unknown", "removed")


@click.group()
def operator() -> None:
    """Carriers of a running gateway."""


@operator.command("list")
@json_option
@with_store
async def list_(gateway: Beside, as_json: bool) -> None:
    """Every operator with its binds, as each process of the gateway saw them some seconds ago.

    "Carrier" is where its binds connect to; with outbind also who has called and is bound. None: it connects to nobody.

    "Waiting" is what the store holds for it, whichever process will send it; "in hand" what this process has taken up,
    "in flight" the parts that the carrier has not answered. "Elsewhere": its binds are another process's.

    "Does badly for": country codes for which too many of its answers or receipts were bad, by that process's count;
    there the other operators of a route go first.
    """
    states = await gateway.store.states()
    now = utc_now()
    queues = _queues((await gateway.store.facts(now)).queues)
    if as_json:
        print_json([_facts(state, states, queues, now) for state in states])
        return
    rows = [
        (
            state.operator,
            state.process,
            _word(state, states, now),
            _carrier(state),
            None if _is_elsewhere(state, states, now) else _binds(state),
            _rate(state),
            queues.get(state.operator, 0),
            state.waiting,
            state.in_flight,
            state.at,
            _ailing(state),
            None if _is_elsewhere(state, states, now) else _last_error(state),
        )
        for state in states
    ]
    heads = (
        "operator",
        "process",
        "state",
        "carrier",
        "binds",
        "rate",
        "waiting",
        "in hand",
        "in flight",
        "seen",
        "does badly for",
        "last error",
    )
    print_table(heads, rows, "no gateway has served this store yet: trunkline serve")
    for hint in [*_hints(states), *_conflicts(states, now), *_nobodys(states, queues, now)]:
        click.echo(hint)


@operator.command()
@click.argument("operator_id", metavar="ID")
@with_store
async def pause(gateway: Beside, operator_id: str) -> None:
    """Send nothing more to an operator until `resume`, or a restart. Its messages go elsewhere, or wait."""
    await _command(gateway, "pause", operator_id, lambda state: state.state == "paused")


@operator.command()
@click.argument("operator_id", metavar="ID")
@with_store
async def resume(gateway: Beside, operator_id: str) -> None:
    """Let a paused operator go on."""
    await _command(gateway, "resume", operator_id, lambda state: state.state != "paused")


@operator.command()
@click.argument("operator_id", metavar="ID")
@with_store
async def rebind(gateway: Beside, operator_id: str) -> None:
    """Close an operator's binds and open them again."""
    await _command(gateway, "rebind", operator_id, lambda state: state.state != "down" or not _is_kept(state))


async def _command(
    gateway: Beside, verb: str, operator_id: str, is_done: Callable[[OperatorState], bool]
) -> None:
    """Post a command, and wait until every process that holds the operator has heard it."""
    now = utc_now()
    states = [state for state in await gateway.store.states() if not _is_stale(state, now)]
    if not states:
        raise Refused("no gateway serves this store now: start it with `trunkline serve`")
    if all(state.operator != operator_id for state in states):
        known = ", ".join(sorted({state.operator for state in states}))
        raise NotFound(f"there is no operator '{operator_id}': there are {known}")
    await gateway.store.post_command(verb, operator_id, now)
    now = utc_now()  # a state of before, also one told while the command was being written, confirms nothing
    deadline = time.monotonic() + CONFIRM_WITHIN_S
    silent: list[int] = []
    while time.monotonic() < deadline:
        states = [state for state in await gateway.store.states() if state.operator == operator_id]
        silent = [
            state.process
            for state in states
            if not (_is_stale(state, utc_now()) or (state.at > now and is_done(state)))
        ]
        heard = [state.state for state in states if state.at > now and is_done(state)]
        if heard and not silent:
            click.echo(f"{operator_id}: {'up' if 'up' in heard else heard[0]}")
            return
        await asyncio.sleep(POLL_S)
    why = [error for state in states if state.at > now and (error := _last_error(state))]
    if verb == "rebind" and why:
        raise Refused(f"{operator_id} is not bound again yet, and the gateway goes on trying: {why[0]}")
    raise Refused(
        f"the gateway has not confirmed within {CONFIRM_WITHIN_S:g} s "
        f"(process {', '.join(map(str, silent)) or 'gone'}); `trunkline operator list` shows what it does"
    )


def _is_stale(state: OperatorState, now: datetime) -> bool:
    return now - state.at > STALE_AFTER


def _word(state: OperatorState, states: Sequence[OperatorState], now: datetime) -> str:
    """The state for people. An operator that its process tells no more of, while it tells of others, was taken out."""
    if not _is_stale(state, now):
        return "elsewhere" if _is_elsewhere(state, states, now) else state.state
    beside = (other for other in states if other.process == state.process)
    return "unknown" if all(_is_stale(other, now) for other in beside) else "removed"


def _is_elsewhere(state: OperatorState, states: Sequence[OperatorState], now: datetime) -> bool:
    """Whether its binds are another process's, which is nothing that is wrong."""
    if state.state != "down" or _is_stale(state, now) or _is_kept(state):
        return False
    return any(
        other.operator == state.operator and _is_kept(other) and not _is_stale(other, now) for other in states
    )


def _is_kept(state: OperatorState) -> bool:
    """Whether this process has a bind of it, or tries to."""
    return any(bind.get("state") != "stopped" for bind in state.binds)


def _queues(queues: Sequence[Queue]) -> dict[str | None, int]:
    """Messages that wait in the store, of all classes, by operator; None: to be routed."""
    counted: dict[str | None, int] = {}
    for queue in queues:
        counted[queue.operator] = counted.get(queue.operator, 0) + queue.waiting
    return counted


def _nobodys(
    states: Sequence[OperatorState], queues: Mapping[str | None, int], now: datetime
) -> Iterator[str]:
    """What waits for an operator that no running gateway has."""
    had = {state.operator for state in states if _word(state, states, now) != "removed"}
    for operator, waiting in queues.items():
        if operator is None:
            yield f"{waiting} message(s) wait for an operator to be chosen"
        elif operator not in had:
            yield f"{operator}: {waiting} message(s) wait for it, and no gateway has it: is it in the configuration?"


def _hints(states: Sequence[OperatorState]) -> list[str]:
    """What an operator's first receipts have shown, and its settings do not say."""
    learned = {
        (state.operator, str(bind["message_ids"]))
        for state in states
        for bind in state.binds
        if bind.get("message_ids_learned")
    }
    return [
        f'{operator}: its receipts show message_ids = "{rule}"; written into its settings, no other form is looked for'
        for operator, rule in sorted(learned)
    ]


def _conflicts(states: Sequence[OperatorState], now: datetime) -> Iterator[str]:
    """Processes that mean different carriers by one id: two deployments, or a change that is going round."""
    meant: dict[str, dict[str, list[int]]] = {}
    for state in states:
        if state.carrier_digest and _word(state, states, now) not in _NOT_THERE:
            meant.setdefault(state.operator, {}).setdefault(state.carrier_digest, []).append(state.process)
    for operator, processes in meant.items():
        if len(processes) > 1:
            sides = " / ".join(", ".join(map(str, numbers)) for numbers in processes.values())
            yield (
                f"{operator}: processes {sides} mean different carriers by this id (host, port or system_id): messages "
                "may leave by either. Is a change of it going round, or do two deployments share this store?"
            )


def _carrier(state: OperatorState) -> str | None:
    """Where its binds connect to, and from where the carrier has called."""
    told = {_address(bind["host"], bind["port"]): None for bind in state.binds if "host" in bind}
    callers = [
        str(peer)
        for bind in state.binds
        if isinstance(outbind := bind.get("outbind"), dict)
        for peer in outbind.get("peers", ())
    ]
    return ", ".join([*told, *(f"called by {peer}" for peer in callers)]) or None


def _address(host: object, port: object) -> str:
    return f"[{host}]:{port}" if ":" in str(host) else f"{host}:{port}"


def _binds(state: OperatorState) -> str | None:
    if not state.binds:
        return None
    up = f"{_bound(state.binds)}/{len(state.binds)}"
    receivers = [receiver for bind in state.binds if isinstance(receiver := bind.get("receiver"), dict)]
    return f"{up}, receivers {_bound(receivers)}/{len(receivers)}" if receivers else up


def _rate(state: OperatorState) -> str | None:
    """Parts per second in force, and the limit that something waits for."""
    of_all = state.binds[0] if state.binds else {}
    rate, waits_for = of_all.get("rate_per_s"), of_all.get("waits_for")
    told = [f"{rate:g}/s"] if isinstance(rate, int | float) and rate else []
    return ", ".join([*told, f"waits for {waits_for}"] if waits_for else told) or None


def _bound(sessions: Sequence[Mapping[str, object]]) -> int:
    return sum(session.get("state") == "bound" for session in sessions)


def _last_error(state: OperatorState) -> str | None:
    """Why a connection is not there; else why one was lost before."""
    kinds = ("outbind", "receiver")
    beside = [
        session for bind in state.binds for kind in kinds if isinstance(session := bind.get(kind), dict)
    ]
    told = [session for session in (*state.binds, *beside) if session.get("last_error")]
    for session in told:
        if session.get("state") not in _WELL:
            return str(session["last_error"])
    return f"before: {told[0]['last_error']}" if told else None


def _ailing(state: OperatorState) -> str | None:
    """Country codes; one that it is being tried for is marked."""
    return (
        ", ".join(f"+{each['country']}{' (trial)' if each['trial'] else ''}" for each in state.ailing) or None
    )


def _facts(
    state: OperatorState, states: Sequence[OperatorState], queues: Mapping[str | None, int], now: datetime
) -> dict[str, object]:
    return {
        "operator": state.operator,
        "process": state.process,
        "state": _word(state, states, now),
        "carrier_digest": state.carrier_digest or None,
        "binds": state.binds,
        "waiting_in_store": queues.get(state.operator, 0),
        "waiting": state.waiting,
        "in_flight": state.in_flight,
        "ailing": state.ailing,
        "at": state.at,
    }
