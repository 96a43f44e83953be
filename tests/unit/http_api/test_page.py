"""Cursors: what was written is read again by the same caller, and nothing else is."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.account import Env
from gateway.domain.words import Status
from gateway.ports import ListQuery
from http_api.page import CursorError, Cursors, next_link, same_filters
from tests.unit.http_api.memory import caller

CURSORS = Cursors(b"a secret of 16 bytes or more")
ID = bytes(range(15)) + b"\x00"

queries = st.builds(
    ListQuery,
    st.just("acme"),
    st.just(Env.LIVE),
    st.integers(1, 100),
    status=st.none() | st.frozensets(st.sampled_from(Status), min_size=1),
    recipient=st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    created_after=st.none()
    | st.datetimes(datetime(1970, 1, 2), datetime(9000, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    created_before=st.none()
    | st.datetimes(datetime(1970, 1, 2), datetime(9000, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    labels=st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=20), max_size=3).map(tuple),
    sender=st.none() | st.just("ACME"),
    key_id=st.none() | st.just("key_0123456789abcdef"),
)


@given(queries, st.binary(min_size=16, max_size=16))
def test_a_cursor_brings_back_filters_and_place(query: ListQuery, before: bytes) -> None:
    read = CURSORS.read(caller(), CURSORS.write(caller(), query, before), query.limit)
    assert read.before == before
    assert same_filters(read, query)
    assert read.limit == query.limit


@given(queries, st.data())
def test_a_changed_cursor_is_refused(query: ListQuery, data: st.DataObject) -> None:
    cursor = CURSORS.write(caller(), query, ID)
    at = data.draw(st.integers(0, len(cursor) - 1))
    letter = data.draw(st.sampled_from("ABCXYZabcxyz019-_=+/.~ \x00é"))
    changed = cursor[:at] + letter + cursor[at + 1 :]
    if changed != cursor:
        with pytest.raises(CursorError):
            CURSORS.read(caller(), changed, 10)


def test_a_cursor_has_one_spelling() -> None:
    """Base64 has several for the same octets: another alphabet, and bits at the end that say nothing."""
    cursors = [CURSORS.write(caller(), ListQuery("acme", Env.LIVE, 10), n.to_bytes(16)) for n in range(200)]
    cursor = next(each for each in cursors if "-" in each)
    with pytest.raises(CursorError):
        CURSORS.read(caller(), cursor.replace("-", "+"), 10)
    for cursor in cursors:
        for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_":
            if letter != cursor[-1]:
                with pytest.raises(CursorError):
                    CURSORS.read(caller(), cursor[:-1] + letter, 10)


@given(st.text(max_size=300))
def test_no_text_is_a_cursor(text: str) -> None:
    with pytest.raises(CursorError):
        CURSORS.read(caller(), text, 10)


def test_a_cursor_is_of_one_caller_and_one_secret() -> None:
    query = ListQuery("acme", Env.LIVE, 10)
    cursor = CURSORS.write(caller(), query, ID)
    others = [caller("other"), caller(env=Env.TEST), caller(sub_tenant="a")]
    for other in others:
        with pytest.raises(CursorError):
            CURSORS.read(other, cursor, 10)
    with pytest.raises(CursorError):
        Cursors(b"another secret of 16 bytes").read(caller(), cursor, 10)
    with pytest.raises(CursorError):
        CURSORS.read(caller(), "A" * 5000, 10)


def test_a_cursor_is_of_one_list() -> None:
    """That of another list would bring its filters along, unseen; an older release's says of no list."""
    query = ListQuery("acme", Env.LIVE, 10, status=frozenset({Status.FAILED}))
    outbox, contacts = CURSORS.of("outbox"), CURSORS.of("contacts")
    cursor = outbox.write(caller(), query, ID)
    assert outbox.read(caller(), cursor, 10).status == query.status
    for other in (contacts, CURSORS):
        with pytest.raises(CursorError, match="belongs to another list"):
            other.read(caller(), cursor, 10)


OF_AN_EARLIER_RELEASE = (
    "AfbGBDG2LTauVJWL6YTFDyR7ImIiOiIwMDAxMDIwMzA0MDUwNjA3MDgwOTBhMGIwYzBkMGUwMCIsInMiOlsiZmFpbGVkIl0sInIiOm51bGwsImYiOm51"
    "bGwsInQiOm51bGwsImwiOltdLCJuIjoiQUNNRSIsImsiOm51bGx9"
)
"""Of `CURSORS` for `ID`, failed messages from ACME; it names no list."""


@pytest.mark.parametrize("name", ["outbox", "contacts", ""])
def test_a_cursor_of_an_earlier_release_goes_on(name: str) -> None:
    """Somebody is in the middle of a list while the gateway is brought up to date."""
    read = CURSORS.of(name).read(caller(), OF_AN_EARLIER_RELEASE, 10)
    expected = ListQuery("acme", Env.LIVE, 10, status=frozenset({Status.FAILED}), sender="ACME")
    assert (read.before, same_filters(read, expected)) == (ID, True)


def test_a_guessable_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        Cursors(b"short")


def test_the_link_is_one_for_a_header() -> None:
    name, value = next_link("/v1/sms", [("cursor", "a_b-c"), ("limit", "5")])
    assert (name, value) == ("Link", '</v1/sms?cursor=a_b-c&limit=5>; rel="next"')
