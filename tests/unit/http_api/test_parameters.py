"""Query strings of lists: what is read, and that all that is wrong is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.account import Env
from gateway.domain.words import Status
from gateway.ports import ListQuery
from http_api.errors import Fault, RequestFault
from http_api.page import Cursors
from http_api.parameters import MAX_PARAMETERS, OTHER_FILTERS, OTHER_LIST, UNKNOWN, Parameters, Wrong
from storage.pages import bounds_of
from tests.unit.http_api.memory import caller

CALLER = caller()
CURSORS = Cursors(b"0123456789abcdef")
QUERY = ListQuery(CALLER.account, CALLER.env, 20, sender="ACME")
CURSOR = CURSORS.write(CALLER, QUERY, bytes(16))


def refused(wrong: Sequence[Wrong]) -> RequestFault:
    return RequestFault(Fault.INVALID, "; ".join(f"{each.name} {each.says}" for each in wrong))


def read(query: str) -> Parameters:
    return Parameters(query, ("sender", "status"), ("status",))


def page(query: str, wanted: ListQuery = QUERY, *, fixed: bool = False) -> ListQuery:
    return read(query).page(CALLER, wanted, CURSORS, refused, fixed=fixed)


def test_a_parameter_is_given_once_unless_it_may_be_repeated() -> None:
    assert read("status=a&status=b&sender=x").wrong == []
    assert read("sender=x&sender=y&limit=1&limit=2").wrong == [
        Wrong("sender", "must be given once"),
        Wrong("limit", "must be given once"),
    ]


def test_no_other_parameter_is_passed_over() -> None:
    assert read("cursor=a&limit=1").wrong == []
    assert read("offset=3&=&a%0Ab=").wrong == [
        Wrong("offset", f"{UNKNOWN}sender, status, cursor, limit"),
        Wrong("?", f"{UNKNOWN}sender, status, cursor, limit"),
        Wrong("a\ufffdb", f"{UNKNOWN}sender, status, cursor, limit"),
    ]


def test_too_many_to_be_read() -> None:
    (wrong,) = read("&".join(["status=sent"] * (MAX_PARAMETERS + 1))).wrong
    assert wrong == Wrong("", f"must have at most {MAX_PARAMETERS} parameters")


@given(st.text(st.sampled_from("sender=tuslimcro&%0+10"), max_size=60))
def test_any_query_is_read_or_refused(query: str) -> None:
    parameters = read(query)
    parameters.time("sender")
    parameters.words("status", ("sent",))
    wanted = replace(QUERY, limit=parameters.limit(20, 100), sender=parameters.text("sender", 32))
    if parameters.wrong:
        with pytest.raises(RequestFault):
            parameters.page(CALLER, wanted, CURSORS, refused)
    else:
        assert parameters.page(CALLER, wanted, CURSORS, refused) == wanted


@pytest.mark.parametrize(("text", "limit"), [("", 20), ("limit=1", 1), ("limit=100", 100), ("limit=007", 7)])
def test_limits(text: str, limit: int) -> None:
    assert read(text).limit(20, 100) == limit


@pytest.mark.parametrize("text", ["0", "101", "1e1", "-1", "+1", " 1", "", "1" * 5000, "%C2%B2"])
def test_no_limits(text: str) -> None:
    parameters = read(f"limit={text}")
    assert parameters.limit(20, 100) == 20
    assert parameters.wrong == [Wrong("limit", "must be a number from 1 to 100")]


def test_texts() -> None:
    assert read("sender=+447700900123").address("sender", 32) == "+447700900123", "not encoded: a space"
    assert read("sender=%2B447700900123").address("sender", 32) == "+447700900123"
    assert read("sender=A+B").address("sender", 32) == "A B"
    assert read("").text("sender", 32) is None
    for text in ("", "%00", "a%00b", "x" * 33):
        parameters = read(f"sender={text}")
        parameters.text("sender", 32)
        assert parameters.wrong == [Wrong("sender", "must have 1 to 32 characters, and no NUL among them")]


@pytest.mark.parametrize("text", ["%2B447700900123", "+447700900123"])
def test_a_recipient_is_a_number(text: str) -> None:
    parameters = read(f"sender={text}")
    assert (parameters.recipient("sender"), parameters.wrong) == ("+447700900123", [])
    assert read("").recipient("sender") is None


@pytest.mark.parametrize(
    "text", ["", "447700900123", "07700900123", "+44", "%FF", "ACME", "++447700900123", "a%00"]
)
def test_what_no_message_was_sent_to_finds_nothing_with_a_word(text: str) -> None:
    parameters = read(f"sender={text}")
    parameters.recipient("sender")
    assert parameters.wrong == [Wrong("sender", "must be a number in E.164, like +447700900123")]


def test_times() -> None:
    wanted = datetime(2026, 4, 18, 8, tzinfo=UTC)
    for text in ("2026-04-18T08:00:00Z", "2026-04-18T10:00:00+02:00", "2026-04-18T10:00:00%2B02:00"):
        assert read(f"sender={text}").time("sender") == wanted
    parameters = read("sender=2026-04-18")
    assert parameters.time("sender") is None
    assert [each.name for each in parameters.wrong] == ["sender"]


@given(st.timedeltas(timedelta(hours=1), timedelta(days=40_000)))
def test_the_end_of_a_period_does_not_belong_to_it(after: timedelta) -> None:
    """Pages read up to the end of a millisecond (`storage.pages.bounds_of`): the one before the end is the last."""
    end = datetime(1970, 1, 1, tzinfo=UTC) + after
    query = replace(QUERY, created_before=read(f"sender={end.isoformat()}").end("sender"))
    assert bounds_of(query).latest == end - timedelta(microseconds=1)


def test_a_cursor_goes_on() -> None:
    onward = replace(QUERY, before=bytes(16))
    assert page("") == QUERY
    assert page(f"cursor={CURSOR}") == onward
    assert page(f"cursor={CURSOR}", replace(QUERY, sender=None)) == onward, "it holds the filters"
    assert page(f"cursor={CURSOR}&sender=ACME") == onward


@pytest.mark.parametrize(
    ("query", "wanted", "fixed"),
    [
        (f"cursor={CURSOR}&status=sent", replace(QUERY, status=frozenset({Status.SENT})), False),
        (f"cursor={CURSOR}", replace(QUERY, sender=None), True),
    ],
)
def test_a_cursor_of_other_filters(query: str, wanted: ListQuery, fixed: bool) -> None:
    with pytest.raises(RequestFault, match=OTHER_LIST if fixed else OTHER_FILTERS):
        page(query, wanted, fixed=fixed)


def test_a_cursor_of_somebody_else() -> None:
    other = replace(CALLER, env=Env.TEST if CALLER.env is Env.LIVE else Env.LIVE)
    with pytest.raises(RequestFault, match="cursor is not one of yours: take it from the Link header"):
        page(f"cursor={CURSORS.write(other, QUERY, bytes(16))}")


def test_all_that_is_wrong_is_told() -> None:
    parameters = read("cursor=x&offset=1&limit=0")
    with pytest.raises(RequestFault) as caught:
        parameters.page(CALLER, replace(QUERY, limit=parameters.limit(20, 100)), CURSORS, refused)
    assert "offset" in caught.value.detail
    assert "limit must be" in caught.value.detail
