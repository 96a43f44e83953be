"""What a process says of an operator, as a row: the same columns in both engines' `operator_states`."""

from __future__ import annotations

from collections.abc import Iterable

import orjson

from gateway.ports import OperatorState
from storage import rows


def state_rows(states: Iterable[OperatorState]) -> list[rows.Row]:
    """The rows of these, sorted by their key; the last one counts where several have the same."""
    last = {(state.operator, state.process): state for state in states}
    return [
        (
            *key,
            rows.micros(state.at),
            state.state,
            rows.json_text(state.binds),
            state.waiting,
            state.in_flight,
            rows.json_text(state.ailing),
            state.carrier_digest,
        )
        for key, state in sorted(last.items())
    ]


def state(row: rows.Row) -> OperatorState:
    """The other way round."""
    operator, process, at, word, binds, waiting, in_flight, ailing, carrier_digest = row
    return OperatorState(
        operator,
        process,
        rows.moment(at),
        word,
        orjson.loads(binds),
        waiting,
        in_flight,
        orjson.loads(ailing),
        carrier_digest,
    )
