"""What carriers do each in its own way over SMPP: the habits that an operator's file sets, and ready sets of them.

`profile = "hex-ids"` takes the habits of `profiles/hex-ids.toml`, `profile_file` those of a file of one's own; what the
operator says itself goes before them.
"""

from __future__ import annotations

import enum
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator

from gateway.domain.words import Reason
from gateway.operators.smpp_words import StatusClass
from routing.errors import PatternError
from routing.national import Language
from routing.numbers import TonNpi
from routing.patterns import Groups
from routing.payloads import GSM7_DEFAULTS, DefaultAlphabet, SplitStyle
from smpp.constants import MessageState, status_number
from smpp.message_ids import IdRule

READY = Path(__file__).parent / "profiles"
MAX_PATTERN_CHARS = 500


class InterfaceVersion(enum.StrEnum):
    """The SMPP that is spoken."""

    V33 = "3.3"  #: no optional parameters, no transceiver
    V34 = "3.4"
    V50 = "5.0"

    @property
    def octet(self) -> int:
        """As the bind says it."""
        return int(self.value.replace(".", ""), 16)


class Coding(enum.StrEnum):
    """What the octets of a message are, where a carrier's data_coding is not the specification's."""

    GSM7 = "gsm7"
    GSM7_PACKED = "gsm7_packed"
    ASCII = "ascii"
    LATIN1 = "latin1"
    UTF8 = "utf8"
    UCS2 = "ucs2"
    CYRILLIC = "cyrillic"
    HEBREW = "hebrew"
    BINARY = "binary"


class AddressKind(enum.StrEnum):
    """What an address is, for its type of number and numbering plan."""

    INTERNATIONAL = "international"  #: E.164
    SHORT_CODE = "short_code"
    ALPHANUMERIC = "alphanumeric"
    OTHER = "other"  #: digits that may be national or international


class Receipts(enum.StrEnum):
    """Which receipts are asked for: registered_delivery (SMPP 3.4, 5.2.17)."""

    FINAL = "final"
    INTERMEDIATE = "intermediate"  #: the final one, and notices on the way
    NONE = "none"


class ReceiptsFor(enum.StrEnum):
    """For which parts of a long message receipts are asked."""

    ALL = "all"
    FIRST = "first"
    LAST = "last"


class Validity(enum.StrEnum):
    """How validity_period is written."""

    NONE = "none"
    RELATIVE = "relative"
    ABSOLUTE = "absolute"


class Flash(enum.StrEnum):
    """How a flash message is marked."""

    DATA_CODING = "data_coding"  #: message class 0 (3GPP TS 23.038, 4)
    TLV = "tlv"  #: dest_addr_subunit 1 (SMPP 3.4, 5.3.2.1)
    NONE = "none"  #: not at all: it goes out as an ordinary text


class TlvType(enum.StrEnum):
    """How the value of an optional parameter is written."""

    STRING = "string"  #: with the NUL at its end (C-Octet String)
    OCTETS = "octets"  #: the characters alone
    HEX = "hex"  #: octets that are given in hexadecimal
    INT1 = "int1"
    INT2 = "int2"
    INT4 = "int4"


INTEGERS: Mapping[TlvType, int] = {TlvType.INT1: 1, TlvType.INT2: 2, TlvType.INT4: 4}


def _number(written: object) -> object:
    """A number as people write it: 5 or "0x1400"."""
    return int(written, 0) if isinstance(written, str) else written


StatusNumber = Annotated[int, BeforeValidator(status_number), Field(ge=1, le=0xFFFF_FFFF)]
Octet = Annotated[int, BeforeValidator(_number)]


def _ton_npi(value: object) -> object:
    """ "5/0" as its two numbers."""
    if not isinstance(value, str):
        return value
    ton, slash, npi = value.partition("/")
    if not (slash and ton.isdecimal() and npi.isdecimal() and int(ton) < 256 and int(npi) < 256):
        raise ValueError(f'{value!r} is no type of number and plan: write "5/0"')
    return TonNpi(int(ton), int(npi))


Numbering = Annotated[TonNpi, BeforeValidator(_ton_npi)]


class Tlv(BaseModel):
    """An optional parameter that goes out with each part."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    tag: Annotated[int, BeforeValidator(_number)] = Field(
        ge=0, le=0xFFFF, description="its tag; those of vendors are 0x1400 to 0x3FFF"
    )
    type: TlvType = Field(
        TlvType.STRING, description="string (ends with NUL), octets, hex, int1, int2 or int4"
    )
    metadata: str = Field("", description="the key of the message's metadata that holds the value")
    value: str = Field("", description="the value of messages whose metadata has none; empty: it is left out")

    def encode(self, text: str) -> bytes:
        """The value on the wire. Raises ValueError for one that its type can't hold."""
        size = INTEGERS.get(self.type)
        if size is not None:
            return int(text).to_bytes(size, "big")
        if self.type is TlvType.HEX:
            return bytes.fromhex(text)
        octets = text.encode("latin-1")
        return octets + b"\0" if self.type is TlvType.STRING else octets


