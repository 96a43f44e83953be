"""PDUs whose octets do not come from our own encoder.

The first table is the field layouts of SMPP 3.4, section 4, written out by hand: hexadecimal or quoted text,
a field a line. The others are written by independent peers: smpplib and aiosmpplib (Python), `smpp`
(JavaScript).
"""

import json
import re
import subprocess
from typing import Any

import aiosmpplib
import pytest
import smpplib.consts
import smpplib.smpp

from smpp.codec import decode, encode
from smpp.constants import Tag
from smpp.pdu import (
    PDU_CLASSES,
    AlertNotification,
    BindReceiver,
    BindReceiverResp,
    BindTransceiver,
    BindTransceiverResp,
    BindTransmitter,
    BindTransmitterResp,
    CancelSm,
    CancelSmResp,
    DataSm,
    DataSmResp,
    DeliverSm,
    DeliverSmResp,
    DistributionList,
    EnquireLink,
    EnquireLinkResp,
    GenericNack,
    Outbind,
    Pdu,
    QuerySm,
    QuerySmResp,
    ReplaceSm,
    ReplaceSmResp,
    SmeAddress,
    SubmitMulti,
    SubmitMultiResp,
    SubmitSm,
    SubmitSmResp,
    Unbind,
    UnbindResp,
    UnsuccessSme,
)
from tests.peers.node import PEERS, node_command


def octets(layout: str) -> bytes:
    """The octets of an annotated layout: hexadecimal and "text", with # comments."""
    written = b""
    for line in layout.splitlines():
        for text, digits in re.findall(r'"([^"]*)"|([0-9A-Fa-f]+)', line.split("#")[0]):
            written += text.encode("ascii") if not digits else bytes.fromhex(digits)
    return written


