"""Every PDU of SMPP 3.4 as a dataclass whose fields, in order, are its layout on the wire (section 4).

Text is `str` (Latin-1 on the wire, any octet survives), message octets are `bytes`, numbers `int`. All
arguments are by keyword and have defaults. Optional parameters stand in `tlvs` by tag, raw, known or not;
where a tag is repeated (3.4 allows it for callback_num) the further ones are kept in `more_tlvs` in wire
order and written after the others.
"""

from dataclasses import dataclass, field
from typing import ClassVar, TypeAlias

from smpp.constants import INTERFACE_VERSION, CommandId, Status, Tag
from smpp.errors import EncodeError
from smpp.fields import TlvPairs, c_octet, integer, listed, octets


@dataclass(slots=True, kw_only=True)
class Pdu:
    """The header and the optional parameters, which every PDU has.

    `bare_on_error`: the specification sends no body with a command_status other than 0 (4.1.2, 4.4.2).
    """

    command_id: ClassVar[CommandId]
    bare_on_error: ClassVar[bool] = False

    status: int = 0
    sequence: int = 0
    tlvs: dict[int, bytes] = field(default_factory=dict)
    more_tlvs: TlvPairs = ()


@dataclass(slots=True, kw_only=True)
class BindPdu(Pdu):
    """What the three bind requests share. 4.1.1, 4.1.3, 4.1.5."""

    system_id: str = c_octet(16)
    password: str = c_octet(9)
    system_type: str = c_octet(13)
    interface_version: int = integer(default=INTERFACE_VERSION)
    addr_ton: int = integer()
    addr_npi: int = integer()
    address_range: str = c_octet(41)


@dataclass(slots=True, kw_only=True)
class BindTransmitter(BindPdu):
    command_id: ClassVar[CommandId] = CommandId.BIND_TRANSMITTER


@dataclass(slots=True, kw_only=True)
class BindReceiver(BindPdu):
    command_id: ClassVar[CommandId] = CommandId.BIND_RECEIVER


@dataclass(slots=True, kw_only=True)
class BindTransceiver(BindPdu):
    command_id: ClassVar[CommandId] = CommandId.BIND_TRANSCEIVER


@dataclass(slots=True, kw_only=True)
class BindRespPdu(Pdu):
    """What the three bind answers share. 4.1.2, 4.1.4, 4.1.6."""

    bare_on_error: ClassVar[bool] = True

    system_id: str = c_octet(16)


@dataclass(slots=True, kw_only=True)
class BindTransmitterResp(BindRespPdu):
    command_id: ClassVar[CommandId] = CommandId.BIND_TRANSMITTER_RESP


@dataclass(slots=True, kw_only=True)
class BindReceiverResp(BindRespPdu):
    command_id: ClassVar[CommandId] = CommandId.BIND_RECEIVER_RESP


@dataclass(slots=True, kw_only=True)
class BindTransceiverResp(BindRespPdu):
    command_id: ClassVar[CommandId] = CommandId.BIND_TRANSCEIVER_RESP


@dataclass(slots=True, kw_only=True)
class Outbind(Pdu):
    """4.1.7."""

    command_id: ClassVar[CommandId] = CommandId.OUTBIND

    system_id: str = c_octet(16)
    password: str = c_octet(9)


@dataclass(slots=True, kw_only=True)
class Unbind(Pdu):
    """4.2."""

    command_id: ClassVar[CommandId] = CommandId.UNBIND


@dataclass(slots=True, kw_only=True)
class UnbindResp(Pdu):
    command_id: ClassVar[CommandId] = CommandId.UNBIND_RESP


@dataclass(slots=True, kw_only=True)
class GenericNack(Pdu):
    """4.3."""

    command_id: ClassVar[CommandId] = CommandId.GENERIC_NACK


