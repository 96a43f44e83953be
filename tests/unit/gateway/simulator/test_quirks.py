"""Every quirk by its name: what an ESME sees of it."""

from collections.abc import Awaitable, Callable

import pytest

from gateway.simulator import QUIRKS, Profile, ProfileError, Simulator, with_quirks
from smpp.constants import Status, Tag
from smpp.errors import BindRefusedError
from smpp.pdu import Pdu, QuerySm
from tests.unit.gateway.simulator.recording_esme import QUICK, RecordingEsme, bind, bound, running, until

Check = Callable[[Simulator, RecordingEsme], Awaitable[None]]
CHECKS: dict[str, Check] = {}


def of(*names: str) -> Callable[[Check], Check]:
    """Registers what is to be seen of these quirks when one ESME has bound."""

    def register(check: Check) -> Check:
        CHECKS.update(dict.fromkeys(names, check))
        return check

    return register


@pytest.mark.parametrize("name", [name for name in QUIRKS if name != "refuse-binds"])
async def test_a_quirk_is_seen(name: str) -> None:
    async with bound(with_quirks(QUICK, [name])) as (simulator, esme):
        await CHECKS[name](simulator, esme)


async def test_refuse_binds() -> None:
    async with running(with_quirks(QUICK, ["refuse-binds"])) as simulator:
        for _ in range(3):
            with pytest.raises(BindRefusedError):
                await bind(simulator, RecordingEsme())
        await bind(simulator, RecordingEsme())


def test_an_unknown_quirk_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ProfileError, match="there is no quirk 'hexid'; there are hex-id, "):
        with_quirks(Profile(), ["hexid"])


def test_quirks_that_contradict_are_refused() -> None:
    with pytest.raises(ProfileError, match="say nothing"):
        with_quirks(Profile(), ["no-tlv", "no-receipt-text"])


def test_quirks_add_up_and_leave_the_rest_of_the_profile() -> None:
    profile = with_quirks(Profile(window=7, system_id="esme"), ["hex-id", "no-tlv"])
    assert (profile.window, profile.system_id, profile.receipt_tlvs) == (7, "esme", False)
    assert profile.ids == "hex-then-decimal"


async def _one(esme: RecordingEsme, receipts: int = 1) -> None:
    esme.submit()
    await until(lambda: len(esme.deliveries) == receipts)


@of("hex-id", "decimal-id", "leading-zeros")
async def _ids_differ(_: Simulator, esme: RecordingEsme) -> None:
    await _one(esme)
    forms = {esme.answers[0].message_id, esme.receipts[0].ref}
    assert forms in ({"3e8", "1000"}, {"0000000000001000", "1000"})


@of("id-case")
async def _case_differs(simulator: Simulator, esme: RecordingEsme) -> None:
    await _one(esme)
    assert (esme.answers[0].message_id, esme.receipts[0].ref) == ("3E8", "3e8")


@of("uuid")
async def _uuids(_: Simulator, esme: RecordingEsme) -> None:
    await _one(esme)
    assert esme.answers[0].message_id == esme.receipts[0].ref
    assert len(esme.receipts[0].ref) == 36


@of("receipt-first")
async def _receipt_first(_: Simulator, esme: RecordingEsme) -> None:
    await _one(esme)
    await until(lambda: len(esme.events) == 2)
    assert esme.events == ["delivery", "answer"]


@of("duplicate-receipts")
async def _twice(_: Simulator, esme: RecordingEsme) -> None:
    await _one(esme, receipts=2)
    assert esme.receipts[0] == esme.receipts[1]


@of("no-receipts", "slow-receipts")
async def _none_yet(simulator: Simulator, esme: RecordingEsme) -> None:
    esme.submit()
    await until(lambda: bool(esme.answers))
    assert simulator.counters.receipts == 0
    assert simulator.pending == (0 if not simulator.profile.receipts else 1)


@of("no-tlv")
async def _text_alone(_: Simulator, esme: RecordingEsme) -> None:
    await _one(esme)
    assert esme.deliveries[0].tlvs == {}
    assert esme.words == ["DELIVRD"]