GOLDEN: list[tuple[Pdu, str]] = [
    (
        # The worked example of 3.4 itself, section 3.2.3 (interface_version 0 as printed there).
        BindTransmitter(
            sequence=1,
            system_id="SMPP3TEST",
            password="secret08",
            system_type="SUBMIT1",
            interface_version=0,
            addr_ton=1,
            addr_npi=1,
        ),
        """
        00 00 00 2F 00 00 00 02 00 00 00 00 00 00 00 01
        53 4D 50 50 33 54 45 53 54 00
        73 65 63 72 65 74 30 38 00
        53 55 42 4D 49 54 31 00
        00 01 01 00
        """,
    ),
    (
        BindTransmitterResp(sequence=1, system_id="SMSC", tlvs={Tag.SC_INTERFACE_VERSION: b"\x34"}),
        """
        0000001A 80000002 00000000 00000001
        "SMSC" 00      # system_id
        0210 0001 34   # sc_interface_version
        """,
    ),
    (
        BindReceiver(sequence=2, system_id="esme", password="pw", address_range="^44"),
        """
        00000020 00000001 00000000 00000002
        "esme" 00  # system_id
        "pw" 00    # password
        00         # system_type
        34         # interface_version
        00 00      # addr_ton, addr_npi
        "^44" 00   # address_range
        """,
    ),
    (
        # 4.1.2: no body with an error
        BindReceiverResp(status=0x0E, sequence=2),
        "00000010 80000001 0000000E 00000002",
    ),
    (
        BindTransceiver(
            sequence=0x7FFFFFFF, system_id="esme", password="secret", system_type="VMA", addr_ton=5
        ),
        """
        00000024 00000009 00000000 7FFFFFFF
        "esme" 00    # system_id
        "secret" 00  # password
        "VMA" 00     # system_type
        34 05 00     # interface_version, addr_ton, addr_npi
        00           # address_range
        """,
    ),
    (
        BindTransceiverResp(sequence=0x7FFFFFFF, system_id="SMSC"),
        '00000015 80000009 00000000 7FFFFFFF "SMSC" 00',
    ),
    (
        Outbind(sequence=5, system_id="SMSC", password="pass"),
        '0000001A 0000000B 00000000 00000005 "SMSC" 00 "pass" 00',
    ),
    (Unbind(sequence=6), "00000010 00000006 00000000 00000006"),
    (UnbindResp(sequence=6), "00000010 80000006 00000000 00000006"),
    (GenericNack(status=3, sequence=7), "00000010 80000000 00000003 00000007"),
    (EnquireLink(sequence=8), "00000010 00000015 00000000 00000008"),
    (EnquireLinkResp(sequence=8), "00000010 80000015 00000000 00000008"),
    (
        SubmitSm(
            sequence=9,
            service_type="CMT",
            source_addr_ton=5,
            source_addr="ACME",
            dest_addr_ton=1,
            dest_addr_npi=1,
            destination_addr="447700900123",
            esm_class=0x40,
            protocol_id=0x41,
            priority_flag=2,
            schedule_delivery_time="261121100000000+",
            validity_period="000001000000000R",
            registered_delivery=0x11,
            replace_if_present_flag=1,
            data_coding=8,
            sm_default_msg_id=0x12,
            short_message=b"\x05\x00\x03\x2a\x02\x01\x04\x1f",
            tlvs={Tag.USER_MESSAGE_REFERENCE: b"\x00\x07", 0x1400: b"1101\x00"},
        ),
        """
        0000006B 00000004 00000000 00000009
        "CMT" 00               # service_type
        05 00 "ACME" 00        # source_addr_ton, source_addr_npi, source_addr
        01 01 "447700900123" 00  # dest_addr_ton, dest_addr_npi, destination_addr
        40 41 02               # esm_class, protocol_id, priority_flag
        "261121100000000+" 00  # schedule_delivery_time
        "000001000000000R" 00  # validity_period
        11 01 08 12            # registered_delivery, replace_if_present_flag, data_coding, sm_default_msg_id
        08 05 00 03 2A 02 01 04 1F  # sm_length, short_message
        0204 0002 0007         # user_message_reference
        1400 0005 "1101" 00    # a vendor's parameter
        """,
    ),
    (
        SubmitSmResp(sequence=9, message_id="3a9F"),
        '00000015 80000004 00000000 00000009 "3a9F" 00',
    ),
    (
        # A receipt: final, with the parameters of 5.3.2.12, 5.3.2.35 and 5.3.2.31
        DeliverSm(
            sequence=10,
            source_addr_ton=1,
            source_addr_npi=1,
            source_addr="447700900123",
            dest_addr_ton=5,
            destination_addr="ACME",
            esm_class=4,
            short_message=b"id:3a9F",
            tlvs={
                Tag.RECEIPTED_MESSAGE_ID: b"3a9F\x00",
                Tag.MESSAGE_STATE: b"\x02",
                Tag.NETWORK_ERROR_CODE: b"\x03\x00\x22",
            },
        ),
        """
        0000004D 00000005 00000000 0000000A
        00                       # service_type
        01 01 "447700900123" 00  # source
        05 00 "ACME" 00          # destination
        04 00 00                 # esm_class, protocol_id, priority_flag
        00 00                    # schedule_delivery_time, validity_period
        00 00 00 00              # registered_delivery to sm_default_msg_id
        07 "id:3a9F"             # sm_length, short_message
        001E 0005 "3a9F" 00      # receipted_message_id
        0427 0001 02             # message_state: DELIVERED
        0423 0003 03 0022        # network_error_code: GSM, 34
        """,
    ),
    (
        DeliverSmResp(sequence=10),
        "00000011 80000005 00000000 0000000A 00  # message_id: unused, NULL",
    ),
    (
        SubmitMulti(
            sequence=11,
            source_addr="1111",
            dest_addresses=(
                SmeAddress(dest_addr_ton=1, dest_addr_npi=1, destination_addr="4477009001"),
                DistributionList(dl_name="staff"),
            ),
            registered_delivery=1,
            short_message=b"hi",
        ),
        """
        0000003A 00000021 00000000 0000000B
        00                        # service_type
        00 00 "1111" 00           # source
        02                        # number_of_dests
        01 01 01 "4477009001" 00  # dest_flag: SME address; ton, npi, address
        02 "staff" 00             # dest_flag: distribution list; dl_name
        00 00 00                  # esm_class, protocol_id, priority_flag
        00 00                     # schedule_delivery_time, validity_period
        01 00 00 00               # registered_delivery to sm_default_msg_id
        02 "hi"                   # sm_length, short_message
        """,
    ),
    (
        SubmitMultiResp(
            sequence=11,
            message_id="m1",
            unsuccess_smes=(
                UnsuccessSme(
                    dest_addr_ton=1, dest_addr_npi=1, destination_addr="4477", error_status_code=0x0B
                ),
            ),
        ),
        """
        0000001F 80000021 00000000 0000000B
        "m1" 00          # message_id
        01               # no_unsuccess
        01 01 "4477" 00  # dest_addr_ton, dest_addr_npi, destination_addr
        0000000B         # error_status_code: ESME_RINVDSTADR
        """,
    ),
    (
        DataSm(
            sequence=12,
            source_addr="1111",
            destination_addr="2222",
            esm_class=0x20,
            registered_delivery=1,
            data_coding=3,
            tlvs={Tag.MESSAGE_PAYLOAD: b"hello"},
        ),
        """
        0000002B 00000103 00000000 0000000C
        00               # service_type
        00 00 "1111" 00  # source
        00 00 "2222" 00  # destination
        20 01 03         # esm_class, registered_delivery, data_coding
        0424 0005 "hello"  # message_payload
        """,
    ),
    (
        DataSmResp(status=0xFE, sequence=12, message_id="d1", tlvs={Tag.DELIVERY_FAILURE_REASON: b"\x01"}),
        """
        00000018 80000103 000000FE 0000000C
        "d1" 00       # message_id
        0425 0001 01  # delivery_failure_reason
        """,
    ),
    (
        QuerySm(sequence=13, message_id="m1", source_addr_ton=1, source_addr_npi=1, source_addr="1111"),
        '0000001A 00000003 00000000 0000000D "m1" 00 01 01 "1111" 00',
    ),
    (
        QuerySmResp(
            sequence=13, message_id="m1", final_date="261121100000000+", message_state=2, error_code=0x22
        ),
        '00000026 80000003 00000000 0000000D "m1" 00 "261121100000000+" 00 02 22',
    ),
    (
        CancelSm(
            sequence=14, service_type="CMT", message_id="m1", source_addr="1111", destination_addr="2222"
        ),
        """
        00000025 00000008 00000000 0000000E
        "CMT" 00         # service_type
        "m1" 00          # message_id
        00 00 "1111" 00  # source
        00 00 "2222" 00  # destination
        """,
    ),
    (CancelSmResp(status=0x11, sequence=14), "00000010 80000008 00000011 0000000E"),
    (
        ReplaceSm(
            sequence=15,
            message_id="m1",
            source_addr="1111",
            validity_period="000001000000000R",
            registered_delivery=1,
            sm_default_msg_id=2,
            short_message=b"new",
        ),
        """
        00000032 00000007 00000000 0000000F
        "m1" 00                # message_id
        00 00 "1111" 00        # source
        00                     # schedule_delivery_time
        "000001000000000R" 00  # validity_period
        01 02                  # registered_delivery, sm_default_msg_id
        03 "new"               # sm_length, short_message
        """,
    ),
    (ReplaceSmResp(sequence=15), "00000010 80000007 00000000 0000000F"),
    (
        AlertNotification(
            sequence=16,
            source_addr_ton=1,
            source_addr_npi=1,
            source_addr="447700900123",
            esme_addr="ACME",
            tlvs={Tag.MS_AVAILABILITY_STATUS: b"\x00"},
        ),
        """
        0000002B 00000102 00000000 00000010
        01 01 "447700900123" 00  # source
        00 00 "ACME" 00          # esme_addr
        0422 0001 00             # ms_availability_status
        """,
    ),
]