class Profile(BaseModel):
    """The habits of a carrier."""

    interface_version: InterfaceVersion = Field(InterfaceVersion.V34, description="3.3, 3.4 or 5.0")
    default_alphabet: DefaultAlphabet = Field(
        DefaultAlphabet.GSM7_UNPACKED,
        description="what data_coding 0 means there: gsm7, gsm7_packed, latin1, ascii, utf8",
    )
    national_languages: tuple[Language, ...] = Field(
        (),
        description="languages whose national shift tables phones there read: tr, es, pt, bn, gu, hi, kn, ml, or, pa, "
        "ta, te, ur. They are used where they save a part",
    )
    data_codings: dict[Coding, Annotated[int, Field(ge=0, le=255)]] = Field(
        default_factory=dict,
        description="data_coding of what we send, where it is not the specification's: "
        "{ gsm7 = 0, ucs2 = 8, binary = 4 }",
    )
    read_codings: dict[Octet, Coding] = Field(
        default_factory=dict,
        description="what a data_coding means in what comes, where it is not the specification's: gsm7, gsm7_packed, "
        "ascii, latin1, utf8, ucs2, cyrillic, hebrew, binary",
    )
    flash: Flash = Field(
        Flash.DATA_CODING, description="how flash messages are marked: data_coding, tlv or none"
    )
    split: SplitStyle = Field(
        SplitStyle.UDH8, description="how long texts are joined: udh8, udh16, sar or message_payload"
    )
    max_payload_octets: int = Field(
        0xFFFF,
        ge=140,
        le=0xFFFF,
        description="the longest message_payload; longer texts go out in parts with udh8",
    )
    service_type: str = Field("", max_length=5, description="only where the carrier asks for one")
    source_numbering: dict[AddressKind, Numbering] = Field(
        default_factory=dict,
        description="type of number and plan of senders, where they are not international 1/1, short_code 3/0, "
        "alphanumeric 5/0, other 0/1",
    )
    dest_numbering: dict[AddressKind, Numbering] = Field(
        default_factory=dict, description="the same of recipients"
    )
    plus_sign: bool = Field(False, description="write numbers with their +")
    receipts: Receipts = Field(
        Receipts.FINAL, description="the receipts to ask for: final, intermediate (and final) or none"
    )
    receipts_for: ReceiptsFor = Field(
        ReceiptsFor.ALL,
        description="the parts of a long message to ask them for: all, first or last. One then speaks for all",
    )
    message_ids: IdRule = Field(
        IdRule.ANY,
        description="how the id in a receipt differs from that in the answer: as_is, case, zeros, hex_then_decimal, "
        "decimal_then_hex; any: all are tried, and `operator list` tells what the first receipts have shown",
    )
    receipt_pattern: str = Field(
        "",
        max_length=MAX_PATTERN_CHARS,
        description="a regular expression (RE2) for receipts that nothing else reads, with the groups id and stat, "
        "and err where there is one",
    )
    receipt_states: dict[str, MessageState] = Field(
        default_factory=dict,
        description="what a word of `stat:` means there: enroute, delivered, expired, deleted, undeliverable, "
        "accepted, unknown, rejected",
    )
    unknown_is_final: bool = Field(False, description="take receipts that say UNKNOWN as final")
    status_classes: dict[StatusNumber, StatusClass] = Field(
        default_factory=dict,
        description="what a command_status means there: slow_down, retry, next, fail or session",
    )
    error_reasons: dict[str, Reason] = Field(
        default_factory=dict, description="what the `err` of a receipt means there"
    )
    validity: Validity = Field(
        Validity.NONE, description="how the time is written until which a message is worth sending"
    )
    query_after_s: float = Field(
        0.0,
        ge=0,
        le=86_400,
        description="ask for a part by query_sm when its receipt has not come after so many seconds, then after twice "
        "as many, and so on, 8 times; what was sent before a restart is not asked for. 0: never",
    )
    user_message_reference: bool = Field(
        False,
        description="send our own reference with each part, for carriers that return it with the receipt",
    )
    tlvs: dict[str, Tlv] = Field(
        default_factory=dict,
        description="optional parameters to send with each part, by a name of yours",
    )

    @field_validator("receipt_states", mode="before")
    @classmethod
    def _states(cls, value: object) -> object:
        if not isinstance(value, Mapping):
            return value
        return {str(word).upper(): _state(meaning) for word, meaning in value.items()}

    @field_validator("receipt_pattern")
    @classmethod
    def _pattern(cls, value: str) -> str:
        if value:
            try:
                receipt_groups(value)
            except PatternError as error:
                raise ValueError(str(error)) from error
        return value

    @field_validator("tlvs")
    @classmethod
    def _values(cls, tlvs: dict[str, Tlv]) -> dict[str, Tlv]:
        for name, tlv in tlvs.items():
            if not tlv.metadata and not tlv.value:
                raise ValueError(f"{name} needs `metadata` or `value`")
            if tlv.value:
                try:
                    tlv.encode(tlv.value)
                except (ValueError, OverflowError) as error:
                    raise ValueError(
                        f"{name}: the value does not fit {tlv.type.value} ({type(error).__name__})"
                    ) from error
        return tlvs


