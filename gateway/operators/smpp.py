"""The SMPP operator: a message as submit_sm parts over a pool of binds, and a carrier's receipts and messages back.

SMPP's words end in this module and its neighbours: `smpp_config`, `smpp_words`, `smpp_inward`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from time import monotonic

import structlog

from gateway.domain.message import Message
from gateway.domain.outcome import Part
from gateway.domain.pacing import Hold
from gateway.errors import OperatorError
from gateway.operators.smpp_config import Config
from gateway.operators.smpp_inward import FromCarrier
from gateway.operators.smpp_pace import SmppPace
from gateway.operators.smpp_parts import PartWriter
from gateway.operators.smpp_query import TURN_S
from gateway.operators.wiring import Wiring
from gateway.ports import OnOutcome, Reports
from gateway.services.tally import Tally
from smpp.bind import BindRole, BindState
from smpp.capture import Capture
from smpp.outbind import OutbindConfig, OutbindListener
from smpp.pool import Pool, PoolConfig

__all__ = ["CAPABILITIES", "Config", "SmppOperator", "capture", "kind", "make"]

log = structlog.get_logger("gateway.smpp")

kind = "smpp"

UNWRITTEN_EVERY_S = 30.0  #: at most so often people are told that the flight journal can't be written

CAPABILITIES: dict[str, str | bool] = {
    "text": True,
    "receipts": True,
    "inbound": True,
    "whole_message": "no: parts of 140 octets, unless split = message_payload",
    "media": "no: SMPP carries no MMS",
    "cancel": "no: cancel_sm is not answered alike by carriers",
}


class SmppOperator:
    """One carrier over SMPP."""

    def __init__(self, config: Config, wiring: Wiring) -> None:
        self.config = config
        self.id = config.id  #: its name in routes and commands
        self.binds = config.binds  #: over all processes
        self.window = config.window * config.binds  #: parts that may be unanswered over the binds held here
        self._inward = FromCarrier(config, wiring.metrics, wiring.clock)
        self._metrics = wiring.metrics
        self._shown: dict[str, int] = {}
        self._written = wiring.journal.written
        self._holds = wiring.holds
        self._loop = asyncio.get_running_loop()
        self._pace = SmppPace(config, wiring.metrics)
        self._pool = Pool(
            replace(pool_config(config), capture=wiring.capture),
            self._inward,
            before_write=self._before_write,
            may_write=wiring.may_write,
            pace=self._pace,
        )
        self._inward.pool, self._inward.pace = self._pool, self._pace
        self._callers = self._listener(wiring.capture) if config.outbind_listen else None
        self._writer = PartWriter(config, wiring.clock)
        self._unwritten = Tally(wiring.clock, UNWRITTEN_EVERY_S)

    # --- the Operator protocol

    @property
    def up(self) -> bool:
        """At least one bind that parts can be given to is bound."""
        return self._inward.up

    async def run(self, reports: Reports) -> None:
        """Keep the binds until cancelled."""
        self._inward.reports = reports
        self._metrics.before_render.append(self._show)
        beside = [self._loop.create_task(self._ask(), name=f"questions to {self.id}")]
        if self._callers is not None:
            beside.append(self._loop.create_task(self._callers.run(), name=f"outbind of {self.id}"))
        try:
            await self._pool.run()
        finally:
            for task in beside:
                task.cancel()
            await asyncio.wait(beside)
            self._show()
            self._metrics.before_render.remove(self._show)

    def _listener(self, capture: Capture | None) -> OutbindListener:
        """For a carrier that calls."""
        said = self.config.outbind_password.get_secret_value()
        pool = self._pool.config
        return OutbindListener(
            OutbindConfig(*self.config.outbind_address(), self.config.outbind_system_id, said, capture),
            partial(pool.request, BindRole.RECEIVER),
            pool.session(),
            self._inward,
            self._before_write,
            self._pool.counters,
        )

    async def _ask(self) -> None:
        """Ask the carrier for parts of which it says nothing, where it is to be asked."""
        inquiry = self._inward.inquiry
        while inquiry is not None:
            await asyncio.sleep(min(TURN_S, self.config.query_after_s))
            inquiry.turn(self._pool, monotonic())

    def _show(self) -> None:
        """Count what the carrier has sent that is no SMPP, or not its to send."""
        seen = self._pool.counters
        for kind, count in (
            ("bad_pdu", seen.bad_pdus),
            ("refused_request", seen.refused_requests),
            ("unknown_answer", seen.unknown_answers),
        ):
            new = count - self._shown.get(kind, 0)
            if new:
                self._shown[kind] = count
                self._metrics.bad_input.add("smpp", kind, by=new)
        self._pace.show(monotonic())

    async def drain(self, timeout_s: float) -> None:
        """Let the window empty, then unbind; whoever has called goes first, so that the next one can listen there."""
        if self._callers is not None:
            self._callers.hold(False)
        await self._pool.drain(timeout_s)

    def hold(self, indices: Collection[int]) -> None:
        """Keep these binds and no others, with their part of window and rate."""
        self.window = self.config.window * len(indices)
        self._pace.hold_binds(len(indices))
        self._pool.hold(indices)
        if self._callers is not None:
            self._callers.hold(0 in indices)
        if self._inward.reports is not None:
            self._inward.reports.changed(self.id)

    def holding(self) -> frozenset[int]:
        """The binds that are open here, or are being opened or closed."""
        held = self._pool.holding()
        return held | {0} if self._callers is not None and self._callers.open else held

    def abort(self, reason: str) -> None:
        """Drop all connections at once, and hold no bind."""
        self._pool.abort(reason)
        if self._callers is not None:
            self._callers.abort(reason)
        self.hold(())

    def _before_write(self, parts: Sequence[Part]) -> None:
        """Raises OSError when nothing may be written: the lease has run out (this process may have stood still for
        long), or the journal can't be."""
        if not self._holds():
            raise PermissionError("this process's lease has run out: its binds may be another's by now")
        if parts:
            try:
                self._written(parts)
            except OSError as error:
                self._tell_unwritten(error)
                raise

    def _tell_unwritten(self, error: OSError) -> None:
        """Each part that waits makes the bind end and come again: told now and then, for that may be often."""
        times = self._unwritten.add(1)
        if times is not None:
            log.error(
                "nothing can be noted in the flight journal, so nothing is sent",
                operator=self.id,
                error=error.strerror or str(error),
                binds_ended=times,
                hint="make room on its disk, or make it writable again: messages wait, none is lost, and binds come "
                "back by themselves",
            )

    def room(self) -> int:
        """Parts that may be written at this moment."""
        return self._pool.room()

    def admit(self, message: Message, parts: list[Part]) -> Hold | None:
        """Whether the rates of its sender and its destination let these parts go."""
        if not self._pace.by_part:
            return None
        return self._pace.admit(message.sender, message.recipient, parts, self._loop.time())

    def rebind(self) -> None:
        """Unbind all and bind anew."""
        self._pool.rebind(None)

    def kick(self) -> None:
        """Writing may go on: answers were recorded."""
        self._pool.kick()

    def states(self) -> list[dict[str, object]]:
        """Its binds, for people; a pair's receiver stands with its transmitter."""
        pairs: dict[int, dict[str, object]] = {}
        pace = self._pace.state(self._loop.time())
        for state in self._pool.states():
            if state.role is BindRole.RECEIVER:
                pairs[state.index]["receiver"] = _session(state)
            else:
                pairs[state.index] = {
                    "bind": state.index,
                    "host": self.config.host,
                    "port": self.config.port,
                    **_session(state),
                    "window_used": state.window_used,
                    "window": self.config.window,
                    "message_ids": str(self._inward.learned or self.config.message_ids),
                    "message_ids_learned": self._inward.learned is not None,
                    **pace,
                }
        if self._callers is not None:
            pairs[0]["outbind"] = {
                "listen": self.config.outbind_listen,
                "state": "listening" if self._callers.port else "closed",
                "sessions": self._callers.bound,
                "peers": self._callers.peers,
                "refused": self._callers.refused,
                "last_error": self._callers.last_error or None,
            }
        return list(pairs.values())

    def parts(self, message: Message) -> list[Part]:
        """Its submit_sm bodies, in order."""
        return self._writer.parts(message)

    def submit(self, parts: Sequence[Part], on_outcome: OnOutcome) -> None:
        """Give parts to one bind, in order: those of a message always come together."""
        self._inward.on_outcome = on_outcome
        now = monotonic()
        for part in parts:
            part.written_at = now
        self._pool.submit([(part.payload, part) for part in parts])  # type: ignore[misc] # bodies: see `parts`


