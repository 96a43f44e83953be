"""The files of `conf/operators`: what they say works once it is uncommented, and does nothing before."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gateway.config import carriers, parse
from gateway.operators.smpp import Config
from gateway.operators.smpp_profile import Profile, ready


@pytest.mark.parametrize("name", sorted(carriers.files()))
def test_a_file_filled_in_is_an_operator_with_the_profile(name: str) -> None:
    text = carriers.files()[name]
    assert parse(text, Path("/etc")).operators == ()
    filled = re.sub(r"^#(?! )", "", text, flags=re.MULTILINE)
    (operator,) = parse(filled, Path("/etc"), environment={"CARRIER_PASSWORD": "x"}).operators
    assert isinstance(operator, Config)
    (plain,) = parse(
        re.sub(r"(?s)# What the profile sets.*", "", filled),
        Path("/etc"),
        environment={"CARRIER_PASSWORD": "x"},
    ).operators
    assert operator == plain, "the lines below it say what the profile says"


def test_there_is_one_for_each_profile_and_each_habit_has_its_description() -> None:
    for name, habits in ready().items():
        text = " ".join(carriers.files()[f"conf/operators/{name}.toml"].replace("\n# ", " ").split())
        for key in habits.keys() - {"description"}:
            assert f"#{key} = " in text
            assert " ".join((Profile.model_fields[key].description or "").split())[:60] in text
