"""National shift tables on the way to a carrier: only where its profile names the language."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from gateway.operators.smpp_parts import PartWriter, Written, written
from routing.payloads import read
from tests.unit.gateway.operators.test_smpp import a_config, a_message
from tests.unit.gateway.services.rig import NOW

TEXT = "ğ" * 150


def parts(**habits: Any) -> list[Written]:
    """What goes to a carrier with these habits."""
    writer = PartWriter(a_config(**habits), lambda: NOW)
    return [written(part) for part in writer.parts(a_message(TEXT))]


def test_a_carrier_that_reads_them_gets_one_part() -> None:
    (part,) = parts(national_languages=["tr"])
    assert (part.data_coding, part.udhi) == (0, True)
    assert part.octets == bytes.fromhex("03250101") + b"\x0c" * 150
    assert read(part.octets, part.data_coding, udhi=True).text == TEXT


def test_any_other_gets_ucs2() -> None:
    assert [part.data_coding for part in parts()] == [8, 8, 8]
    assert [part.data_coding for part in parts(national_languages=["hi"])] == [8, 8, 8]


@pytest.mark.parametrize(
    ("habits", "words"),
    [
        ({"split": "sar"}, 'national_languages need a header of ours, and split = "sar"'),
        ({"split": "message_payload"}, "national_languages need a header of ours"),
        ({"default_alphabet": "latin1"}, "national_languages take the place of the GSM alphabet"),
    ],
)
def test_where_they_could_never_be_used_check_says_so(habits: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        a_config(national_languages=["tr"], **habits)
    a_config(national_languages=["tr"], default_alphabet="gsm7_packed")
