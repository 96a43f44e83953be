"""The questions of an ESME that wait for their answers: query_sm, cancel_sm and replace_sm.

They are no parts: nothing is lost when one is not answered, and many carriers do not answer them at all. So a question
that is overdue is given up, and costs neither the bind nor, for longer than that, a slot of its window.
"""

from __future__ import annotations

from typing import Any

from smpp.constants import RESPONSE_BIT, CommandId
from smpp.pdu import Pdu

QUESTIONS = frozenset({CommandId.QUERY_SM, CommandId.CANCEL_SM, CommandId.REPLACE_SM})


class Questions:
    """Open questions by sequence number, the oldest first."""

    __slots__ = ("_open",)

    def __init__(self) -> None:
        self._open: dict[int, tuple[Any, float, int]] = {}

    def __len__(self) -> int:
        return len(self._open)

    def __contains__(self, sequence: int) -> bool:
        return sequence in self._open

    def add(self, pdu: Pdu, tag: object, now: float) -> None:
        """This one is on its way."""
        self._open[pdu.sequence] = (tag, now, pdu.command_id | RESPONSE_BIT)

    def take(self, answer: Pdu) -> tuple[Any] | None:
        """The tag of the question that this answers, alone in a tuple; None when it answers none."""
        found = self._open.get(answer.sequence)
        if found is None or answer.command_id not in (found[2], CommandId.GENERIC_NACK):
            return None
        del self._open[answer.sequence]
        return (found[0],)

    def overdue(self, response_s: float, now: float) -> list[Any]:
        """Take out the tags of those that were not answered in time."""
        late = [sequence for sequence, (_, asked_at, _) in self._open.items() if asked_at + response_s <= now]
        return [self._open.pop(sequence)[0] for sequence in late]

    def deadline(self, response_s: float) -> float:
        """When the oldest is overdue; there must be one."""
        return next(iter(self._open.values()))[1] + response_s

    def clear(self) -> list[Any]:
        """Take out all tags."""
        tags = [tag for tag, _, _ in self._open.values()]
        self._open.clear()
        return tags
