"""Complaints 20 to 28, 30 to 33, 35: how texts, addresses, times and parameters are written, and where they go."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from gateway.domain.words import Status
from gateway.simulator import FinalState, Rule, Share, Submit
from gateway.simulator.mailbox import Delivery
from routing.payloads import DefaultAlphabet, read
from smpp.constants import EsmClass, Tag
from smpp.constants import Status as CommandStatus
from smpp.pdu import DeliverSm, SubmitSm
from smpp.server import Server
from tests.complaints.scene import OURS, PHONE, QUICK, scene, set_up

SIGNS = "@ \u00a3 $ ! [ ] { } | ~ \\ ^ \u20ac \u00e4 \u00f6 \u00fc \u00df \u00f1"
EMOJI = "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466 family, \U0001f1e9\U0001f1ea flag, e\u0301 accent. "
STYLES = ["udh8", "udh16", "sar", "message_payload"]


def texts(submits: list[Submit], alphabet: DefaultAlphabet = DefaultAlphabet.GSM7_UNPACKED) -> list[str]:
    """What a phone would read in each part."""
    found = []
    for submit in submits:
        pdu = submit.pdu
        assert isinstance(pdu, SubmitSm)
        octets = pdu.tlvs.get(Tag.MESSAGE_PAYLOAD) or pdu.short_message
        content = read(octets, pdu.data_coding, bool(pdu.esm_class & EsmClass.UDHI), alphabet)
        assert content.text is not None
        found.append(content.text)
    return found


@pytest.mark.parametrize("text", ["1234567", "12345678", "x" * 158 + "\r\n", "\u20ac" * 80, "x" * 200 + "\r"])
async def test_20_packed_septets_with_the_rule_of_cr(tmp_path: Path, text: str) -> None:
    """smpplib#123, go-smpp#75 #108, cloudhopper#62: seven characters leave seven bits, which no @ may fill."""
    async with scene(tmp_path, default_alphabet="gsm7_packed") as play:
        await play.reach(await play.send(text))
        assert "".join(texts(play.carrier.submits, DefaultAlphabet.GSM7_PACKED)) == text


@pytest.mark.parametrize("alphabet", ["gsm7", "gsm7_packed", "latin1", "ascii", "utf8"])
async def test_21_signs_arrive_whatever_data_coding_0_means(tmp_path: Path, alphabet: str) -> None:
    """smpplib#261, NowSMS's and TIBCO's pages on character sets."""
    async with scene(tmp_path, default_alphabet=alphabet) as play:
        await play.reach(await play.send(SIGNS))
        await play.reach(await play.send("plain"))
        assert texts(play.carrier.submits, DefaultAlphabet(alphabet)) == [SIGNS, "plain"]


@pytest.mark.parametrize("style", STYLES)
async def test_23_emoji_are_not_cut(tmp_path: Path, style: str) -> None:
    """split-sms#1, gammu#104, smpplib#160: each part is whole text by itself."""
    async with scene(tmp_path, split=style) as play:
        await play.reach(message_id := await play.send(EMOJI * 6))
        parts = texts(play.carrier.submits)
        assert "".join(parts) == EMOJI * 6
        assert all("\ufffd" not in part for part in parts)
        assert not any(unicodedata.combining(part[0]) or part[0] in "\u200d\ufe0f" for part in parts)
        view = await play.look(message_id)
        assert style == "message_payload" or len(parts) == view.message.segment_count


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize(
    "text", ["Lorem ipsum [dolor] \u20ac " * 30, "\u043f\u0440\u0438\u0432\u0435\u0442 " * 60]
)
async def test_24_25_long_texts_by_header_parameters_or_whole(tmp_path: Path, style: str, text: str) -> None:
    """jookies/jasmin#437 #1253, smpplib PR 88, telenor/sms-smpp#162, cloudhopper#49, node-smpp#37 #243."""
    async with scene(tmp_path, split=style) as play:
        await play.reach(await play.send(text))
        submits = play.carrier.submits
        assert "".join(texts(submits)) == text
        if style == "sar":
            assert [s.pdu.tlvs[Tag.SAR_SEGMENT_SEQNUM][0] for s in submits] == [*range(1, len(submits) + 1)]
            assert len({s.pdu.tlvs[Tag.SAR_MSG_REF_NUM] for s in submits}) == 1
        if style == "message_payload":
            assert len(submits) == 1


