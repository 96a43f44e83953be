"""Ids: UUIDv7 that sort as they were made, segment ids without a look-up, and their text."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain import ids

NOW = datetime(2026, 4, 18, 10, 0, 0, 123000, tzinfo=UTC)
MOMENTS = st.integers(946_684_800_000_000, 7_258_118_400_000_000).map(
    lambda micros: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)
)
IDS = st.binary(min_size=15, max_size=15).map(lambda start: start + b"\0")


def test_an_id_is_a_uuid_of_version_7() -> None:
    made = uuid.UUID(bytes=ids.new_id(NOW))
    assert (made.version, made.variant) == (7, uuid.RFC_4122)


def test_ids_sort_as_they_were_made_whatever_the_clock_does() -> None:
    clock = [NOW] * 5_000 + [NOW - timedelta(hours=1)] * 10 + [NOW + timedelta(seconds=60)] * 10
    made = [ids.new_id(now) for now in clock]
    assert made == sorted(made)
    assert len(set(made)) == len(made)


def test_two_processes_do_not_make_the_same_id() -> None:
    # Everything but time, counter and the byte of the segment is random: 54 bits of it.
    tails = {ids.new_id(NOW)[8:15] for _ in range(1_000)}
    assert len(tails) == 1_000


@given(MOMENTS)
def test_the_first_id_of_a_moment_bounds_its_look_ups(when: datetime) -> None:
    first = ids.first_id_at(when)
    assert uuid.UUID(bytes=first).version == 7
    assert abs(ids.made_at(first) - when) <= timedelta(milliseconds=1)
    assert ids.first_id_at(when + timedelta(milliseconds=2)) > first


def test_an_id_tells_when_it_was_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ids._Latest, "half", 0)  # a process that has made none yet: it never goes back
    made = ids.new_id(NOW)
    assert ids.made_at(made) == NOW
    assert ids.first_id_at(NOW) <= made < ids.first_id_at(NOW + timedelta(milliseconds=1))


@given(IDS)
def test_text_and_back(id_: bytes) -> None:
    text = ids.text(id_)
    assert text == str(uuid.UUID(bytes=id_))
    assert ids.parse(text) == ids.parse(text.replace("-", "")) == ids.parse(text.upper()) == id_


@given(st.text(max_size=40))
def test_what_is_no_uuid_is_no_id(text: str) -> None:
    try:
        expected = uuid.UUID(text).bytes if len(text) in (32, 36) else None
    except ValueError:
        expected = None
    assert ids.parse(text) == expected


@given(IDS, st.integers(0, ids.MAX_SEGMENTS - 1))
def test_segments_have_ids_of_their_own(id_: bytes, index: int) -> None:
    segment = ids.segment_id(id_, index)
    assert ids.message_of(segment) == id_
    assert (segment == id_) == (index == 0)
    assert segment[-1] == index


@given(IDS, st.integers(1, 255))
def test_our_reference_fits_the_parameter_that_carries_it(id_: bytes, part: int) -> None:
    assert 0 <= ids.user_reference(id_, part) <= 0xFFFF


def test_parts_of_one_message_have_different_references() -> None:
    references = [ids.user_reference(ids.new_id(NOW), part) for part in range(1, 11)]
    assert len(set(references)) > 1
    message = ids.new_id(NOW)
    assert len({ids.user_reference(message, part) for part in range(1, 11)}) == 10
