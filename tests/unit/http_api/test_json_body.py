"""JSON bodies: any bytes are read or refused, and bad fields are named by place."""

from __future__ import annotations

from typing import Literal

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field, ValidationError

from http_api.errors import Fault, RequestFault
from http_api.json_body import MAX_ERRORS, field_errors, pointer, read_json


@given(st.binary(max_size=100) | st.text(max_size=100).map(lambda text: text.encode("utf-8", "replace")))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    refusals = []
    try:
        assert read_json(body) == orjson.loads(body)
    except RequestFault as fault:
        refusals.append((fault.fault, fault.fields[0].pointer))
    assert refusals in ([], [(Fault.INVALID, "")])


@pytest.mark.parametrize(
    ("body", "document"),
    [
        (rb'{"a":"\ud83d"}', {"a": "\ud83d"}),
        (rb'{"a":"\uD83D\ude00"}', {"a": "\U0001f600"}),
        (b'{"a":1,"a":2}', {"a": 2}),
    ],
)
def test_what_json_allows_is_read(body: bytes, document: object) -> None:
    assert read_json(body) == document


@pytest.mark.parametrize(
    "body",
    [
        rb'{"a":"\ud83d",}',
        rb'{"a":"\ud83d","b":NaN}',
        rb'{"a":"\ud83d","b":' + b"[" * 100_000,
        b'{"a":"\\ud83d \xff"}',
        b"[" * 100_000,
    ],
    ids=lambda body: repr(body[:30]),
)
def test_what_it_does_not_allow_is_refused_also_beside_half_a_pair(body: bytes) -> None:
    with pytest.raises(RequestFault, match="not JSON in UTF-8"):
        read_json(body)


class Shape(BaseModel):
    """Two kinds of place."""

    items: list[int]
    names: dict[str, int]


def test_errors_are_listed_by_pointer_without_what_was_sent() -> None:
    with pytest.raises(ValidationError) as caught:
        Shape.model_validate({"items": [1, "secret"], "names": {"a/b~c": "secret"}})
    found = field_errors(caught.value, "/messages/3")
    assert [each.pointer for each in found] == ["/messages/3/items/1", "/messages/3/names/a~1b~0c"]
    assert not any("secret" in each.detail for each in found)


class Bounds(BaseModel):
    """Fields that have a measure."""

    word: Literal["SMS", "OTP"] = "SMS"
    some: str = Field("a", min_length=1, max_length=3)
    more: str = Field("abc", min_length=3)
    tags: list[str] = Field([], max_length=2)


@pytest.mark.parametrize(
    ("document", "detail"),
    [
        ({"word": "sms"}, "It must be one of 'SMS' or 'OTP'."),
        ({"some": ""}, "It must not be empty."),
        ({"some": "abcd"}, "It must have at most 3 characters."),
        ({"more": "a"}, "It must have at least 3 characters."),
        ({"tags": ["a"] * 9}, "It must have at most 2 items."),
        ({"tags": "a"}, "It must be a list."),
        ({"tags": [1]}, "It must be a text."),
        ([], "It must be an object."),
    ],
)
def test_what_is_wrong_is_told_as_people_say_it(document: object, detail: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Bounds.model_validate(document)
    assert [each.detail for each in field_errors(caught.value, "")] == [detail]


def test_the_list_is_bounded() -> None:
    with pytest.raises(ValidationError) as caught:
        Shape.model_validate({"items": ["x"] * 1000, "names": {}})
    assert len(field_errors(caught.value, "")) == MAX_ERRORS


@given(st.lists(st.text(st.characters()) | st.integers(0, 10), max_size=4))
def test_a_pointer_can_always_be_written(location: list[str | int]) -> None:
    """Names may hold halves of surrogate pairs, which UTF-8 can't write."""
    assert pointer(location).encode().decode().count("/") == sum(step != "[key]" for step in location)