def _more_answers(server: Server, before: int) -> bool:
    return server.counters.answers > before


class TestInbound:
    """27: parts of a long message from a phone (jookies/jasmin#513, jsmpp#64 #61, node-smpp#72, cloudhopper#11)."""

    def parts(self, pieces: list[str], reference: int = 7) -> list[DeliverSm]:
        total = len(pieces)
        return [
            DeliverSm(
                source_addr=PHONE[1:],
                source_addr_ton=1,
                destination_addr=OURS[1:],
                dest_addr_ton=1,
                esm_class=EsmClass.UDHI,
                short_message=bytes((5, 0, 3, reference, total, number)) + piece.encode(),
            )
            for number, piece in enumerate(pieces, start=1)
        ]

    async def test_27_in_any_order(self, tmp_path: Path) -> None:
        async with scene(tmp_path, binds=2) as play:
            simulator = play.carrier.simulator
            await play.until(lambda: simulator.counters.binds == 2)
            one, two, three = self.parts(["first ", "second ", "third"])
            connections = list(simulator._server.connections)
            for connection, part in zip(connections * 2, (three, one, two), strict=False):
                connection.deliver(part, Delivery(part, receipt=False))
            (whole,) = await play.inbound()
            assert whole.body == "first second third"

    async def test_27_over_a_restart(self, tmp_path: Path) -> None:
        async with set_up(tmp_path, [QUICK], [{}]) as play:
            one, two = self.parts(["before ", "after"])
            for part in (two, one):
                async with play.serving():
                    await play.until(lambda: play.core.operators["alpha"].up)
                    server = play.carrier.simulator._server
                    before = server.counters.answers
                    next(iter(server.connections)).deliver(part, Delivery(part, receipt=False))
                    await play.until(partial(_more_answers, server, before))
            async with play.serving():
                (whole,) = await play.inbound()
                assert whole.body == "before after"

    async def test_27_a_part_that_never_comes_leaves_a_mark(self, tmp_path: Path) -> None:
        async with scene(tmp_path, more="[inbound]\njoin_wait_s = 1") as play:
            simulator = play.carrier.simulator
            await play.until(lambda: play.core.operators["alpha"].up)
            one, _, three = self.parts(["first ", "second ", "third"])
            for part in (three, one):
                next(iter(simulator._server.connections)).deliver(part, Delivery(part, receipt=False))
            (whole,) = await play.inbound()
            assert whole.body == "first [...]third"


@pytest.mark.parametrize(
    ("sender", "numbering", "expected"),
    [
        ("ACME-Ltd", {}, (5, 0)),
        (OURS, {}, (1, 1)),
        ("60777", {}, (3, 0)),
        ("ACME-Ltd", {"alphanumeric": "5/1"}, (5, 1)),
        ("60777", {"short_code": "0/9"}, (0, 9)),
    ],
)
async def test_28_type_of_number_by_the_address(
    tmp_path: Path, sender: str, numbering: dict[str, str], expected: tuple[int, int]
) -> None:
    """smppex#92, JamaaSMPP#5 #32, jookies/jasmin#951, go-smpp#119, vumi#294."""
    async with scene(tmp_path, source_numbering=numbering) as play:
        await play.reach(await play.send(sender=sender))
        (submit,) = play.carrier.submits
        assert (submit.pdu.source_addr_ton, submit.pdu.source_addr_npi) == expected


@pytest.mark.parametrize("validity", ["none", "relative", "absolute"])
async def test_30_validity_as_the_carrier_takes_it(tmp_path: Path, validity: str) -> None:
    """jookies/jasmin#1179 #623, ksmppd#73, smpplib#254: sixteen characters, or none."""
    async with scene(tmp_path, validity=validity) as play:
        await play.reach(message_id := await play.send("x" * 200))
        written = {s.pdu.validity_period for s in play.carrier.submits if isinstance(s.pdu, SubmitSm)}
        assert len(written) == 1, "every part says the same"
        (period,) = written
        message = (await play.look(message_id)).message
        if validity == "absolute":
            assert datetime.strptime(period[:12], "%y%m%d%H%M%S").replace(
                tzinfo=UTC
            ) == message.expires_at.replace(microsecond=0)
            assert period.endswith("00+")
        else:
            assert period in ({"none": ""}.get(validity, "000003000000000R"), "000002235959000R")


