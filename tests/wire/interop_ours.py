"""The interop matrix's half in which ours is the ESME: a whole gateway at an SMSC that is not ours."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from gateway.app.core import utc_now
from gateway.domain import ids
from gateway.domain.outcome import Accepted, Outcome, Part
from gateway.domain.words import Status
from gateway.operators.smpp import SmppOperator
from routing.binary import binary
from routing.payloads import SplitStyle, payloads
from smpp.codec import encode_submit_body
from smpp.constants import EsmClass
from smpp.pdu import SubmitSm
from tests.complaints.scene import OURS, PHONE, Scene, config_of
from tests.peers.smsc import Event, ForeignSmsc, smsc, twisted_smsc
from tests.wire.interop import Pair, Peer, Submitted, until

SMSCS = {Peer.NODE: smsc, Peer.TWISTED: twisted_smsc}


class GatewayAtSmsc:
    """A `Pair`: the gateway's own way in and out, and a carrier that is a process."""

    def __init__(self, scene: Scene, carrier: ForeignSmsc) -> None:
        self._scene = scene
        self._carrier = carrier

    @property
    def _operator(self) -> SmppOperator:
        operator = self._scene.core.operators["alpha"]
        assert isinstance(operator, SmppOperator)
        return operator

    def bound_as(self) -> str:
        (bind,) = self._carrier.named("bind")
        assert bind["system_id"] == "esme"
        return str(bind["mode"])

    async def text(self, text: str, flash: bool = False) -> list[Submitted]:
        before = len(self._carrier.named("submit"))
        await self._send(text, flash)
        return [_submitted(event) for event in self._carrier.named("submit")[before:]]

    async def binary(self, header: bytes, data: bytes) -> list[Submitted]:
        """At the operator: no dialect takes octets yet."""
        before = len(self._carrier.named("submit"))
        (payload,) = binary(data, header).payloads()
        submit = SubmitSm(
            source_addr=OURS[1:],
            destination_addr=PHONE[1:],
            esm_class=EsmClass.UDHI,
            data_coding=payload.data_coding,
            short_message=payload.short_message,
        )
        outcomes: list[Outcome] = []
        part = Part(ids.new_id(utc_now()), 1, 1, 1, encode_submit_body(submit), receipt=False)
        self._operator.submit([part], lambda _, outcome: outcomes.append(outcome))
        await until(lambda: outcomes)
        assert isinstance(outcomes[0], Accepted), outcomes
        await until(lambda: len(self._carrier.named("submit")) > before)  # its word may come after its answer
        return [_submitted(event) for event in self._carrier.named("submit")[before:]]

    async def receipt(self, text: str) -> str:
        before = self._answered("receipt")
        status = await self._send(text)
        await until(lambda: self._answered("receipt") == before + 1)
        return {Status.DELIVERED: "DELIVRD"}[status]

    async def inbound(self, text: str) -> list[str]:
        before, stored = self._answered("inbound"), len(await self._scene.inbound(0))
        parts = payloads(text, SplitStyle.UDH8, reference=77)
        for payload in parts:
            await self._carrier.order(
                "inbound",
                **{"from": PHONE[1:], "to": OURS[1:]},
                hex=payload.short_message.hex(),
                data_coding=payload.data_coding,
                esm_class=int(EsmClass.UDHI) if payload.udhi else 0,
            )
        came = await self._scene.inbound(stored + 1)
        await until(lambda: self._answered("inbound") == before + len(parts))
        return [message.body for message in came[stored:]]

    async def leave(self) -> bool:
        await self._operator.drain(10.0)
        await until(lambda: self._carrier.named("unbound"))
        return True

    async def _send(self, text: str, flash: bool = False) -> Status:
        message_id = await self._scene.send(text, message_class=0 if flash else None)
        return (await self._scene.reach(message_id)).status

    def _answered(self, kind: str) -> int:
        """Deliveries of this kind that the carrier has seen acknowledged."""
        good = {0, "ESME_ROK"}
        return sum(
            told["kind"] == kind and told["status"] in good for told in self._carrier.named("answered")
        )


def _submitted(event: Event) -> Submitted:
    octets = bytes.fromhex(event["short_message_hex"])
    return Submitted(octets, event["data_coding"], bool(event["esm_class"] & EsmClass.UDHI))


@asynccontextmanager
async def gateway_at(peer: Peer, folder: Path) -> AsyncIterator[Pair]:
    """A gateway that is bound to this SMSC."""
    async with SMSCS[peer]() as carrier:
        scene = Scene(folder, config_of([carrier.port], [{}], ""), [])
        async with scene.serving():
            await until(lambda: scene.core.operators["alpha"].up)
            yield GatewayAtSmsc(scene, carrier)
