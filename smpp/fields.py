"""The kinds of field that PDU bodies are made of, and the one writer and the one reader that walk them.

A PDU class (smpp/pdu.py) declares its fields in wire order with `integer`, `c_octet`, `octets` and `listed`;
that declaration is the specification's table (SMPP 3.4, section 4), and there is no second one.

Reading is tolerant, because carriers are not exact:
  - a C-octet string without its terminator ends where the body ends;
  - a field longer than the specification allows is kept whole (`overlong` names such fields);
  - up to three zero octets after the last field are padding.
Writing refuses only what the wire cannot hold, a NUL inside a text first of all: it would shift every later
field. What is longer than the specification allows is written: carriers hand out longer passwords, for one.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from struct import Struct
from typing import Any, Protocol, TypeAlias

from smpp.constants import Status
from smpp.errors import EncodeError, FieldError

TlvPairs: TypeAlias = tuple[tuple[int, bytes], ...]

MAX_COUNT = 255  # what the one octet before a short_message or a list can say
_TLV_HEADER = Struct(">HH")
_PADDING = (b"\0", b"\0\0", b"\0\0\0")  # longer would be a TLV of tag 0


class Kind(Protocol):
    """How one field stands on the wire."""

    def write(self, name: str, value: Any) -> bytes:
        """The field's octets. Raises EncodeError, naming the field, for a value that does not fit."""

    def read(self, body: bytes, at: int) -> tuple[Any, int]:
        """The value at `at` and the offset after it. Raises FieldError."""

    def is_overlong(self, _value: Any, /) -> bool:
        """Whether the value is longer than the specification allows."""


@dataclass(frozen=True, slots=True)
class Integer:
    """An unsigned big-endian integer. SMPP 3.4, 3.1."""

    size: int

    def write(self, name: str, value: int) -> bytes:
        try:
            return value.to_bytes(self.size, "big")
        except OverflowError:
            raise EncodeError(name, f"{value} does not fit {self.size} octet(s)") from None

    def read(self, body: bytes, at: int) -> tuple[int, int]:
        stop = at + self.size
        if stop > len(body):
            raise FieldError(Status.ESME_RINVCMDLEN, f"the body ends at octet {len(body)}, before an integer")
        return int.from_bytes(body[at:stop], "big"), stop

    def is_overlong(self, _value: int) -> bool:
        return False


@dataclass(frozen=True, slots=True)
class COctet:
    """Text up to a NUL; `max_octets` counts the NUL. Latin-1, so that any octet survives. SMPP 3.4, 3.1."""

    max_octets: int

    def write(self, name: str, value: str) -> bytes:
        try:
            written = value.encode("latin-1")
        except UnicodeEncodeError:
            raise EncodeError(name, "has characters outside Latin-1") from None
        if 0 in written:
            raise EncodeError(name, "has a NUL inside")
        return written + b"\0"

    def read(self, body: bytes, at: int) -> tuple[str, int]:
        if at >= len(body):
            raise FieldError(Status.ESME_RINVCMDLEN, f"the body ends at octet {len(body)}, before a string")
        stop = body.find(0, at)
        if stop < 0:
            stop = len(body)
        return body[at:stop].decode("latin-1"), stop + 1

    def is_overlong(self, value: str) -> bool:
        return len(value) >= self.max_octets


@dataclass(frozen=True, slots=True)
class Octets:
    """Octets behind a one-octet length: sm_length and short_message. SMPP 3.4, 5.2.21 and 5.2.22."""

    max_octets: int

    def write(self, name: str, value: bytes) -> bytes:
        if len(value) > MAX_COUNT:
            raise EncodeError(name, f"{len(value)} octets, the length octet says at most {MAX_COUNT}")
        return b"%c%b" % (len(value), value)

    def read(self, body: bytes, at: int) -> tuple[bytes, int]:
        if at >= len(body):
            raise FieldError(Status.ESME_RINVCMDLEN, f"the body ends at octet {len(body)}, before a length")
        stop = at + 1 + body[at]
        if stop > len(body):
            raise FieldError(
                Status.ESME_RINVMSGLEN, f"length {body[at]} with {len(body) - at - 1} octets left"
            )
        return body[at + 1 : stop], stop

    def is_overlong(self, value: bytes) -> bool:
        return len(value) > self.max_octets


@dataclass(frozen=True, slots=True)
class Listed:
    """A one-octet count and as many items, each of the classes in `items` (dataclasses of fields).

    With more than one class an octet before each item, its key in `items`, says which. SMPP 3.4, 4.5.1.
    """

    items: Mapping[int, type]
    wrong_flag: Status

    def write(self, name: str, value: Sequence[Any]) -> bytes:
        if len(value) > MAX_COUNT:
            raise EncodeError(name, f"{len(value)} items, the count octet says at most {MAX_COUNT}")
        written = [len(value).to_bytes(1, "big")]
        flags = {item_type: flag for flag, item_type in self.items.items()}
        for item in value:
            if type(item) not in flags:
                raise EncodeError(name, f"{type(item).__name__} cannot stand in this list")
            if len(self.items) > 1:
                written.append(flags[type(item)].to_bytes(1, "big"))
            written.append(write_fields(item))
        return b"".join(written)

    def read(self, body: bytes, at: int) -> tuple[tuple[Any, ...], int]:
        count, at = _OCTET.read(body, at)
        read: list[Any] = []
        flag = next(iter(self.items))
        for _ in range(count):
            if len(self.items) > 1:
                flag, at = _OCTET.read(body, at)
            if flag not in self.items:
                raise FieldError(self.wrong_flag, f"flag {flag} in a list")
            values, at = read_fields(self.items[flag], body, at)
            read.append(self.items[flag](**values))
        return tuple(read), at

    def is_overlong(self, value: Sequence[Any]) -> bool:
        return any(overlong(item) for item in value)


