"""A carrier's habits: what they make of a message, how its words are read, and which can't be had together."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from gateway.domain.words import PartState, Reason
from gateway.operators.smpp_profile import ready
from routing.segments import count
from smpp.constants import EsmClass, Status, Tag
from smpp.pdu import DeliverSm
from tests.unit.gateway.operators.test_smpp import (
    Gateway,
    a_config,
    a_message,
    an_operator,
    running,
    submits,
)
from tests.unit.gateway.services.rig import NOW, OURS, PHONE
from tests.unit.smpp.scripted import carrier

LONG = "a long text, " * 30


class TestParts:
    """Parts as the carrier wants them."""

    @pytest.mark.parametrize(
        ("sender", "numbering", "expected"),
        [
            (OURS, {"international": "2/8"}, (2, 8)),
            ("ACME", {"alphanumeric": "5/1"}, (5, 1)),
            ("60777", {"short_code": "6/9"}, (6, 9)),
            ("60777", {"alphanumeric": "5/1"}, (3, 0)),
        ],
    )
    async def test_senders_by_what_they_are(
        self, sender: str, numbering: dict[str, str], expected: tuple[int, int]
    ) -> None:
        (pdu,) = submits(an_operator(source_numbering=numbering), a_message(sender=sender))
        assert (pdu.source_addr_ton, pdu.source_addr_npi) == expected

    async def test_recipients_by_what_they_are(self) -> None:
        operator = an_operator(dest_numbering={"international": "0/6", "short_code": "3/9"})
        (person,) = submits(operator, a_message())
        (code,) = submits(operator, a_message(recipient="60777"))
        assert (person.dest_addr_ton, person.dest_addr_npi, person.destination_addr) == (0, 6, PHONE[1:])
        assert (code.dest_addr_ton, code.dest_addr_npi, code.destination_addr) == (3, 9, "60777")

    async def test_its_own_numbers_for_alphabets(self) -> None:
        operator = an_operator(data_codings={"gsm7": 0xF1, "ucs2": 0x18})
        assert [pdu.data_coding for pdu in submits(operator, a_message("plain"))] == [0xF1]
        assert [pdu.data_coding for pdu in submits(operator, a_message("привет"))] == [0x18]

    @pytest.mark.parametrize(
        ("flash", "coding", "tlvs"),
        [("data_coding", 0x10, {}), ("tlv", 0, {Tag.DEST_ADDR_SUBUNIT: b"\x01"}), ("none", 0, {})],
    )
    async def test_flash(self, flash: str, coding: int, tlvs: dict[int, bytes]) -> None:
        operator = an_operator(flash=flash)
        (pdu,) = submits(operator, a_message(message_class=0))
        assert (pdu.data_coding, pdu.tlvs) == (coding, tlvs)
        (ordinary,) = submits(operator, a_message())
        assert (ordinary.data_coding, ordinary.tlvs) == (0, {})

    async def test_a_text_too_long_for_one_payload_goes_in_parts(self) -> None:
        operator = an_operator(split="message_payload", max_payload_octets=400)
        (whole,) = submits(operator, a_message("x" * 400))
        parts = submits(operator, a_message("x" * 401))
        assert (len(whole.tlvs[Tag.MESSAGE_PAYLOAD]), whole.short_message) == (400, b"")
        assert [pdu.esm_class for pdu in parts] == [EsmClass.UDHI] * count("x" * 401)
        assert all(Tag.MESSAGE_PAYLOAD not in pdu.tlvs for pdu in parts)

    @pytest.mark.parametrize(
        ("habits", "asked"),
        [
            ({}, [1, 1, 1]),
            ({"receipts_for": "first"}, [1, 0, 0]),
            ({"receipts_for": "last"}, [0, 0, 1]),
            ({"receipts": "intermediate", "receipts_for": "last"}, [0, 0, 0x11]),
            ({"receipts": "none"}, [0, 0, 0]),
        ],
    )
    async def test_receipts_are_asked_for(self, habits: dict[str, Any], asked: list[int]) -> None:
        operator = an_operator(**habits)
        message = a_message(LONG)
        assert [pdu.registered_delivery for pdu in submits(operator, message)] == asked
        assert [part.receipt for part in operator.parts(message)] == [bool(each) for each in asked]
        (single,) = submits(operator, a_message())
        assert bool(single.registered_delivery) is (habits.get("receipts") != "none")

    @pytest.mark.parametrize(
        ("validity", "written"),
        [
            ("none", ""),
            ("relative", "000000013000000R"),
            ("absolute", f"{NOW + timedelta(hours=1, minutes=30):%y%m%d%H%M%S}000+"),
        ],
    )
    async def test_validity(self, validity: str, written: str) -> None:
        message = a_message(expires_at=NOW + timedelta(hours=1, minutes=30))
        (pdu,) = submits(an_operator(validity=validity), message)
        assert pdu.validity_period == written

    async def test_parameters_of_its_own(self) -> None:
        tlvs = {
            "entity_id": {"tag": "0x1400", "metadata": "entityId"},
            "template_id": {"tag": 0x1401, "metadata": "templateId", "value": "1107"},
            "billing": {"tag": 0x1500, "type": "int2", "value": "258"},
            "mark": {"tag": 0x1501, "type": "hex", "value": "c0ffee"},
            "word": {"tag": 0x1502, "type": "octets", "metadata": "word"},
        }
        operator = an_operator(tlvs=tlvs)
        metadata = '{"entityId": "11015", "word": 7, "other": {"templateId": "no"}}'
        first, second = submits(operator, a_message("x" * 161, metadata=metadata))
        expected = {
            0x1400: b"11015\0",
            0x1401: b"1107\0",
            0x1500: b"\x01\x02",
            0x1501: b"\xc0\xff\xee",
            0x1502: b"7",
        }
        assert first.tlvs == second.tlvs == expected
        (without,) = submits(operator, a_message())
        assert set(without.tlvs) == {0x1401, 0x1500, 0x1501}

    async def test_metadata_that_is_no_value_of_its_type_leaves_the_parameter_out(self) -> None:
        operator = an_operator(tlvs={"n": {"tag": 0x1500, "type": "int1", "metadata": "n"}})
        for value in ('"many"', "256", "[1]", "null"):
            (pdu,) = submits(operator, a_message(metadata=f'{{"n": {value}}}'))
            assert pdu.tlvs == {}
        (pdu,) = submits(operator, a_message(metadata='{"n": 255}'))
        assert pdu.tlvs == {0x1500: b"\xff"}


class TestWhatComes:
    """A carrier's own words, over TCP."""

    async def test_a_data_coding_of_its_own(self) -> None:
        gateway = Gateway()
        async with carrier() as smsc, running(smsc, gateway, read_codings={"0xF7": "ucs2", "5": "latin1"}):
            for coding, octets in ((0xF7, "héllo".encode("utf-16-be")), (5, "héllo".encode("latin-1"))):
                pdu = DeliverSm(
                    source_addr=PHONE[1:],
                    destination_addr=OURS[1:],
                    data_coding=coding,
                    short_message=octets,
                )
                smsc.latest.deliver(pdu, "tag")
            await gateway.until(lambda: len(gateway.inbounds) == 2)
        assert [inbound.body for inbound in gateway.inbounds] == ["héllo", "héllo"]

    @pytest.mark.parametrize(
        ("text", "state", "reason"),
        [
            (b"ref=ab12 result=OK", PartState.DELIVERED, None),
            (b"ref=ab12 result=GONE", PartState.UNDELIVERABLE, Reason.EXPIRED),
            (b"ref=ab12 result=WAITING", None, None),
            (b"ref=ab12 result=BAD code=7", PartState.UNDELIVERABLE, Reason.INVALID_NUMBER),
        ],
    )
    async def test_a_receipt_in_a_form_of_its_own(
        self, text: bytes, state: PartState | None, reason: Reason | None
    ) -> None:
        gateway = Gateway()
        habits: dict[str, Any] = {
            "receipt_pattern": r"ref=(?P<id>\w+) result=(?P<stat>\w+)(?: code=(?P<err>\d+))?",
            "receipt_states": {
                "ok": "delivered",
                "GONE": "expired",
                "WAITING": "enroute",
                "BAD": "undeliverable",
            },
            "error_reasons": {"7": "invalid_number"},
        }
        async with carrier() as smsc, running(smsc, gateway, **habits):
            pdu = DeliverSm(source_addr=PHONE[1:], destination_addr=OURS[1:], short_message=text)
            smsc.latest.deliver(pdu, "tag")
            await gateway.until(lambda: gateway.receipts)
        (receipt,) = gateway.receipts
        assert (receipt.ref, receipt.state, receipt.reason) == ("ab12", state, reason)

    async def test_a_bind_says_its_version(self) -> None:
        async with carrier() as smsc, running(smsc, Gateway(), interface_version="5.0"):
            (bind,) = smsc.binds
        assert bind.interface_version == 0x50


