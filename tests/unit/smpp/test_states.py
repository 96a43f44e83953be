"""The tables of states and operations, held against the specification's text."""

from __future__ import annotations

import pytest

from smpp.constants import CommandId
from smpp.states import BINDS, BOUND, ISSUED_BY, TRANSITIONS, Move, Role, State, may_arrive, may_issue


def test_every_state_has_its_row() -> None:
    assert set(TRANSITIONS) == set(State)


def test_every_state_but_the_last_can_end() -> None:
    for state, moves in TRANSITIONS.items():
        assert moves.get(Move.END) == (None if state is State.CLOSED else State.CLOSED)


def test_every_state_can_be_reached() -> None:
    reached, new = {State.OPEN}, {State.OPEN}
    while new:
        new = {target for state in new for target in TRANSITIONS[state].values()} - reached
        reached |= new
    assert reached == set(State)


@pytest.mark.parametrize(
    ("command", "move"),
    [
        (CommandId.BIND_TRANSMITTER, Move.BOUND_TX),
        (CommandId.BIND_RECEIVER, Move.BOUND_RX),
        (CommandId.BIND_TRANSCEIVER, Move.BOUND_TRX),
    ],
)
def test_each_bind_leads_to_its_state(command: CommandId, move: Move) -> None:
    assert BINDS[command] is move
    assert TRANSITIONS[State.BINDING][move] == State[move.name]


# SMPP 3.4, table 2-1, as it is printed: command, the side, and the states with a "Yes".
TABLE_2_1 = [
    (CommandId.BIND_TRANSMITTER, Role.ESME, {State.OPEN}),
    (CommandId.BIND_RECEIVER, Role.ESME, {State.OPEN}),
    (CommandId.BIND_TRANSCEIVER, Role.ESME, {State.OPEN}),
    (CommandId.OUTBIND, Role.SMSC, {State.OPEN}),
    (CommandId.UNBIND, Role.ESME, {State.BOUND_TX, State.BOUND_RX, State.BOUND_TRX}),
    (CommandId.UNBIND, Role.SMSC, {State.BOUND_TX, State.BOUND_RX, State.BOUND_TRX}),
    (CommandId.SUBMIT_SM, Role.ESME, {State.BOUND_TX, State.BOUND_TRX}),
    (CommandId.SUBMIT_SM, Role.SMSC, set()),
    (CommandId.SUBMIT_MULTI, Role.ESME, {State.BOUND_TX, State.BOUND_TRX}),
    (CommandId.DELIVER_SM, Role.SMSC, {State.BOUND_RX, State.BOUND_TRX}),
    (CommandId.DELIVER_SM, Role.ESME, set()),
    (CommandId.DATA_SM, Role.ESME, {State.BOUND_TX, State.BOUND_TRX}),
    (CommandId.DATA_SM, Role.SMSC, {State.BOUND_RX, State.BOUND_TRX}),
    (CommandId.QUERY_SM, Role.ESME, {State.BOUND_TX, State.BOUND_TRX}),
    (CommandId.CANCEL_SM, Role.ESME, {State.BOUND_TX, State.BOUND_TRX}),
    (CommandId.REPLACE_SM, Role.ESME, {State.BOUND_TX, State.BOUND_TRX}),
    (CommandId.ALERT_NOTIFICATION, Role.SMSC, {State.BOUND_RX, State.BOUND_TRX}),
]


@pytest.mark.parametrize(("command", "side", "states"), TABLE_2_1)
def test_who_may_ask_for_what_and_when(command: CommandId, side: Role, states: set[State]) -> None:
    assert {state for state in State if may_issue(side, command, state)} == states


def test_enquire_link_passes_until_the_end() -> None:
    for side in Role:
        assert not may_issue(side, CommandId.ENQUIRE_LINK, State.CLOSED)
        assert may_issue(side, CommandId.ENQUIRE_LINK, State.OPEN)


def test_what_was_under_way_when_we_unbound_may_arrive() -> None:
    assert may_arrive(Role.SMSC, CommandId.DELIVER_SM, State.UNBINDING)
    assert may_arrive(Role.ESME, CommandId.SUBMIT_SM, State.UNBINDING)
    assert not may_arrive(Role.ESME, CommandId.BIND_TRANSCEIVER, State.UNBINDING)
    assert not may_arrive(Role.SMSC, CommandId.SUBMIT_SM, State.UNBINDING)


def test_nothing_arrives_in_order_after_the_end() -> None:
    for side, rows in ISSUED_BY.items():
        assert not any(may_arrive(side, command, State.CLOSED) for command in rows)


def test_bound_means_the_three_bound_states() -> None:
    assert {state.name for state in BOUND} == {"BOUND_TX", "BOUND_RX", "BOUND_TRX"}
