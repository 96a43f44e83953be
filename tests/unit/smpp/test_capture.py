"""The capture file: whole, readable, and without what is private."""

from __future__ import annotations

import io
from pathlib import Path
from struct import iter_unpack, unpack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smpp.capture import Capture, masked
from smpp.codec import decode_body, encode
from smpp.constants import CommandId, EsmClass, Tag
from smpp.pdu import (
    BindTransceiver,
    DataSm,
    DeliverSm,
    EnquireLink,
    Pdu,
    QuerySm,
    SubmitSm,
    SubmitSmResp,
)

HERE, THERE = ("10.0.0.5", 40_000), ("192.0.2.7", 2775)
SECRET = b"Your code is 482913"


def read_back(octets: bytes) -> list[tuple[tuple[str, int, int, int], bytes]]:
    """Of each packet ((direction's source, source port, sequence, flags), payload), by hand from pcap's own layout."""
    assert unpack("<IHHiIII", octets[:24]) == (0xA1B2C3D4, 2, 4, 0, 0, 0x40000, 101)
    at, found = 24, []
    while at < len(octets):
        _, _, kept, length = unpack("<IIII", octets[at : at + 16])
        assert kept == length
        packet = octets[at + 16 : at + 16 + kept]
        at += 16 + kept
        head = 20 if packet[0] >> 4 == 4 else 40
        assert head == 40 or int.from_bytes(packet[2:4], "big") == len(packet)
        port, _, sequence, _, _, flags, _, _, _ = unpack(">HHIIBBHHH", packet[head : head + 20])
        source = ".".join(map(str, packet[12:16])) if head == 20 else packet[8:24].hex()
        found.append(((source, port, sequence, flags), packet[head + 20 :]))
    return found


def submit(**fields: object) -> SubmitSm:
    values: dict[str, object] = {
        "source_addr": "ACME",
        "destination_addr": "447700900123",
        "short_message": SECRET,
    }
    return SubmitSm(**(values | fields))  # type: ignore[arg-type]


def test_a_stream_is_whole_in_both_directions() -> None:
    file = io.BytesIO()
    stream = Capture(file, bodies=True, clock=lambda: 1_700_000_000.25).stream(HERE, THERE)
    sent = [encode(submit(sequence=number)) for number in (1, 2)]
    came = [encode(SubmitSmResp(sequence=number, message_id=f"id{number}")) for number in (1, 2)]
    stream.sent(b"".join(sent))
    joined = b"".join(came)
    stream.received(joined[:20])  # as a socket cuts them
    stream.received(joined[20:])
    stream.closed()
    packets = read_back(file.getvalue())
    assert [payload for (source, *_), payload in packets if source == HERE[0] and payload] == sent
    assert [payload for (source, *_), payload in packets if source == THERE[0] and payload] == came
    assert unpack("<II", file.getvalue()[24:32]) == (1_700_000_000, 250_000)
    for source in (HERE[0], THERE[0]):
        expected = 1
        for (_, _, sequence, flags), payload in (each for each in packets if each[0][0] == source):
            assert sequence == expected
            expected += len(payload) + bool(flags & 0x03)


def test_addresses_of_version_6() -> None:
    file = io.BytesIO()
    Capture(file).stream(("::1", 40_000), ("2001:db8::7", 2775)).sent(encode(EnquireLink(sequence=1)))
    *_, ((source, port, *_), payload) = read_back(file.getvalue())
    assert (source, port, payload) == ("0" * 31 + "1", 40_000, encode(EnquireLink(sequence=1)))


def shown(pdu: Pdu, *, bodies: bool = False) -> Pdu:
    """A PDU as the capture has it, read again."""
    frame = masked(encode(pdu), bodies)
    assert len(frame) == len(encode(pdu))
    return decode_body(pdu.command_id, pdu.status, pdu.sequence, frame[16:])