class TestProfiles:
    """Ready profiles, and files of one's own."""

    def test_there_are_six(self) -> None:
        assert sorted(ready()) == [
            "hex-ids",
            "india-dlt",
            "latin1-sar",
            "packed-payload",
            "smpp33",
            "smpp50",
        ]

    @pytest.mark.parametrize("name", sorted(ready()))
    async def test_a_message_can_be_written_with_each(self, name: str) -> None:
        operator = an_operator(
            profile=name, bind="transmitter+receiver" if name == "smpp33" else "transceiver"
        )
        assert str(ready()[name]["description"]).strip()
        for key, value in ready()[name].items():
            if isinstance(value, str | int) and key != "description":
                assert operator.config.model_dump(mode="json")[key] == value
        metadata = '{"entityId": "1", "templateId": "2", "telemarketerId": "3"}'
        assert submits(operator, a_message(LONG, metadata=metadata))

    def test_what_the_operator_says_goes_before_its_profile(self) -> None:
        config = a_config(profile="latin1-sar", split="udh16")
        assert (config.default_alphabet.value, config.split.value) == ("latin1", "udh16")

    def test_a_file_of_ones_own(self, tmp_path: Path) -> None:
        file = tmp_path / "own.toml"
        file.write_text('description = "x"\nplus_sign = true\n')
        assert a_config(profile_file=str(file)).plus_sign
        file.write_text("plus_sing = true\n")
        with pytest.raises(ValidationError, match="the profile sets 'plus_sing', which is no habit"):
            a_config(profile_file=str(file))
        file.write_text("plus_sign\n")
        with pytest.raises(ValidationError, match="the profile is no TOML"):
            a_config(profile_file=str(file))
        with pytest.raises(ValidationError, match="keep one of them"):
            a_config(profile_file=str(file), profile="smpp50")

    @pytest.mark.parametrize(
        ("habits", "words"),
        [
            ({"profile": "nobody"}, "there is no profile 'nobody'; there are hex-ids"),
            (
                {"interface_version": "3.3", "split": "sar"},
                'SMPP 3.3 has no optional parameters, which split = "sar"',
            ),
            (
                {"interface_version": "3.3", "user_message_reference": True},
                "which user_message_reference needs",
            ),
            ({"interface_version": "3.3", "flash": "tlv"}, 'which flash = "tlv" needs'),
            ({"interface_version": "3.3"}, "SMPP 3.3 has no transceiver"),
            ({"receipts": "none", "receipts_for": "last"}, "receipts_for says which receipts to ask for"),
            ({"receipts": "none", "message_ids": "as_is"}, "message_ids compares with receipts"),
            ({"data_codings": {"ucs2": 0}}, "ucs2 needs another number"),
            ({"tls_ca_file": "/etc/hosts"}, "tls is false"),
            ({"receipt_pattern": "(?P<id>x)"}, r"it has no group \(\?P<stat>"),
            ({"receipt_pattern": "("}, "missing \\)"),
            ({"receipt_states": {"OK": "good"}}, "'good' is none of"),
            ({"tlvs": {"a": {"tag": 1}}}, "a needs `metadata` or `value`"),
            ({"tlvs": {"a": {"tag": 1, "type": "int1", "value": "256"}}}, "a: the value does not fit int1"),
            (
                {"tlvs": {"a": {"tag": 1, "value": "x"}, "b": {"tag": 1, "value": "y"}}},
                "tlvs: two have the same tag",
            ),
            ({"source_numbering": {"alphanumeric": "5-0"}}, 'write "5/0"'),
            ({"status_classes": {str(int(Status.ESME_ROK)): "fail"}}, "greater than or equal to 1"),
        ],
    )
    def test_what_a_carrier_cannot_want(self, habits: dict[str, Any], words: str) -> None:
        with pytest.raises(ValidationError, match=words):
            a_config(**habits)