@dataclass(slots=True, kw_only=True)
class MessagePdu(Pdu):
    """What submit_sm and deliver_sm share. 4.4.1, 4.6.1."""

    service_type: str = c_octet(6)
    source_addr_ton: int = integer()
    source_addr_npi: int = integer()
    source_addr: str = c_octet(21)
    dest_addr_ton: int = integer()
    dest_addr_npi: int = integer()
    destination_addr: str = c_octet(21)
    esm_class: int = integer()
    protocol_id: int = integer()
    priority_flag: int = integer()
    schedule_delivery_time: str = c_octet(17)
    validity_period: str = c_octet(17)
    registered_delivery: int = integer()
    replace_if_present_flag: int = integer()
    data_coding: int = integer()
    sm_default_msg_id: int = integer()
    short_message: bytes = octets(254)


@dataclass(slots=True, kw_only=True)
class SubmitSm(MessagePdu):
    command_id: ClassVar[CommandId] = CommandId.SUBMIT_SM


@dataclass(slots=True, kw_only=True)
class SubmitSmResp(Pdu):
    """4.4.2."""

    command_id: ClassVar[CommandId] = CommandId.SUBMIT_SM_RESP
    bare_on_error: ClassVar[bool] = True

    message_id: str = c_octet(65)


@dataclass(slots=True, kw_only=True)
class DeliverSm(MessagePdu):
    command_id: ClassVar[CommandId] = CommandId.DELIVER_SM


@dataclass(slots=True, kw_only=True)
class DeliverSmResp(Pdu):
    """4.6.2: message_id is unused and empty, but it is there."""

    command_id: ClassVar[CommandId] = CommandId.DELIVER_SM_RESP

    message_id: str = c_octet(65)


@dataclass(slots=True, kw_only=True)
class SmeAddress:
    """A destination by number. 4.5.1.1."""

    dest_addr_ton: int = integer()
    dest_addr_npi: int = integer()
    destination_addr: str = c_octet(21)


@dataclass(slots=True, kw_only=True)
class DistributionList:
    """A destination by the name of a list that the SMSC keeps. 4.5.1.2."""

    dl_name: str = c_octet(21)


@dataclass(slots=True, kw_only=True)
class UnsuccessSme:
    """A destination that submit_multi did not reach, with its command_status. 4.5.2.1."""

    dest_addr_ton: int = integer()
    dest_addr_npi: int = integer()
    destination_addr: str = c_octet(21)
    error_status_code: int = integer(4)


Destination: TypeAlias = SmeAddress | DistributionList


@dataclass(slots=True, kw_only=True)
class SubmitMulti(Pdu):
    """4.5.1. number_of_dests is the length of `dest_addresses` (3.4 allows 1 to 254)."""

    command_id: ClassVar[CommandId] = CommandId.SUBMIT_MULTI

    service_type: str = c_octet(6)
    source_addr_ton: int = integer()
    source_addr_npi: int = integer()
    source_addr: str = c_octet(21)
    dest_addresses: tuple[Destination, ...] = listed(
        {1: SmeAddress, 2: DistributionList}, wrong_flag=Status.ESME_RINVDESTFLAG
    )
    esm_class: int = integer()
    protocol_id: int = integer()
    priority_flag: int = integer()
    schedule_delivery_time: str = c_octet(17)
    validity_period: str = c_octet(17)
    registered_delivery: int = integer()
    replace_if_present_flag: int = integer()
    data_coding: int = integer()
    sm_default_msg_id: int = integer()
    short_message: bytes = octets(254)


@dataclass(slots=True, kw_only=True)
class SubmitMultiResp(Pdu):
    """4.5.2. no_unsuccess is the length of `unsuccess_smes`."""

    command_id: ClassVar[CommandId] = CommandId.SUBMIT_MULTI_RESP

    message_id: str = c_octet(65)
    unsuccess_smes: tuple[UnsuccessSme, ...] = listed({0: UnsuccessSme}, wrong_flag=Status.ESME_RINVCMDLEN)


