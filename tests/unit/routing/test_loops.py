"""Automatic replies: a person gets them, a robot does not get them for ever."""

import pytest

from routing import loops
from routing.loops import MAX_REPLIES, WITHIN_S, Replies

OURS, PHONE = "+12025550100", "+447700900123"


def test_some_and_then_no_more_until_the_hour_is_over() -> None:
    replies = Replies()
    for now in range(MAX_REPLIES):
        assert replies.may(OURS, PHONE, now)
        replies.note(OURS, PHONE, now)
    assert not replies.may(OURS, PHONE, 10)
    assert replies.may(OURS, "+447700900999", 10), "nobody else suffers"
    assert replies.may("+12025550101", PHONE, 10)
    assert not replies.may(OURS, PHONE, WITHIN_S - 0.1)
    assert replies.may(OURS, PHONE, WITHIN_S)


def test_a_number_never_answers_itself() -> None:
    assert not Replies().may(OURS, OURS, 0)


def test_a_clock_that_was_set_back_silences_nobody() -> None:
    replies = Replies()
    for _ in range(MAX_REPLIES):
        replies.note(OURS, PHONE, 10_000)
    assert replies.may(OURS, PHONE, 0)


def test_what_is_kept_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loops, "MAX_PAIRS", 10)
    replies = Replies()
    for number in range(100):
        for _ in range(2 * MAX_REPLIES):
            replies.note(OURS, f"+{number}", 0)
        assert len(replies._told) <= 10
    assert all(len(told) == MAX_REPLIES for told in replies._told.values())
