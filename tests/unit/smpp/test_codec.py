"""The codec as a whole: what is written is read back, the fast paths are the tables, no octets do harm."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smpp import codec
from smpp.codec import (
    DEFAULT_MAX_PDU_BYTES,
    Frame,
    FrameReader,
    decode,
    decode_body,
    decode_body_by_table,
    encode,
    encode_body,
    encode_body_by_table,
    encode_deliver_resp,
    encode_enquire_link,
    encode_enquire_link_resp,
    encode_refusal,
    encode_submit_body,
    frame,
)
from smpp.constants import CommandId, Status, Tag
from smpp.errors import EncodeError, FrameError, PduError
from smpp.pdu import (
    PDU_CLASSES,
    BindTransceiverResp,
    DataSmResp,
    DeliverSm,
    DeliverSmResp,
    EnquireLink,
    EnquireLinkResp,
    GenericNack,
    Pdu,
    QuerySmResp,
    SubmitSm,
    SubmitSmResp,
)
from tests.unit.smpp.arbitrary import pdus

HOT = (SubmitSm, SubmitSmResp, DeliverSm, DeliverSmResp, EnquireLink, EnquireLinkResp)

commands = st.one_of(st.sampled_from(sorted(PDU_CLASSES)), st.integers(0, 0xFFFF_FFFF))
numbers = st.integers(0, 0xFFFF_FFFF)


def outcome(command_id: int, status: int, sequence: int, body: bytes, *, by_table: bool) -> object:
    """The PDU, or what the error says."""
    try:
        if by_table:
            return decode_body_by_table(command_id, status, sequence, body)
        return decode_body(command_id, status, sequence, body)
    except PduError as wrong:
        return (wrong.status, wrong.command_id, wrong.sequence, wrong.detail)


@st.composite
def mangled(draw: st.DrawFn, *classes: type[Pdu]) -> tuple[int, int, int, bytes]:
    """The frame of a PDU whose body was cut, changed in one octet, or lengthened."""
    pdu = draw(pdus(*classes))
    body = bytearray(encode_body(pdu))
    harm = draw(st.sampled_from(("none", "cut", "change", "lengthen")))
    if harm == "cut":
        del body[draw(st.integers(0, len(body))) :]
    elif harm == "change" and body:
        body[draw(st.integers(0, len(body) - 1))] = draw(st.integers(0, 255))
    elif harm == "lengthen":
        body += draw(st.binary(max_size=6))
    return pdu.command_id, pdu.status, pdu.sequence, bytes(body)


# What is written is read back


@pytest.mark.parametrize("cls", PDU_CLASSES.values(), ids=lambda cls: cls.__name__)
@settings(max_examples=40)
@given(data=st.data())
def test_every_pdu_is_read_back_as_written(cls: type[Pdu], data: st.DataObject) -> None:
    pdu = data.draw(pdus(cls))
    assert decode(encode(pdu)) == pdu
    assert decode(memoryview(encode(pdu))) == pdu


@given(pdus(*HOT))
def test_the_fast_writers_are_the_table(pdu: Pdu) -> None:
    assert encode_body(pdu) == encode_body_by_table(pdu)


@given(mangled(*HOT))
def test_the_fast_readers_are_the_table(given_frame: Frame) -> None:
    assert outcome(*given_frame, by_table=False) == outcome(*given_frame, by_table=True)


def test_ordinary_traffic_takes_the_fast_paths(monkeypatch: pytest.MonkeyPatch) -> None:
    traffic: list[Pdu] = [
        SubmitSm(
            sequence=1,
            source_addr="ACME",
            destination_addr="447700900123",
            validity_period="000001000000000R",
            short_message=b"hello",
            tlvs={Tag.USER_MESSAGE_REFERENCE: b"\0\1"},
        ),
        SubmitSmResp(sequence=1, message_id="3a9f"),
        DeliverSm(
            sequence=2,
            source_addr="447700900123",
            destination_addr="ACME",
            esm_class=4,
            short_message=b"id:3a9f stat:DELIVRD",
            tlvs={Tag.RECEIPTED_MESSAGE_ID: b"3a9f\0", Tag.MESSAGE_STATE: b"\2"},
        ),
        DeliverSmResp(sequence=2),
    ]

    def no_table(*_: object) -> None:
        raise AssertionError("the table was walked")

    monkeypatch.setattr(codec, "encode_body_by_table", no_table)
    monkeypatch.setattr(codec, "decode_body_by_table", no_table)
    assert [decode(encode(pdu)) for pdu in traffic] == traffic


@given(pdus(SubmitSm))
def test_a_body_can_be_written_before_its_sequence_number(pdu: SubmitSm) -> None:
    body = encode_submit_body(pdu)
    assert frame(pdu.command_id, pdu.status, pdu.sequence, body) == encode(pdu)


def test_the_short_writers_are_the_long_one() -> None:
    assert encode_deliver_resp(7, 0x64) == encode(DeliverSmResp(sequence=7, status=0x64))
    assert encode_deliver_resp(7) == encode(DeliverSmResp(sequence=7))
    assert encode_enquire_link(8) == encode(EnquireLink(sequence=8))
    assert encode_enquire_link_resp(9) == encode(EnquireLinkResp(sequence=9))


@pytest.mark.parametrize(
    ("pdu", "field"),
    [
        (SubmitSm(source_addr="1\x002"), "source_addr"),
        (SubmitSm(destination_addr="\0"), "destination_addr"),
        (SubmitSm(service_type="\0"), "service_type"),
        (SubmitSm(schedule_delivery_time="\0"), "schedule_delivery_time"),
        (SubmitSm(validity_period="\0"), "validity_period"),
        (SubmitSm(source_addr="Ω"), "source_addr"),
        (SubmitSm(data_coding=256), "data_coding"),
        (SubmitSm(esm_class=-1), "esm_class"),
        (SubmitSm(priority_flag=0x110000), "priority_flag"),
        (SubmitSm(short_message=bytes(256)), "short_message"),
        (SubmitSm(tlvs={0x1_0000: b""}), "TLV 0x10000"),
        (SubmitSmResp(message_id="a\0b"), "message_id"),
        (SubmitSmResp(message_id="Ω"), "message_id"),
        (EnquireLink(sequence=-1), "header"),
        (EnquireLink(status=1 << 32), "header"),
    ],
)
def test_what_the_wire_cannot_hold_is_refused_by_name(pdu: Pdu, field: str) -> None:
    with pytest.raises(EncodeError) as caught:
        encode(pdu)
    assert caught.value.field == field


# Answers


@pytest.mark.parametrize("cls", [BindTransceiverResp, SubmitSmResp])
def test_an_error_answer_has_no_body_where_the_specification_says_so(cls: type[Pdu]) -> None:
    assert len(encode(cls(status=Status.ESME_RSYSERR))) == 16
    assert len(encode(cls())) == 17


@pytest.mark.parametrize("body", [b"", b"\0"])
@pytest.mark.parametrize("status", [0, 0x58])
@pytest.mark.parametrize("cls", [BindTransceiverResp, SubmitSmResp, DeliverSmResp, DataSmResp])
def test_an_answer_may_come_without_a_body(cls: type[Pdu], status: int, body: bytes) -> None:
    assert decode(frame(cls.command_id, status, 3, body)) == cls(status=status, sequence=3)


def test_an_answer_survives_its_trimmings() -> None:
    answer = decode(frame(CommandId.SUBMIT_SM_RESP, 0, 3, b"3a9f\0\x01\x02"))
    assert answer == SubmitSmResp(sequence=3, message_id="3a9f")


def test_an_answer_may_lack_the_terminator_of_its_id() -> None:
    assert decode(frame(CommandId.SUBMIT_SM_RESP, 0, 3, b"3a9f")) == SubmitSmResp(
        sequence=3, message_id="3a9f"
    )


def test_an_error_answer_with_half_a_body_is_still_an_answer() -> None:
    answer = decode(frame(CommandId.QUERY_SM_RESP, Status.ESME_RQUERYFAIL, 3, b"m1\0"))
    assert answer == QuerySmResp(status=Status.ESME_RQUERYFAIL, sequence=3)


def test_a_good_answer_with_half_a_body_is_wrong() -> None:
    with pytest.raises(PduError) as caught:
        decode(frame(CommandId.QUERY_SM_RESP, 0, 3, b"m1\0"))
    assert caught.value.status == Status.ESME_RINVCMDLEN


# What is wrong is said, and answered


@pytest.mark.parametrize(
    ("command_id", "body", "status"),
    [
        (0x0000_0111, b"", Status.ESME_RINVCMDID),  # broadcast_sm of 5.0
        (CommandId.SUBMIT_SM, b"", Status.ESME_RINVCMDLEN),
        (CommandId.SUBMIT_SM, b"\0" * 16, Status.ESME_RINVCMDLEN),
        (CommandId.SUBMIT_SM, b"\0" * 16 + b"\x05abc", Status.ESME_RINVMSGLEN),
        (CommandId.DELIVER_SM, b"\0" * 17 + b"\x04\x27", Status.ESME_RINVOPTPARSTREAM),
        (CommandId.DELIVER_SM, b"\0" * 17 + b"\x04\x27\x00\x09\x02", Status.ESME_RINVPARLEN),
        (CommandId.SUBMIT_MULTI, b"\0\0\0\0\x01\x07", Status.ESME_RINVDESTFLAG),
        (CommandId.ENQUIRE_LINK, b"?", Status.ESME_RINVOPTPARSTREAM),
    ],
)
def test_a_bad_pdu_has_its_status_and_its_header(command_id: int, body: bytes, status: Status) -> None:
    with pytest.raises(PduError) as caught:
        decode(frame(command_id, 0, 77, body))
    assert (caught.value.status, caught.value.command_id, caught.value.sequence) == (status, command_id, 77)


@pytest.mark.parametrize(
    ("command_id", "answer"),
    [
        (CommandId.SUBMIT_SM, SubmitSmResp(status=8, sequence=5)),
        (CommandId.DELIVER_SM, DeliverSmResp(status=8, sequence=5)),
        (CommandId.QUERY_SM, QuerySmResp(status=8, sequence=5)),
        (CommandId.ALERT_NOTIFICATION, GenericNack(status=8, sequence=5)),  # it has no response
        (0x0000_0111, GenericNack(status=8, sequence=5)),
        (0x0000_0000, GenericNack(status=8, sequence=5)),
    ],
)
def test_a_bad_request_is_answered_in_its_own_kind(command_id: int, answer: Pdu) -> None:
    refusal = encode_refusal(PduError(8, command_id, 5, "wrong"))
    assert refusal is not None
    assert decode(refusal) == answer


@pytest.mark.parametrize("command_id", [CommandId.SUBMIT_SM_RESP, CommandId.GENERIC_NACK, 0x8000_0111])
def test_a_bad_answer_is_never_answered(command_id: int) -> None:
    assert encode_refusal(PduError(8, command_id, 5, "wrong")) is None


@given(commands, numbers, numbers, st.binary(max_size=120))
def test_arbitrary_bodies_are_pdus_or_pdu_errors(
    command_id: int, status: int, sequence: int, body: bytes
) -> None:
    by_fast_path = outcome(command_id, status, sequence, body, by_table=False)
    assert by_fast_path == outcome(command_id, status, sequence, body, by_table=True)


@given(mangled())
def test_harmed_bodies_are_pdus_or_pdu_errors(given_frame: Frame) -> None:
    command_id, _, sequence, _ = given_frame
    read = outcome(*given_frame, by_table=False)
    if isinstance(read, Pdu):
        assert (read.command_id, read.sequence) == (command_id, sequence)
    else:
        assert isinstance(read, tuple)
        assert read[0] in set(Status)
        assert read[1:3] == (command_id, sequence)


@given(st.binary(max_size=64))
def test_arbitrary_octets_raise_nothing_else(octets: bytes) -> None:
    try:
        pdu = decode(octets)
    except (PduError, FrameError):
        return
    assert decode(encode(pdu)) == pdu


@pytest.mark.parametrize(
    "octets", [b"", b"\0\0\0\x10", encode_enquire_link(1)[:-1], encode_enquire_link(1) + b"?"]
)
def test_decode_takes_exactly_one_pdu(octets: bytes) -> None:
    with pytest.raises(FrameError):
        decode(octets)


# The stream


def read_all(reader: FrameReader) -> tuple[list[Frame], str | None]:
    """The frames that are there, and the error after them if there is one."""
    frames: list[Frame] = []
    try:
        for one in reader:
            frames.append(one)  # noqa: PERF402 - keeps what came before the error
    except FrameError as wrong:
        return frames, f"{wrong.status} {wrong.sequence} {wrong}"
    return frames, None


def read_in_chunks(chunks: list[bytes]) -> tuple[list[Frame], str | None]:
    """The same, read after every chunk up to the first error."""
    reader = FrameReader(MAX_PDU_BYTES)
    frames: list[Frame] = []
    for chunk in chunks:
        reader.feed(chunk)
        more, wrong = read_all(reader)
        frames += more
        if wrong:
            return frames, wrong
    return frames, None


def cut(stream: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted(place % (len(stream) + 1) for place in places), len(stream)]
    return [stream[start:stop] for start, stop in pairwise(edges)]


MAX_PDU_BYTES = 2000

streams = st.builds(
    lambda sent, garbage: b"".join(map(encode, sent)) + garbage,
    st.lists(pdus(), max_size=6),
    st.binary(max_size=24),
)


@given(streams, st.lists(st.integers(0, 5000), max_size=12))
def test_chunks_of_any_size_give_the_same_frames(stream: bytes, places: list[int]) -> None:
    assert read_in_chunks(cut(stream, places)) == read_in_chunks([stream])


@given(streams)
def test_octet_by_octet_gives_the_same_frames(stream: bytes) -> None:
    assert read_in_chunks(cut(stream, list(range(len(stream))))) == read_in_chunks([stream])


@given(st.lists(pdus(), max_size=6))
def test_pipelined_pdus_are_read_in_order(sent: list[Pdu]) -> None:
    frames, wrong = read_in_chunks([b"".join(map(encode, sent))])
    assert [decode_body(*one) for one in frames] == sent
    assert wrong is None


@given(pdus(), st.data())
def test_a_cut_pdu_waits_for_the_rest(pdu: Pdu, data: st.DataObject) -> None:
    octets = encode(pdu)
    place = data.draw(st.integers(0, len(octets) - 1))
    reader = FrameReader()
    reader.feed(octets[:place])
    assert list(reader) == []
    assert reader.pending_octets == place
    reader.feed(bytearray(octets[place:]))
    ((command_id, status, sequence, body),) = reader
    assert reader.pending_octets == 0
    assert decode_body(command_id, status, sequence, body) == pdu


def test_feeding_without_reading_loses_nothing() -> None:
    reader = FrameReader()
    for sequence in (1, 2, 3):
        reader.feed(encode_enquire_link(sequence))
    assert [one[2] for one in reader] == [1, 2, 3]


def test_reading_can_stop_and_go_on() -> None:
    reader = FrameReader()
    reader.feed(encode_enquire_link(1) + encode_enquire_link(2) + b"\0\0")
    assert next(iter(reader))[2] == 1
    reader.feed(b"\0\x10" + encode_enquire_link(3)[4:])
    assert [one[2] for one in reader] == [2, 3]


@pytest.mark.parametrize(
    ("header", "sequence"),
    [
        ("0000000F 00000015 00000000 00000007", 0),
        ("00000000", 0),
        ("00010001 00000004 00000000 00000007", 7),
        ("47455420 2F204854 54502F31 2E310D0A", 0x2E31_0D0A),  # "GET / HTTP/1.1"
    ],
)
def test_a_broken_length_ends_the_stream(header: str, sequence: int) -> None:
    reader = FrameReader()
    reader.feed(encode_enquire_link(1) + bytes.fromhex(header))
    frames, wrong = read_all(reader)
    assert [one[2] for one in frames] == [1]
    assert wrong is not None
    assert wrong.startswith(f"{Status.ESME_RINVCMDLEN} {sequence} command_length")
    assert read_all(reader) == ([], wrong)  # and stays ended


def test_the_largest_pdu_is_read() -> None:
    reader = FrameReader()
    body = bytes(DEFAULT_MAX_PDU_BYTES - 16)
    reader.feed(frame(CommandId.DATA_SM, 0, 1, body))
    assert list(reader) == [(CommandId.DATA_SM, 0, 1, body)]