def name_of(case: object) -> str | None:
    return type(case).__name__ if isinstance(case, Pdu) else None


@pytest.mark.parametrize(("pdu", "layout"), GOLDEN, ids=name_of)
def test_layouts_of_the_specification(pdu: Pdu, layout: str) -> None:
    assert decode(octets(layout)) == pdu
    assert encode(pdu).hex(" ") == octets(layout).hex(" ")


def test_every_command_has_a_layout_written_by_hand() -> None:
    assert {type(pdu) for pdu, _ in GOLDEN} == set(PDU_CLASSES.values())


# What smpplib writes: (its command, its arguments, the same PDU of ours).
SMPPLIB: list[tuple[str, dict[str, Any], Pdu]] = [
    (
        "bind_transceiver",
        {"system_id": "esme", "password": "pw", "system_type": "t", "interface_version": 0x34},
        BindTransceiver(sequence=1, system_id="esme", password="pw", system_type="t"),
    ),
    (
        "bind_transceiver_resp",
        {"system_id": "SMSC"},
        BindTransceiverResp(sequence=1, system_id="SMSC"),
    ),
    (
        "submit_sm",
        {
            "source_addr_ton": 5,
            "source_addr_npi": 0,
            "source_addr": "ACME",
            "dest_addr_ton": 1,
            "dest_addr_npi": 1,
            "destination_addr": "447700900123",
            "esm_class": 0x40,
            "registered_delivery": 1,
            "data_coding": 8,
            "short_message": b"\x05\x00\x03\x01\x02\x01\x00h\x00i",
            "user_message_reference": 77,
        },
        SubmitSm(
            sequence=1,
            source_addr_ton=5,
            source_addr="ACME",
            dest_addr_ton=1,
            dest_addr_npi=1,
            destination_addr="447700900123",
            esm_class=0x40,
            registered_delivery=1,
            data_coding=8,
            short_message=b"\x05\x00\x03\x01\x02\x01\x00h\x00i",
            tlvs={Tag.USER_MESSAGE_REFERENCE: b"\x00\x4d"},
        ),
    ),
    ("submit_sm_resp", {"message_id": "0e999f21"}, SubmitSmResp(sequence=1, message_id="0e999f21")),
    (
        "deliver_sm",
        {
            "source_addr": "447700900123",
            "destination_addr": "ACME",
            "esm_class": 4,
            "short_message": b"id:1 stat:DELIVRD",
            "receipted_message_id": "1",
            "message_state": 2,
        },
        DeliverSm(
            sequence=1,
            source_addr="447700900123",
            destination_addr="ACME",
            esm_class=4,
            short_message=b"id:1 stat:DELIVRD",
            tlvs={Tag.MESSAGE_STATE: b"\x02", Tag.RECEIPTED_MESSAGE_ID: b"1\x00"},
        ),
    ),
    ("enquire_link", {}, EnquireLink(sequence=1)),
    ("unbind_resp", {}, UnbindResp(sequence=1)),
    (
        "query_sm",
        {"message_id": "m1", "source_addr": "1111"},
        QuerySm(sequence=1, message_id="m1", source_addr="1111"),
    ),
]