def receipt_groups(pattern: str) -> Groups:
    """What `receipt_pattern` finds in a text. Raises PatternError."""
    return Groups(pattern, ("id", "stat"))


def contradictions(profile: Profile) -> list[str]:
    """What a carrier can't want at the same time, each as a sentence that says what to change."""
    found = []
    if profile.interface_version is InterfaceVersion.V33:
        parameters = [
            (
                profile.split in (SplitStyle.SAR, SplitStyle.MESSAGE_PAYLOAD),
                f'split = "{profile.split.value}"',
            ),
            (profile.flash is Flash.TLV, 'flash = "tlv"'),
            (profile.user_message_reference, "user_message_reference"),
            (bool(profile.tlvs), "tlvs"),
        ]
        found += [
            f"SMPP 3.3 has no optional parameters, which {name} needs: leave it out or say 3.4"
            for there, name in parameters
            if there
        ]
    if profile.receipts is Receipts.NONE and profile.receipts_for is not ReceiptsFor.ALL:
        found.append("receipts_for says which receipts to ask for, and receipts = none asks for no receipts")
    if profile.receipts is Receipts.NONE and profile.message_ids is not IdRule.ANY:
        found.append("message_ids compares with receipts, and receipts = none asks for no receipts")
    if profile.receipts is Receipts.NONE and profile.query_after_s:
        found.append(
            "query_after_s asks for receipts that have not come, and receipts = none asks for no receipts"
        )
    if profile.data_codings.get(Coding.UCS2) == 0:
        found.append("data_codings: 0 is the default alphabet, so ucs2 needs another number")
    if profile.national_languages and profile.split in (SplitStyle.SAR, SplitStyle.MESSAGE_PAYLOAD):
        found.append(
            f'national_languages need a header of ours, and split = "{profile.split.value}" leaves it to the carrier'
        )
    if profile.national_languages and profile.default_alphabet not in GSM7_DEFAULTS:
        found.append(
            "national_languages take the place of the GSM alphabet, and default_alphabet is "
            f'"{profile.default_alphabet.value}"'
        )
    tags = [tlv.tag for tlv in profile.tlvs.values()]
    if len(set(tags)) < len(tags):
        found.append("tlvs: two have the same tag, and only one of them would be sent")
    return found


@cache
def ready() -> Mapping[str, Mapping[str, Any]]:
    """The ready profiles by name, each with what it sets and its `description`."""
    return {path.stem: tomllib.loads(path.read_text("utf-8")) for path in sorted(READY.glob("*.toml"))}


def with_profile(values: Mapping[str, Any]) -> dict[str, Any]:
    """An operator's own settings over those of the profile that it names. Raises ValueError when it can't be had."""
    name, file = values.get("profile"), values.get("profile_file")
    if name and file:
        raise ValueError("profile and profile_file: keep one of them")
    if name:
        if name not in ready():
            raise ValueError(f"there is no profile {name!r}; there are {', '.join(ready())}")
        habits = ready()[name]
    elif file:
        habits = _read(Path(str(file)))
    else:
        return dict(values)
    unknown = sorted(habits.keys() - Profile.model_fields.keys() - {"description"})
    if unknown:
        raise ValueError(f"the profile sets {unknown[0]!r}, which is no habit of a carrier")
    return {**{key: value for key, value in habits.items() if key != "description"}, **values}


def _read(path: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise ValueError(f"the profile can't be read ({error.strerror})") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"the profile is no TOML: {error}") from error


def _state(meaning: object) -> object:
    if isinstance(meaning, str) and meaning.upper() in MessageState.__members__:
        return MessageState[meaning.upper()]
    if isinstance(meaning, MessageState):
        return meaning
    raise ValueError(f"{meaning!r} is none of {', '.join(state.name.lower() for state in MessageState)}")
