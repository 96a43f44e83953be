"""The states of an SMPP session, the moves between them, and who may ask for what in which.

SMPP 3.4, 2.2 and 2.3. Everything that depends on the state stands in the two tables here. The first is
the machine: a move that a state does not list is illegal and changes nothing. The second says which
requests a side may issue in a state.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from types import MappingProxyType

from smpp.constants import CommandId


class Role(enum.Enum):
    """The two ends of a session: ESME (the client that binds) and SMSC (the message centre)."""

    ESME = "esme"
    SMSC = "smsc"


class State(enum.IntEnum):
    """Where a session stands. UNBINDING: our unbind is unanswered. CLOSED is final."""

    OPEN = 0
    BINDING = 1
    BOUND_TX = 2
    BOUND_RX = 3
    BOUND_TRX = 4
    UNBINDING = 5
    CLOSED = 6


class Move(enum.Enum):
    """What moves a session from state to state."""

    BIND = "a bind request is on its way"
    REFUSED = "the bind was refused"
    BOUND_TX = "bound as transmitter"
    BOUND_RX = "bound as receiver"
    BOUND_TRX = "bound as transceiver"
    UNBIND = "we asked to unbind"
    END = "unbound, broken or given up"


BOUND = frozenset({State.BOUND_TX, State.BOUND_RX, State.BOUND_TRX})
_SENDING = frozenset({State.BOUND_TX, State.BOUND_TRX})
_RECEIVING = frozenset({State.BOUND_RX, State.BOUND_TRX})
_OPEN = frozenset({State.OPEN})
# 3.4 lists enquire_link for bound sessions only; peers ask earlier, and an answer harms nobody.
_ANY = frozenset(State) - {State.CLOSED}

_LEAVE_BOUND = {Move.UNBIND: State.UNBINDING, Move.END: State.CLOSED}

TRANSITIONS: Mapping[State, Mapping[Move, State]] = MappingProxyType(
    {
        State.OPEN: {Move.BIND: State.BINDING, Move.END: State.CLOSED},
        State.BINDING: {
            Move.REFUSED: State.OPEN,
            Move.BOUND_TX: State.BOUND_TX,
            Move.BOUND_RX: State.BOUND_RX,
            Move.BOUND_TRX: State.BOUND_TRX,
            Move.END: State.CLOSED,
        },
        State.BOUND_TX: _LEAVE_BOUND,
        State.BOUND_RX: _LEAVE_BOUND,
        State.BOUND_TRX: _LEAVE_BOUND,
        State.UNBINDING: {Move.END: State.CLOSED},
        State.CLOSED: {},
    }
)

BINDS: Mapping[int, Move] = MappingProxyType(
    {
        CommandId.BIND_TRANSMITTER: Move.BOUND_TX,
        CommandId.BIND_RECEIVER: Move.BOUND_RX,
        CommandId.BIND_TRANSCEIVER: Move.BOUND_TRX,
    }
)

# SMPP 3.4, table 2-1; data_sm by direction as in SMPP 5.0, table 2-5, which is what 3.4 means.
ISSUED_BY: Mapping[Role, Mapping[int, frozenset[State]]] = MappingProxyType(
    {
        Role.ESME: {
            CommandId.BIND_TRANSMITTER: _OPEN,
            CommandId.BIND_RECEIVER: _OPEN,
            CommandId.BIND_TRANSCEIVER: _OPEN,
            CommandId.SUBMIT_SM: _SENDING,
            CommandId.SUBMIT_MULTI: _SENDING,
            CommandId.DATA_SM: _SENDING,
            CommandId.QUERY_SM: _SENDING,
            CommandId.CANCEL_SM: _SENDING,
            CommandId.REPLACE_SM: _SENDING,
            CommandId.UNBIND: BOUND,
            CommandId.ENQUIRE_LINK: _ANY,
        },
        Role.SMSC: {
            CommandId.OUTBIND: _OPEN,
            CommandId.DELIVER_SM: _RECEIVING,
            CommandId.DATA_SM: _RECEIVING,
            CommandId.ALERT_NOTIFICATION: _RECEIVING,
            CommandId.UNBIND: BOUND,
            CommandId.ENQUIRE_LINK: _ANY,
        },
    }
)


def may_issue(role: Role, command_id: int, state: State) -> bool:
    """Whether `role` may send this request in `state`."""
    return state in ISSUED_BY[role].get(command_id, ())


def may_arrive(sender: Role, command_id: int, state: State) -> bool:
    """Whether the request of `sender` is in order when it arrives at a peer that stands in `state`.

    While our unbind is under way the sender may not have seen it: what was legal when bound still is.
    """
    allowed = ISSUED_BY[sender].get(command_id, frozenset())
    return state in allowed or (state is State.UNBINDING and not BOUND.isdisjoint(allowed))