async def test_31_parameters_that_nobody_knows_are_no_fault(tmp_path: Path) -> None:
    """jookies/jasmin#399 #120 #549, smpplib#2, jsmpp#16, ksmppd#135."""
    async with scene(tmp_path) as play:
        await play.until(lambda: play.core.operators["alpha"].up)
        pdu = DeliverSm(
            source_addr=PHONE[1:],
            source_addr_ton=1,
            destination_addr=OURS[1:],
            dest_addr_ton=1,
            short_message=b"hello",
            tlvs={0x1500: b"\x01\x02\x03", 0x3FFF: b"", 0x9999: b"vendor"},
        )
        next(iter(play.carrier.simulator._server.connections)).deliver(pdu, Delivery(pdu, receipt=False))
        (inbound,) = await play.inbound()
        assert inbound.body == "hello"
        assert play.carrier.simulator.counters.binds == 1


async def test_32_the_ids_that_india_asks_for(tmp_path: Path) -> None:
    """jookies/jasmin#1230 #429, php8-smpp#10, Spoke#1792: from the API's metadata to the PDU."""
    async with scene(tmp_path, profile="india-dlt") as play:
        metadata = '{"entityId": "110100001", "templateId": "110700002", "order": 7}'
        await play.reach(await play.send("x" * 200, metadata=metadata))
        for submit in play.carrier.submits:
            assert {tag: value for tag, value in submit.pdu.tlvs.items() if tag >= 0x1400} == {
                0x1400: b"110100001\0",
                0x1401: b"110700002\0",
            }


class TestFailover:
    """33: jookies/jasmin#1219 #705, ksmppd#103."""

    @pytest.mark.parametrize(
        "status",
        [CommandStatus.ESME_RSUBMITFAIL, CommandStatus.ESME_RX_P_APPN, CommandStatus.ESME_RINVSRCTON],
    )
    async def test_33_the_next_operator_when_one_rejects(self, tmp_path: Path, status: int) -> None:
        rejects = QUICK.model_copy(update={"rules": (Rule(to="", status=status),)})
        async with set_up(tmp_path, [rejects, QUICK], [{}, {}]) as play, play.serving():
            await play.reach(await play.send())
            assert [len(carrier.submits) for carrier in play.carriers] == [1, 1]

    async def test_33_the_next_group_when_a_weighted_one_rejects(self, tmp_path: Path) -> None:
        rejects = QUICK.model_copy(update={"rules": (Rule(to="", status=CommandStatus.ESME_RSUBMITFAIL),)})
        async with set_up(tmp_path, [rejects, rejects, QUICK], [{}, {}, {}]) as play:
            play.config["routes"] = [
                {"id": "all", "to": "+", "operators": [{"alpha": 70, "beta": 30}, "gamma"]}
            ]
            async with play.serving():
                ids = await play.send_all([f"number {n}" for n in range(20)])
                for message_id in ids:
                    await play.reach(message_id)
                assert len(play.carriers[2].taken) == 20

    async def test_33_the_next_operator_when_one_does_not_deliver(self, tmp_path: Path) -> None:
        loses = QUICK.model_copy(update={"outcomes": (Share(percent=100, state=FinalState.UNDELIV),)})
        async with set_up(tmp_path, [loses, QUICK], [{}, {}]) as play:
            route: dict[str, Any] = {"id": "all", "to": "+", "operators": ["alpha", "beta"]}
            play.config["routes"] = [route | {"failover_on": ["rejected", "undeliverable"]}]
            async with play.serving():
                message = await play.reach(await play.send(), Status.DELIVERED)
                assert (message.operator, message.tried) == ("beta", ("alpha",))
