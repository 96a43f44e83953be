"""What a text costs, from the preview to the carrier: the preview tells what is sent and counted."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.acceptance.harness import handset
from tests.acceptance.harness.api import problem
from tests.acceptance.harness.gateway import Template
from tests.acceptance.harness.world import World, world
from tests.acceptance.test_inbound import from_phone, heard

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.alike(why="texts are counted before the store and written after it"),
]

SENDER = "+447700900999"
TURKISH = "İyi günler, siparişiniz kargoya verildi. Güle güle kullan\u0131n, yine bekleriz. " * 2


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def turkish(template: Template, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """A world whose carrier takes Turkish tables, with an account that may use them and smart replacement."""
    habits = {"alpha": {"national_languages": ["tr"]}}
    async with world(template, tmp_path_factory.mktemp("turkish"), operators=habits) as built:
        settings = ("smart_replacement=true", "national_languages=tr")
        await built.gateway.cli("account", "set", "acme", *settings)
        yield built


async def test_a_preview_is_what_is_sent_and_counted(turkish: World) -> None:
    body = "It\u2019s \u201chere\u201d \u2013 " + "a" * 100
    shown = (await turkish.api.request("POST", "/v1/sms/preview", json={"body": body})).json
    assert (shown["alphabet"], shown["segmentCount"]) == ("GSM7", 1)
    assert shown["smartReplacement"]["applied"]

    number = "+447700900601"
    taken = await turkish.api.request(
        "POST", "/v1/sms/send", json={"to": number, "from": SENDER, "body": body}
    )
    assert taken.json["segmentCount"] == shown["segmentCount"]
    (submit,) = await turkish.submitted(to=number)
    assert handset.read(submit).text == shown["segments"][0]["text"] == 'It\'s "here" - ' + "a" * 100


async def test_turkish_is_one_part_with_its_own_table(turkish: World) -> None:
    shown = (await turkish.api.request("POST", "/v1/sms/preview", json={"body": TURKISH})).json
    assert (shown["segmentCount"], shown["nationalTables"]) == (1, {"locking": "tr", "single": None})

    number = "+447700900602"
    taken = await turkish.api.request(
        "POST", "/v1/sms/send", json={"to": number, "from": SENDER, "body": TURKISH}
    )
    assert taken.json["segmentCount"] == 1
    (submit,) = await turkish.submitted(to=number)
    octets = bytes.fromhex(submit["short_message_hex"])
    assert (submit["data_coding"], submit["esm_class"] & 0x40) == (0, 0x40)
    assert octets[:4] == bytes.fromhex("03250101")  # 3GPP TS 23.040, 9.2.3.24.16: locking shift, Turkish
    assert octets[4:9] == b"\x40yi g"  # 3GPP TS 23.038, A.3.1: a capital I with a dot is 0x40
    assert len(octets) == 4 + len(TURKISH)


async def test_a_turkish_reply_is_read_whatever_is_allowed(shared: World) -> None:
    number = "+447700900604"
    await shared.api.send("Hello", to=number)
    await shared.submitted(to=number)
    reply = (
        bytes.fromhex("03240101") + b"\x1bGG 1"
    )  # 3GPP TS 23.038, A.2.1: the letter G with a breve is 0x47
    await from_phone(shared, number, "", hex=reply.hex(), data_coding=0, esm_class=0x40)
    (hook,) = await heard(shared, number)
    assert hook.data["body"] == "\u011eG 1"


async def test_without_leave_a_text_stays_as_it_is(shared: World) -> None:
    body = "It\u2019s " + TURKISH
    shown = (await shared.api.request("POST", "/v1/sms/preview", json={"body": body})).json
    assert (shown["alphabet"], shown["nationalTables"]) == ("UCS2", None)
    assert not shown["smartReplacement"]["enabled"]

    number = "+447700900603"
    taken = await shared.api.request(
        "POST", "/v1/sms/send", json={"to": number, "from": SENDER, "body": body}
    )
    assert taken.json["segmentCount"] == shown["segmentCount"] == 3
    submits = await shared.until(
        lambda: len(shared.submits(to=number)) == 3 and shared.submits(to=number), "three parts"
    )
    assert handset.texts(submits) == [body]
    assert [handset.read(submit).text for submit in submits] == [
        segment["text"] for segment in shown["segments"]
    ]


async def test_a_preview_is_refused_like_a_send(shared: World) -> None:
    answer = await shared.api.request("POST", "/v1/sms/preview", json={"body": "a" * 1601})
    problem(answer, 400, "SMS_BODY_TOO_LONG")
    answer = await shared.api.request("POST", "/v1/sms/preview", json={})
    problem(answer, 400, "INVALID_PAYLOAD")