class OneSequence:
    """What smpplib asks for its sequence numbers."""

    sequence = 1

    def next_sequence(self) -> int:
        return self.sequence


@pytest.mark.parametrize(("command", "arguments", "pdu"), SMPPLIB, ids=[row[0] for row in SMPPLIB])
def test_octets_of_smpplib(command: str, arguments: dict[str, Any], pdu: Pdu) -> None:
    theirs = smpplib.smpp.make_pdu(command, client=OneSequence(), sequence=1, **arguments)
    written = theirs.generate()
    assert decode(written) == pdu
    assert encode(pdu).hex(" ") == written.hex(" ")


def aiosmpplib_pdus() -> list[tuple[aiosmpplib.SmppMessage, Pdu]]:
    source = aiosmpplib.PhoneNumber("ACME", ton=aiosmpplib.TON.ALPHANUMERIC, npi=aiosmpplib.NPI.UNKNOWN)
    destination = aiosmpplib.PhoneNumber(
        "447700900123", ton=aiosmpplib.TON.INTERNATIONAL, npi=aiosmpplib.NPI.ISDN
    )
    return [
        (
            aiosmpplib.SubmitSm(
                short_message="Grüße",
                source=source,
                destination=destination,
                encoding="latin_1",
                registered_delivery=1,
                sequence_num=21,
                optional_params=[aiosmpplib.OptionalParam(Tag.USER_MESSAGE_REFERENCE, 513)],
            ),
            SubmitSm(
                sequence=21,
                source_addr_ton=5,
                source_addr="ACME",
                dest_addr_ton=1,
                dest_addr_npi=1,
                destination_addr="447700900123",
                registered_delivery=1,
                data_coding=3,
                short_message="Grüße".encode("latin-1"),
                tlvs={Tag.USER_MESSAGE_REFERENCE: b"\x02\x01"},
            ),
        ),
        (
            aiosmpplib.DeliverSm(
                short_message="STOP",
                source=destination,
                destination=source,
                encoding="ucs2",
                registered_delivery=0,
                sequence_num=22,
            ),
            DeliverSm(
                sequence=22,
                source_addr_ton=1,
                source_addr_npi=1,
                source_addr="447700900123",
                dest_addr_ton=5,
                destination_addr="ACME",
                data_coding=8,
                short_message="STOP".encode("utf-16-be"),
            ),
        ),
        (
            aiosmpplib.SubmitSmResp(message_id="0E99", sequence_num=23),
            SubmitSmResp(sequence=23, message_id="0E99"),
        ),
        (aiosmpplib.DeliverSmResp(sequence_num=24), DeliverSmResp(sequence=24)),
        (
            aiosmpplib.BindTransceiver(system_id="esme", password="pw", system_type="t", sequence_num=25),
            BindTransceiver(sequence=25, system_id="esme", password="pw", system_type="t"),
        ),
        (aiosmpplib.EnquireLinkResp(sequence_num=26), EnquireLinkResp(sequence=26)),
        (aiosmpplib.Unbind(sequence_num=27), Unbind(sequence=27)),
    ]


