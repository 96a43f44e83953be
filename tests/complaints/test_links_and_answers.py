"""Complaints 11 to 19, 22: the order of parts, the window, answers that do not come, links that break."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.domain.words import Status
from gateway.simulator import Profile, Submit, with_quirks
from smpp.constants import Status as CommandStatus
from tests.complaints.scene import QUICK, Scene, scene, set_up
from tests.unit.smpp.test_capture import read_back

ENQUIRE_LINK, SUBMIT_SM, SUBMIT_SM_RESP = (
    command.to_bytes(4, "big") for command in (0x15, 0x04, 0x8000_0004)
)
LONG = "A long text, " * 30  # three parts


def first_writings(submits: list[Submit]) -> list[str]:
    """The texts in the order in which the carrier took them, without repetitions."""
    return list(dict.fromkeys(submit.text for submit in submits))


async def all_delivered(play: Scene, ids: list[bytes]) -> None:
    for message_id in ids:
        await play.reach(message_id)


async def test_11_a_throttled_part_does_not_lose_its_place(tmp_path: Path) -> None:
    """jookies/jasmin#425: the window comes back in order, before all others."""
    profile = QUICK.model_copy(update={"throttle_every": 7})
    async with scene(tmp_path, profile, window=4) as play:
        texts = [f"number {n:03}" for n in range(16)]
        await all_delivered(play, await play.send_all(texts))
        taken = first_writings(play.carrier.taken)
        assert sorted(taken) == texts
        # What was in the window when the carrier said no may be taken around it; nothing else overtakes.
        assert all(abs(taken.index(text) - place) < 4 for place, text in enumerate(texts))


async def test_14_never_more_unanswered_than_the_window(tmp_path: Path) -> None:
    """jookies/jasmin#611, gosmpp#73."""
    slow = QUICK.model_copy(update={"answer_delay_s": 0.02})
    async with scene(tmp_path, slow, window=5) as play:
        await all_delivered(play, await play.send_all([f"number {n}" for n in range(40)]))
        unanswered, most = 0, 0
        for _, data in read_back(play.carrier.wire.getvalue()):
            unanswered += {SUBMIT_SM: 1, SUBMIT_SM_RESP: -1}.get(data[4:8], 0)
            most = max(most, unanswered)
        assert (unanswered, most) == (0, 5)


async def test_15_no_answer_makes_no_duplicate_where_a_receipt_comes(tmp_path: Path) -> None:
    """Kannel's developers, msg05418; jsmpp#63: in doubt until the receipt ends it."""
    profile = QUICK.model_copy(
        update={"never_answer_every": 5, "receipt_delay_min_s": 1.3, "receipt_delay_max_s": 1.3}
    )
    async with scene(tmp_path, profile, response_timeout_s=1, window=100, timeouts_in_a_row=100) as play:
        ids = [await play.send(f"number {n}", f"+4477009001{n:02}") for n in range(20)]
        await all_delivered(play, ids)
        assert len(play.carrier.submits) == 20


async def test_16_an_answer_that_is_late_is_taken(tmp_path: Path) -> None:
    """jookies/jasmin#414 #595, jsmpp#91 #166."""
    profile = QUICK.model_copy(update={"answer_delay_s": 1.5})
    async with scene(tmp_path, profile, response_timeout_s=1, timeouts_in_a_row=100) as play:
        await all_delivered(play, [await play.send("one"), await play.send("two", "+447700900124")])
        assert [submit.text for submit in play.carrier.submits] == ["one", "two"]


async def test_17_a_link_that_hears_nothing_is_asked_from_both_sides(tmp_path: Path) -> None:
    """smpplib#119 #52, node-smpp#204, gosmpp#135."""
    async with scene(tmp_path, QUICK.model_copy(update={"enquire_link_s": 1}), enquire_link_s=1) as play:
        carrier = play.carrier

        def asked() -> dict[bool, int]:
            """enquire_link by whether the carrier asked."""
            packets = read_back(carrier.wire.getvalue())
            ours = [
                port == carrier.simulator.port for (_, port, *_), data in packets if data[4:8] == ENQUIRE_LINK
            ]
            return {side: ours.count(side) for side in (True, False)}

        await play.until(lambda: min(asked().values()) > 1)
        assert play.carrier.simulator.connections == 1


async def test_18_never_more_binds_than_it_should_have(tmp_path: Path) -> None:
    """gosmpp#159 #160, jsmpp#180: the old connection is closed before the next one binds."""
    profile = QUICK.model_copy(update={"drop_after": 5})
    async with set_up(tmp_path, [profile], [{"binds": 2, "window": 3, "on_doubt": "resend"}]) as play:
        most = 0
        simulator = play.carrier.simulator
        refuse = simulator.refuse_bind

        def counted(pdu: object) -> int:
            nonlocal most
            most = max(most, simulator.connections)
            return refuse(pdu)  # type: ignore[arg-type]

        simulator.refuse_bind = counted  # type: ignore[method-assign]
        async with play.serving():
            await all_delivered(play, await play.send_all([f"number {n}" for n in range(20)]))
        assert simulator.counters.binds > 2
        assert most <= 2


async def test_19_it_tries_to_connect_until_it_may(tmp_path: Path) -> None:
    """traccar#3293, gosmpp#137 #151, smpplib#118: refused three times, with growing pauses."""
    profile = QUICK.model_copy(update={"refuse_binds": 3, "bind_status": CommandStatus.ESME_RALYBND})
    async with scene(tmp_path, profile, reconnect_max_s=1) as play:
        await play.reach(await play.send())
        assert play.carrier.simulator.counters.binds_refused == 3


async def test_19_it_comes_back_after_the_carrier_has_unbound(tmp_path: Path) -> None:
    async with scene(tmp_path, with_quirks(QUICK, ["unbinds"]), window=10) as play:
        await all_delivered(play, await play.send_all([f"number {n}" for n in range(120)]))
        assert play.carrier.simulator.counters.binds >= 2


@pytest.mark.parametrize("quirk", ["garbage", "odd-pdus"])
async def test_22_bad_octets_cost_no_other_session_and_no_message(tmp_path: Path, quirk: str) -> None:
    """jookies/jasmin#961."""
    async with set_up(tmp_path, [with_quirks(QUICK, [quirk]), QUICK], [{"on_doubt": "resend"}, {}]) as play:
        play.config["routes"] = [
            {"id": "bad", "to": "+447700900123", "operators": ["alpha"]},
            {"id": "good", "to": "+", "operators": ["beta"]},
        ]
        async with play.serving():
            ids = [await play.send(f"number {n}") for n in range(60)]
            ids += [await play.send(f"number {n}", "+12025550123") for n in range(5)]
            await all_delivered(play, ids)
            assert play.carriers[1].simulator.counters.binds == 1


async def test_a_message_that_no_carrier_takes_waits(tmp_path: Path) -> None:
    """Down is not lost: it goes out when the carrier is back."""
    async with scene(
        tmp_path, Profile(refuse_binds=1000, receipt_delay_max_s=0.3), reconnect_max_s=1
    ) as play:
        message_id = await play.send(LONG)
        await play.until(lambda: play.carrier.simulator.counters.binds_refused > 1)
        assert (await play.look(message_id)).message.status is Status.QUEUED
        play.carrier.simulator.profile = QUICK
        await play.reach(message_id)