@dataclass(slots=True, kw_only=True)
class DataSm(Pdu):
    """4.7.1. The message stands in the TLV message_payload."""

    command_id: ClassVar[CommandId] = CommandId.DATA_SM

    service_type: str = c_octet(6)
    source_addr_ton: int = integer()
    source_addr_npi: int = integer()
    source_addr: str = c_octet(65)
    dest_addr_ton: int = integer()
    dest_addr_npi: int = integer()
    destination_addr: str = c_octet(65)
    esm_class: int = integer()
    registered_delivery: int = integer()
    data_coding: int = integer()


@dataclass(slots=True, kw_only=True)
class DataSmResp(Pdu):
    """4.7.2."""

    command_id: ClassVar[CommandId] = CommandId.DATA_SM_RESP

    message_id: str = c_octet(65)


@dataclass(slots=True, kw_only=True)
class QuerySm(Pdu):
    """4.8.1."""

    command_id: ClassVar[CommandId] = CommandId.QUERY_SM

    message_id: str = c_octet(65)
    source_addr_ton: int = integer()
    source_addr_npi: int = integer()
    source_addr: str = c_octet(21)


@dataclass(slots=True, kw_only=True)
class QuerySmResp(Pdu):
    """4.8.2."""

    command_id: ClassVar[CommandId] = CommandId.QUERY_SM_RESP

    message_id: str = c_octet(65)
    final_date: str = c_octet(17)
    message_state: int = integer()
    error_code: int = integer()


@dataclass(slots=True, kw_only=True)
class CancelSm(Pdu):
    """4.9.1."""

    command_id: ClassVar[CommandId] = CommandId.CANCEL_SM

    service_type: str = c_octet(6)
    message_id: str = c_octet(65)
    source_addr_ton: int = integer()
    source_addr_npi: int = integer()
    source_addr: str = c_octet(21)
    dest_addr_ton: int = integer()
    dest_addr_npi: int = integer()
    destination_addr: str = c_octet(21)


@dataclass(slots=True, kw_only=True)
class CancelSmResp(Pdu):
    command_id: ClassVar[CommandId] = CommandId.CANCEL_SM_RESP


@dataclass(slots=True, kw_only=True)
class ReplaceSm(Pdu):
    """4.10.1."""

    command_id: ClassVar[CommandId] = CommandId.REPLACE_SM

    message_id: str = c_octet(65)
    source_addr_ton: int = integer()
    source_addr_npi: int = integer()
    source_addr: str = c_octet(21)
    schedule_delivery_time: str = c_octet(17)
    validity_period: str = c_octet(17)
    registered_delivery: int = integer()
    sm_default_msg_id: int = integer()
    short_message: bytes = octets(254)


@dataclass(slots=True, kw_only=True)
class ReplaceSmResp(Pdu):
    command_id: ClassVar[CommandId] = CommandId.REPLACE_SM_RESP


@dataclass(slots=True, kw_only=True)
class EnquireLink(Pdu):
    """4.11."""

    command_id: ClassVar[CommandId] = CommandId.ENQUIRE_LINK


@dataclass(slots=True, kw_only=True)
class EnquireLinkResp(Pdu):
    command_id: ClassVar[CommandId] = CommandId.ENQUIRE_LINK_RESP


@dataclass(slots=True, kw_only=True)
class AlertNotification(Pdu):
    """4.12.1. It has no response."""

    command_id: ClassVar[CommandId] = CommandId.ALERT_NOTIFICATION

    source_addr_ton: int = integer()
    source_addr_npi: int = integer()
    source_addr: str = c_octet(65)
    esme_addr_ton: int = integer()
    esme_addr_npi: int = integer()
    esme_addr: str = c_octet(65)


_CONCRETE: tuple[type[Pdu], ...] = (
    *(
        BindTransmitter,
        BindTransmitterResp,
        BindReceiver,
        BindReceiverResp,
        BindTransceiver,
        BindTransceiverResp,
    ),
    *(Outbind, Unbind, UnbindResp, GenericNack, EnquireLink, EnquireLinkResp, AlertNotification),
    *(SubmitSm, SubmitSmResp, SubmitMulti, SubmitMultiResp, DeliverSm, DeliverSmResp, DataSm, DataSmResp),
    *(QuerySm, QuerySmResp, CancelSm, CancelSmResp, ReplaceSm, ReplaceSmResp),
)