@pytest.mark.parametrize(("theirs", "pdu"), aiosmpplib_pdus(), ids=name_of)
def test_octets_of_aiosmpplib(theirs: aiosmpplib.SmppMessage, pdu: Pdu) -> None:
    assert decode(theirs.pdu()) == pdu
    assert encode(pdu).hex(" ") == theirs.pdu().hex(" ")


# What node-smpp writes: (its command, its arguments; text for octets, the same PDU of ours).
NODE: list[tuple[str, dict[str, Any], Pdu]] = [
    (
        "submit_multi",
        {
            "dest_address": [
                {"dest_addr_ton": 1, "dest_addr_npi": 1, "destination_addr": "4477"},
                {"dl_name": "staff"},
            ],
            "data_coding": 3,
            "short_message": "hi",
        },
        SubmitMulti(
            dest_addresses=(
                SmeAddress(dest_addr_ton=1, dest_addr_npi=1, destination_addr="4477"),
                DistributionList(dl_name="staff"),
            ),
            data_coding=3,
            short_message=b"hi",
        ),
    ),
    (
        "submit_multi_resp",
        {
            "message_id": "m1",
            "unsuccess_sme": [
                {"dest_addr_ton": 1, "dest_addr_npi": 1, "destination_addr": "44", "error_status_code": 11}
            ],
        },
        SubmitMultiResp(
            message_id="m1",
            unsuccess_smes=(
                UnsuccessSme(dest_addr_ton=1, dest_addr_npi=1, destination_addr="44", error_status_code=11),
            ),
        ),
    ),
    (
        "data_sm",
        {
            "source_addr": "1",
            "destination_addr": "2",
            "esm_class": 4,
            "receipted_message_id": "a",
            "message_state": 5,
        },
        DataSm(
            source_addr="1",
            destination_addr="2",
            esm_class=4,
            tlvs={Tag.RECEIPTED_MESSAGE_ID: b"a\x00", Tag.MESSAGE_STATE: b"\x05"},
        ),
    ),
    (
        "replace_sm",
        {"message_id": "m1", "source_addr": "1", "short_message": "new"},
        ReplaceSm(message_id="m1", source_addr="1", short_message=b"new"),
    ),
    (
        "cancel_sm",
        {"message_id": "m1", "source_addr": "1", "destination_addr": "2"},
        CancelSm(message_id="m1", source_addr="1", destination_addr="2"),
    ),
    (
        "query_sm_resp",
        {"message_id": "m1", "message_state": 2, "error_code": 3},
        QuerySmResp(message_id="m1", message_state=2, error_code=3),
    ),
    ("outbind", {"system_id": "SMSC", "password": "pw"}, Outbind(system_id="SMSC", password="pw")),
    (
        "alert_notification",
        {"source_addr": "1", "esme_addr": "2", "ms_availability_status": 1},
        AlertNotification(source_addr="1", esme_addr="2", tlvs={Tag.MS_AVAILABILITY_STATUS: b"\x01"}),
    ),
    ("generic_nack", {"command_status": 3}, GenericNack(status=3)),
]

ENCODE_WITH_NODE = """
const smpp = require("smpp");
const rows = JSON.parse(require("fs").readFileSync(0, "utf8"));
const written = rows.map(([command, fields]) => {
    if (fields.short_message) fields.short_message = Buffer.from(fields.short_message);
    return new smpp.PDU(command, {sequence_number: 1, ...fields}).toBuffer().toString("hex");
});
console.log(JSON.stringify(written));
"""


def test_octets_of_node_smpp() -> None:
    rows = json.dumps([(command, fields) for command, fields, _ in NODE])
    ran = subprocess.run(
        [*node_command(), "-e", ENCODE_WITH_NODE],
        input=rows,
        cwd=PEERS,
        capture_output=True,
        text=True,
        check=True,
    )
    for written, (command, _, pdu) in zip(json.loads(ran.stdout), NODE, strict=True):
        pdu.sequence = 1
        assert decode(bytes.fromhex(written)) == pdu, command
        assert encode(pdu).hex() == written, command
