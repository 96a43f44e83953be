"""Plays the script of a simulated carrier: each step at its moment, and the troubles that last.

The message centre asks what stands here now; time comes from its wheel, so a script needs no timer of its own.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, Protocol

from gateway.simulator.esme import GARBAGE
from gateway.simulator.steps import (
    Deaf,
    DropLinks,
    Garbage,
    Inject,
    Outbind,
    Recover,
    RefuseBinds,
    Slow,
    StartReceipts,
    Step,
    StopReceipts,
    Throttle,
    Trouble,
    Unbind,
)
from smpp.server import Connection


class Stage(Protocol):
    """The message centre that a script is played on."""

    @property
    def links(self) -> Iterable[Connection]:
        """The connections that are open."""

    def later(self, after_s: float, action: Callable[[], Any]) -> None:
        """Do this when so many seconds have passed."""

    def drop_connections(self, reason: str) -> int:
        """Cut every connection."""

    def inject(self, sender: str, recipient: str, text: str) -> int:
        """Deliver a message of a person."""

    def outbind_soon(self, host: str, port: int) -> None:
        """Call an ESME."""

    def step_played(self, step: Step) -> None:
        """A step is about to be played."""


class Script:
    """The steps that are to come, and the troubles there are."""

    def __init__(self, steps: Sequence[Step], stage: Stage) -> None:
        self.refuse_status = 0
        """command_status for binds; 0: they are judged as ever."""
        self.throttle_status = 0
        """command_status for submits; 0: they are judged as ever."""
        self.answer_delay_s = 0.0
        self.deaf = False
        self.held: list[Callable[[], None]] | None = None
        """Receipts that are kept back; None: they go out."""
        self._stage = stage
        self._timed = [step for step in steps if step.at_s is not None]
        counted = [(step.after_submits, step) for step in steps if step.after_submits is not None]
        self._counted = deque(sorted(counted, key=lambda moment: moment[0]))
        self._troubles: dict[str, Trouble] = {}

    def start(self) -> None:
        """The time of `at_s` begins. A second start changes nothing."""
        timed, self._timed = self._timed, []
        for step in timed:
            assert step.at_s is not None
            self._stage.later(step.at_s, partial(self._play, step))

    def submitted(self, count: int) -> None:
        """So many submits were decided on since the start."""
        while self._counted and self._counted[0][0] <= count:
            self._play(self._counted.popleft()[1])

    def _play(self, step: Step) -> None:
        self._stage.step_played(step)
        match step:
            case DropLinks():
                self._stage.drop_connections("dropped by the script")
            case Unbind():
                for connection in list(self._stage.links):
                    connection.unbind()
            case Garbage():
                for connection in list(self._stage.links):
                    connection.send_raw(GARBAGE)
            case Inject():
                for _ in range(step.times):
                    self._stage.inject(step.sender, step.recipient, step.text)
            case Outbind():
                self._stage.outbind_soon(step.host, step.port)
            case StartReceipts():
                self._end("stop_receipts")
            case Recover():
                for verb in list(self._troubles):
                    self._end(verb)
            case _:
                self._begin(step)

    def _begin(self, trouble: Trouble) -> None:
        self._troubles[trouble.do] = trouble
        match trouble:
            case RefuseBinds():
                self.refuse_status = trouble.status
            case Throttle():
                self.throttle_status = trouble.status
            case Slow():
                self.answer_delay_s = trouble.answer_delay_s
            case Deaf():
                self._hear(False)
            case StopReceipts():
                self.held = self.held if self.held is not None else []
        if trouble.for_s:
            self._stage.later(trouble.for_s, partial(self._over, trouble))

    def _over(self, trouble: Trouble) -> None:
        """Its time has passed; one that has come since lasts on."""
        if self._troubles.get(trouble.do) is trouble:
            self._end(trouble.do)

    def _end(self, verb: str) -> None:
        match self._troubles.pop(verb, None):
            case RefuseBinds():
                self.refuse_status = 0
            case Throttle():
                self.throttle_status = 0
            case Slow():
                self.answer_delay_s = 0.0
            case Deaf():
                self._hear(True)
            case StopReceipts():
                held, self.held = self.held or [], None
                for action in held:
                    action()

    def _hear(self, hears: bool) -> None:
        self.deaf = not hears
        for connection in self._stage.links:
            connection.hear(hears)
