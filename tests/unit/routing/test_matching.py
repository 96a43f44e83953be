"""Conditions on what a message says and when: each tested, each with its reason."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.hours import parse_hours
from routing.matching import compiled, conditions
from routing.rules import Query, Rule, Weighted

RULE = Rule("r", ((Weighted("alpha"),),))
NIGHT = parse_hours(["22:00-06:00"], UTC, "UTC")
QUERY = Query(
    "+447700900123",
    "Acme",
    "acme",
    "otp",
    "Ihr Code ist 1234",
    '{"campaign": "spring", "tags": ["a", "b"], "step": 5, "dry": true, "none": null}',
    datetime(2026, 3, 1, 23, 0, tzinfo=UTC),
)


@pytest.mark.parametrize(
    ("fields", "mismatch"),
    [
        ({"text": "(?i)code"}, None),
        ({"text": "PIN"}, "the text does not match 'PIN'"),
        ({"scripts": ("Latin",)}, None),
        ({"scripts": ("Greek", "Han")}, "no letter of the text is Greek, Han"),
        ({"hours": NIGHT}, None),
        (
            {"hours": parse_hours(["mon 08:00-20:00"], UTC, "UTC")},
            "Sun 23:00 is not within mon 08:00-20:00 (UTC)",
        ),
        ({"metadata": {"campaign": ("winter", "spring")}}, None),
        ({"metadata": {"tags": ("b",)}}, None),
        ({"metadata": {"step": ("5",), "dry": ("true",)}}, None),
        (
            {"metadata": {"campaign": ("spring",), "none": ("null",)}},
            "its metadata has no 'none' that is null",
        ),
        ({"metadata": {"other": ("x",)}}, "its metadata has no 'other' that is x"),
        ({"regex": "123$"}, None),
        ({"regex": "^123"}, "'+447700900123' does not match the regex '^123'"),
    ],
)
def test_each_condition_with_its_reason(fields: dict[str, Any], mismatch: str | None) -> None:
    rule = compiled(replace(RULE, **fields))
    assert rule.asks
    assert rule.holds(QUERY) is (mismatch is None)
    assert rule.mismatch(QUERY) == mismatch


@pytest.mark.parametrize("metadata", [None, "", "[]", '"spring"', "{}", '{"campaign": {"x": "spring"}}'])
def test_metadata_that_says_nothing(metadata: str | None) -> None:
    rule = compiled(replace(RULE, metadata={"campaign": ("spring",)}))
    assert not rule.holds(replace(QUERY, metadata=metadata))


def test_all_conditions_must_hold() -> None:
    both = compiled(replace(RULE, text="Code", metadata={"campaign": ("winter",)}))
    assert not both.holds(QUERY)


def test_a_reason_tells_nothing_of_the_text() -> None:
    rule = compiled(replace(RULE, text="PIN"))
    assert "1234" not in (rule.mismatch(QUERY) or "")


def test_what_a_match_has_asked_for() -> None:
    rule = replace(
        RULE,
        to=("+4", "+44"),
        accounts=("acme",),
        hours=NIGHT,
        regex="7",
        metadata={"campaign": ("spring",)},
        scripts=("Latin",),
        text="Code",
    )
    assert conditions(rule, QUERY.to) == (
        "the destination begins with +44, account is acme, it is within 22:00-06:00 (UTC), the regex '7' matches, "
        "metadata 'campaign' is spring, the text has letters that are Latin, the text matches 'Code'"
    )


@given(st.text(max_size=40), st.sampled_from(["Code", "[0-9]{4}", "é"]), st.booleans())
def test_the_test_and_the_reason_agree(text: str, pattern: str, night: bool) -> None:
    rule = compiled(replace(RULE, text=pattern, hours=NIGHT if night else None))
    query = replace(QUERY, text=text)
    assert rule.holds(query) is (rule.mismatch(query) is None)
