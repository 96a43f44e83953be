"""Each kind of field by itself: what it writes, what it forgives, what it refuses."""

import pytest

from smpp.constants import Status
from smpp.errors import EncodeError, FieldError
from smpp.fields import (
    COctet,
    Integer,
    Kind,
    Listed,
    Octets,
    layout,
    overlong,
    read_fields,
    read_tlvs,
    write_fields,
    write_tlvs,
)
from smpp.pdu import BindTransceiver, DistributionList, SmeAddress, SubmitMulti, SubmitSm

DESTINATIONS = Listed({1: SmeAddress, 2: DistributionList}, wrong_flag=Status.ESME_RINVDESTFLAG)


@pytest.mark.parametrize(
    ("kind", "value", "octets"),
    [
        (Integer(1), 255, b"\xff"),
        (Integer(4), 0x0B, b"\x00\x00\x00\x0b"),
        (COctet(16), "", b"\x00"),
        (COctet(16), "ü", b"\xfc\x00"),
        (Octets(254), b"", b"\x00"),
        (Octets(254), b"\x00\x01", b"\x02\x00\x01"),
        (DESTINATIONS, (), b"\x00"),
        (DESTINATIONS, (DistributionList(dl_name="a"),), b"\x01\x02a\x00"),
    ],
)
def test_writes_and_reads_back(kind: Kind, value: object, octets: bytes) -> None:
    assert kind.write("field", value) == octets
    assert kind.read(b"?" + octets + b"rest", 1) == (value, 1 + len(octets))


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Integer(1), 256),
        (Integer(1), -1),
        (COctet(16), "a\0b"),
        (COctet(16), "Ω"),
        (Octets(254), bytes(256)),
        (DESTINATIONS, (DistributionList(dl_name="a"),) * 256),
        (DESTINATIONS, ("4477",)),
        (DESTINATIONS, (SmeAddress(dest_addr_ton=256),)),
    ],
)
def test_refuses_what_the_wire_cannot_hold(kind: Kind, value: object) -> None:
    with pytest.raises(EncodeError):
        kind.write("field", value)


def test_an_encode_error_names_the_field() -> None:
    with pytest.raises(EncodeError, match="source_addr: has a NUL inside") as caught:
        write_fields(SubmitSm(source_addr="1\x002"))
    assert caught.value.field == "source_addr"


def test_a_missing_terminator_ends_the_text_with_the_body() -> None:
    text, at = COctet(16).read(b"abc", 0)
    assert text == "abc"
    assert at >= 3


def test_an_overlong_text_is_kept_whole_and_named() -> None:
    values, _ = read_fields(BindTransceiver, b"a-very-long-system-id\x00p\x00\x00\x34\x00\x00\x00", 0)
    bind = BindTransceiver(**values)
    assert bind.system_id == "a-very-long-system-id"
    assert overlong(bind) == ("system_id",)


def test_the_limits_are_those_of_the_specification() -> None:
    just = SubmitSm(source_addr="1" * 20, service_type="12345", short_message=bytes(254))
    assert overlong(just) == ()
    over = SubmitSm(source_addr="1" * 21, service_type="123456", short_message=bytes(255))
    assert overlong(over) == ("service_type", "source_addr", "short_message")
    listed = SubmitMulti(dest_addresses=(DistributionList(dl_name="x" * 21),))
    assert overlong(listed) == ("dest_addresses",)


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        (Integer(2), b"\x00", Status.ESME_RINVCMDLEN),
        (COctet(16), b"", Status.ESME_RINVCMDLEN),
        (Octets(254), b"", Status.ESME_RINVCMDLEN),
        (Octets(254), b"\x05abcd", Status.ESME_RINVMSGLEN),
        (DESTINATIONS, b"", Status.ESME_RINVCMDLEN),
        (DESTINATIONS, b"\x02\x02a\x00", Status.ESME_RINVCMDLEN),
        (DESTINATIONS, b"\x01\x03a\x00", Status.ESME_RINVDESTFLAG),
    ],
)
def test_a_field_that_cannot_be_read_has_the_status_to_answer(
    kind: Kind, body: bytes, status: Status
) -> None:
    with pytest.raises(FieldError) as caught:
        kind.read(body, 0)
    assert caught.value.status == status


def test_a_field_error_names_the_field() -> None:
    with pytest.raises(FieldError, match="password: the body ends"):
        read_fields(BindTransceiver, b"esme\x00", 0)


def test_the_layout_is_the_declaration() -> None:
    names = [name for name, _ in layout(BindTransceiver)]
    assert names == [
        *(
            "system_id",
            "password",
            "system_type",
            "interface_version",
            "addr_ton",
            "addr_npi",
            "address_range",
        ),
    ]


def test_tlvs_of_one_tag_keep_their_number_and_order() -> None:
    octets = bytes.fromhex("0381 0001 01  1400 0000  0381 0002 0203  0381 0001 04")
    first, repeats = read_tlvs(octets, 0)
    assert first == {0x0381: b"\x01", 0x1400: b""}
    assert repeats == ((0x0381, b"\x02\x03"), (0x0381, b"\x04"))


@pytest.mark.parametrize(("tag", "value"), [(0x10000, b""), (-1, b""), (0x1400, bytes(0x10000))])
def test_refuses_a_tlv_beyond_two_octets(tag: int, value: bytes) -> None:
    with pytest.raises(EncodeError):
        write_tlvs([(tag, value)])


@pytest.mark.parametrize(
    ("octets", "status"),
    [
        ("01", Status.ESME_RINVOPTPARSTREAM),
        ("0427 00", Status.ESME_RINVOPTPARSTREAM),
        ("0427 0002 02", Status.ESME_RINVPARLEN),
        ("0427 0001 02 0424 FFFF 00", Status.ESME_RINVPARLEN),
    ],
)
def test_a_broken_tlv_has_the_status_to_answer(octets: str, status: Status) -> None:
    with pytest.raises(FieldError) as caught:
        read_tlvs(bytes.fromhex(octets), 0)
    assert caught.value.status == status


@pytest.mark.parametrize("padding", [b"\0", b"\0\0", b"\0\0\0"])
def test_zero_octets_at_the_end_are_padding(padding: bytes) -> None:
    assert read_tlvs(bytes.fromhex("0427 0001 02") + padding, 0) == ({0x0427: b"\x02"}, ())


def test_the_tlvs_before_a_broken_one_can_be_kept() -> None:
    octets = bytes.fromhex("0427 0001 02 0424 FFFF 00")
    assert read_tlvs(octets, 0, drop_broken=True) == ({0x0427: b"\x02"}, ())