PDU_CLASSES: dict[int, type[Pdu]] = {cls.command_id: cls for cls in _CONCRETE}
"""The class of each command_id."""

# Octets of the integer-valued TLVs, SMPP 3.4, 5.3.2 (congestion_state and np_resolution: 5.0, 4.8.4).
TLV_INTEGER_OCTETS: dict[Tag, int] = {
    **dict.fromkeys(
        (
            *(Tag.DEST_ADDR_SUBUNIT, Tag.DEST_NETWORK_TYPE, Tag.DEST_BEARER_TYPE, Tag.SOURCE_ADDR_SUBUNIT),
            *(Tag.SOURCE_NETWORK_TYPE, Tag.SOURCE_BEARER_TYPE, Tag.SOURCE_TELEMATICS_ID, Tag.PAYLOAD_TYPE),
            *(
                Tag.MS_MSG_WAIT_FACILITIES,
                Tag.PRIVACY_INDICATOR,
                Tag.USER_RESPONSE_CODE,
                Tag.LANGUAGE_INDICATOR,
            ),
            *(
                Tag.SAR_TOTAL_SEGMENTS,
                Tag.SAR_SEGMENT_SEQNUM,
                Tag.SC_INTERFACE_VERSION,
                Tag.NUMBER_OF_MESSAGES,
            ),
            *(Tag.CALLBACK_NUM_PRES_IND, Tag.DPF_RESULT, Tag.SET_DPF, Tag.MS_AVAILABILITY_STATUS),
            *(
                Tag.DELIVERY_FAILURE_REASON,
                Tag.MORE_MESSAGES_TO_SEND,
                Tag.MESSAGE_STATE,
                Tag.CONGESTION_STATE,
            ),
            *(Tag.USSD_SERVICE_OP, Tag.DISPLAY_TIME, Tag.MS_VALIDITY, Tag.ITS_REPLY_TYPE),
            *(Tag.DEST_ADDR_NP_RESOLUTION,),
        ),
        1,
    ),
    **dict.fromkeys(
        (
            *(Tag.DEST_TELEMATICS_ID, Tag.USER_MESSAGE_REFERENCE, Tag.SOURCE_PORT, Tag.DESTINATION_PORT),
            *(Tag.SAR_MSG_REF_NUM, Tag.SMS_SIGNAL, Tag.ITS_SESSION_INFO),
        ),
        2,
    ),
    Tag.QOS_TIME_TO_LIVE: 4,
}


def tlv_int(pdu: Pdu, tag: int) -> int | None:
    """The TLV as an unsigned integer of whatever length it came with; None where it is absent or empty."""
    value = pdu.tlvs.get(tag)
    return int.from_bytes(value, "big") if value else None


def tlv_text(pdu: Pdu, tag: int) -> str | None:
    """The TLV as Latin-1 text without the NULs at its end; None where it is absent."""
    value = pdu.tlvs.get(tag)
    return value.rstrip(b"\0").decode("latin-1") if value is not None else None


def int_tlv(tag: Tag, value: int) -> bytes:
    """The octets of an integer-valued TLV, as many as its tag has by the table. Raises EncodeError."""
    try:
        return value.to_bytes(TLV_INTEGER_OCTETS[tag], "big")
    except OverflowError:
        raise EncodeError(tag.name, f"{value} does not fit {TLV_INTEGER_OCTETS[tag]} octet(s)") from None


def text_tlv(text: str) -> bytes:
    """The octets of a text TLV such as receipted_message_id, with its NUL. Raises EncodeError."""
    try:
        return text.encode("latin-1") + b"\0"
    except UnicodeEncodeError:
        raise EncodeError("TLV", "has characters outside Latin-1") from None