_OCTET = Integer(1)
_WIRE = "wire"
_layouts: dict[type, tuple[tuple[str, Kind], ...]] = {}


def integer(size: int = 1, default: int = 0) -> Any:
    """A dataclass field: an integer of `size` octets."""
    return dataclasses.field(default=default, metadata={_WIRE: Integer(size)})


def c_octet(max_octets: int) -> Any:
    """A dataclass field: text with its NUL within `max_octets`."""
    return dataclasses.field(default="", metadata={_WIRE: COctet(max_octets)})


def octets(max_octets: int) -> Any:
    """A dataclass field: octets with their length before them."""
    return dataclasses.field(default=b"", metadata={_WIRE: Octets(max_octets)})


def listed(items: Mapping[int, type], wrong_flag: Status) -> Any:
    """A dataclass field: a tuple of items with its count before it."""
    return dataclasses.field(default=(), metadata={_WIRE: Listed(items, wrong_flag)})


def layout(declared: type) -> tuple[tuple[str, Kind], ...]:
    """The wire fields of a dataclass in wire order: (name, kind)."""
    rows = _layouts.get(declared)
    if rows is None:
        declared_fields = dataclasses.fields(declared)
        rows = tuple((row.name, row.metadata[_WIRE]) for row in declared_fields if _WIRE in row.metadata)
        _layouts[declared] = rows
    return rows


def write_fields(declared: Any) -> bytes:
    """The octets of all wire fields of a dataclass instance, in order. Raises EncodeError."""
    return b"".join([kind.write(name, getattr(declared, name)) for name, kind in layout(type(declared))])


def read_fields(declared: type, body: bytes, at: int) -> tuple[dict[str, Any], int]:
    """The values of all wire fields of `declared` by name, and the offset after them. Raises FieldError."""
    values: dict[str, Any] = {}
    for name, kind in layout(declared):
        try:
            values[name], at = kind.read(body, at)
        except FieldError as wrong:
            raise FieldError(wrong.status, f"{name}: {wrong.detail}") from None
    return values, at


def overlong(declared: Any) -> tuple[str, ...]:
    """The names of fields that are longer than the specification allows: for who wants to be strict."""
    rows = layout(type(declared))
    return tuple(name for name, kind in rows if kind.is_overlong(getattr(declared, name)))


def write_tlvs(pairs: Sequence[tuple[int, bytes]]) -> bytes:
    """Tag, length and value of each optional parameter. SMPP 3.4, 3.2.4.1. Raises EncodeError."""
    written = []
    for tag, value in pairs:
        if not 0 <= tag <= 0xFFFF or len(value) > 0xFFFF:
            raise EncodeError(f"TLV 0x{tag:04X}", f"tag and length ({len(value)}) must each fit two octets")
        written.append(_TLV_HEADER.pack(tag, len(value)) + value)
    return b"".join(written)


def read_tlvs(body: bytes, at: int, *, drop_broken: bool = False) -> tuple[dict[int, bytes], TlvPairs]:
    """The optional parameters from `at` to the end: the first of each tag, then any repeats in wire order.

    Where the stream breaks it raises FieldError, or with `drop_broken` returns what stood before.
    """
    first: dict[int, bytes] = {}
    repeats: list[tuple[int, bytes]] = []
    while at < len(body):
        wrong = _broken_tlv(body, at)
        if wrong is not None:
            if drop_broken or body[at:] in _PADDING:
                break
            raise wrong
        tag, length = _TLV_HEADER.unpack_from(body, at)
        at += _TLV_HEADER.size + length
        value = body[at - length : at]
        if tag in first:
            repeats.append((tag, value))
        else:
            first[tag] = value
    return first, tuple(repeats)


def _broken_tlv(body: bytes, at: int) -> FieldError | None:
    """What is wrong with the TLV at `at`.

    The specification has a status for each: ESME_RINVOPTPARSTREAM, octets that are no TLV at all, and
    ESME_RINVPARLEN, a length that cannot be (SMPP 3.4, 5.1.3).
    """
    left = len(body) - at - _TLV_HEADER.size
    if left < 0:
        return FieldError(Status.ESME_RINVOPTPARSTREAM, f"{len(body) - at} stray octet(s) at the end")
    tag, length = _TLV_HEADER.unpack_from(body, at)
    if length > left:
        return FieldError(Status.ESME_RINVPARLEN, f"TLV 0x{tag:04X} says {length} octets, {left} are left")
    return None