@of("no-receipt-text")
async def _tlvs_alone(_: Simulator, esme: RecordingEsme) -> None:
    await _one(esme)
    assert esme.deliveries[0].short_message == b""
    assert esme.deliveries[0].tlvs[Tag.RECEIPTED_MESSAGE_ID] == b"1000\0"


@of("esm-class-0")
async def _unmarked(_: Simulator, esme: RecordingEsme) -> None:
    await _one(esme)
    assert esme.deliveries[0].esm_class == 0
    assert esme.words == ["DELIVRD"]


@of("receipt-seconds", "receipt-no-sub", "receipt-commas", "receipt-capitals", "short-err")
async def _readable(_: Simulator, esme: RecordingEsme) -> None:
    await _one(esme)
    text = esme.deliveries[0].short_message
    standard = b"id:1000 sub:001 dlvrd:001 submit date:"
    assert not (text.startswith(standard) and b"err:000" in text and len(esme.receipts[0].done_at) == 10)
    assert (esme.words, esme.receipts[0].ref) == (["DELIVRD"], "1000")


@of("intermediate")
async def _accepted_first(_: Simulator, esme: RecordingEsme) -> None:
    await _one(esme, receipts=2)
    assert esme.words == ["ACCEPTD", "DELIVRD"]


@of("throttle")
async def _throttled(_: Simulator, esme: RecordingEsme) -> None:
    for number in range(30):
        esme.submit(str(number))
    await until(lambda: len(esme.answers) == 30)
    refused = [answer.status for answer in esme.answers if answer.status]
    assert set(refused) == {Status.ESME_RTHROTTLED}
    assert len(refused) >= 10  # the burst may have met two seconds


@of("drop-links")
async def _dropped(simulator: Simulator, esme: RecordingEsme) -> None:
    for number in range(100):
        esme.submit(str(number))
    await until(lambda: bool(esme.closings))
    assert simulator.counters.taken == 100
    assert "99" in esme.lost_tags


@of("unbinds")
async def _unbound(_: Simulator, esme: RecordingEsme) -> None:
    for number in range(100):
        esme.submit(str(number))
    await until(lambda: esme.closings == ["unbound by the peer"])
    assert len(esme.answers) == 100


@of("slow-answers")
async def _slow(simulator: Simulator, esme: RecordingEsme) -> None:
    esme.submit()
    await until(lambda: simulator.counters.taken == 1)
    assert esme.answers == []
    assert simulator.pending == 2  # the answer and the receipt after it


@of("never-answers")
async def _unanswered(_: Simulator, esme: RecordingEsme) -> None:
    for number in range(20):
        esme.submit(str(number))
    await until(lambda: len(esme.receipts) == 20)
    assert {answer.tag for answer in esme.answers} == {str(number) for number in range(20)} - {"9", "19"}


@of("garbage")
async def _garbage(_: Simulator, esme: RecordingEsme) -> None:
    for number in range(50):
        esme.submit(str(number))
    await until(lambda: bool(esme.closings))
    assert "broken PDU" in esme.closings[0]
    assert esme.client is not None
    assert esme.client.session.counters.bad_pdus == 1


@of("odd-pdus")
async def _odd(_: Simulator, esme: RecordingEsme) -> None:
    for number in range(20):
        esme.submit(str(number))
    await until(lambda: len(esme.receipts) == 20)
    assert esme.client is not None
    counters = esme.client.session.counters
    assert (counters.bad_pdus, counters.unknown_answers, esme.closings) == (2, 2, [])


@of("data-sm")
async def _in_data_sm(_: Simulator, esme: RecordingEsme) -> None:
    esme.submit()
    await until(lambda: bool(esme.receipts))
    assert (len(esme.data_sms), esme.deliveries, esme.words) == (1, [], ["DELIVRD"])


@of("alerts")
async def _alerted(_: Simulator, esme: RecordingEsme) -> None:
    esme.submit("12025550123")
    await until(lambda: "alert 12025550123" in esme.events)


@of("no-questions")
async def _no_questions(_: Simulator, esme: RecordingEsme) -> None:
    replies: list[Pdu | None] = []
    assert esme.client is not None
    esme.client.ask(QuerySm(message_id="1000"), replies.append)
    await until(lambda: bool(replies))
    assert replies[0] is not None
    assert replies[0].status == Status.ESME_RINVCMDID