class TestMasks:
    """What a file that goes to a carrier's support must not hold."""

    def test_texts_and_the_middle_of_numbers(self) -> None:
        pdu = shown(submit())
        assert isinstance(pdu, SubmitSm)
        assert (pdu.source_addr, pdu.destination_addr) == ("ACME", "44770****123")
        assert pdu.short_message == b"*" * len(SECRET)

    def test_the_header_that_joins_parts_stays(self) -> None:
        header = bytes.fromhex("0500030a0201")
        pdu = shown(submit(esm_class=EsmClass.UDHI, short_message=header + SECRET))
        assert isinstance(pdu, SubmitSm)
        assert pdu.short_message == header + b"*" * len(SECRET)

    def test_a_payload_and_other_parameters(self) -> None:
        tlvs = {
            Tag.SAR_MSG_REF_NUM: b"\0\1",
            Tag.MESSAGE_PAYLOAD: SECRET,
            Tag.USER_MESSAGE_REFERENCE: b"\0\7",
        }
        pdu = shown(submit(short_message=b"", tlvs=tlvs))
        assert pdu.tlvs == tlvs | {Tag.MESSAGE_PAYLOAD: b"*" * len(SECRET)}

    def test_a_receipt_tells_all_but_the_words_of_the_message(self) -> None:
        told = b"id:77 sub:001 dlvrd:001 submit date:2604181000 done date:2604181000 stat:DELIVRD err:000 "
        pdu = shown(
            DeliverSm(
                source_addr="447700900123",
                destination_addr="60777",
                esm_class=EsmClass.DELIVERY_RECEIPT,
                short_message=told + b"Text:" + SECRET,
            )
        )
        assert isinstance(pdu, DeliverSm)
        assert pdu.short_message == told + b"Text:" + b"*" * len(SECRET)
        assert pdu.destination_addr == "60777"

    @pytest.mark.parametrize("bodies", [False, True])
    def test_a_password_in_any_case(self, bodies: bool) -> None:
        file = io.BytesIO()
        stream = Capture(file, bodies=bodies).stream(HERE, THERE)
        stream.sent(
            encode(BindTransceiver(sequence=1, system_id="esme", password="hunter2", system_type="X"))
        )
        assert b"hunter2" not in file.getvalue()
        assert b"esme\0*******\0X\0" in file.getvalue()

    def test_bodies_on_request(self) -> None:
        file = io.BytesIO()
        Capture(file, bodies=True).stream(HERE, THERE).sent(encode(submit()))
        assert SECRET in file.getvalue()

    @pytest.mark.parametrize("pdu", [DataSm(destination_addr="447700900123"), QuerySm(message_id="77")])
    def test_other_commands_are_masked_whole(self, pdu: Pdu) -> None:
        frame = encode(pdu)
        assert masked(frame) == frame[:16] + b"*" * (len(frame) - 16)

    @given(st.binary(max_size=120), st.sampled_from([CommandId.SUBMIT_SM, CommandId.DELIVER_SM, 0x10203]))
    def test_whatever_a_body_is_nothing_of_it_is_lost_or_added(self, body: bytes, command_id: int) -> None:
        frame = b"".join(n.to_bytes(4, "big") for n in (16 + len(body), command_id, 0, 1)) + body
        out = masked(frame)
        assert len(out) == len(frame)
        assert out[:16] == frame[:16]
        if command_id == 0x10203:
            assert out[16:] == b"*" * len(body)

    @given(st.text("abcdef ghij", min_size=12, max_size=100), st.integers(0, 3), st.booleans())
    def test_no_text_stands_in_the_file(self, text: str, kind: int, udhi: bool) -> None:
        words = text.encode()
        header = bytes.fromhex("0500030a0201") if udhi else b""
        esm_class = EsmClass.UDHI if udhi else 0
        pdu = (
            submit(short_message=header + words, esm_class=esm_class),
            DeliverSm(source_addr="447700900123", short_message=header + words, esm_class=esm_class),
            submit(short_message=b"", tlvs={Tag.MESSAGE_PAYLOAD: header + words}, esm_class=esm_class),
            DataSm(tlvs={Tag.MESSAGE_PAYLOAD: words}),
        )[kind]
        assert words not in masked(encode(pdu))


class TestLimits:
    """A capture may end; the session goes on."""

    def test_a_file_that_has_its_size(self) -> None:
        file = io.BytesIO()
        capture = Capture(file, max_bytes=1000)
        stream = capture.stream(HERE, THERE)
        for number in range(50):
            stream.sent(encode(EnquireLink(sequence=number + 1)))
        assert capture.full
        assert 900 < len(file.getvalue()) <= 1000
        assert read_back(file.getvalue())

    def test_what_is_no_smpp_is_masked(self) -> None:
        file = io.BytesIO()
        stream = Capture(file).stream(HERE, THERE)
        stream.received(b"GET / HTTP/1.1\r\nAuthorization: Bearer sok_live_x\r\n\r\n")
        stream.received(b"more of it")
        assert b"sok_live" not in file.getvalue()
        assert b"more of it" not in file.getvalue()

    def test_a_file_of_its_owner_alone(self, tmp_path: Path) -> None:
        path = tmp_path / "alpha.pcap"
        path.write_text("an older one")
        path.chmod(0o644)
        capture = Capture.to(path)
        capture.stream(HERE, THERE)
        capture.close()
        assert path.stat().st_mode & 0o777 == 0o600
        assert len(read_back(path.read_bytes())) == 3


def test_the_layout_of_a_packet_by_octets() -> None:
    file = io.BytesIO()
    Capture(file).stream(HERE, THERE)
    (first, *_) = iter_unpack("40s", file.getvalue()[40:80])
    packet = first[0]
    assert packet[:4] == bytes.fromhex("45000028")
    assert packet[12:20] == bytes((10, 0, 0, 5, 192, 0, 2, 7))
    assert packet[20:24] == (40_000).to_bytes(2, "big") + (2775).to_bytes(2, "big")