def _session(state: BindState) -> dict[str, object]:
    """What people want to know of each connection."""
    return {
        "state": state.phase.value,
        "since": state.since.isoformat(timespec="seconds"),
        "last_error": state.last_error or None,
        "reconnect_at": state.reconnect_at.isoformat(timespec="seconds") if state.reconnect_at else None,
    }


def pool_config(config: Config) -> PoolConfig:
    """The operator's configuration as the pool takes it. Reads no file: the configuration has what its files said.

    Raises OperatorError when they can't be used.
    """
    return PoolConfig(
        host=config.host,
        port=config.port,
        system_id=config.system_id,
        password=config.password.get_secret_value(),
        system_type=config.system_type,
        bind=config.bind,
        interface_version=config.interface_version.octet,
        binds=config.binds,
        window=config.window,
        enquire_link_s=config.enquire_link_s,
        response_timeout_s=config.response_timeout_s,
        session_init_s=config.session_init_s,
        inactivity_s=config.inactivity_s,
        connect_timeout_s=config.connect_timeout_s,
        reconnect_max_s=config.reconnect_max_s,
        timeouts_in_a_row=config.timeouts_in_a_row,
        tls=config.tls_context(),
        tls_server_name=config.tls_server_name,
        source_host=config.source_host,
    )


def capture(path: Path, *, bodies: bool) -> Capture:
    """Begin a file of PDUs that Wireshark opens: for `Wiring.capture`. Raises OperatorError."""
    try:
        return Capture.to(path, bodies=bodies)
    except OSError as error:
        raise OperatorError(f"[debug] capture: {path} can't be written ({error.strerror})") from error


def make(config: Config, wiring: Wiring) -> SmppOperator:
    """The operator of a configuration. Raises OperatorError when its files can't be used."""
    return SmppOperator(config, wiring)
