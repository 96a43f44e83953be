"""hypothesis strategies for PDUs, drawn from the same tables that the codec walks."""

from typing import Any

from hypothesis import strategies as st

from smpp.fields import COctet, Integer, Kind, Listed, Octets, layout
from smpp.pdu import PDU_CLASSES, Pdu

LATIN_1 = st.characters(min_codepoint=1, max_codepoint=255)


def values(kind: Kind) -> st.SearchStrategy[Any]:
    """Whatever a field of this kind can hold on the wire, over-long ones included."""
    match kind:
        case Integer(size=size):
            return st.integers(0, 256**size - 1)
        case COctet(max_octets=max_octets):
            return st.text(LATIN_1, max_size=max_octets + 4)
        case Octets():
            return st.binary(max_size=255)
        case Listed(items=items):
            return st.lists(st.one_of([instances(item) for item in items.values()]), max_size=4).map(tuple)
    raise AssertionError(f"no strategy for {kind}")


def instances(declared: type) -> st.SearchStrategy[Any]:
    """Instances of a dataclass of wire fields."""
    return st.builds(declared, **{name: values(kind) for name, kind in layout(declared)})


@st.composite
def tlv_arguments(draw: st.DrawFn) -> dict[str, Any]:
    """`tlvs`, and `more_tlvs` that repeat some of their tags."""
    octets = st.binary(max_size=20)
    tlvs = draw(st.dictionaries(st.integers(0, 0xFFFF), octets, max_size=4))
    repeats = st.lists(st.tuples(st.sampled_from(sorted(tlvs)), octets), max_size=3) if tlvs else st.just([])
    return {"tlvs": tlvs, "more_tlvs": tuple(draw(repeats))}


@st.composite
def pdus(draw: st.DrawFn, *classes: type[Pdu]) -> Pdu:
    """PDUs of the given classes, or of any."""
    cls = draw(st.sampled_from(classes or tuple(PDU_CLASSES.values())))
    pdu: Pdu = draw(instances(cls))
    pdu.status = draw(st.sampled_from((0, 0, 1, 0x58, 0xFFFF_FFFF)))
    pdu.sequence = draw(st.integers(0, 0xFFFF_FFFF))
    for name, value in draw(tlv_arguments()).items():
        setattr(pdu, name, value)
    return pdu
